#include "apply/handlers/rollout.h"

#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/task_definition.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

int CountAt(const JsonValue& object, const char* name) {
  return object[name].isNumeric() ? object[name].asInt() : 0;
}

// What a revision reads secrets by: container, name and reference, and the names of secrets that variables hold.
std::set<std::string> ReferencesOf(const JsonValue& definition) {
  std::set<std::string> references;
  for (const JsonValue& container : definition["containerDefinitions"]) {
    for (const JsonValue& secret : container["secrets"]) references.insert(TextAt(secret, "valueFrom"));
    for (const JsonValue& variable : container["environment"]) {
      const std::string name = TextAt(variable, "name");
      if (name.find("SECRETS_MANAGER") != std::string::npos) references.insert(name + "=" + TextAt(variable, "value"));
    }
  }
  return references;
}

}  // namespace

Result<JsonValue> ReadService(const std::string& cluster, const std::string& service, const Action& action,
                              RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ecs", "DescribeServices",
                          Object({{"cluster", Text(cluster)}, {"services", Texts({service})}}), action, context));
  for (const JsonValue& found : answer["services"]) {
    if (TextAt(found, "status") != "INACTIVE") return found;
  }
  return Error{ErrorCode::kNotFound, "cluster " + cluster + " has no service " + service,
               "write the plan again from the present state: tfseal plan"};
}

const JsonValue* DeploymentOf(const JsonValue& service, const std::string& revision) {
  for (const JsonValue& deployment : service["deployments"]) {
    if (RevisionName(TextAt(deployment, "taskDefinition")) == RevisionName(revision)) return &deployment;
  }
  return nullptr;
}

std::string WhyNotStable(const JsonValue& service) {
  const JsonValue& deployments = service["deployments"];
  if (deployments.size() != 1) return std::to_string(deployments.size()) + " deployments at once";
  const std::string state = TextAt(deployments[0], "rolloutState");
  if (state != "COMPLETED") return "its rollout is " + (state.empty() ? "unknown" : state);
  const int wanted = CountAt(service, "desiredCount");
  const int running = CountAt(service, "runningCount");
  if (running != wanted || CountAt(service, "pendingCount") != 0) {
    return std::to_string(running) + " of " + std::to_string(wanted) + " tasks run";
  }
  return {};
}

Result<std::string> WhyFailed(const JsonValue& service, const std::string& cluster, const std::string& revision,
                              const Action& action, RunContext& context) {
  const JsonValue* deployment = DeploymentOf(service, revision);
  std::string reason;
  if (deployment != nullptr && TextAt(*deployment, "rolloutState") == "FAILED") {
    reason = TextAt(*deployment, "rolloutStateReason");
    if (reason.empty()) reason = "its rollout failed";
  }
  // After the circuit breaker has gone back, only the events and the stopped tasks tell.
  const bool gone_back = deployment == nullptr;
  if (reason.empty() && !gone_back) return reason;
  TFSEAL_ASSIGN(
      const JsonValue list,
      ReadWorld(
          "ecs", "ListTasks",
          Object({{"cluster", Text(cluster)}, {"serviceName", service["serviceName"]}, {"desiredStatus", "STOPPED"}}),
          action, context));
  if (list["taskArns"].empty()) return reason;
  TFSEAL_ASSIGN(const JsonValue tasks,
                ReadWorld("ecs", "DescribeTasks", Object({{"cluster", Text(cluster)}, {"tasks", list["taskArns"]}}),
                          action, context));
  for (const JsonValue& task : tasks["tasks"]) {
    if (RevisionName(TextAt(task, "taskDefinitionArn")) != RevisionName(revision)) continue;
    const std::string code = TextAt(task, "stopCode");
    if (code != "TaskFailedToStart" && code != "EssentialContainerExited") continue;
    return (reason.empty() ? "" : reason + "; ") + TextAt(task, "stoppedReason");
  }
  return reason;
}

Result<bool> IsLaterStep(const std::string& running, const std::string& wanted, const Action& action,
                         RunContext& context) {
  const std::string running_name = RevisionName(running);
  const std::string wanted_name = RevisionName(wanted);
  const bool same_family =
      running_name.substr(0, running_name.rfind(':')) == wanted_name.substr(0, wanted_name.rfind(':'));
  if (!same_family || RevisionNumber(running) <= RevisionNumber(wanted)) return false;
  TFSEAL_ASSIGN(const Revision now, ReadRevision(running, action, context));
  TFSEAL_ASSIGN(const Revision planned, ReadRevision(wanted, action, context));
  const std::set<std::string> has = ReferencesOf(now.definition);
  const std::set<std::string> needs = ReferencesOf(planned.definition);
  for (const std::string& reference : needs) {
    if (!has.contains(reference)) return false;
  }
  return !needs.empty();
}

}  // namespace tfseal
