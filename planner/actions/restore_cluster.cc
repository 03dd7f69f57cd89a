#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRestoreClusterFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"new_cluster", FieldType::kText, true, "identifier of the new cluster"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"snapshot", FieldType::kText, true, "name of the snapshot"},
    {"settings", FieldType::kObject, true, "every setting that the restore takes and would not carry over by itself"},
};

void DeriveRestoreCluster(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue id = Field(action, "new_cluster");
  JsonValue parameters = Field(action, "settings");
  parameters["DBClusterIdentifier"] = id;
  parameters["SnapshotIdentifier"] = Field(action, "snapshot");
  parameters["KmsKeyId"] = Field(action, "key");
  action.summary = "restore " + action.target.identifier + " as " + id.asString() + " under the key";
  action.calls.push_back(Change(service, "RestoreDBClusterFromSnapshot", parameters));
  action.poll = UntilClusterIs(service, id, "available");
  action.preconditions.push_back(Check("identifier_free", "no cluster has the new identifier"));
  action.preconditions.push_back(
      Check("key_usable",
            "the key is enabled, symmetric and in the same region; the caller may CreateGrant and DescribeKey"));
  action.postconditions.push_back(
      Check("encrypted_under_key", "StorageEncrypted is true and KmsKeyId is the ARN of the key"));
  action.rollback.text = "leave the new cluster aside; the old one was not changed";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "depends on the size of the database; no duration is published";
}

}  // namespace

const ActionKind kRestoreCluster = {
    .name = "restore_cluster",
    .phase = "copy",
    .does = "restores a cluster snapshot into a new cluster under a key",
    .fields = kRestoreClusterFields,
    .derive = DeriveRestoreCluster,
};

}  // namespace tfseal
