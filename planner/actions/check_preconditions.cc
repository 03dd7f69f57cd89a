#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCheckPreconditionsFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"key", FieldType::kValue, true, "the key to be used, as ARN"},
    {"free_identifiers", FieldType::kTexts, true, "names the plan will use"},
    {"free_snapshots", FieldType::kTexts, true, "snapshot names the plan will use"},
    {"engine", FieldType::kText, true, "engine"},
    {"engine_version", FieldType::kText, false, "version to be kept"},
    {"retention_days", FieldType::kNumber, false, "days of automated backups that the original must keep"},
    {"global_cluster", FieldType::kText, false, "the global database that it leaves as a part of the plan"},
    {"secrets", FieldType::kTexts, false, "secrets that hold its connection"},
    {"checks", FieldType::kTexts, true, "what else is checked"},
};

void DeriveCheckPreconditions(Action& action) {
  const std::string service = TextField(action, "service");
  action.summary = "check that " + action.target.identifier + " can be moved";
  action.calls.push_back(Read("kms", "DescribeKey", Object({{"KeyId", Field(action, "key")}})));
  action.calls.push_back(
      Read(service, "DescribeDBEngineVersions",
           Object({{"Engine", Field(action, "engine")}, {"EngineVersion", Field(action, "engine_version")}})));
  action.calls.push_back(
      Read("kms", "GetKeyPolicy", Object({{"KeyId", Field(action, "key")}, {"PolicyName", "default"}})));
  if (service == "rds") action.calls.push_back(Read(service, "DescribeAccountAttributes", Object({})));
  for (const JsonValue& secret : Field(action, "secrets")) {
    action.calls.push_back(Read("secretsmanager", "DescribeSecret", Object({{"SecretId", secret}})));
  }
  for (const JsonValue& check : action.payload["checks"])
    action.postconditions.push_back(Check("preflight", check.asString()));
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kCheckPreconditions = {
    .name = "check_preconditions",
    .phase = "prepare",
    .does = "checks everything that must be true before the first change",
    .fields = kCheckPreconditionsFields,
    .derive = DeriveCheckPreconditions,
};

}  // namespace tfseal
