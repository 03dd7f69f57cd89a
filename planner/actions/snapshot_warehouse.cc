#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSnapshotWarehouseFields[] = {
    {"snapshot", FieldType::kText, true, "name of the snapshot"},
};

void DeriveSnapshotWarehouse(Action& action) {
  const JsonValue snapshot = Field(action, "snapshot");
  action.summary = "snapshot " + action.target.identifier + " before it is changed";
  action.calls.push_back(
      Change("redshift", "CreateClusterSnapshot",
             Object({{"ClusterIdentifier", Text(action.target.identifier)}, {"SnapshotIdentifier", snapshot}})));
  action.poll =
      PollRule{.call = Read("redshift", "DescribeClusterSnapshots", Object({{"SnapshotIdentifier", snapshot}})),
               .field = "Snapshots[0].Status",
               .success = {"available"},
               .failure = {"failed"},
               .interval_seconds = 60,
               .deadline_seconds = 24 * 60 * 60};
  action.rollback.text = "the snapshot is kept";
  action.downtime.basis = "online";
}

}  // namespace

const ActionKind kSnapshotWarehouse = {
    .name = "snapshot_warehouse",
    .phase = "protect",
    .does = "takes a manual snapshot of a Redshift cluster",
    .fields = kSnapshotWarehouseFields,
    .derive = DeriveSnapshotWarehouse,
};

}  // namespace tfseal
