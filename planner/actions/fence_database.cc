#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kFenceDatabaseFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"identifier", FieldType::kText, true, "cluster or instance, as it is called at that moment"},
    {"cluster", FieldType::kBool, true, "a cluster, or a single instance"},
    {"quarantine", FieldType::kValue, true, "id of the security group that admits nobody"},
    {"security_groups", FieldType::kTexts, true, "what it has now, for the way back"},
    {"members", FieldType::kTexts, false, "instances of a cluster, which have its groups"},
    {"round", FieldType::kText, true, "first: before the snapshot; again: before the names are swapped"},
};

void DeriveFenceDatabase(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue id = Field(action, "identifier");
  const bool cluster = action.payload["cluster"].asBool();
  const char* operation = cluster ? "ModifyDBCluster" : "ModifyDBInstance";
  const char* identity = cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier";
  JsonValue groups(Json::arrayValue);
  groups.append(Field(action, "quarantine"));
  action.summary = (TextField(action, "round") == "again" ? "fence again " : "fence ") + id.asString();
  action.calls.push_back(Change(service, operation,
                                Object({{identity, id}, {"VpcSecurityGroupIds", groups}, {"ApplyImmediately", true}})));
  action.poll = cluster ? UntilClusterIs(service, id, "available") : UntilInstanceIs(service, id, "available");
  action.postconditions.push_back(Check("fenced",
                                        "the database has no other security group; connections that survive a change "
                                        "of groups are ended by the next step"));
  action.rollback.text = "give the database its security groups back";
  action.rollback.calls.push_back(Change(
      service, operation,
      Object({{identity, id}, {"VpcSecurityGroupIds", Field(action, "security_groups")}, {"ApplyImmediately", true}})));
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis =
      "from here until the names are swapped; depends on the size of the database, no duration is published";
}

}  // namespace

const ActionKind kFenceDatabase = {
    .name = "fence_database",
    .phase = "fence",
    .does = "closes the network of a database to everybody but the operator",
    .fields = kFenceDatabaseFields,
    .derive = DeriveFenceDatabase,
};

}  // namespace tfseal
