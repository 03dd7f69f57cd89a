#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kAddRoleFields[] = {
    {"service", FieldType::kText, true, "rds or neptune"},
    {"identifier", FieldType::kText, true, "new cluster or instance"},
    {"cluster", FieldType::kBool, true, "a cluster, or an instance"},
    {"role", FieldType::kText, true, "ARN of the role"},
    {"feature", FieldType::kText, false, "feature name, e.g. s3Import"},
};

void DeriveAddRole(Action& action) {
  const bool cluster = action.payload["cluster"].asBool();
  action.summary = "give " + TextField(action, "identifier") + " its role";
  action.calls.push_back(
      Change(TextField(action, "service"), cluster ? "AddRoleToDBCluster" : "AddRoleToDBInstance",
             Object({{cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier", Field(action, "identifier")},
                     {"RoleArn", Field(action, "role")},
                     {"FeatureName", Field(action, "feature")}})));
  action.rollback.text = "the new database is not used yet";
}

}  // namespace

const ActionKind kAddRole = {
    .name = "add_role",
    .phase = "build",
    .does = "gives the new database a role that the old one has",
    .fields = kAddRoleFields,
    .derive = DeriveAddRole,
};

}  // namespace tfseal
