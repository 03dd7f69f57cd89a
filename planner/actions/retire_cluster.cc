#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRetireClusterFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"identifier", FieldType::kText, true, "the old cluster"},
    {"final_snapshot", FieldType::kText, true, "name of the final snapshot"},
    {"resource", FieldType::kValue, false, "resource id of the original, as it was recorded"},
    {"quarantine", FieldType::kValue, false, "id of the security group that fences it"},
};

void DeriveRetireCluster(Action& action) {
  const std::string service = TextField(action, "service");
  JsonValue parameters = Object({{"DBClusterIdentifier", Field(action, "identifier")},
                                 {"SkipFinalSnapshot", false},
                                 {"FinalDBSnapshotIdentifier", Field(action, "final_snapshot")}});
  // DocumentDB and Neptune keep no automated backups of a deleted cluster; their final snapshot is all there is.
  if (service == "rds") parameters["DeleteAutomatedBackups"] = false;
  action.summary = "delete the old " + TextField(action, "identifier") + ", keeping a final snapshot";
  action.calls.push_back(Change(service, "DeleteDBCluster", parameters));
  action.poll = PollRule{.call = Read(service, "DescribeDBClusterSnapshots",
                                      Object({{"DBClusterSnapshotIdentifier", Field(action, "final_snapshot")}})),
                         .field = "DBClusterSnapshots[0].Status",
                         .success = {"available"},
                         .failure = {"failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 24 * 60 * 60};
  action.preconditions.push_back(
      Check("not_the_live_one",
            "the cluster is the old one: not encrypted under the new key, fenced, without sessions and members"));
  action.postconditions.push_back(Check("final_snapshot_available", "the final snapshot is available"));
  action.rollback.text = "restore the final snapshot";
  action.risk = Risk::kHigh;
  action.approvals = 1;
  action.downtime.basis = "nobody uses the old cluster";
}

}  // namespace

const ActionKind kRetireCluster = {
    .name = "retire_cluster",
    .phase = "retire",
    .does = "deletes the old cluster, keeping a final snapshot and its automated backups",
    .fields = kRetireClusterFields,
    .derive = DeriveRetireCluster,
};

}  // namespace tfseal
