#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRetireInstanceFields[] = {
    {"identifier", FieldType::kText, true, "the old instance"},
    {"replica", FieldType::kBool, true, "a read replica, of which AWS takes no final snapshot"},
    {"final_snapshot", FieldType::kText, false, "name of the final snapshot"},
    {"resource", FieldType::kValue, false, "resource id of the original, as it was recorded"},
    {"quarantine", FieldType::kValue, false, "id of the security group that fences it"},
};

void DeriveRetireInstance(Action& action) {
  const bool replica = action.payload["replica"].asBool();
  JsonValue parameters =
      Object({{"DBInstanceIdentifier", Field(action, "identifier")}, {"DeleteAutomatedBackups", false}});
  // The API refuses a final snapshot of a replica: its data is the source's.
  if (!replica) {
    parameters["SkipFinalSnapshot"] = false;
    parameters["FinalDBSnapshotIdentifier"] = Field(action, "final_snapshot");
  }
  action.summary =
      "delete the old " + TextField(action, "identifier") + (replica ? ", a replica" : ", keeping a final snapshot");
  action.calls.push_back(Change("rds", "DeleteDBInstance", parameters));
  action.preconditions.push_back(Check(
      "not_the_live_one", "the instance is the old one: not encrypted under the new key, fenced, without sessions"));
  if (!replica) {
    action.postconditions.push_back(Check("final_snapshot_available", "the final snapshot is available"));
    action.poll = PollRule{
        .call = Read("rds", "DescribeDBSnapshots", Object({{"DBSnapshotIdentifier", Field(action, "final_snapshot")}})),
        .field = "DBSnapshots[0].Status",
        .success = {"available"},
        .failure = {"failed"},
        .interval_seconds = 30,
        .deadline_seconds = 24 * 60 * 60};
  }
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
