#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCopyRecoveryPointsFields[] = {
    {"vault", FieldType::kText, true, "vault that is kept"},
    {"new_vault", FieldType::kText, true, "vault under the key"},
    {"new_vault_arn", FieldType::kText, true, "its ARN"},
    {"role", FieldType::kText, true,
     "role that AWS Backup copies with, as the selections of the vault's plans name it"},
};

void DeriveCopyRecoveryPoints(Action& action) {
  const JsonValue vault = Field(action, "vault");
  action.summary =
      "copy the latest recovery point of everything in " + vault.asString() + " to " + TextField(action, "new_vault");
  action.calls.push_back(Read("backup", "ListRecoveryPointsByBackupVault", Object({{"BackupVaultName", vault}})));
  action.calls.push_back(
      Change("backup", "StartCopyJob",
             Object({{"RecoveryPointArn", Object({{"value_from", "the latest complete one of each resource"}})},
                     {"SourceBackupVaultName", vault},
                     {"DestinationBackupVaultArn", Field(action, "new_vault_arn")},
                     {"IamRoleArn", Field(action, "role")},
                     {"IdempotencyToken", Object({{"token_of", Object({{"action", Text(action.id)}})}})}})));
  action.poll = PollRule{
      .call = Read("backup", "ListCopyJobs", Object({{"ByDestinationVaultArn", Field(action, "new_vault_arn")}})),
      .field = "CopyJobs[0].State",
      .success = {"COMPLETED"},
      .failure = {"FAILED"},
      .interval_seconds = 60,
      .deadline_seconds = 7 * 24 * 60 * 60};
  action.postconditions.push_back(
      Check("covered", "every resource of the old vault has its latest recovery point in the new one"));
  action.rollback.text = "the copies are kept";
  action.risk = Risk::kLow;
  action.downtime.basis = "recovery points only; the copies are stored, and paid for, beside the old ones";
}

}  // namespace

const ActionKind kCopyRecoveryPoints = {
    .name = "copy_recovery_points",
    .phase = "cut_over",
    .does = "copies the latest recovery point of every resource into the new vault",
    .fields = kCopyRecoveryPointsFields,
    .derive = DeriveCopyRecoveryPoints,
};

}  // namespace tfseal
