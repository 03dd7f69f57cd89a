#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRegisterProxyTargetFields[] = {
    {"proxy", FieldType::kText, true, "name of the proxy"},
    {"target_group", FieldType::kText, true, "name of the target group"},
    {"identifier", FieldType::kText, true, "cluster or instance after the swap"},
    {"old_identifier", FieldType::kText, false, "what the old database is called after the swap"},
    {"cluster", FieldType::kBool, true, "a cluster, or an instance"},
};

void DeriveRegisterProxyTarget(Action& action) {
  JsonValue ids(Json::arrayValue);
  ids.append(Field(action, "identifier"));
  const char* parameter = action.payload["cluster"].asBool() ? "DBClusterIdentifiers" : "DBInstanceIdentifiers";
  const JsonValue identity = Object(
      {{"DBProxyName", Field(action, "proxy")}, {"TargetGroupName", Field(action, "target_group")}, {parameter, ids}});
  action.summary = "point the proxy " + TextField(action, "proxy") + " at the new database";
  action.calls.push_back(Change("rds", "DeregisterDBProxyTargets", identity));
  action.calls.push_back(Change("rds", "RegisterDBProxyTargets", identity));
  action.poll =
      PollRule{.call = Read("rds", "DescribeDBProxyTargets", Object({{"DBProxyName", Field(action, "proxy")}})),
               .field = "Targets[*].TargetHealth.State",
               .success = {"AVAILABLE"},
               .failure = {},
               .interval_seconds = 15,
               .deadline_seconds = 60 * 60};
  action.rollback.text = "register the old database again";
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kReconnect;
  action.downtime.basis = "until the target is healthy";
}

}  // namespace

const ActionKind kRegisterProxyTarget = {
    .name = "register_proxy_target",
    .phase = "cut_over",
    .does = "points a proxy at the new database",
    .fields = kRegisterProxyTargetFields,
    .derive = DeriveRegisterProxyTarget,
};

}  // namespace tfseal
