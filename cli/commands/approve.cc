#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "apply/handler.h"
#include "apply/terraform_agreement.h"
#include "cli/commands.h"
#include "cli/live_run.h"
#include "cli/plan_guard.h"
#include "core/file.h"
#include "core/time_text.h"
#include "crypto/digest.h"
#include "terraform/read.h"

namespace tfseal::cli {
namespace {

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The actions that the command line names, each of which must be in the plan. A prefix of an id that only one action
// has will do.
Result<JsonValue> Approved(const Arguments& arguments, const ActionPlan& plan) {
  JsonValue ids(Json::arrayValue);
  for (const std::string& wanted : arguments.run.actions) {
    const auto matches = [&wanted](const Action& action) { return !wanted.empty() && action.id.starts_with(wanted); };
    const auto found = std::count_if(plan.actions.begin(), plan.actions.end(), matches);
    if (found != 1) {
      return Error{
          ErrorCode::kUsage,
          fmt::format("--action {}: {} of the plan {} this id", wanted, found == 0 ? "no action" : "several actions",
                      found == 0 ? "has" : "have"),
          fmt::format("tfseal status {} shows what waits, with ids in --output json", PlanAndJournal(arguments))};
    }
    ids.append(std::find_if(plan.actions.begin(), plan.actions.end(), matches)->id);
  }
  if (arguments.run.wave < 0) return ids;
  for (const Action& action : plan.actions) {
    if (action.wave == arguments.run.wave && action.approvals > 0) ids.append(action.id);
  }
  if (ids.empty()) {
    return Error{ErrorCode::kUsage, fmt::format("--wave {}: nothing in it needs an approval", arguments.run.wave), ""};
  }
  return ids;
}

// The Terraform plan that shows that nothing is left to do for the action, as the action itself would judge it.
Result<JsonValue> EvidenceOf(const Arguments& arguments, const ActionPlan& plan, const RunState& state,
                             const std::string& id) {
  JsonValue evidence(Json::objectValue);
  const std::string& path = arguments.run.plan_json;
  if (path.empty()) return evidence;
  TFSEAL_ASSIGN(const terraform::Document document, terraform::ReadDocument(path, terraform::Interest::Everything()));
  const auto action =
      std::find_if(plan.actions.begin(), plan.actions.end(), [&id](const Action& each) { return each.id == id; });
  TFSEAL_CHECK(action != plan.actions.end());
  std::set<std::string> others = NotReconciled(plan, state);
  others.erase(action->target.address);
  // What is only known once something was made: the run wrote it down.
  Action resolved = *action;
  if (action->payload.isMember("identity")) {
    std::map<std::string, JsonValue> outputs;
    for (const auto& [done, seen] : state.actions) {
      if (seen.stage == ActionState::Stage::kDone) outputs[done] = seen.output;
    }
    TFSEAL_ASSIGN(resolved.payload["identity"], ResolveParameters(action->payload["identity"], outputs));
  }
  const Agreement agreement = JudgeAgreement(document, resolved, others);
  if (agreement.kind != Agreement::Kind::kAgrees || document.applyable == true) {
    const bool agrees = agreement.kind == Agreement::Kind::kAgrees;
    return Error{ErrorCode::kConflict,
                 fmt::format("{}: {}; nothing is recorded", path,
                             agrees ? "the Terraform plan still has something to apply" : agreement.text),
                 agrees ? "apply it, plan again, and show that plan" : agreement.hint};
  }
  evidence["plan_json"] = agreement.evidence;
  return evidence;
}

Status Write(const Arguments& arguments, const Ui& ui, const LoadedPlan& loaded, Journal& journal) {
  TFSEAL_ASSIGN(const JsonValue ids, Approved(arguments, loaded.plan));
  const std::string first = ids.empty() ? "" : ids[0].asString();
  TFSEAL_ASSIGN(const JsonValue evidence, EvidenceOf(arguments, loaded.plan, journal.state(), first));
  JsonValue body(Json::objectValue);
  body["by"] = Trimmed(arguments.run.by);
  body["reason"] = arguments.run.reason;
  body["user"] = ThisRun().user;
  body["evidence"] = evidence;
  if (arguments.run.accept_loss) {
    TFSEAL_TRY(journal.Write("loss_accepted", body));
    ui.Note("recorded: what was written since the point of no return may be given up");
  }
  if (ids.empty()) return {};
  body["actions"] = ids;
  TFSEAL_TRY(journal.Write("approved", body));
  ui.Note(fmt::format("recorded: {} approves {} action{}", Trimmed(arguments.run.by), ids.size(),
                      ids.size() == 1 ? "" : "s"));
  ui.Hint("tfseal resume " + PlanAndJournal(arguments));
  return {};
}

Status Approve(const Arguments& arguments, const Ui& ui) {
  TFSEAL_ASSIGN(const LoadedPlan loaded, LoadActionPlan(arguments.operands.front()));
  // Before the journal is touched.
  TFSEAL_ASSIGN(const JsonValue ids, Approved(arguments, loaded.plan));
  TFSEAL_TRY(CheckActionsAreOf(arguments, loaded.plan, ids));
  TFSEAL_ASSIGN(const JournalPlace place, OpenJournal(arguments));
  SystemClock clock;
  TFSEAL_TRY(place.store->Lock(ThisRun(), clock.Now(), false));
  auto journal = Journal::Open(*place.store, clock, loaded.sha256, loaded.plan.actions.size());
  Status written = journal.ok() ? Write(arguments, ui, loaded, *journal) : Status(journal.error());
  const Status unlocked = place.store->Unlock();
  return written.ok() ? unlocked : written;
}

}  // namespace

ExitCode RunApprove(const Arguments& arguments, const Ui& ui) {
  const Status approved = Approve(arguments, ui);
  if (approved.ok()) return ExitCode::kDone;
  ui.Fail(approved.error());
  return ExitCodeOf(approved.error());
}

}  // namespace tfseal::cli
