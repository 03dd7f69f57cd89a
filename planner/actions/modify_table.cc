#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kModifyTableFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveModifyTable(Action& action) {
  const JsonValue name = Text(action.target.identifier);
  DeriveInPlace(action, "dynamodb", "UpdateTable", Object({{"TableName", name}}));
  action.poll = PollRule{.call = Read("dynamodb", "DescribeTable", Object({{"TableName", name}})),
                         .field = "Table.TableStatus",
                         .success = {"ACTIVE"},
                         .failure = {"INACCESSIBLE_ENCRYPTION_CREDENTIALS"},
                         .interval_seconds = 10,
                         .deadline_seconds = 6 * 60 * 60};
}

}  // namespace

const ActionKind kModifyTable = {
    .name = "modify_table",
    .phase = "protect",
    .does = "changes encryption or deletion protection of a table in place",
    .fields = kModifyTableFields,
    .derive = DeriveModifyTable,
};

}  // namespace tfseal
