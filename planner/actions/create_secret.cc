#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateSecretFields[] = {
    {"name", FieldType::kText, true, "name of the secret"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"family", FieldType::kText, true, "task definition that has the value"},
    {"container", FieldType::kText, true, "container"},
    {"variable", FieldType::kText, true, "name of the variable"},
    {"token", FieldType::kText, true, "client request token, which makes a repeated call harmless"},
};

void DeriveCreateSecret(Action& action) {
  action.summary = "create the secret " + TextField(action, "name");
  action.calls.push_back(
      Change("secretsmanager", "CreateSecret",
             Object({{"Name", Field(action, "name")},
                     {"KmsKeyId", Field(action, "key")},
                     {"ClientRequestToken", Field(action, "token")},
                     {"SecretString", Object({{"value_from", Object({{"task_definition", Field(action, "family")},
                                                                     {"container", Field(action, "container")},
                                                                     {"variable", Field(action, "variable")}})}})}})));
  action.preconditions.push_back(Check("name_free", "no secret has the name, also none that waits for deletion"));
  action.postconditions.push_back(
      Check("same_value", "the value of the secret and the value in use have the same keyed digest"));
  action.rollback.text = "the secret may stay; deleting it keeps a recovery window of 30 days";
  action.risk = Risk::kLow;
}

}  // namespace

const ActionKind kCreateSecret = {
    .name = "create_secret",
    .phase = "prepare",
    .does = "creates a secret under a customer-managed key from the value that is in use",
    .fields = kCreateSecretFields,
    .derive = DeriveCreateSecret,
};

}  // namespace tfseal
