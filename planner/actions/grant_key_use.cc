#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kGrantKeyUseFields[] = {
    {"key", FieldType::kValue, true, "key id or ARN"},
    {"service_principal", FieldType::kText, true, "logs.us-east-1.amazonaws.com"},
    {"operations", FieldType::kTexts, true, "kms actions the service needs"},
    {"source_arn", FieldType::kText, false, "condition that keeps other callers out"},
};

void DeriveGrantKeyUse(Action& action) {
  action.summary = "let " + TextField(action, "service_principal") + " use the key";
  action.calls.push_back(
      Read("kms", "GetKeyPolicy", Object({{"KeyId", Field(action, "key")}, {"PolicyName", "default"}})));
  JsonValue statement = Object({{"Sid", Text("tfseal" + action.id.substr(0, 12))},
                                {"Effect", "Allow"},
                                {"Principal", Object({{"Service", Field(action, "service_principal")}})},
                                {"Action", Field(action, "operations")},
                                {"Resource", "*"}});
  if (!Field(action, "source_arn").isNull()) {
    statement["Condition"] = Object({{"ArnLike", Object({{"aws:SourceArn", Field(action, "source_arn")}})}});
  }
  action.calls.push_back(Change("kms", "PutKeyPolicy",
                                Object({{"KeyId", Field(action, "key")},
                                        {"PolicyName", "default"},
                                        {"Policy", Object({{"existing_policy_and", statement}})}})));
  action.preconditions.push_back(
      Check("policy_read", "the existing policy is read and kept; only the one statement is added"));
  action.postconditions.push_back(Check("policy_admits", "the policy admits the service"));
  action.rollback.text = "put the policy without the one statement; what others changed since then stays";
  action.rollback.calls.push_back(
      Change("kms", "PutKeyPolicy",
             Object({{"KeyId", Field(action, "key")},
                     {"PolicyName", "default"},
                     {"Policy", Object({{"existing_policy_without", statement["Sid"]}})}})));
  action.risk = Risk::kMedium;
  action.downtime.basis = "nothing loses access";
}

}  // namespace

const ActionKind kGrantKeyUse = {
    .name = "grant_key_use",
    .phase = "prepare",
    .does = "lets a service use a key, as far as its policy does not yet",
    .fields = kGrantKeyUseFields,
    .derive = DeriveGrantKeyUse,
};

}  // namespace tfseal
