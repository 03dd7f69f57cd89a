#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRotateExposedValueFields[] = {
    {"secret", FieldType::kValue, true, "ARN of the secret"},
    {"variable", FieldType::kText, true, "name of the variable"},
    {"encrypts_data", FieldType::kBool, true, "the value is a key under which data lies: rows are re-encrypted first"},
};

void DeriveRotateExposedValue(Action& action) {
  const bool key = action.payload["encrypts_data"].asBool();
  action.summary = "replace the exposed value of " + TextField(action, "variable");
  action.preconditions.push_back(
      Check("owner_confirms", key ? "data under the old key is re-encrypted under a new one first (tfseal rekey); the "
                                    "old value stays readable until nothing and no backup needs it"
                                  : "the system that issued the value has a new one"));
  action.postconditions.push_back(Check(
      "exposed_value_useless", "the value in old task definition revisions, states and logs opens nothing any more"));
  action.rollback.text = "AWSPREVIOUS keeps the old value";
  action.approvals = 1;
  action.risk = Risk::kMedium;
}

}  // namespace

const ActionKind kRotateExposedValue = {
    .name = "rotate_exposed_value",
    .phase = "retire",
    .does = "replaces the value that was exposed, as its owner has to do it",
    .fields = kRotateExposedValueFields,
    .derive = DeriveRotateExposedValue,
};

}  // namespace tfseal
