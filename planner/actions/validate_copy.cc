#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kValidateCopyFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"original", FieldType::kText, true, "identifier of the original"},
    {"copy", FieldType::kValue, true, "identifier of the copy"},
    {"cluster", FieldType::kBool, true, "clusters, or instances"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"online", FieldType::kBool, false, "the original goes on taking writes, which reach the copy: settings only"},
    {"manifest", FieldType::kAny, false, "the recorded settings of the original"},
    {"members", FieldType::kObject, false, "instance of the original -> instance of the copy"},
    {"engine", FieldType::kText, false, "engine"},
    {"url_env", FieldType::kText, false, "name of the environment variable with the connection URL of the original"},
    {"checks", FieldType::kTexts, true, "what is compared"},
};

void DeriveValidateCopy(Action& action) {
  const std::string service = TextField(action, "service");
  const bool cluster = action.payload["cluster"].asBool();
  const char* operation = cluster ? "DescribeDBClusters" : "DescribeDBInstances";
  const char* identity = cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier";
  action.summary = "compare " + (TextField(action, "copy").empty() ? "the copy" : TextField(action, "copy")) +
                   " with " + TextField(action, "original");
  action.calls.push_back(Read(service, operation, Object({{identity, Field(action, "original")}})));
  action.calls.push_back(Read(service, operation, Object({{identity, Field(action, "copy")}})));
  for (const JsonValue& check : action.payload["checks"])
    action.postconditions.push_back(Check("same", check.asString()));
  action.rollback.text = "reads only; a difference stops the run with the old database still whole";
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "comparing data takes time by size";
}

}  // namespace

const ActionKind kValidateCopy = {
    .name = "validate_copy",
    .phase = "validate",
    .does = "compares the copy with the original: settings, data, access, recoverability",
    .fields = kValidateCopyFields,
    .derive = DeriveValidateCopy,
};

}  // namespace tfseal
