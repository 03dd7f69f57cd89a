#include "apply/handlers/rollout.h"

#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/task_definition.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr unsigned kTasksPerCall = 100;

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

// The newest event since the revision was registered that tells of a failed deployment; empty if there is none.
Result<std::string> FailureEvent(const JsonValue& service, const std::string& revision, const Action& action,
                                 RunContext& context) {
  TFSEAL_ASSIGN(const Revision registered, ReadRevision(revision, action, context));
  const auto since = ParseTime(TextAt(registered.definition, "registeredAt"));
  for (const JsonValue& event : service["events"]) {
    const std::string message = TextAt(event, "message");
    const auto at = ParseTime(TextAt(event, "createdAt"));
    if (since && at && *at < *since) continue;
    for (const char* sign : {"deployment failed", "rolling back to", "unable to place a task"}) {
      if (message.find(sign) != std::string::npos) return message;
    }
  }
  return std::string();
}

Result<std::string> StoppedTask(const JsonValue& service, const std::string& cluster, const std::string& revision,
                                const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(
      const JsonValue list,
      ReadWorld(
          "ecs", "ListTasks",
          Object({{"cluster", Text(cluster)}, {"serviceName", service["serviceName"]}, {"desiredStatus", "STOPPED"}}),
          action, context));
  JsonValue arns(Json::arrayValue);
  for (const JsonValue& arn : list["taskArns"]) {
    if (arns.size() < kTasksPerCall) arns.append(arn);
  }
  if (arns.empty()) return std::string();
  TFSEAL_ASSIGN(
      const JsonValue tasks,
      ReadWorld("ecs", "DescribeTasks", Object({{"cluster", Text(cluster)}, {"tasks", arns}}), action, context));
  for (const JsonValue& task : tasks["tasks"]) {
    if (RevisionName(TextAt(task, "taskDefinitionArn")) != RevisionName(revision)) continue;
    const std::string code = TextAt(task, "stopCode");
    if (code == "TaskFailedToStart" || code == "EssentialContainerExited") return TextAt(task, "stoppedReason");
  }
  return std::string();
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
  if (deployment != nullptr && reason.empty()) return reason;
  // After the circuit breaker has gone back, only the events and the stopped tasks tell.
  TFSEAL_ASSIGN(const std::string event, FailureEvent(service, revision, action, context));
  TFSEAL_ASSIGN(const std::string stopped, StoppedTask(service, cluster, revision, action, context));
  for (const std::string& more : {event, stopped}) {
    if (!more.empty()) reason += (reason.empty() ? "" : "; ") + more;
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
  auto read = ReadRevision(wanted, action, context);
  // One that was deleted meanwhile cannot be deployed any more.
  if (!read.ok() && (read.error().code == ErrorCode::kNotFound || read.error().service_code == "ClientException")) {
    return true;
  }
  if (!read.ok()) return read.error();
  const Revision planned = std::move(read).value();
  const std::set<std::string> has = ReferencesOf(now.definition);
  const std::set<std::string> needs = ReferencesOf(planned.definition);
  for (const std::string& reference : needs) {
    if (!has.contains(reference)) return false;
  }
  return !needs.empty();
}

}  // namespace tfseal
