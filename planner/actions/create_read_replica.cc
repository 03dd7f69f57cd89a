#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateReadReplicaFields[] = {
    {"new_instance", FieldType::kText, true, "identifier of the replica"},
    {"source", FieldType::kText, true, "identifier of the encrypted instance"},
    {"settings", FieldType::kObject, true, "class, port, groups and so on"},
};

void DeriveCreateReadReplica(Action& action) {
  const JsonValue id = Field(action, "new_instance");
  JsonValue parameters = Field(action, "settings");
  parameters["DBInstanceIdentifier"] = id;
  parameters["SourceDBInstanceIdentifier"] = Field(action, "source");
  action.summary = "create the replica " + id.asString();
  action.calls.push_back(Change("rds", "CreateDBInstanceReadReplica", parameters));
  action.poll = UntilInstanceIs("rds", id, "available");
  action.rollback.text = "leave the new replica aside; the old one was not changed";
  action.downtime.basis = "readers stay on the old replica until the names are swapped";
}

}  // namespace

const ActionKind kCreateReadReplica = {
    .name = "create_read_replica",
    .phase = "build",
    .does = "creates a replica of the encrypted instance, under the same key",
    .fields = kCreateReadReplicaFields,
    .derive = DeriveCreateReadReplica,
};

}  // namespace tfseal
