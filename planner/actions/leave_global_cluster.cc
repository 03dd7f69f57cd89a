#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kLeaveGlobalClusterFields[] = {
    {"global_cluster", FieldType::kText, true, "identifier of the global database"},
    {"cluster_arn", FieldType::kText, true, "the member that leaves"},
    {"secondary", FieldType::kBool, true, "a secondary, or the primary when no secondary is left"},
    {"compared", FieldType::kValue, true, "when the encrypted copy of the primary was compared"},
};

void DeriveLeaveGlobalCluster(Action& action) {
  const bool secondary = Field(action, "secondary").asBool();
  const JsonValue global = Field(action, "global_cluster");
  action.summary = "take " + action.target.identifier + " out of the global database " + global.asString();
  action.calls.push_back(
      Change("rds", "RemoveFromGlobalCluster",
             Object({{"GlobalClusterIdentifier", global}, {"DbClusterIdentifier", Field(action, "cluster_arn")}})));
  action.poll = UntilClusterIs("rds", Text(action.target.identifier), "available");
  action.preconditions.push_back(
      Check("copy_compared", "the encrypted copy of the primary was compared and is the same"));
  if (secondary) {
    action.preconditions.push_back(
        Check("fenced", "nobody reaches the secondary: alone, it takes writes that nobody would find again"));
  } else {
    action.preconditions.push_back(Check("no_secondary_left", "every secondary has left"));
  }
  action.postconditions.push_back(Check("left_global", "no global database names the cluster as a member"));
  action.postconditions.push_back(
      Check("only_under_old_key",
            "the old cluster, its snapshots and automated backups stay as they were: unencrypted, or "
            "under the key that they had"));
  action.rollback.possible = false;
  action.rollback.text =
      "AWS lets no cluster with data join a global database again: the cluster is kept, fenced, with all of its data";
  action.risk = Risk::kHigh;
  action.approvals = 1;
  action.downtime.impact = secondary ? Downtime::Impact::kUnavailable : Downtime::Impact::kNone;
  action.downtime.basis =
      "no region can take over until the global database is built again; the time depends on the "
      "size of the data and is not published";
}

}  // namespace

const ActionKind kLeaveGlobalCluster = {
    .name = "leave_global_cluster",
    .phase = "cut_over",
    .does = "takes a cluster out of a global database; until that is built again, no region can take over",
    .fields = kLeaveGlobalClusterFields,
    .derive = DeriveLeaveGlobalCluster,
};

}  // namespace tfseal
