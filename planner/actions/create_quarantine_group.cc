#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateQuarantineGroupFields[] = {
    {"name", FieldType::kText, true, "name of the group"},
    {"vpc", FieldType::kText, false, "VPC id; read from the subnet group if it is not known"},
};

void DeriveCreateQuarantineGroup(Action& action) {
  action.summary = "create the security group " + TextField(action, "name") + ", which admits nobody";
  action.calls.push_back(Change("ec2", "CreateSecurityGroup",
                                Object({{"GroupName", Field(action, "name")},
                                        {"VpcId", Field(action, "vpc")},
                                        {"Description", "fence for a database that is being moved"}})));
  action.postconditions.push_back(Check("no_ingress", "the group has no ingress rule but, if given, the operator's"));
  action.rollback.text = "delete the group when no database uses it";
  action.downtime.basis = "nothing uses the group yet";
}

}  // namespace

const ActionKind kCreateQuarantineGroup = {
    .name = "create_quarantine_group",
    .phase = "prepare",
    .does = "creates a security group that admits nobody but the operator",
    .fields = kCreateQuarantineGroupFields,
    .derive = DeriveCreateQuarantineGroup,
};

}  // namespace tfseal
