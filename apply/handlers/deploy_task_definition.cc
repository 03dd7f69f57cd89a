#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/rollout.h"
#include "apply/handlers/task_definition.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

struct Standing {
  std::string name;  // cluster/service
  JsonValue service;
  std::string wanted, previous, running;

  [[nodiscard]] bool runs(const std::string& revision) const { return RevisionName(running) == RevisionName(revision); }
};

Result<Standing> Look(const Action& action, RunContext& context) {
  Standing standing;
  const std::string cluster = TextAt(action.payload, "cluster");
  const std::string service = TextAt(action.payload, "service");
  standing.name = cluster + "/" + service;
  TFSEAL_ASSIGN(standing.service, ReadService(cluster, service, action, context));
  TFSEAL_ASSIGN(standing.wanted, ResolvedText(action, "task_definition", context));
  TFSEAL_ASSIGN(standing.previous, ResolvedText(action, "previous", context));
  standing.running = TextAt(standing.service, "taskDefinition");
  return standing;
}

Probe DoneWith(const Standing& standing) {
  const JsonValue& deployment = standing.service["deployments"][0];
  return Done("service " + standing.name + " runs " + RevisionName(standing.running),
              Object({{"service", Object({{"taskDefinition", Text(standing.running)},
                                          {"deployment", deployment["id"]},
                                          {"createdAt", deployment["createdAt"]}})}}),
              Object({{"revision", Text(standing.running)},
                      {"tasks", standing.service["runningCount"]},
                      {"deployed", deployment["createdAt"]}}));
}

// A deployment that failed is not tried again by itself: ECS has gone back, and the same tasks would fail again.
Result<std::optional<Probe>> Failure(const Standing& standing, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string why,
                WhyFailed(standing.service, TextAt(action.payload, "cluster"), standing.wanted, action, context));
  if (why.empty() || (!standing.runs(standing.wanted) && context.settings.approvals.contains(action.id))) {
    return std::optional<Probe>();
  }
  return std::optional<Probe>(
      Conflict("service " + standing.name + " could not start " + RevisionName(standing.wanted) + ": " + why,
               "the previous revision serves, or tfseal rollback brings it back; remove the cause, then " +
                   ApproveCommand(action)));
}

Result<Probe> ProbeDeployment(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  const JsonValue& controller = standing.service["deploymentController"];
  if (controller.isObject() && controller.isMember("type") && controller["type"] != "ECS") {
    return Conflict("service " + standing.name + " is deployed by " + TextAt(controller, "type"),
                    "deploy " + RevisionName(standing.wanted) + " there, then tfseal resume");
  }
  if (!standing.runs(standing.wanted)) {
    TFSEAL_ASSIGN(const bool later, IsLaterStep(standing.running, standing.wanted, action, context));
    if (later) return DoneWith(standing);
  }
  TFSEAL_ASSIGN(auto failure, Failure(standing, action, context));
  if (failure) return *std::move(failure);
  if (standing.runs(standing.wanted)) {
    const std::string missing = WhyNotStable(standing.service);
    if (missing.empty()) return DoneWith(standing);
    return Underway("service " + standing.name + ": " + missing);
  }
  if (RevisionNumber(standing.running) > RevisionNumber(standing.wanted)) {
    return Conflict("service " + standing.name + " runs " + RevisionName(standing.running) +
                        ", which is newer than the plan and does not read the secret",
                    "write the plan again from the present state: tfseal plan");
  }
  return NotDone("service " + standing.name + " runs " + RevisionName(standing.running));
}

// What the service has configured for its deployments stays; the circuit breaker is switched on.
JsonValue WithCircuitBreaker(const JsonValue& call, const JsonValue& service) {
  JsonValue parameters = call;
  JsonValue configuration =
      service["deploymentConfiguration"].isObject() ? service["deploymentConfiguration"] : JsonValue(Json::objectValue);
  const JsonValue& wanted = call["deploymentConfiguration"];
  for (const std::string& name : wanted.getMemberNames()) configuration[name] = wanted[name];
  parameters["deploymentConfiguration"] = configuration;
  return parameters;
}

Status Deploy(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  const ApiCall& update = CallOf(action, "UpdateService");
  TFSEAL_TRY(SendCall(update, WithCircuitBreaker(update.parameters, standing.service), action, context));
  return {};
}

// Going back is over when the previous revision serves alone, not when it was asked for.
Result<Probe> ProbeDeploymentUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (!standing.runs(standing.previous)) {
    return EffectThere("service " + standing.name + " runs " + RevisionName(standing.running));
  }
  const std::string missing = WhyNotStable(standing.service);
  if (!missing.empty()) return Underway("service " + standing.name + " goes back: " + missing);
  return EffectGone("service " + standing.name + " runs " + RevisionName(standing.previous) + " again");
}

Status GoBack(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(RollbackCallOf(action, "UpdateService"), action, context));
  return {};
}

}  // namespace

const Handler kDeployTaskDefinitionHandler = {.kind = "deploy_task_definition",
                                              .probe = ProbeDeployment,
                                              .execute = Deploy,
                                              .probe_undone = ProbeDeploymentUndone,
                                              .undo = GoBack};

}  // namespace tfseal
