#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kFinishReplicationFields[] = {
    {"file_system", FieldType::kText, true, "source"},
    {"new_file_system", FieldType::kValue, true, "copy"},
    {"quiet_at", FieldType::kValue, true, "when nobody was connected any more"},
    {"attributes", FieldType::kObject, true, "what the address has then"},
};

void DeriveFinishReplication(Action& action) {
  const JsonValue source = Field(action, "file_system");
  action.summary = "let the copy of " + source.asString() + " catch up, and make it writable";
  action.calls.push_back(Change("efs", "DeleteReplicationConfiguration", Object({{"SourceFileSystemId", source}})));
  action.poll =
      PollRule{.call = Read("efs", "DescribeFileSystems", Object({{"FileSystemId", Field(action, "new_file_system")}})),
               .field = "FileSystems[0].LifeCycleState",
               .success = {"available"},
               .failure = {"error"},
               .interval_seconds = 60,
               .deadline_seconds = 24 * 60 * 60};
  action.preconditions.push_back(
      Check("caught_up", "LastReplicatedTimestamp is later than quiet_at: everything before it is in the copy"));
  action.postconditions.push_back(Check("old_file_system_kept", "the source is there with its files"));
  action.postconditions.push_back(
      Check("only_under_old_key", "the old file system with its files and backups: until somebody deletes it"));
  action.rollback.text = "mount the source again; it has everything";
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "a replication runs every few minutes; no duration is published";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kFinishReplication = {
    .name = "finish_replication",
    .phase = "build",
    .does = "ends a replication once the copy has everything, which makes the copy writable",
    .fields = kFinishReplicationFields,
    .derive = DeriveFinishReplication,
};

}  // namespace tfseal
