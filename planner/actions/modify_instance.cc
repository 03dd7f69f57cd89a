#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kModifyInstanceFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveModifyInstance(Action& action) {
  const JsonValue id = Text(action.target.identifier);
  const std::string service = TextField(action, "service");
  DeriveInPlace(action, service, "ModifyDBInstance",
                Object({{"DBInstanceIdentifier", id}, {"ApplyImmediately", true}}));
  action.poll = UntilInstanceIs(service, id, "available");
  const JsonValue& previous = Field(action, "previous");
  if (action.payload["settings"].isMember("BackupRetentionPeriod") && previous.isObject() &&
      previous["backup_retention_period"].isNumeric() && previous["backup_retention_period"].asInt() == 0) {
    action.downtime.impact = Downtime::Impact::kReconnect;
    action.downtime.basis = "switching automated backups on pauses I/O for a short time; the length is not published";
  }
}

}  // namespace

const ActionKind kModifyInstance = {
    .name = "modify_instance",
    .phase = "protect",
    .does = "changes settings of an instance in place",
    .fields = kModifyInstanceFields,
    .derive = DeriveModifyInstance,
};

}  // namespace tfseal
