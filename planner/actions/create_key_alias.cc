#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateKeyAliasFields[] = {
    {"alias", FieldType::kText, true, "alias/..."},
    {"key", FieldType::kValue, true, "key id or ARN"},
};

void DeriveCreateKeyAlias(Action& action) {
  action.summary = "name the new key " + TextField(action, "alias");
  action.calls.push_back(Change(
      "kms", "CreateAlias", Object({{"AliasName", Field(action, "alias")}, {"TargetKeyId", Field(action, "key")}})));
  action.preconditions.push_back(Check("alias_free", "no key has this alias, or this key has it already"));
  action.rollback.text = "delete the alias; nothing is configured with it";
  action.rollback.calls.push_back(Change("kms", "DeleteAlias", Object({{"AliasName", Field(action, "alias")}})));
  action.downtime.basis = "a name only";
}

}  // namespace

const ActionKind kCreateKeyAlias = {
    .name = "create_key_alias",
    .phase = "prepare",
    .does = "names a key",
    .fields = kCreateKeyAliasFields,
    .derive = DeriveCreateKeyAlias,
};

}  // namespace tfseal
