#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kGrantSecretAccessFields[] = {
    {"role", FieldType::kText, true, "name of the role that reads the secret: execution role, or task role"},
    {"policy_name", FieldType::kText, true, "name of the inline policy"},
    {"secret", FieldType::kValue, true, "ARN of the secret"},
    {"key", FieldType::kValue, false, "ARN of the key, where it is a customer-managed one"},
};

void DeriveGrantSecretAccess(Action& action) {
  JsonValue statements(Json::arrayValue);
  statements.append(Object(
      {{"Effect", "Allow"}, {"Action", "secretsmanager:GetSecretValue"}, {"Resource", Field(action, "secret")}}));
  if (!Field(action, "key").isNull()) {
    statements.append(Object({{"Effect", "Allow"}, {"Action", "kms:Decrypt"}, {"Resource", Field(action, "key")}}));
  }
  action.summary = "let " + TextField(action, "role") + " read the secret";
  action.calls.push_back(
      Change("iam", "PutRolePolicy",
             Object({{"RoleName", Field(action, "role")},
                     {"PolicyName", Field(action, "policy_name")},
                     {"PolicyDocument", Object({{"Version", "2012-10-17"}, {"Statement", statements}})}})));
  action.postconditions.push_back(
      Check("role_reads_secret",
            "the policies of the role let it read the secret and use its key, and neither change nor delete it"));
  action.rollback.text = "delete the inline policy";
  action.rollback.calls.push_back(
      Change("iam", "DeleteRolePolicy",
             Object({{"RoleName", Field(action, "role")}, {"PolicyName", Field(action, "policy_name")}})));
  action.risk = Risk::kLow;
}

}  // namespace

const ActionKind kGrantSecretAccess = {
    .name = "grant_secret_access",
    .phase = "prepare",
    .does = "lets the role of the tasks read the secret and use its key",
    .fields = kGrantSecretAccessFields,
    .derive = DeriveGrantSecretAccess,
};

}  // namespace tfseal
