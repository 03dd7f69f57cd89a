#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kOpenWaveFields[] = {
    {"environment", FieldType::kText, true, "name in tfseal.yaml, or defaults"},
    {"wave", FieldType::kNumber, true, "order between environments"},
    {"approvals", FieldType::kNumber, true, "how many people must approve"},
};

void DeriveOpenWave(Action& action) {
  action.approvals = action.payload["approvals"].asInt();
  action.summary =
      "open wave " + std::to_string(action.payload["wave"].asInt()) + ", " + TextField(action, "environment");
  action.preconditions.push_back(
      Check("earlier_waves_validated", "every earlier wave is finished and its soak is over"));
  action.postconditions.push_back(Check("approved", "the approvals of the environment are recorded"));
  action.rollback.text = "nothing has been changed yet";
}

}  // namespace

const ActionKind kOpenWave = {
    .name = "open_wave",
    .phase = "prepare",
    .does = "waits until the waves before are validated and the approvals are given",
    .fields = kOpenWaveFields,
    .derive = DeriveOpenWave,
};

}  // namespace tfseal
