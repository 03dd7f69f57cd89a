#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kManualFields[] = {
    {"recipe", FieldType::kText, true, "what the step is known as, e.g. R-EFS"},
    {"reason", FieldType::kText, true, "why it is not planned"},
    {"steps", FieldType::kTexts, true, "how it is done"},
};

void DeriveManual(Action& action) {
  action.summary = "by hand: " + TextField(action, "reason") + " (" + TextField(action, "recipe") + ")";
  for (const JsonValue& step : action.payload["steps"])
    action.preconditions.push_back(Check("by_hand", step.asString()));
  action.rollback.possible = false;
  action.rollback.text = "as the steps say";
  action.risk = Risk::kMedium;
  action.approvals = 1;
  action.downtime.basis = "not known";
}

}  // namespace

const ActionKind kManual = {
    .name = "manual",
    .phase = "record",
    .does = "a step that has no recipe here yet; a person does it",
    .fields = kManualFields,
    .derive = DeriveManual,
};

}  // namespace tfseal
