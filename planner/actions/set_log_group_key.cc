#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetLogGroupKeyFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveSetLogGroupKey(Action& action) {
  DeriveInPlace(action, "logs", "AssociateKmsKey", Object({{"logGroupName", Text(action.target.identifier)}}));
  action.rollback.text = "events written meanwhile stay under the key, which must be kept for the whole retention";
}

}  // namespace

const ActionKind kSetLogGroupKey = {
    .name = "set_log_group_key",
    .phase = "protect",
    .does = "encrypts new events of a log group under a key",
    .fields = kSetLogGroupKeyFields,
    .derive = DeriveSetLogGroupKey,
};

}  // namespace tfseal
