#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kWatchServiceFields[] = {
    {"cluster", FieldType::kText, true, "ECS cluster"},
    {"service", FieldType::kText, true, "ECS service"},
    {"hours", FieldType::kNumber, true, "how long, from the deployment on"},
    {"revision", FieldType::kValue, true, "ARN of the revision that is watched"},
    {"secrets", FieldType::kList, true, "ARNs of the secrets that have to be read"},
    {"role", FieldType::kText, true, "name of the role that has to read them"},
    {"log_group", FieldType::kText, false, "where the application writes"},
    {"fetched_line", FieldType::kText, false, "text of the line that says that the application got the secret"},
    {"fallback_lines", FieldType::kTexts, false, "texts of lines that say that it did not"},
};

void DeriveWatchService(Action& action) {
  action.summary =
      "watch " + TextField(action, "service") + " for " + std::to_string(action.payload["hours"].asInt()) + " hours";
  JsonValue services(Json::arrayValue);
  services.append(Field(action, "service"));
  JsonValue lookup(Json::arrayValue);
  lookup.append(Object({{"AttributeKey", "EventName"}, {"AttributeValue", "GetSecretValue"}}));
  action.calls.push_back(
      Read("ecs", "DescribeServices", Object({{"cluster", Field(action, "cluster")}, {"services", services}})));
  action.calls.push_back(Read("cloudtrail", "LookupEvents", Object({{"LookupAttributes", lookup}})));
  if (!Field(action, "log_group").isNull()) {
    action.calls.push_back(Read("logs", "FilterLogEvents", Object({{"logGroupName", Field(action, "log_group")}})));
  }
  action.postconditions.push_back(
      Check("secret_is_read", "CloudTrail shows GetSecretValue by the role, of each secret, for as many tasks as run"));
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
