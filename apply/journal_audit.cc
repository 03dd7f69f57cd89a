#include "apply/journal_audit.h"

#include <fmt/format.h>

#include <algorithm>

namespace tfseal {
namespace {

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

void AuditActions(const std::vector<std::string>& actions, JournalAudit& audit) {
  for (const auto& [id, action] : audit.state.actions) {
    if (!actions.empty() && std::find(actions.begin(), actions.end(), id) == actions.end()) {
      audit.problems.push_back(fmt::format("action {} is not in the plan", id));
    }
    if (action.stage == ActionState::Stage::kDone && action.evidence.empty()) {
      audit.problems.push_back(fmt::format("action {} is done without evidence", id));
    }
  }
}

}  // namespace

JournalAudit AuditJournal(std::string_view bytes, const std::string& plan_sha256,
                          const std::vector<std::string>& actions) {
  JournalAudit audit;
  const JournalContent content = ReadJournalBytes(bytes);
  audit.verdict = content.verdict;
  audit.records = content.records.size();
  audit.head_sha256 = Hex(content.position.hash);
  if (content.verdict == JournalVerdict::kCorrupt) {
    audit.problems.push_back(content.problem);
    audit.damaged = true;
    return audit;
  }
  for (const JournalRecord& record : content.records) {
    if (const Status added = audit.state.Add(record); !added.ok()) {
      audit.problems.push_back(added.error().message);
      audit.damaged = true;
      return audit;
    }
  }
  if (audit.state.empty()) audit.problems.emplace_back("the journal is empty");
  if (!plan_sha256.empty() && !audit.state.empty() && audit.state.plan_sha256 != plan_sha256) {
    audit.problems.emplace_back("the journal belongs to another action plan");
  }
  AuditActions(actions, audit);
  return audit;
}

}  // namespace tfseal
