#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSwapVolumeFields[] = {
    {"instance", FieldType::kText, true, "stopped instance"},
    {"device", FieldType::kText, true, "device name, which stays"},
    {"old_volume", FieldType::kText, true, "volume that goes, and is kept"},
    {"new_volume", FieldType::kValue, true, "volume that comes"},
    {"delete_on_termination", FieldType::kBool, true, "whether a volume at this device goes with the instance"},
    {"attributes", FieldType::kObject, true, "what the address has then"},
};

ApiCall WithDevice(const Action& action, const char* operation, const JsonValue& volume) {
  return Change(
      "ec2", operation,
      Object({{"VolumeId", volume}, {"InstanceId", Field(action, "instance")}, {"Device", Field(action, "device")}}));
}

// AWS keeps a volume that was attached later when the instance is terminated, whatever the first one did.
ApiCall KeepFlag(const Action& action) {
  JsonValue mappings(Json::arrayValue);
  mappings.append(Object({{"DeviceName", Field(action, "device")},
                          {"Ebs", Object({{"DeleteOnTermination", Field(action, "delete_on_termination")}})}}));
  return Change("ec2", "ModifyInstanceAttribute",
                Object({{"InstanceId", Field(action, "instance")}, {"BlockDeviceMappings", mappings}}));
}

void DeriveSwapVolume(Action& action) {
  const JsonValue old_volume = Field(action, "old_volume");
  const JsonValue new_volume = Field(action, "new_volume");
  action.summary = "put the encrypted volume in place of " + old_volume.asString() + " at " +
                   TextField(action, "device") + " of " + TextField(action, "instance");
  action.calls.push_back(WithDevice(action, "DetachVolume", old_volume));
  action.calls.push_back(WithDevice(action, "AttachVolume", new_volume));
  action.rollback.calls.push_back(WithDevice(action, "DetachVolume", new_volume));
  action.rollback.calls.push_back(WithDevice(action, "AttachVolume", old_volume));
  if (action.payload["delete_on_termination"].asBool()) {
    action.calls.push_back(KeepFlag(action));
    action.rollback.calls.push_back(KeepFlag(action));
  }
  JsonValue volumes(Json::arrayValue);
  volumes.append(new_volume);
  action.poll = PollRule{.call = Read("ec2", "DescribeVolumes", Object({{"VolumeIds", volumes}})),
                         .field = "Volumes[0].Attachments[0].State",
                         .success = {"attached"},
                         .failure = {},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.preconditions.push_back(Check("stopped", "the instance is stopped: nothing has the volume mounted"));
  action.postconditions.push_back(Check("old_volume_kept", "the old volume is there, detached, with its data"));
  action.postconditions.push_back(
      Check("only_under_old_key", "the old volume and the snapshots of the move: until somebody deletes them"));
  action.rollback.text = "attach the old volume again";
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "the instance is stopped";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kSwapVolume = {
    .name = "swap_volume",
    .phase = "cut_over",
    .does = "attaches the encrypted volume in place of the old one, which is kept",
    .fields = kSwapVolumeFields,
    .derive = DeriveSwapVolume,
};

}  // namespace tfseal
