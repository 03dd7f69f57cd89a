#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kReleaseProtectionFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"identifier", FieldType::kText, true, "the old database"},
    {"cluster", FieldType::kBool, true, "a cluster, or an instance"},
    {"verified_by", FieldType::kText, true, "id of the action that compared the copy"},
    {"resource", FieldType::kValue, false, "resource id of the original, as it was recorded"},
    {"quarantine", FieldType::kValue, false, "id of the security group that fences it"},
};

void DeriveReleaseProtection(Action& action) {
  const std::string service = TextField(action, "service");
  const bool cluster = action.payload["cluster"].asBool();
  const JsonValue id = Field(action, "identifier");
  const char* operation = cluster ? "ModifyDBCluster" : "ModifyDBInstance";
  const char* identity = cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier";
  action.summary = "release the deletion protection of the old " + id.asString();
  action.calls.push_back(
      Change(service, operation, Object({{identity, id}, {"DeletionProtection", false}, {"ApplyImmediately", true}})));
  action.preconditions.push_back(
      Check("copy_verified", "the copy was compared with the original, and the soak is over"));
  action.preconditions.push_back(Check(
      "not_the_live_one", "the database is the old one: not encrypted under the new key, fenced, without sessions"));
  action.rollback.text = "switch the protection on again";
  action.rollback.calls.push_back(
      Change(service, operation, Object({{identity, id}, {"DeletionProtection", true}, {"ApplyImmediately", true}})));
  action.risk = Risk::kMedium;
  action.approvals = 1;
}

}  // namespace

const ActionKind kReleaseProtection = {
    .name = "release_protection",
    .phase = "retire",
    .does = "lets the old database be deleted, after its copy was verified and soaked",
    .fields = kReleaseProtectionFields,
    .derive = DeriveReleaseProtection,
};

}  // namespace tfseal
