#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSealExposedValueFields[] = {
    {"family", FieldType::kText, true, "task definition family"},
    {"container", FieldType::kText, true, "container"},
    {"variables", FieldType::kTexts, true, "names of the variables"},
};

void DeriveSealExposedValue(Action& action) {
  action.summary = "seal a copy of the values in use by " + TextField(action, "family");
  action.calls.push_back(Read("ecs", "DescribeTaskDefinition", Object({{"taskDefinition", Field(action, "family")}})));
  action.preconditions.push_back(
      Check("recipient_given", "the public key of the recipient is given when the plan is carried out"));
  action.postconditions.push_back(
      Check("sealed_copy_opens",
            "the recipient has opened the copy and confirmed it; data encrypted with a lost key is lost"));
  action.rollback.text = "the sealed copy is kept";
}

}  // namespace

const ActionKind kSealExposedValue = {
    .name = "seal_exposed_value",
    .phase = "prepare",
    .does = "keeps a sealed copy of the value that is in use, for a recipient of your choice",
    .fields = kSealExposedValueFields,
    .derive = DeriveSealExposedValue,
};

}  // namespace tfseal
