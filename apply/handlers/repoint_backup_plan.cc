#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

struct Rename {
  std::string from, to;
};

Rename RenameOf(const Action& action, bool back) {
  const std::string old = TextOf(action.payload, "vault");
  const std::string now = TextOf(action.payload, "new_vault");
  return back ? Rename{now, old} : Rename{old, now};
}

std::string ArnEnd(const std::string& vault) {
  return ":backup-vault:" + vault;
}

Result<JsonValue> PlanNow(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("backup", "GetBackupPlan", CallOf(action, "GetBackupPlan").parameters, action, context));
  return answer["BackupPlan"];
}

bool Names(const JsonValue& plan, const std::string& vault) {
  for (const JsonValue& rule : plan["Rules"]) {
    if (TextOf(rule, "TargetBackupVaultName") == vault) return true;
    for (const JsonValue& copy : rule["CopyActions"]) {
      if (TextOf(copy, "DestinationBackupVaultArn").ends_with(ArnEnd(vault))) return true;
    }
  }
  return false;
}

// Everything as it is, but for the vault. A rule's id is not a part of what is sent.
JsonValue Repointed(JsonValue plan, const Rename& rename) {
  for (JsonValue& rule : plan["Rules"]) {
    rule.removeMember("RuleId");
    if (TextOf(rule, "TargetBackupVaultName") == rename.from) rule["TargetBackupVaultName"] = rename.to;
    for (JsonValue& copy : rule["CopyActions"]) {
      std::string arn = TextOf(copy, "DestinationBackupVaultArn");
      if (!arn.ends_with(ArnEnd(rename.from))) continue;
      arn.resize(arn.size() - rename.from.size());
      copy["DestinationBackupVaultArn"] = arn + rename.to;
    }
  }
  return plan;
}

Result<Probe> LookAt(const Rename& rename, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue plan, PlanNow(action, context));
  if (Names(plan, rename.from)) return NotDone("the plan still fills " + rename.from);
  if (!Names(plan, rename.to)) {
    return Conflict("the plan fills neither vault",
                    "it was changed since; refresh the state, and write the plan again");
  }
  const JsonValue output = Object({{"BackupPlanId", action.payload["plan"]}});
  return Done("the plan fills " + rename.to, output, output);
}

Status Send(const Rename& rename, const ApiCall& call, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue plan, PlanNow(action, context));
  JsonValue parameters = call.parameters;
  parameters["BackupPlan"] = Repointed(plan, rename);
  TFSEAL_TRY(SendCall(call, parameters, action, context));
  return {};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAt(RenameOf(action, false), action, context);
}

Status Act(const Action& action, RunContext& context) {
  return Send(RenameOf(action, false), CallOf(action, "UpdateBackupPlan"), action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(Probe probe, LookAt(RenameOf(action, true), action, context));
  if (probe.state == ProbeState::kDone) return EffectGone(probe.text);
  if (probe.state == ProbeState::kNotDone) return EffectThere(probe.text);
  return probe;
}

Status Undo(const Action& action, RunContext& context) {
  return Send(RenameOf(action, true), RollbackCallOf(action, "UpdateBackupPlan"), action, context);
}

}  // namespace

const Handler kRepointBackupPlanHandler = {
    .kind = "repoint_backup_plan", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
