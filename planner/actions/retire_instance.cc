#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRetireInstanceFields[] = {
    {"identifier", FieldType::kText, true, "the old instance"},
    {"replica", FieldType::kBool, true, "a read replica, which is promoted before it goes"},
    {"final_snapshot", FieldType::kText, false, "name of the final snapshot"},
    {"resource", FieldType::kValue, false, "resource id of the original, as it was recorded"},
    {"quarantine", FieldType::kValue, false, "id of the security group that fences it"},
};

void DeriveRetireInstance(Action& action) {
  const bool replica = action.payload["replica"].asBool();
  const JsonValue id = Field(action, "identifier");
  const JsonValue final_snapshot = Field(action, "final_snapshot");
  action.summary =
      "delete the old " + id.asString() + (replica ? ", a replica, keeping" : ", keeping") + " a final snapshot";
  // AWS takes no final snapshot of a replica, and deletes it only if that is skipped: so it stops being one first.
  if (replica) action.calls.push_back(Change("rds", "PromoteReadReplica", Object({{"DBInstanceIdentifier", id}})));
  action.calls.push_back(Change("rds", "DeleteDBInstance",
                                Object({{"DBInstanceIdentifier", id},
                                        {"DeleteAutomatedBackups", false},
                                        {"SkipFinalSnapshot", false},
                                        {"FinalDBSnapshotIdentifier", final_snapshot}})));
  action.preconditions.push_back(Check(
      "not_the_live_one", "the instance is the old one: not encrypted under the new key, fenced, without sessions"));
  action.postconditions.push_back(Check("final_snapshot_available", "the final snapshot is available"));
  action.poll = PollRule{.call = Read("rds", "DescribeDBSnapshots", Object({{"DBSnapshotIdentifier", final_snapshot}})),
                         .field = "DBSnapshots[0].Status",
                         .success = {"available"},
                         .failure = {"failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 24 * 60 * 60};
  action.rollback.text = "restore the final snapshot";
  action.risk = Risk::kHigh;
  action.approvals = 1;
  action.downtime.basis = "nobody uses the old instance";
}

}  // namespace

const ActionKind kRetireInstance = {
    .name = "retire_instance",
    .phase = "retire",
    .does = "deletes the old instance, keeping a final snapshot and its automated backups",
    .fields = kRetireInstanceFields,
    .derive = DeriveRetireInstance,
};

}  // namespace tfseal
