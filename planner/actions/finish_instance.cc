#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kFinishInstanceFields[] = {
    {"new_instance", FieldType::kText, true, "identifier"},
    {"settings", FieldType::kObject, true, "parameters of ModifyDBInstance"},
};

void DeriveFinishInstance(Action& action) {
  const JsonValue id = Field(action, "new_instance");
  JsonValue parameters = Field(action, "settings");
  parameters["DBInstanceIdentifier"] = id;
  parameters["ApplyImmediately"] = true;
  action.summary = "set the remaining settings of " + id.asString();
  action.calls.push_back(Change("rds", "ModifyDBInstance", parameters));
  action.calls.push_back(Change("rds", "RebootDBInstance", Object({{"DBInstanceIdentifier", id}})));
  action.poll = UntilInstanceIs("rds", id, "available");
  action.postconditions.push_back(
      Check("no_pending_reboot", "no parameter waits for a reboot; else the instance is rebooted before it is used"));
  action.rollback.text = "the new instance is not used yet";
}

}  // namespace

const ActionKind kFinishInstance = {
    .name = "finish_instance",
    .phase = "build",
    .does = "sets on the new instance what the restore does not take",
    .fields = kFinishInstanceFields,
    .derive = DeriveFinishInstance,
};

}  // namespace tfseal
