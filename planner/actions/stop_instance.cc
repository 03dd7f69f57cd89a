#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kStopInstanceFields[] = {
    {"instance", FieldType::kText, true, "instance"},
    {"state", FieldType::kValue, true, "running, or stopped: what it was before"},
};

void DeriveStopInstance(Action& action) {
  JsonValue instances(Json::arrayValue);
  instances.append(Field(action, "instance"));
  const JsonValue which = Object({{"InstanceIds", instances}});
  action.summary = "stop " + TextField(action, "instance");
  action.calls.push_back(Change("ec2", "StopInstances", which));
  action.poll = UntilMachineIs(Field(action, "instance"), "stopped");
  action.preconditions.push_back(
      Check("agreed", "its users know; a public address that is not an Elastic IP, and instance store, are lost"));
  action.rollback.text = "start it again, if it ran before";
  action.rollback.calls.push_back(Change("ec2", "StartInstances", which));
  action.risk = Risk::kMedium;
  action.approvals = 1;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis =
      "until it is started again; the last snapshot holds what changed since the first one, no duration is published";
}

}  // namespace

const ActionKind kStopInstance = {
    .name = "stop_instance",
    .phase = "fence",
    .does = "stops an instance, so that its volumes are at rest",
    .fields = kStopInstanceFields,
    .derive = DeriveStopInstance,
};

}  // namespace tfseal
