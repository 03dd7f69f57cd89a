#include <fmt/format.h>

#include "apply/journal_audit.h"
#include "cli/commands.h"
#include "cli/live_run.h"
#include "cli/output.h"

namespace tfseal::cli {
namespace {

std::string_view VerdictOf(const JournalAudit& audit) {
  if (audit.damaged) return "damaged";
  return audit.problems.empty() ? "intact" : "questionable";
}

std::string AuditText(const std::string& name, const JournalAudit& audit) {
  std::string text =
      fmt::format("{}: {}, {} records, head {}\n", Printable(name), VerdictOf(audit), audit.records, audit.head_sha256);
  if (audit.verdict == JournalVerdict::kTornTail) text += "  its last record is torn; the next run cuts it off\n";
  for (const std::string& problem : audit.problems) text += fmt::format("  {}\n", Printable(problem));
  return text;
}

JsonValue AuditJson(const std::string& name, const JournalAudit& audit) {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/journal-audit/v1";
  json["journal"] = name;
  json["verdict"] = std::string(VerdictOf(audit));
  json["torn_tail"] = audit.verdict == JournalVerdict::kTornTail;
  json["records"] = Json::UInt64(audit.records);
  json["head_sha256"] = audit.head_sha256;
  json["plan_sha256"] = audit.state.plan_sha256;
  json["problems"] = JsonValue(Json::arrayValue);
  for (const std::string& problem : audit.problems) json["problems"].append(problem);
  return json;
}

}  // namespace

ExitCode RunVerifyJournal(const Arguments& arguments, const Ui& ui) {
  const auto fail = [&ui](const Error& error) {
    ui.Fail(error);
    return ExitCodeOf(error);
  };
  std::string plan_sha256;
  std::vector<std::string> actions;
  if (!arguments.actions.empty()) {
    const auto loaded = LoadActionPlan(arguments.actions);
    if (!loaded.ok()) return fail(loaded.error());
    plan_sha256 = loaded->sha256;
    for (const Action& action : loaded->plan.actions) actions.push_back(action.id);
  }
  const auto place = OpenJournal(arguments);
  if (!place.ok()) return fail(place.error());
  const auto bytes = place->store->Read();
  if (!bytes.ok()) return fail(bytes.error());
  const JournalAudit audit = AuditJournal(*bytes, plan_sha256, actions);
  const std::string name = place->store->name();
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? WriteJsonDocument(AuditJson(name, audit)) : AuditText(name, audit);
  });
  if (!delivered.ok()) return fail(delivered.error());
  if (audit.damaged) return ExitCode::kDamaged;
  return audit.problems.empty() ? ExitCode::kDone : ExitCode::kDeny;
}

}  // namespace tfseal::cli
