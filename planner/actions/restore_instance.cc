#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRestoreInstanceFields[] = {
    {"new_instance", FieldType::kText, true, "identifier of the new instance"},
    {"snapshot", FieldType::kText, true, "the encrypted snapshot"},
    {"settings", FieldType::kObject, true, "every setting that the restore takes and would not carry over by itself"},
};

void DeriveRestoreInstance(Action& action) {
  const JsonValue id = Field(action, "new_instance");
  JsonValue parameters = Field(action, "settings");
  parameters["DBInstanceIdentifier"] = id;
  parameters["DBSnapshotIdentifier"] = Field(action, "snapshot");
  action.summary = "restore " + action.target.identifier + " as " + id.asString();
  action.calls.push_back(Change("rds", "RestoreDBInstanceFromDBSnapshot", parameters));
  action.poll = UntilInstanceIs("rds", id, "available");
  action.preconditions.push_back(Check("identifier_free", "no instance has the new identifier"));
  action.postconditions.push_back(
      Check("encrypted_under_key", "StorageEncrypted is true and KmsKeyId is the ARN of the key"));
  action.rollback.text = "leave the new instance aside; the old one was not changed";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "depends on the size of the database; no duration is published";
}

}  // namespace

const ActionKind kRestoreInstance = {
    .name = "restore_instance",
    .phase = "copy",
    .does = "restores an encrypted snapshot into a new instance",
    .fields = kRestoreInstanceFields,
    .derive = DeriveRestoreInstance,
};

}  // namespace tfseal
