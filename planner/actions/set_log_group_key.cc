#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSetLogGroupKeyFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"retention_days", FieldType::kNumber, false, "how long events are kept; 0: for ever"},
};

void DeriveSetLogGroupKey(Action& action) {
  DeriveInPlace(action, "logs", "AssociateKmsKey", Object({{"logGroupName", Text(action.target.identifier)}}));
  const JsonValue& days = Field(action, "retention_days");
  const std::string kept = !days.isNumeric()   ? "as long as the group keeps events"
                           : days.asInt() == 0 ? "for ever, because the group never lets events expire"
                                               : "for " + std::to_string(days.asInt()) + " days";
  action.postconditions.push_back(
      Check("only_under_old_key", "events of before stay as they are, " + kept + ": the key that they had is kept"));
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
