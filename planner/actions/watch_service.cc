#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kWatchServiceFields[] = {
    {"service", FieldType::kText, true, "ECS service"},
    {"hours", FieldType::kNumber, true, "how long"},
    {"revision", FieldType::kValue, false, "revision that is watched"},
    {"log_group", FieldType::kText, false, "where fallbacks would show"},
};

void DeriveWatchService(Action& action) {
  action.summary =
      "watch " + TextField(action, "service") + " for " + std::to_string(action.payload["hours"].asInt()) + " hours";
  action.calls.push_back(Read("cloudtrail", "LookupEvents", Object({{"EventName", "GetSecretValue"}})));
  if (!Field(action, "log_group").isNull()) {
    action.calls.push_back(Read("logs", "FilterLogEvents", Object({{"logGroupName", Field(action, "log_group")}})));
  }
  action.postconditions.push_back(
      Check("secret_is_read", "CloudTrail shows GetSecretValue by the execution role for every new task"));
  action.postconditions.push_back(Check("no_fallback", "no task fell back to the variable and none failed to start"));
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kWatchService = {
    .name = "watch_service",
    .phase = "reconcile",
    .does = "watches that the tasks use the secret and nothing falls back",
    .fields = kWatchServiceFields,
    .derive = DeriveWatchService,
};

}  // namespace tfseal
