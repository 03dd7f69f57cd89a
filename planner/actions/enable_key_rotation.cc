#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kEnableKeyRotationFields[] = {
    {"key", FieldType::kValue, true, "key id or ARN"},
    {"period_days", FieldType::kNumber, false, "90 to 2560; the default is 365"},
};

void DeriveEnableKeyRotation(Action& action) {
  action.summary = "rotate the key " + action.target.identifier + " automatically";
  action.calls.push_back(
      Change("kms", "EnableKeyRotation",
             Object({{"KeyId", Field(action, "key")}, {"RotationPeriodInDays", Field(action, "period_days")}})));
  action.calls.push_back(Read("kms", "GetKeyRotationStatus", Object({{"KeyId", Field(action, "key")}})));
  action.postconditions.push_back(Check("rotation_on", "GetKeyRotationStatus says that rotation is on"));
  action.rollback.text = "rotation keeps key id, ARN and everything encrypted before; there is nothing to go back from";
  action.rollback.possible = false;
  action.risk = Risk::kLow;
  action.downtime.basis = "rotation never touches data";
  JsonValue attributes = Object({{"enable_key_rotation", true}});
  if (!Field(action, "period_days").isNull()) attributes["rotation_period_in_days"] = Field(action, "period_days");
  SetsAttributes(action, attributes);
}

}  // namespace

const ActionKind kEnableKeyRotation = {
    .name = "enable_key_rotation",
    .phase = "prepare",
    .does = "switches the yearly rotation of a key on, or to a shorter period",
    .fields = kEnableKeyRotationFields,
    .derive = DeriveEnableKeyRotation,
};

}  // namespace tfseal
