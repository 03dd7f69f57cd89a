#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRepointBackupPlanFields[] = {
    {"plan", FieldType::kText, true, "id of the backup plan"},
    {"vault", FieldType::kText, true, "vault that its rules name now"},
    {"new_vault", FieldType::kText, true, "vault that they name then"},
    {"attributes", FieldType::kObject, true, "what the address has then"},
};

void DeriveRepointBackupPlan(Action& action) {
  const JsonValue plan = Field(action, "plan");
  const JsonValue document =
      Object({{"as_before_except", Object({{"TargetBackupVaultName", Field(action, "new_vault")}})}});
  action.summary = "let the rules of " + action.target.identifier + " fill " + TextField(action, "new_vault");
  action.calls.push_back(Read("backup", "GetBackupPlan", Object({{"BackupPlanId", plan}})));
  action.calls.push_back(
      Change("backup", "UpdateBackupPlan", Object({{"BackupPlanId", plan}, {"BackupPlan", document}})));
  action.preconditions.push_back(
      Check("unchanged", "everything else of the plan stays as it is: rules, windows, lifecycle"));
  action.postconditions.push_back(Check("no_rule_left", "no rule and no copy action names the old vault"));
  action.rollback.text = "let the rules name the old vault again";
  action.rollback.calls.push_back(
      Change("backup", "UpdateBackupPlan",
             Object({{"BackupPlanId", plan},
                     {"BackupPlan",
                      Object({{"as_before_except", Object({{"TargetBackupVaultName", Field(action, "vault")}})}})}})));
  action.risk = Risk::kLow;
  action.downtime.basis = "jobs that run go on into the old vault";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kRepointBackupPlan = {
    .name = "repoint_backup_plan",
    .phase = "cut_over",
    .does = "lets the rules of a backup plan fill the new vault",
    .fields = kRepointBackupPlanFields,
    .derive = DeriveRepointBackupPlan,
};

}  // namespace tfseal
