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
