#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/key_policy.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> ProbeLogGroup(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("logs", "DescribeLogGroups", Object({{"logGroupNamePrefix", Text(name)}}), action, context));
  for (const JsonValue& group : answer["logGroups"]) {
    if (TextAt(group, "logGroupName") != name) continue;
    return JudgeSettings(action, context, {{"kmsKeyId", group["kmsKeyId"], "kms_key_id", /*names_key=*/true}});
  }
  return Conflict("log group " + name + " does not exist", "write the plan again from the present state: tfseal plan");
}

// CloudWatch Logs takes a key that it may not use for granted and then cannot write: the policy is looked at first.
Status SetLogGroupKey(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeLogGroup));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "kmsKeyId", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  const std::string service = "logs." + action.target.region + ".amazonaws.com";
  TFSEAL_ASSIGN(const JsonValue policy, ReadKeyPolicy(key, action, context));
  if (!AdmitsService(policy, service, "kms:GenerateDataKey")) {
    return InTheWay("the policy of key " + key + " does not admit " + service,
                    "add a statement for " + service + " to the key's policy");
  }
  TFSEAL_TRY(SendCall(CallOf(action, "AssociateKmsKey"), action, context));
  return {};
}

}  // namespace

const Handler kSetLogGroupKeyHandler = {.kind = "set_log_group_key", .probe = ProbeLogGroup, .execute = SetLogGroupKey};

}  // namespace tfseal
