#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kModifyClusterFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveModifyCluster(Action& action) {
  const JsonValue id = Text(action.target.identifier);
  const std::string service = TextField(action, "service");
  DeriveInPlace(action, service, "ModifyDBCluster", Object({{"DBClusterIdentifier", id}, {"ApplyImmediately", true}}));
  action.poll = UntilClusterIs(service, id, "available");
}

}  // namespace

const ActionKind kModifyCluster = {
    .name = "modify_cluster",
    .phase = "protect",
    .does = "changes settings of a cluster in place",
    .fields = kModifyClusterFields,
    .derive = DeriveModifyCluster,
};

}  // namespace tfseal
