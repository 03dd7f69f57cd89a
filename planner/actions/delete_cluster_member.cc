#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kDeleteClusterMemberFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"identifier", FieldType::kText, true, "instance"},
    {"old_cluster", FieldType::kText, true, "cluster it belongs to"},
    {"resource", FieldType::kValue, false, "resource id of the original, as it was recorded"},
    {"quarantine", FieldType::kValue, false, "id of the security group that fences it"},
};

void DeriveDeleteClusterMember(Action& action) {
  const std::string service = TextField(action, "service");
  action.summary = "delete the instance " + TextField(action, "identifier") + " of the old cluster";
  action.calls.push_back(
      Change(service, "DeleteDBInstance", Object({{"DBInstanceIdentifier", Field(action, "identifier")}})));
  action.poll = PollRule{
      .call = Read(service, "DescribeDBInstances", Object({{"DBInstanceIdentifier", Field(action, "identifier")}})),
      .field = "Error.Code",
      .success = {"DBInstanceNotFound"},
      .failure = {},
      .interval_seconds = 30,
      .deadline_seconds = 6 * 60 * 60};
  action.preconditions.push_back(
      Check("member_of_old_cluster", "the instance belongs to " + TextField(action, "old_cluster")));
  action.rollback.text = "create it again; the cluster volume is whole";
  action.risk = Risk::kLow;
  action.approvals = 1;
}

}  // namespace

const ActionKind kDeleteClusterMember = {
    .name = "delete_cluster_member",
    .phase = "retire",
    .does = "deletes an instance of the old cluster; its data is the cluster's and stays",
    .fields = kDeleteClusterMemberFields,
    .derive = DeriveDeleteClusterMember,
};

}  // namespace tfseal
