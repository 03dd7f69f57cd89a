#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kInventorySecretUseFields[] = {
    {"family", FieldType::kText, true, "task definition family"},
    {"container", FieldType::kText, true, "container"},
    {"variables", FieldType::kTexts, true, "names of the variables"},
    {"services", FieldType::kTexts, true, "services that run it"},
    {"keys", FieldType::kTexts, false, "those of the variables that hold a key of 32 bytes"},
};

void DeriveInventorySecretUse(Action& action) {
  action.summary = "list where the exposed values of " + TextField(action, "family") + " are used";
  action.calls.push_back(Read("ecs", "ListTaskDefinitions", Object({{"familyPrefix", Field(action, "family")}})));
  action.postconditions.push_back(Check("every_use_known",
                                        "every revision, service, schedule and image that carries the value is listed; "
                                        "values are compared by digest and never printed"));
  action.postconditions.push_back(
      Check("valid_key", "a variable that holds a key holds 32 bytes, in base64 or in hex"));
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kInventorySecretUse = {
    .name = "inventory_secret_use",
    .phase = "prepare",
    .does = "lists where an exposed value is used, without its value",
    .fields = kInventorySecretUseFields,
    .derive = DeriveInventorySecretUse,
};

}  // namespace tfseal
