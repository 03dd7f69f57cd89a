#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kDeployTaskDefinitionFields[] = {
    {"cluster", FieldType::kText, true, "ECS cluster"},
    {"service", FieldType::kText, true, "ECS service"},
    {"task_definition", FieldType::kValue, true, "ARN of the revision"},
    {"previous", FieldType::kValue, true, "revision to go back to"},
};

void DeriveDeployTaskDefinition(Action& action) {
  const JsonValue cluster = Field(action, "cluster");
  const JsonValue service = Field(action, "service");
  action.summary = "deploy the new revision to " + service.asString();
  const JsonValue breaker = Object({{"deploymentCircuitBreaker", Object({{"enable", true}, {"rollback", true}})}});
  action.calls.push_back(Change("ecs", "UpdateService",
                                Object({{"cluster", cluster},
                                        {"service", service},
                                        {"taskDefinition", Field(action, "task_definition")},
                                        {"deploymentConfiguration", breaker},
                                        {"forceNewDeployment", true}})));
  JsonValue services(Json::arrayValue);
  services.append(service);
  action.poll =
      PollRule{.call = Read("ecs", "DescribeServices", Object({{"cluster", cluster}, {"services", services}})),
               .field = "services[0].deployments[0].rolloutState",
               .success = {"COMPLETED"},
               .failure = {"FAILED"},
               .interval_seconds = 15,
               .deadline_seconds = 2 * 60 * 60};
  action.rollback.text = "deploy the previous revision; the secret stays";
  action.rollback.calls.push_back(Change("ecs", "UpdateService",
                                         Object({{"cluster", cluster},
                                                 {"service", service},
                                                 {"taskDefinition", Field(action, "previous")},
                                                 {"forceNewDeployment", true}})));
  action.risk = Risk::kMedium;
  action.downtime.basis = "rolling deployment; the old tasks serve until the new ones are healthy";
}

}  // namespace

const ActionKind kDeployTaskDefinition = {
    .name = "deploy_task_definition",
    .phase = "reconcile",
    .does = "deploys the new revision with the circuit breaker on",
    .fields = kDeployTaskDefinitionFields,
    .derive = DeriveDeployTaskDefinition,
};

}  // namespace tfseal
