#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kStartInstanceFields[] = {
    {"instance", FieldType::kText, true, "instance"},
    {"state", FieldType::kValue, true, "running, or stopped: what it was before, and will be"},
    {"attributes", FieldType::kObject, false, "what its address has then"},
};

void DeriveStartInstance(Action& action) {
  JsonValue instances(Json::arrayValue);
  instances.append(Field(action, "instance"));
  action.summary = "start " + TextField(action, "instance") + " on its new volumes";
  action.calls.push_back(Change("ec2", "StartInstances", Object({{"InstanceIds", instances}})));
  action.poll = PollRule{.call = Read("ec2", "DescribeInstanceStatus", Object({{"InstanceIds", instances}})),
                         .field = "InstanceStatuses[0].InstanceStatus.Status",
                         .success = {"ok"},
                         .failure = {},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.postconditions.push_back(
      Check("as_before", "it runs and passes its status checks; one that was stopped before stays stopped"));
  action.rollback.text =
      "stop it and attach the old volumes again, which loses what was written since; that is a person's decision";
  action.rollback.possible = false;
  action.point_of_no_return = true;
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "until it has booted; blocks of a new volume are slow until they were read once";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kStartInstance = {
    .name = "start_instance",
    .phase = "cut_over",
    .does = "starts an instance on its new volumes; from here on they have data that the old ones have not",
    .fields = kStartInstanceFields,
    .derive = DeriveStartInstance,
};

}  // namespace tfseal
