#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRecordInventoryFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"manifest", FieldType::kObject, true,
     "the settings as the documents have them; the live ones are read again and must agree"},
    {"members", FieldType::kTexts, false, "instances of a cluster, or replicas of an instance"},
    {"services", FieldType::kList, false, "services that use it, as cluster and service; how many tasks they run"},
};

void DeriveRecordInventory(Action& action) {
  const std::string service = TextField(action, "service");
  const bool cluster = action.target.type != "aws_db_instance";
  action.summary = "record every setting of " + action.target.identifier;
  if (cluster) {
    action.calls.push_back(
        Read(service, "DescribeDBClusters", Object({{"DBClusterIdentifier", Text(action.target.identifier)}})));
  }
  for (const JsonValue& member : Field(action, "members")) {
    action.calls.push_back(Read(service, "DescribeDBInstances", Object({{"DBInstanceIdentifier", member}})));
  }
  if (!cluster) {
    action.calls.push_back(
        Read(service, "DescribeDBInstances", Object({{"DBInstanceIdentifier", Text(action.target.identifier)}})));
  }
  for (const JsonValue& user : Field(action, "services")) {
    JsonValue names(Json::arrayValue);
    names.append(user["service"]);
    action.calls.push_back(
        Read("ecs", "DescribeServices", Object({{"cluster", user["cluster"]}, {"services", names}})));
  }
  action.postconditions.push_back(
      Check("manifest_agrees", "the live settings are those of the documents; a difference stops the run"));
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kRecordInventory = {
    .name = "record_inventory",
    .phase = "prepare",
    .does = "writes down every setting that a restore does not carry over",
    .fields = kRecordInventoryFields,
    .derive = DeriveRecordInventory,
};

}  // namespace tfseal
