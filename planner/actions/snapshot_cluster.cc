#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSnapshotClusterFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"snapshot", FieldType::kText, true, "name of the snapshot"},
    {"quiescent_at", FieldType::kValue, false, "when it was proven that nothing writes"},
    {"tags", FieldType::kAny, false, "tags"},
};

void DeriveSnapshotCluster(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue snapshot = Field(action, "snapshot");
  action.summary = "snapshot " + action.target.identifier;
  action.calls.push_back(Change(service, "CreateDBClusterSnapshot",
                                Object({{"DBClusterIdentifier", Text(action.target.identifier)},
                                        {"DBClusterSnapshotIdentifier", snapshot},
                                        {"Tags", Field(action, "tags")}})));
  action.poll =
      PollRule{.call = Read(service, "DescribeDBClusterSnapshots", Object({{"DBClusterSnapshotIdentifier", snapshot}})),
               .field = "DBClusterSnapshots[0].Status",
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

const ActionKind kSnapshotCluster = {
    .name = "snapshot_cluster",
    .phase = "copy",
    .does = "takes a snapshot of a fenced cluster",
    .fields = kSnapshotClusterFields,
    .derive = DeriveSnapshotCluster,
};

}  // namespace tfseal
