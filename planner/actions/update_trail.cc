#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kUpdateTrailFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveUpdateTrail(Action& action) {
  DeriveInPlace(action, "cloudtrail", "UpdateTrail", Object({{"Name", Text(action.target.identifier)}}));
  if (!action.payload["settings"].isMember("KmsKeyId")) return;
  action.preconditions.push_back(Check("key_admits_trail",
                                       "the key's policy admits cloudtrail.amazonaws.com: without "
                                       "it, log files silently stop coming"));
  action.postconditions.push_back(
      Check("delivers", "the trail shows no delivery error afterwards (GetTrailStatus.LatestDeliveryError)"));
  action.postconditions.push_back(
      Check("only_under_old_key",
            "log files of before stay as they are in their bucket: the key that they had is kept for their retention"));
}

}  // namespace

const ActionKind kUpdateTrail = {
    .name = "update_trail",
    .phase = "protect",
    .does = "changes a trail in place",
    .fields = kUpdateTrailFields,
    .derive = DeriveUpdateTrail,
};

}  // namespace tfseal
