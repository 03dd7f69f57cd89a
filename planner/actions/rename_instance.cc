#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRenameInstanceFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"from", FieldType::kText, true, "identifier now"},
    {"to", FieldType::kText, true, "identifier afterwards"},
    {"resource", FieldType::kValue, false, "its resource id, which stays the same"},
    {"attributes", FieldType::kObject, false, "what the address has once the new instance has its name"},
};

void DeriveRenameInstance(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue from = Field(action, "from");
  const JsonValue to = Field(action, "to");
  action.summary = "rename " + from.asString() + " to " + to.asString();
  action.calls.push_back(
      Change(service, "ModifyDBInstance",
             Object({{"DBInstanceIdentifier", from}, {"NewDBInstanceIdentifier", to}, {"ApplyImmediately", true}})));
  action.poll = UntilInstanceIs(service, to, "available");
  action.preconditions.push_back(Check("identifier_free", "no instance is called " + to.asString()));
  action.rollback.text = "rename it back";
  action.rollback.calls.push_back(
      Change(service, "ModifyDBInstance",
             Object({{"DBInstanceIdentifier", to}, {"NewDBInstanceIdentifier", from}, {"ApplyImmediately", true}})));
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "the rename reboots; the new name is usable after about ten minutes";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kRenameInstance = {
    .name = "rename_instance",
    .phase = "cut_over",
    .does = "gives an instance another identifier",
    .fields = kRenameInstanceFields,
    .derive = DeriveRenameInstance,
};

}  // namespace tfseal
