#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateMountTargetFields[] = {
    {"new_file_system", FieldType::kValue, true, "copy"},
    {"subnet", FieldType::kText, true, "subnet"},
    {"security_groups", FieldType::kTexts, true, "security groups"},
};

void DeriveCreateMountTarget(Action& action) {
  const JsonValue copy = Field(action, "new_file_system");
  action.summary = "make the mount target in " + TextField(action, "subnet");
  action.calls.push_back(Change("efs", "CreateMountTarget",
                                Object({{"FileSystemId", copy},
                                        {"SubnetId", Field(action, "subnet")},
                                        {"SecurityGroups", Field(action, "security_groups")}})));
  action.poll = PollRule{.call = Read("efs", "DescribeMountTargets", Object({{"FileSystemId", copy}})),
                         .field = "MountTargets[0].LifeCycleState",
                         .success = {"available"},
                         .failure = {"error"},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.rollback.text = "the new mount target is left; the old ones were not changed";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "a minute or two, as a rule; it has another address than the old one";
}

}  // namespace

const ActionKind kCreateMountTarget = {
    .name = "create_mount_target",
    .phase = "build",
    .does = "gives a copied file system a mount target in a subnet of the original",
    .fields = kCreateMountTargetFields,
    .derive = DeriveCreateMountTarget,
};

}  // namespace tfseal
