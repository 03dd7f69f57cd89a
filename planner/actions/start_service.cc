#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kStartServiceFields[] = {
    {"cluster", FieldType::kText, true, "ECS cluster"},
    {"service", FieldType::kText, true, "ECS service"},
    {"desired_count", FieldType::kAny, true, "what it ran before"},
};

void DeriveStartService(Action& action) {
  const JsonValue cluster = Field(action, "cluster");
  const JsonValue service = Field(action, "service");
  action.summary = "start " + service.asString() + " again";
  action.calls.push_back(Change("ecs", "UpdateService",
                                Object({{"cluster", cluster},
                                        {"service", service},
                                        {"desiredCount", Field(action, "desired_count")},
                                        {"forceNewDeployment", true}})));
  action.calls.push_back(SuspendScaling(action, false));
  JsonValue services(Json::arrayValue);
  services.append(service);
  action.poll =
      PollRule{.call = Read("ecs", "DescribeServices", Object({{"cluster", cluster}, {"services", services}})),
               .field = "services[0].deployments[0].rolloutState",
               .success = {"COMPLETED"},
               .failure = {"FAILED"},
               .interval_seconds = 15,
               .deadline_seconds = 2 * 60 * 60};
  action.rollback.text = "stop the service again";
  action.rollback.calls.push_back(SuspendScaling(action, true));
  action.rollback.calls.push_back(
      Change("ecs", "UpdateService", Object({{"cluster", cluster}, {"service", service}, {"desiredCount", 0}})));
  action.risk = Risk::kMedium;
  action.downtime.basis = "ends the interruption of this service";
}

}  // namespace

const ActionKind kStartService = {
    .name = "start_service",
    .phase = "cut_over",
    .does = "starts a service again, with new tasks that connect anew",
    .fields = kStartServiceFields,
    .derive = DeriveStartService,
};

}  // namespace tfseal
