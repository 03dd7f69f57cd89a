#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateVolumeFields[] = {
    {"snapshot", FieldType::kValue, true, "snapshot of the old volume"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"settings", FieldType::kObject, true, "zone, size, type, performance and tags of the old volume"},
    {"attributes", FieldType::kObject, false, "what the address has then, where nothing is attached"},
};

void DeriveCreateVolume(Action& action) {
  const JsonValue snapshot = Field(action, "snapshot");
  JsonValue parameters = Field(action, "settings");
  parameters["SnapshotId"] = snapshot;
  parameters["Encrypted"] = true;
  parameters["KmsKeyId"] = Field(action, "key");
  parameters["ClientToken"] = Object({{"token_of", Object({{"action", Text(action.id)}, {"snapshot", snapshot}})}});
  action.summary = "make the encrypted volume for " + action.target.identifier;
  action.calls.push_back(Change("ec2", "CreateVolume", parameters));
  JsonValue filters(Json::arrayValue);
  JsonValue values(Json::arrayValue);
  values.append(snapshot);
  filters.append(Object({{"Name", "snapshot-id"}, {"Values", values}}));
  action.poll = PollRule{.call = Read("ec2", "DescribeVolumes", Object({{"Filters", filters}})),
                         .field = "Volumes[0].State",
                         .success = {"available", "in-use"},
                         .failure = {"error"},
                         .interval_seconds = 15,
                         .deadline_seconds = 24 * 60 * 60};
  action.postconditions.push_back(
      Check("encrypted_under_key",
            "Encrypted is true and KmsKeyId is the ARN of the key; EC2 checks a key only after "
            "it has accepted the call"));
  action.postconditions.push_back(
      Check("only_under_old_key", "the old volume and its snapshots: until somebody deletes them"));
  action.rollback.text = "the new volume is left aside";
  action.risk = Risk::kLow;
  action.downtime.basis = "the old volume is not touched";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kCreateVolume = {
    .name = "create_volume",
    .phase = "build",
    .does = "makes an encrypted volume from a snapshot",
    .fields = kCreateVolumeFields,
    .derive = DeriveCreateVolume,
};

}  // namespace tfseal
