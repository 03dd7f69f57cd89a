#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCheckVolumesFields[] = {
    {"instance", FieldType::kText, false, "instance that the volumes are attached to"},
    {"volumes", FieldType::kList, true, "volume, device, size, type and zone as the documents have them"},
    {"keys", FieldType::kList, true, "keys to be used, as ARNs"},
};

void DeriveCheckVolumes(Action& action) {
  const JsonValue instance = Field(action, "instance");
  action.summary = "check that the volumes of " + action.target.identifier + " can be moved";
  JsonValue volumes(Json::arrayValue);
  for (const JsonValue& volume : action.payload["volumes"]) volumes.append(volume["volume"]);
  action.calls.push_back(Read("ec2", "DescribeVolumes", Object({{"VolumeIds", volumes}})));
  for (const JsonValue& key : action.payload["keys"]) {
    action.calls.push_back(Read("kms", "DescribeKey", Object({{"KeyId", key}})));
  }
  action.postconditions.push_back(
      Check("preflight", "every volume is what and where the documents say, and attached to nothing else"));
  action.postconditions.push_back(Check("preflight", "the keys are enabled: EC2 refuses a bad key only later"));
  action.rollback.text = "reads only";
  if (instance.isNull()) return;
  JsonValue instances(Json::arrayValue);
  instances.append(instance);
  action.calls.push_back(Read("ec2", "DescribeInstances", Object({{"InstanceIds", instances}})));
  action.postconditions.push_back(
      Check("preflight", "nobody replaces the instance while it is stopped: no auto scaling group, no spot request"));
  action.postconditions.push_back(Check(
      "preflight", "it has no instance store, whose content is lost at a stop, or somebody has agreed to lose it"));
}

}  // namespace

const ActionKind kCheckVolumes = {
    .name = "check_volumes",
    .phase = "prepare",
    .does = "checks that volumes, and the instance they are attached to, are as the documents say",
    .fields = kCheckVolumesFields,
    .derive = DeriveCheckVolumes,
};

}  // namespace tfseal
