#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSnapshotInstanceFields[] = {
    {"snapshot", FieldType::kText, true, "name of the snapshot"},
    {"quiescent_at", FieldType::kValue, false, "when it was proven that nothing writes"},
    {"tags", FieldType::kAny, false, "tags"},
};

void DeriveSnapshotInstance(Action& action) {
  const JsonValue snapshot = Field(action, "snapshot");
  action.summary = "snapshot " + action.target.identifier;
  action.calls.push_back(Change("rds", "CreateDBSnapshot",
                                Object({{"DBInstanceIdentifier", Text(action.target.identifier)},
                                        {"DBSnapshotIdentifier", snapshot},
                                        {"Tags", Field(action, "tags")}})));
  action.poll = PollRule{.call = Read("rds", "DescribeDBSnapshots", Object({{"DBSnapshotIdentifier", snapshot}})),
                         .field = "DBSnapshots[0].Status",
                         .success = {"available"},
                         .failure = {"failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 24 * 60 * 60};
  action.preconditions.push_back(Check("quiescent", "the proof of quiescence is not older than the fence"));
  action.postconditions.push_back(Check("snapshot_after_fence", "SnapshotCreateTime is later than the fence"));
  action.rollback.text = "the snapshot is kept";
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "depends on the size of the database; no duration is published";
}

}  // namespace

const ActionKind kSnapshotInstance = {
    .name = "snapshot_instance",
    .phase = "copy",
    .does = "takes a snapshot of a fenced instance",
    .fields = kSnapshotInstanceFields,
    .derive = DeriveSnapshotInstance,
};

}  // namespace tfseal
