#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateExecutionRoleFields[] = {
    {"role", FieldType::kText, true, "name of the role"},
};

std::string PartitionOf(const std::string& region) {
  if (region.starts_with("cn-")) return "aws-cn";
  return region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

void DeriveCreateExecutionRole(Action& action) {
  JsonValue statements(Json::arrayValue);
  statements.append(Object({{"Effect", "Allow"},
                            {"Action", "sts:AssumeRole"},
                            {"Principal", Object({{"Service", "ecs-tasks.amazonaws.com"}})}}));
  const JsonValue role = Field(action, "role");
  const std::string policy =
      "arn:" + PartitionOf(action.target.region) + ":iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
  JsonValue tags(Json::arrayValue);
  tags.append(Object({{"Key", "tfseal:action"}, {"Value", Text(action.id)}}));
  action.summary = "create the execution role " + role.asString();
  action.calls.push_back(
      Change("iam", "CreateRole",
             Object({{"RoleName", role},
                     {"AssumeRolePolicyDocument", Object({{"Version", "2012-10-17"}, {"Statement", statements}})},
                     {"Tags", tags}})));
  action.calls.push_back(Change("iam", "AttachRolePolicy", Object({{"RoleName", role}, {"PolicyArn", Text(policy)}})));
  action.rollback.text = "delete the role; no task definition uses it any more";
  action.rollback.calls.push_back(
      Change("iam", "DetachRolePolicy", Object({{"RoleName", role}, {"PolicyArn", Text(policy)}})));
  action.rollback.calls.push_back(Change("iam", "DeleteRole", Object({{"RoleName", role}})));
  action.risk = Risk::kLow;
  action.downtime.basis = "nothing uses the role yet";
}

}  // namespace

const ActionKind kCreateExecutionRole = {
    .name = "create_execution_role",
    .phase = "prepare",
    .does = "creates the role with which tasks are started, where a task definition has none",
    .fields = kCreateExecutionRoleFields,
    .derive = DeriveCreateExecutionRole,
};

}  // namespace tfseal
