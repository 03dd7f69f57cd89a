#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kStopServiceFields[] = {
    {"cluster", FieldType::kText, true, "ECS cluster"},
    {"service", FieldType::kText, true, "ECS service"},
    {"desired_count", FieldType::kAny, true, "what it runs now, to be restored"},
};

void DeriveStopService(Action& action) {
  const JsonValue cluster = Field(action, "cluster");
  const JsonValue service = Field(action, "service");
  action.summary = "stop " + service.asString();
  action.calls.push_back(SuspendScaling(action, true));
  action.calls.push_back(
      Change("ecs", "UpdateService", Object({{"cluster", cluster}, {"service", service}, {"desiredCount", 0}})));
  action.preconditions.push_back(
      Check("not_autoscaled", "if the service is auto scaled, that is suspended first, or it would start tasks again"));
  JsonValue services(Json::arrayValue);
  services.append(service);
  action.poll =
      PollRule{.call = Read("ecs", "DescribeServices", Object({{"cluster", cluster}, {"services", services}})),
               .field = "services[0].runningCount",
               .success = {"0"},
               .failure = {},
               .interval_seconds = 15,
               .deadline_seconds = 60 * 60};
  action.rollback.text = "start the service again";
  action.rollback.calls.push_back(SuspendScaling(action, false));
  action.rollback.calls.push_back(
      Change("ecs", "UpdateService",
             Object({{"cluster", cluster}, {"service", service}, {"desiredCount", Field(action, "desired_count")}})));
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis =
      "until the service is started again on the copy; depends on the size of the database, no duration is published";
}

}  // namespace

const ActionKind kStopService = {
    .name = "stop_service",
    .phase = "fence",
    .does = "scales a service to zero, so that it stops writing",
    .fields = kStopServiceFields,
    .derive = DeriveStopService,
};

}  // namespace tfseal
