#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateSecondaryClusterFields[] = {
    {"service", FieldType::kText, true, "rds"},
    {"global_cluster", FieldType::kText, true, "the global database that it joins"},
    {"new_cluster", FieldType::kText, true, "identifier"},
    {"key", FieldType::kValue, true, "a key of its region, as ARN"},
    {"settings", FieldType::kObject, true, "every setting of the old secondary that the call takes"},
    {"attributes", FieldType::kObject, true, "what the address has once the new cluster has the name"},
};

void DeriveCreateSecondaryCluster(Action& action) {
  const JsonValue id = Field(action, "new_cluster");
  JsonValue parameters = Field(action, "settings");
  parameters["DBClusterIdentifier"] = id;
  parameters["GlobalClusterIdentifier"] = Field(action, "global_cluster");
  parameters["StorageEncrypted"] = true;
  parameters["KmsKeyId"] = Field(action, "key");
  action.summary = "create the secondary " + id.asString() + " in " + action.target.region + " under a key of its own";
  action.calls.push_back(Change("rds", "CreateDBCluster", parameters));
  action.poll = UntilClusterIs("rds", id, "available");
  action.preconditions.push_back(Check("identifier_free", "the old secondary has given its identifier up"));
  action.preconditions.push_back(
      Check("key_usable",
            "the key is enabled, symmetric and in the same region; the caller may CreateGrant and DescribeKey"));
  action.postconditions.push_back(
      Check("encrypted_under_key", "StorageEncrypted is true and KmsKeyId is the ARN of the key"));
  action.postconditions.push_back(Check("joined_global", "the global database names it as a reader"));
  action.rollback.text = "leave the new secondary; the primary does not depend on it";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "readers of this region; AWS copies all of the data, which takes as long as it is large";
  SetsAttributes(action, action.payload["attributes"]);
}

}  // namespace

const ActionKind kCreateSecondaryCluster = {
    .name = "create_secondary_cluster",
    .phase = "cut_over",
    .does = "creates an encrypted secondary of a global database in its region",
    .fields = kCreateSecondaryClusterFields,
    .derive = DeriveCreateSecondaryCluster,
};

}  // namespace tfseal
