#include "apply/run_state.h"

#include <algorithm>

#include "core/time_text.h"

namespace tfseal {
namespace {

std::string TextOf(const JsonValue& body, const char* name) {
  return body[name].isString() ? body[name].asString() : std::string();
}

bool FlagOf(const JsonValue& body, const char* name) {
  return body[name].isBool() && body[name].asBool();
}

JsonValue ObjectOf(const JsonValue& body, const char* name) {
  return body[name].isObject() ? body[name] : JsonValue(Json::objectValue);
}

Error DoesNotFollow(const JournalRecord& record, std::string_view why) {
  return {ErrorCode::kCorrupt,
          "record " + std::to_string(record.sequence) + " (" + record.kind +
              ") of the journal does not follow: " + std::string(why),
          "a person has to look at the journal"};
}

Approval ApprovalOf(const JournalRecord& record) {
  return {TextOf(record.body, "by"), TextOf(record.body, "reason"), record.time, ObjectOf(record.body, "evidence")};
}

void AddApproval(std::vector<Approval>& approvals, const Approval& approval) {
  // Who says it again changes the reason, not the number of people.
  std::erase_if(approvals, [&](const Approval& other) { return other.by == approval.by; });
  approvals.push_back(approval);
}

Status AddRun(RunState& state, const JournalRecord& record) {
  const JsonValue& body = record.body;
  if (record.kind == "run_started") {
    RunRecord run;
    run.run = TextOf(body, "run");
    run.command = TextOf(body, "command");
    run.user = TextOf(body, "user");
    run.host = TextOf(body, "host");
    if (body["pid"].isInt64()) run.pid = body["pid"].asInt64();
    run.started = record.time;
    state.runs.push_back(run);
    return {};
  }
  if (state.runs.empty()) return DoesNotFollow(record, "no run was started");
  RunRecord& run = state.runs.back();
  run.ended = record.time;
  run.result = TextOf(body, "result");
  run.text = TextOf(body, "text");
  return {};
}

Status AddAction(RunState& state, const JournalRecord& record) {
  using Stage = ActionState::Stage;
  const JsonValue& body = record.body;
  const std::string& kind = record.kind;
  const std::string id = TextOf(body, "action");
  if (id.empty()) return DoesNotFollow(record, "it names no action");
  ActionState& action = state.actions[id];
  const bool undo = FlagOf(body, "undo");
  const bool outcome = kind == "accepted" || kind == "outcome_unknown" || (kind == "failed" && FlagOf(body, "sent"));
  if (outcome && !action.open) return DoesNotFollow(record, "there is no open intent of the action");
  if (action.open && !outcome) return DoesNotFollow(record, "the outcome of the last intent is missing");
  if (action.stage == Stage::kPending) action.started = record.time;
  action.changed = record.time;
  action.text = TextOf(body, "text");
  action.hint = TextOf(body, "hint");
  action.until = ParseTime(TextOf(body, "until"));
  action.open = kind == "intent";
  if (kind == "intent") {
    if (action.stage == Stage::kDone && !undo) return DoesNotFollow(record, "the action was done already");
    ++action.attempts;
    action.undoing = undo;
    action.stage = Stage::kSent;
  } else if (kind == "accepted" || kind == "underway") {
    action.stage = Stage::kUnderway;
  } else if (kind == "outcome_unknown") {
    action.stage = Stage::kUnknown;
  } else if (kind == "failed") {
    action.stage = Stage::kFailed;
  } else if (kind == "waiting") {
    action.stage = Stage::kWaiting;
  } else if (kind == "done") {
    if (action.stage == Stage::kDone) return DoesNotFollow(record, "the action was done already");
    action.stage = Stage::kDone;
    action.done = record.time;
    action.output = ObjectOf(body, "output");
    action.evidence = ObjectOf(body, "evidence");
  } else if (kind == "undone") {
    const int attempts = action.attempts;
    action = ActionState{};
    action.attempts = attempts;
    action.changed = record.time;
    action.text = TextOf(body, "text");
    // What somebody saw, or agreed to, was about the attempt that is over.
    state.approvals.erase(id);
  } else {
    return Error{ErrorCode::kUnsupportedVersion, "the journal has a record of kind " + kind + ", which is not known",
                 "use the version of tfseal that wrote it, or a newer one"};
  }
  return {};
}

}  // namespace

std::string_view Name(ActionState::Stage stage) {
  constexpr std::string_view kNames[] = {"pending", "sent", "underway", "outcome_unknown", "waiting", "failed", "done"};
  return kNames[static_cast<int>(stage)];
}

bool RunState::Done(const std::string& action) const {
  const auto found = actions.find(action);
  return found != actions.end() && found->second.stage == ActionState::Stage::kDone;
}

Status RunState::Add(const JournalRecord& record) {
  if (empty() != (record.kind == "opened")) return DoesNotFollow(record, "a journal is opened once, at its start");
  if (record.kind == "opened") {
    if (TextOf(record.body, "format") != kJournalFormat) {
      return Error{ErrorCode::kUnsupportedVersion, "the journal is of format " + TextOf(record.body, "format"),
                   "use the version of tfseal that wrote it"};
    }
    plan_sha256 = TextOf(record.body, "plan_sha256");
    if (record.body["actions"].isUInt64()) actions_planned = record.body["actions"].asUInt64();
    return plan_sha256.empty() ? Status(DoesNotFollow(record, "it names no plan")) : Status{};
  }
  if (record.kind == "run_started" || record.kind == "run_ended") return AddRun(*this, record);
  if (record.kind == "tail_cut") return {};
  if (record.kind == "approved") {
    for (const JsonValue& id : record.body["actions"]) {
      if (id.isString()) AddApproval(approvals[id.asString()], ApprovalOf(record));
    }
    return {};
  }
  if (record.kind == "loss_accepted") {
    AddApproval(losses_accepted, ApprovalOf(record));
    return {};
  }
  return AddAction(*this, record);
}

Result<RunState> FoldJournal(const std::vector<JournalRecord>& records) {
  RunState state;
  for (const JournalRecord& record : records) TFSEAL_TRY(state.Add(record));
  return state;
}

}  // namespace tfseal
