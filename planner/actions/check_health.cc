#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCheckHealthFields[] = {
    {"application", FieldType::kText, true, "name in tfseal.yaml, or the database"},
    {"url", FieldType::kText, false, "health URL"},
    {"expect", FieldType::kNumber, false, "HTTP status"},
    {"services", FieldType::kList, false, "services that use the database, as cluster and service"},
};

void DeriveCheckHealth(Action& action) {
  action.summary = "check the health of " + TextField(action, "application");
  if (const std::string url = TextField(action, "url"); !url.empty()) {
    action.postconditions.push_back(Check("http", url + " answers " + std::to_string(Field(action, "expect").asInt())));
  } else {
    action.postconditions.push_back(Check(
        "sessions_are_back", "the services have sessions on the new database and their logs show no connection error"));
  }
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kCheckHealth = {
    .name = "check_health",
    .phase = "cut_over",
    .does = "checks that the users of the database work",
    .fields = kCheckHealthFields,
    .derive = DeriveCheckHealth,
};

}  // namespace tfseal
