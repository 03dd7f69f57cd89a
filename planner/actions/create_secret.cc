#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateSecretFields[] = {
    {"name", FieldType::kText, true, "name of the secret"},
    {"key", FieldType::kValue, false, "key as ARN; not for a secret that is there already"},
    {"existing", FieldType::kText, false, "ARN of a secret that is there already and has to hold the value"},
    {"family", FieldType::kText, true, "task definition that has the value"},
    {"container", FieldType::kText, true, "container"},
    {"variable", FieldType::kText, true, "name of the variable"},
    {"token", FieldType::kText, true, "client request token, which makes a repeated call harmless"},
    {"holds_key", FieldType::kBool, false, "the variable holds a key of 32 bytes"},
};

// Where the value is read when the plan is carried out.
JsonValue ValueInUse(const Action& action) {
  return Object({{"value_from", Object({{"task_definition", Field(action, "family")},
                                        {"container", Field(action, "container")},
                                        {"variable", Field(action, "variable")}})}});
}

void DeriveCreateSecret(Action& action) {
  action.preconditions.push_back(Check("valid_key", "a variable that holds a key holds 32 bytes, in base64 or in hex"));
  action.postconditions.push_back(
      Check("same_value", "the value of the secret and the value in use are equal, compared in constant time"));
  action.risk = Risk::kLow;
  if (const std::string existing = TextField(action, "existing"); !existing.empty()) {
    action.summary = "compare the secret " + TextField(action, "name") + " with the value in use";
    action.calls.push_back(Read("secretsmanager", "GetSecretValue", Object({{"SecretId", Field(action, "existing")}})));
    action.rollback.text = "reads only";
    return;
  }
  JsonValue tags(Json::arrayValue);
  tags.append(Object({{"Key", "tfseal:action"}, {"Value", Text(action.id)}}));
  action.summary = "create the secret " + TextField(action, "name");
  action.calls.push_back(Change("secretsmanager", "CreateSecret",
                                Object({{"Name", Field(action, "name")},
                                        {"KmsKeyId", Field(action, "key")},
                                        {"ClientRequestToken", Field(action, "token")},
                                        {"SecretString", ValueInUse(action)},
                                        {"Tags", tags}})));
  const ApiCall put =
      Change("secretsmanager", "PutSecretValue",
             Object({{"SecretId", Field(action, "name")},
                     {"ClientRequestToken",
                      Object({{"token_of", Object({{"token", Field(action, "token")}, {"replaces", "AWSCURRENT"}})}})},
                     {"SecretString", ValueInUse(action)}}));
  action.calls.push_back(put);
  action.preconditions.push_back(Check("name_free", "no secret has the name, also none that waits for deletion"));
  action.rollback.text =
      "the secret stays; if it holds another value than the variable, the value in use is put as a new version, and "
      "AWSPREVIOUS keeps the other one";
  action.rollback.calls.push_back(put);
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
