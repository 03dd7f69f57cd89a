#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kFinishClusterFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"new_cluster", FieldType::kText, true, "identifier"},
    {"settings", FieldType::kObject, true, "parameters of ModifyDBCluster"},
};

void DeriveFinishCluster(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue id = Field(action, "new_cluster");
  JsonValue parameters = Field(action, "settings");
  parameters["DBClusterIdentifier"] = id;
  parameters["ApplyImmediately"] = true;
  action.summary = "set the remaining settings of " + id.asString();
  action.calls.push_back(Change(service, "ModifyDBCluster", parameters));
  action.poll = UntilClusterIs(service, id, "available");
  action.rollback.text = "the new cluster is not used yet";
}

}  // namespace

const ActionKind kFinishCluster = {
    .name = "finish_cluster",
    .phase = "build",
    .does = "sets on the new cluster what the restore does not take",
    .fields = kFinishClusterFields,
    .derive = DeriveFinishCluster,
};

}  // namespace tfseal
