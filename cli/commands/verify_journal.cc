#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/journal_check.h"
#include "cli/live_run.h"
#include "cli/output.h"
#include "cli/run_session.h"

namespace tfseal::cli {
namespace {

std::string_view VerdictOf(const JournalAudit& audit) {
  if (audit.damaged) return "damaged";
  return audit.problems.empty() ? "intact" : "questionable";
}

}  // namespace

std::string JournalCheckText(const JournalCheck& check) {
  const JournalAudit& audit = check.audit;
  std::string text = fmt::format("{}: {}, {} records, head {}\n", Printable(check.name), VerdictOf(audit),
                                 audit.records, audit.head_sha256);
  if (audit.verdict == JournalVerdict::kTornTail) text += "  its last record is torn; the next run cuts it off\n";
  for (const std::string& problem : audit.problems) text += fmt::format("  {}\n", Printable(problem));
  return text;
}

JsonValue ToJson(const JournalCheck& check) {
  const JournalAudit& audit = check.audit;
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/journal-audit/v1";
  json["journal"] = check.name;
  json["verdict"] = std::string(VerdictOf(audit));
  json["torn_tail"] = audit.verdict == JournalVerdict::kTornTail;
  json["records"] = Json::UInt64(audit.records);
  json["head_sha256"] = audit.head_sha256;
  json["plan_sha256"] = audit.state.plan_sha256;
  json["problems"] = JsonValue(Json::arrayValue);
  for (const std::string& problem : audit.problems) json["problems"].append(problem);
  return json;
}

ExitCode CodeOf(const JournalCheck& check) {
  if (check.audit.damaged) return ExitCode::kDamaged;
  return check.audit.problems.empty() ? ExitCode::kDone : ExitCode::kDeny;
}

Result<JournalCheck> CheckJournal(const Arguments& arguments) {
  std::string plan_sha256;
  std::vector<std::string> actions;
  if (!arguments.actions.empty()) {
    TFSEAL_ASSIGN(const auto loaded, LoadActionPlan(arguments.actions));
    plan_sha256 = loaded.sha256;
    for (const Action& action : loaded.plan.actions) actions.push_back(action.id);
  }
  TFSEAL_ASSIGN(const JournalPlace place, OpenJournal(arguments));
  TFSEAL_ASSIGN(const std::string bytes, place.store->Read());
  if (bytes.empty()) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{}: there is no journal, or nothing is written in it", place.store->name()),
                 "the journal of actions.json is actions.json.journal, unless --journal named another"};
  }
  return JournalCheck{place.store->name(), AuditJournal(bytes, plan_sha256, actions)};
}

ExitCode RunVerifyJournal(const Arguments& arguments, const Ui& ui) {
  const auto fail = [&ui](const Error& error) {
    ui.Fail(error);
    return ExitCodeOf(error);
  };
  const auto check = CheckJournal(arguments);
  if (!check.ok()) return fail(check.error());
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? WriteJsonDocument(ToJson(*check)) : JournalCheckText(*check);
  });
  if (!delivered.ok()) return fail(delivered.error());
  return CodeOf(*check);
}

}  // namespace tfseal::cli
