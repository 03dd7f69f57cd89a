#include "apply/journal.h"

#include <fmt/format.h>

namespace tfseal {
namespace {

Status CheckPlan(const JournalStore& store, const RunState& state, const std::string& plan_sha256) {
  if (state.empty() || plan_sha256.empty() || state.plan_sha256 == plan_sha256) return {};
  return Error{ErrorCode::kStalePlan,
               fmt::format("{}: belongs to another action plan (digest {}..., this one has {}...)", store.name(),
                           state.plan_sha256.substr(0, 12), plan_sha256.substr(0, 12)),
               "take the actions.json that the run was started with, or start a run of its own: --journal NAME"};
}

}  // namespace

Result<Journal> Journal::Open(JournalStore& store, const Clock& clock, const std::string& plan_sha256,
                              std::uint64_t actions) {
  TFSEAL_ASSIGN(const std::string bytes, store.Read());
  const JournalContent content = ReadJournalBytes(bytes);
  if (content.verdict == JournalVerdict::kCorrupt) return CorruptJournal(store.name(), content);
  TFSEAL_ASSIGN(RunState state, FoldJournal(content.records));
  TFSEAL_TRY(CheckPlan(store, state, plan_sha256));
  if (content.torn_bytes > 0) TFSEAL_TRY(store.CutTail(content.whole_bytes));
  Journal journal(store, clock, content.position);
  journal.state_ = std::move(state);
  if (journal.state_.empty()) {
    JsonValue body(Json::objectValue);
    body["format"] = std::string(kJournalFormat);
    body["plan_sha256"] = plan_sha256;
    body["actions"] = Json::UInt64(actions);
    TFSEAL_TRY(journal.Write("opened", body));
  }
  if (content.torn_bytes > 0) {
    JsonValue body(Json::objectValue);
    body["bytes"] = Json::UInt64(content.torn_bytes);
    TFSEAL_TRY(journal.Write("tail_cut", body));
  }
  return journal;
}

Result<RunState> Journal::Look(JournalStore& store, const std::string& plan_sha256) {
  TFSEAL_ASSIGN(const std::string bytes, store.Read());
  const JournalContent content = ReadJournalBytes(bytes);
  if (content.verdict == JournalVerdict::kCorrupt) return CorruptJournal(store.name(), content);
  TFSEAL_ASSIGN(RunState state, FoldJournal(content.records));
  TFSEAL_TRY(CheckPlan(store, state, plan_sha256));
  return state;
}

Status Journal::Write(std::string_view kind, JsonValue body) {
  JournalRecord record;
  record.sequence = writer_.position().sequence;
  record.time = clock_->Now();
  record.kind = kind;
  record.body = std::move(body);
  // Checked before it is written: a record that could not be read again would end every later run.
  RunState next = state_;
  TFSEAL_TRY(next.Add(record));
  TFSEAL_TRY(writer_.Write(record));
  state_ = std::move(next);
  return {};
}

}  // namespace tfseal
