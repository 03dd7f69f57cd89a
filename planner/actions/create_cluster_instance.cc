#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateClusterInstanceFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"new_instance", FieldType::kText, true, "identifier"},
    {"new_cluster", FieldType::kText, true, "cluster"},
    {"writer", FieldType::kBool, true, "the first instance is the writer"},
    {"settings", FieldType::kObject, true, "class, parameter group, monitoring and so on"},
    {"attributes", FieldType::kObject, false, "what the address has, where the instance has its name from the start"},
};

void DeriveCreateClusterInstance(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue id = Field(action, "new_instance");
  JsonValue parameters = Field(action, "settings");
  parameters["DBInstanceIdentifier"] = id;
  parameters["DBClusterIdentifier"] = Field(action, "new_cluster");
  action.summary =
      std::string("create the ") + (action.payload["writer"].asBool() ? "writer " : "reader ") + id.asString();
  action.calls.push_back(Change(service, "CreateDBInstance", parameters));
  action.poll = UntilInstanceIs(service, id, "available");
  action.rollback.text = "leave the new instance aside; the old cluster was not changed";
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "instance creation, usually minutes; no duration is published";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kCreateClusterInstance = {
    .name = "create_cluster_instance",
    .phase = "build",
    .does = "creates an instance of the new cluster",
    .fields = kCreateClusterInstanceFields,
    .derive = DeriveCreateClusterInstance,
};

}  // namespace tfseal
