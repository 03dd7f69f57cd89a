#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSnapshotCacheFields[] = {
    {"snapshot", FieldType::kText, true, "name of the snapshot"},
    {"quiet_at", FieldType::kValue, true, "when it was proven that nothing writes"},
};

void DeriveSnapshotCache(Action& action) {
  const JsonValue snapshot = Field(action, "snapshot");
  action.summary = "snapshot " + action.target.identifier + ", which nothing writes to any more";
  action.calls.push_back(
      Change("elasticache", "CreateSnapshot",
             Object({{"ReplicationGroupId", Text(action.target.identifier)}, {"SnapshotName", snapshot}})));
  action.poll = PollRule{.call = Read("elasticache", "DescribeSnapshots", Object({{"SnapshotName", snapshot}})),
                         .field = "Snapshots[0].SnapshotStatus",
                         .success = {"available"},
                         .failure = {"failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 24 * 60 * 60};
  action.preconditions.push_back(Check("snapshot_name_free", "no snapshot has the name"));
  action.postconditions.push_back(Check("taken_after_proof", "it was begun after nothing wrote any more"));
  action.postconditions.push_back(
      Check("only_under_old_key",
            "the snapshot: it is encrypted as the old cache is, or not at all, and stays until somebody "
            "deletes it"));
  action.rollback.text = "the snapshot is kept";
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "depends on the size of the data; no duration is published";
}

}  // namespace

const ActionKind kSnapshotCache = {
    .name = "snapshot_cache",
    .phase = "copy",
    .does = "takes a snapshot of a fenced cache",
    .fields = kSnapshotCacheFields,
    .derive = DeriveSnapshotCache,
};

}  // namespace tfseal
