#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kUnfenceWritesFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"identifier", FieldType::kText, true, "the database under its own name again"},
    {"cluster", FieldType::kBool, true, "a cluster, or an instance"},
    {"resource", FieldType::kValue, false, "resource id of the copy that was compared"},
    {"key", FieldType::kValue, false, "key as ARN"},
    {"verified", FieldType::kValue, false, "when the comparison found no difference"},
    {"silent", FieldType::kValue, false, "next transaction id of the original at the last proof of quiescence"},
    {"original", FieldType::kText, false, "what the original is called now"},
    {"quarantine", FieldType::kValue, false, "id of the security group that fences the original"},
    {"engine", FieldType::kText, false, "engine"},
    {"url_env", FieldType::kText, false, "name of the environment variable with the connection URL"},
    {"security_groups", FieldType::kTexts, true, "the groups of the original"},
};

void DeriveUnfenceWrites(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue id = Field(action, "identifier");
  const bool cluster = action.payload["cluster"].asBool();
  action.summary = "open " + id.asString() + " for writes";
  action.calls.push_back(Change(service, cluster ? "ModifyDBCluster" : "ModifyDBInstance",
                                Object({{cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier", id},
                                        {"VpcSecurityGroupIds", Field(action, "security_groups")},
                                        {"ApplyImmediately", true}})));
  action.poll = cluster ? UntilClusterIs(service, id, "available") : UntilInstanceIs(service, id, "available");
  action.preconditions.push_back(Check("old_fenced", "the old database is fenced and has no session"));
  action.preconditions.push_back(Check("copy_verified", "the comparison of copy and original found no difference"));
  action.rollback.possible = false;
  action.rollback.text =
      "until here the names can be swapped back without loss; afterwards going back needs reverse replication or gives "
      "up the writes made meanwhile, which a person has to decide";
  action.risk = Risk::kHigh;
  action.point_of_no_return = true;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "ends when the services run again";
}

}  // namespace

const ActionKind kUnfenceWrites = {
    .name = "unfence_writes",
    .phase = "cut_over",
    .does = "opens the new database for its users; from here on it has data that the old one has not",
    .fields = kUnfenceWritesFields,
    .derive = DeriveUnfenceWrites,
};

}  // namespace tfseal
