#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateCacheFields[] = {
    {"new_cache", FieldType::kText, true, "id of the new replication group"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"snapshot", FieldType::kText, false, "what it starts with; without it, it starts empty"},
    {"settings", FieldType::kObject, true, "every setting of the old cache that the call takes"},
};

void DeriveCreateCache(Action& action) {
  const JsonValue id = Field(action, "new_cache");
  const bool empty = Field(action, "snapshot").isNull();
  JsonValue parameters = Field(action, "settings");
  parameters["ReplicationGroupId"] = id;
  parameters["AtRestEncryptionEnabled"] = true;
  parameters["KmsKeyId"] = Field(action, "key");
  if (!empty) parameters["SnapshotName"] = Field(action, "snapshot");
  action.summary = "create " + id.asString() + " under the key, " +
                   (empty ? "empty" : "with the data of " + action.target.identifier);
  action.calls.push_back(Change("elasticache", "CreateReplicationGroup", parameters));
  action.poll = UntilCacheIs(id, "available");
  action.preconditions.push_back(Check("identifier_free", "no replication group has the new id"));
  action.preconditions.push_back(
      Check("key_usable",
            "the key is enabled, symmetric and in the same region; the caller may CreateGrant and DescribeKey"));
  action.postconditions.push_back(
      Check("encrypted_under_key", "AtRestEncryptionEnabled is true and KmsKeyId is the key"));
  action.rollback.text = "leave the new cache aside; the old one was not changed";
  action.downtime.basis = "no duration is published; it depends on the size of the data";
  if (!empty) action.downtime.impact = Downtime::Impact::kUnavailable;
}

}  // namespace

const ActionKind kCreateCache = {
    .name = "create_cache",
    .phase = "copy",
    .does = "creates a replication group that is encrypted under the key, from a snapshot or empty",
    .fields = kCreateCacheFields,
    .derive = DeriveCreateCache,
};

}  // namespace tfseal
