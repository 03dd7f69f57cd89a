#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

struct Registration {
  bool old = false;    // the old database is a target
  bool there = false;  // the new one is
  std::string state;   // of the new one
  std::string reason;
};

Result<Registration> Read(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(
      const JsonValue answer,
      ReadWorld("rds", "DescribeDBProxyTargets",
                Object({{"DBProxyName", action.payload["proxy"]}, {"TargetGroupName", action.payload["target_group"]}}),
                action, context));
  const std::string wanted = TextOf(action.payload, "identifier");
  Registration registration;
  for (const JsonValue& target : answer["Targets"]) {
    // The instances of a cluster are listed beside it and name it as theirs.
    const std::string cluster = TextOf(target, "TrackedClusterId");
    const std::string id = cluster.empty() ? TextOf(target, "RdsResourceId") : cluster;
    if (id == TextOf(action.payload, "old_identifier")) registration.old = true;
    if (id != wanted) continue;
    registration.there = true;
    const std::string state = TextOf(target["TargetHealth"], "State");
    if (registration.state.empty() || registration.state == "AVAILABLE") registration.state = state;
    if (state == "UNAVAILABLE") registration.reason = TextOf(target["TargetHealth"], "Reason");
  }
  return registration;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Registration registration, Read(action, context));
  const std::string proxy = "proxy " + TextOf(action.payload, "proxy");
  Probe probe;
  if (registration.old) {
    probe = NotDone(proxy + " still points at the old database");
    probe.step = "deregister";
  } else if (!registration.there) {
    probe = NotDone(proxy + " has no target " + TextOf(action.payload, "identifier"));
    probe.step = "register";
  } else if (registration.state == "AVAILABLE") {
    probe = Done(proxy + " reaches the new database");
  } else if (registration.state == "UNAVAILABLE" && registration.reason != "PENDING_PROXY_CAPACITY" &&
             registration.reason != "CONNECTION_FAILED") {
    // It follows the database that had the name before.
    probe = NotDone(proxy + " does not reach its target: " + registration.reason);
    probe.step = "deregister";
  } else {
    probe = Underway(proxy + " is being connected" + (registration.reason.empty() ? "" : ": " + registration.reason));
  }
  return probe;
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Registration registration, Read(action, context));
  if (!registration.old && !registration.there) {
    return SendChange(CallOf(action, "RegisterDBProxyTargets"), action, context);
  }
  ApiCall call = CallOf(action, "DeregisterDBProxyTargets");
  if (registration.old) {
    // The target goes by the name that its database has now.
    const char* ids = action.payload["cluster"].asBool() ? "DBClusterIdentifiers" : "DBInstanceIdentifiers";
    call.parameters[ids] = Texts({TextOf(action.payload, "old_identifier")});
  }
  return SendChange(call, action, context);
}

}  // namespace

const Handler kRegisterProxyTargetHandler = {.kind = "register_proxy_target", .probe = Look, .execute = Act};

}  // namespace tfseal
