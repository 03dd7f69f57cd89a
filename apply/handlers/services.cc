#include "apply/handlers/services.h"

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::string NameOf(const Action& action) {
  return "service " + TextOf(action.payload, "service");
}

// Rules that start tasks of their own in the cluster of the service. The fence keeps them from the database as well;
// they are noted so that nobody wonders about their errors.
JsonValue ScheduledTasks(const JsonValue& service, const Action& action, RunContext& context) {
  const std::string cluster = TextOf(service, "clusterArn");
  if (cluster.empty()) return {};
  const auto rules =
      ReadWorld("events", "ListRuleNamesByTarget", Object({{"TargetArn", Text(cluster)}}), action, context);
  return rules.ok() ? (*rules)["RuleNames"] : JsonValue("not readable: " + rules.error().message);
}

}  // namespace

Result<JsonValue> GetService(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("ecs", "DescribeServices",
                                                  Object({{"cluster", action.payload["cluster"]},
                                                          {"services", Texts({TextOf(action.payload, "service")})}}),
                                                  action, context));
  for (const JsonValue& service : answer["services"]) {
    if (TextOf(service, "serviceName") == TextOf(action.payload, "service") &&
        TextOf(service, "status") != "INACTIVE") {
      return service;
    }
  }
  return Error{ErrorCode::kConflict, NameOf(action) + " is not there in cluster " + TextOf(action.payload, "cluster"),
               "find out who deleted or renamed it; nothing further is changed"};
}

Result<Scaling> ScalingOf(const Action& action, RunContext& context) {
  const std::string id = "service/" + TextOf(action.payload, "cluster") + "/" + TextOf(action.payload, "service");
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("application-autoscaling", "DescribeScalableTargets",
                                                  Object({{"ServiceNamespace", "ecs"},
                                                          {"ResourceIds", Texts({id})},
                                                          {"ScalableDimension", "ecs:service:DesiredCount"}}),
                                                  action, context));
  Scaling scaling;
  for (const JsonValue& target : answer["ScalableTargets"]) {
    if (TextOf(target, "ResourceId") != id) continue;
    const JsonValue& state = target["SuspendedState"];
    scaling.there = true;
    scaling.suspended = state["DynamicScalingInSuspended"].asBool() && state["DynamicScalingOutSuspended"].asBool() &&
                        state["ScheduledScalingSuspended"].asBool();
  }
  return scaling;
}

Result<int> WantedCount(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue count, ResolveParameters(action.payload["desired_count"], context.outputs));
  if (!count.isInt() || count.asInt() < 1) {
    return Error{ErrorCode::kConflict, NameOf(action) + ": it is not known how many tasks it ran",
                 "set the count yourself (aws ecs update-service --desired-count), then write the plan again"};
  }
  return count.asInt();
}

Result<Probe> LookIfStopped(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue service, GetService(action, context));
  TFSEAL_ASSIGN(const Scaling scaling, ScalingOf(action, context));
  if (scaling.there && !scaling.suspended) return NotDone(NameOf(action) + " is auto scaled");
  if (service["desiredCount"].asInt() != 0) {
    return NotDone(NameOf(action) + " runs " + std::to_string(service["desiredCount"].asInt()) + " tasks");
  }
  const int left = service["runningCount"].asInt() + service["pendingCount"].asInt();
  if (left != 0) return Underway(NameOf(action) + " still has " + std::to_string(left) + " tasks");
  JsonValue evidence = Object({{"service", action.payload["service"]}, {"auto_scaling_suspended", scaling.suspended}});
  if (const JsonValue rules = ScheduledTasks(service, action, context); !rules.empty()) {
    evidence["rules_that_start_tasks"] = rules;
  }
  return Done(NameOf(action) + " runs nothing", JsonValue(Json::objectValue), evidence);
}

Result<Probe> LookIfRunning(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const int wanted, WantedCount(action, context));
  TFSEAL_ASSIGN(const JsonValue service, GetService(action, context));
  // More than before: auto scaling has taken over again.
  if (service["desiredCount"].asInt() < 1) return NotDone(NameOf(action) + " is stopped");
  TFSEAL_ASSIGN(const Scaling scaling, ScalingOf(action, context));
  if (service["desiredCount"].asInt() < wanted && !scaling.there) {
    return NotDone(NameOf(action) + " runs fewer tasks than before");
  }
  const JsonValue& deployments = service["deployments"];
  for (const JsonValue& deployment : deployments) {
    if (TextOf(deployment, "rolloutState") == "FAILED" && TextOf(deployment, "status") == "PRIMARY") {
      return Conflict("the deployment of " + NameOf(action) + " failed",
                      "its events and the logs of its tasks say why; mend it, then run tfseal resume");
    }
  }
  const JsonValue& primary = deployments[0];
  const std::string rollout = TextOf(primary, "rolloutState");
  if (deployments.size() > 1 || (!rollout.empty() && rollout != "COMPLETED") ||
      service["runningCount"].asInt() < service["desiredCount"].asInt()) {
    return Underway(NameOf(action) + ": " + std::to_string(service["runningCount"].asInt()) + " of " +
                    std::to_string(service["desiredCount"].asInt()) + " tasks run");
  }
  if (scaling.there && scaling.suspended) return NotDone("auto scaling of " + NameOf(action) + " is suspended");
  JsonValue evidence = Object(
      {{"service", action.payload["service"]}, {"running", service["runningCount"]}, {"deployment", primary["id"]}});
  return Done(NameOf(action) + " runs " + std::to_string(service["runningCount"].asInt()) + " tasks",
              JsonValue(Json::objectValue), evidence);
}

}  // namespace tfseal
