#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRecordKeyRotationFields[] = {
    {"variable", FieldType::kText, true, "name of the variable that held the key"},
    {"secret", FieldType::kText, true, "name of the secret that holds it now"},
    {"url_env", FieldType::kText, true, "name of the environment variable with the connection URL of the application"},
};

void DeriveRecordKeyRotation(Action& action) {
  action.summary = "write the move of " + TextField(action, "variable") + " into key_rotation_audit";
  action.postconditions.push_back(Check("audit_row", "key_rotation_audit has one row of this action"));
  action.rollback.text = "the row stays: it says what was done";
  action.rollback.possible = false;
  action.risk = Risk::kLow;
  action.downtime.basis = "one row in a table of its own";
}

}  // namespace

const ActionKind kRecordKeyRotation = {
    .name = "record_key_rotation",
    .phase = "record",
    .does = "writes into the application's audit table that its key has moved",
    .fields = kRecordKeyRotationFields,
    .derive = DeriveRecordKeyRotation,
};

}  // namespace tfseal
