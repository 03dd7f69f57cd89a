#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateBackupVaultFields[] = {
    {"vault", FieldType::kText, true, "vault that is kept"},
    {"new_vault", FieldType::kText, true, "name of the new one"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"tags", FieldType::kObject, false, "tags"},
    {"lock", FieldType::kObject, false, "days of the vault lock"},
    {"notifications", FieldType::kObject, false, "topic and events"},
    {"attributes", FieldType::kObject, true, "what the address has then"},
};

void DeriveCreateBackupVault(Action& action) {
  const JsonValue name = Field(action, "new_vault");
  const JsonValue vault = Object({{"BackupVaultName", name}});
  const auto with = [&](const JsonValue& settings) {
    JsonValue parameters = vault;
    for (const std::string& member : settings.getMemberNames()) parameters[member] = settings[member];
    return parameters;
  };
  action.summary =
      "make the vault " + name.asString() + " under the key, with what protects " + TextField(action, "vault");
  action.calls.push_back(Change("backup", "CreateBackupVault",
                                Object({{"BackupVaultName", name},
                                        {"EncryptionKeyArn", Field(action, "key")},
                                        {"CreatorRequestId", Text(action.id)},
                                        {"BackupVaultTags", Field(action, "tags")}})));
  action.calls.push_back(
      Change("backup", "PutBackupVaultAccessPolicy",
             with(Object({{"Policy", Object({{"as_before_except", Object({{"of", Field(action, "vault")}})}})}}))));
  if (!Field(action, "notifications").isNull()) {
    action.calls.push_back(Change("backup", "PutBackupVaultNotifications", with(Field(action, "notifications"))));
  }
  if (!Field(action, "lock").isNull()) {
    action.calls.push_back(Change("backup", "PutBackupVaultLockConfiguration", with(Field(action, "lock"))));
    // One with a grace time cannot be taken away when that is over.
    action.approvals = 1;
    action.risk = Risk::kMedium;
  }
  action.poll = PollRule{.call = Read("backup", "DescribeBackupVault", vault),
                         .field = "BackupVaultName",
                         .success = {name.asString()},
                         .failure = {},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.preconditions.push_back(
      Check("identifier_free", "no vault has the name; names differ in every account and region"));
  action.postconditions.push_back(Check("encrypted_under_key", "EncryptionKeyArn is the ARN of the key"));
  action.postconditions.push_back(Check("same", "policy, lock and notifications are those of the old vault"));
  action.postconditions.push_back(
      Check("only_under_old_key", "the recovery points in the old vault, which is kept: until their lifecycle ends"));
  action.rollback.text = "the empty vault is left for a person to delete";
  action.downtime.basis = "nothing uses the vault yet";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kCreateBackupVault = {
    .name = "create_backup_vault",
    .phase = "build",
    .does = "makes a backup vault under a key, with the policy, lock and notifications of the old one",
    .fields = kCreateBackupVaultFields,
    .derive = DeriveCreateBackupVault,
};

}  // namespace tfseal
