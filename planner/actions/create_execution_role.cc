#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateExecutionRoleFields[] = {
    {"role", FieldType::kText, true, "name of the role"},
};

void DeriveCreateExecutionRole(Action& action) {
  JsonValue statements(Json::arrayValue);
  statements.append(Object({{"Effect", "Allow"},
                            {"Action", "sts:AssumeRole"},
                            {"Principal", Object({{"Service", "ecs-tasks.amazonaws.com"}})}}));
  const JsonValue role = Field(action, "role");
  action.summary = "create the execution role " + role.asString();
  action.calls.push_back(
      Change("iam", "CreateRole",
             Object({{"RoleName", role},
                     {"AssumeRolePolicyDocument", Object({{"Version", "2012-10-17"}, {"Statement", statements}})}})));
  action.calls.push_back(
      Change("iam", "AttachRolePolicy",
             Object({{"RoleName", role},
                     {"PolicyArn", "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"}})));
  action.rollback.text = "delete the role when no task definition uses it";
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
