#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("elasticache", "DescribeReplicationGroups",
                                                  Object({{"ReplicationGroupId", Text(name)}}), action, context));
  const JsonValue& group = answer["ReplicationGroups"][0];
  const std::string status = TextOf(group, "Status");
  if (status == "create-failed" || status == "deleting") {
    return Conflict("cache " + name + " is " + status, "look at its events; nothing further is changed");
  }
  if (status != "available") return Underway("cache " + name + " is " + status);
  return JudgeSettings(action, context,
                       {{"SnapshotRetentionLimit",
                         group["SnapshotRetentionLimit"].isNumeric() ? group["SnapshotRetentionLimit"] : JsonValue(0),
                         "snapshot_retention_limit"}});
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, Look));
  return SendChange(CallOf(action, "ModifyReplicationGroup"), action, context);
}

}  // namespace

const Handler kModifyCacheHandler = {.kind = "modify_cache", .probe = Look, .execute = Act};

}  // namespace tfseal
