#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSnapshotVolumeFields[] = {
    {"volume", FieldType::kText, true, "volume"},
    {"purpose", FieldType::kText, true,
     "ahead: makes the one at rest short; at_rest: what the new volume is made from"},
    {"stopped_at", FieldType::kValue, false, "when the instance was seen stopped"},
};

void DeriveSnapshotVolume(Action& action) {
  const bool at_rest = TextField(action, "purpose") == "at_rest";
  const std::string volume = TextField(action, "volume");
  action.summary = "snapshot " + volume + (at_rest ? " at rest" : " ahead of the outage");
  // Found again by its tag: CreateSnapshot takes no token. The one at rest has the time of the stop in it, too.
  JsonValue tags(Json::arrayValue);
  tags.append(Object({{"Key", "tfseal:action"}, {"Value", Text(action.id)}}));
  JsonValue specifications(Json::arrayValue);
  specifications.append(Object({{"ResourceType", "snapshot"}, {"Tags", tags}}));
  action.calls.push_back(Change("ec2", "CreateSnapshot",
                                Object({{"VolumeId", Text(volume)},
                                        {"Description", Text("tfseal: " + volume + ", before it is encrypted")},
                                        {"TagSpecifications", specifications}})));
  JsonValue filters(Json::arrayValue);
  JsonValue values(Json::arrayValue);
  values.append(action.id + "*");
  filters.append(Object({{"Name", "tag:tfseal:action"}, {"Values", values}}));
  action.poll = PollRule{.call = Read("ec2", "DescribeSnapshots", Object({{"Filters", filters}})),
                         .field = "Snapshots[0].State",
                         .success = {"completed"},
                         .failure = {"error"},
                         .interval_seconds = 15,
                         .deadline_seconds = 24 * 60 * 60};
  if (!Field(action, "stopped_at").isNull()) {
    action.preconditions.push_back(Check("quiescent", "the instance is stopped since stopped_at, so nothing writes"));
  }
  action.rollback.text = "the snapshot is kept; it is as readable as the volume was, and a person deletes it later";
  action.downtime.impact =
      at_rest && !Field(action, "stopped_at").isNull() ? Downtime::Impact::kUnavailable : Downtime::Impact::kNone;
  action.downtime.basis = "depends on the blocks that changed since the snapshot before; no duration is published";
}

}  // namespace

const ActionKind kSnapshotVolume = {
    .name = "snapshot_volume",
    .phase = "copy",
    .does = "takes a snapshot of a volume",
    .fields = kSnapshotVolumeFields,
    .derive = DeriveSnapshotVolume,
};

}  // namespace tfseal
