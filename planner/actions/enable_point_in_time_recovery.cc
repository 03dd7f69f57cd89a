#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kEnablePointInTimeRecoveryFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveEnablePointInTimeRecovery(Action& action) {
  DeriveInPlace(action, "dynamodb", "UpdateContinuousBackups", Object({{"TableName", Text(action.target.identifier)}}));
}

}  // namespace

const ActionKind kEnablePointInTimeRecovery = {
    .name = "enable_point_in_time_recovery",
    .phase = "protect",
    .does = "switches point-in-time recovery of a table on",
    .fields = kEnablePointInTimeRecoveryFields,
    .derive = DeriveEnablePointInTimeRecovery,
};

}  // namespace tfseal
