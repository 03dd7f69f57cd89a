#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// Whether `live` has everything that `planned` says; what AWS adds does not matter.
bool Contains(const JsonValue& live, const JsonValue& planned) {
  if (planned.isObject()) {
    const auto names = planned.getMemberNames();
    return live.isObject() && std::all_of(names.begin(), names.end(),
                                          [&](const std::string& name) { return Contains(live[name], planned[name]); });
  }
  if (planned.isNumeric() && live.isNumeric()) return planned.asDouble() == live.asDouble();
  if (planned.isBool() && !planned.asBool() && live.isNull()) return true;
  return live == planned;
}

// The first call of the action whose effect is not there; nullptr if all are.
Result<const ApiCall*> NextCall(const Action& action, RunContext& context) {
  const JsonValue id =
      Object({{"ServiceNamespace", "rds"}, {"ResourceIds", Texts({TextOf(action.payload, "resource_id")})}});
  TFSEAL_ASSIGN(const JsonValue targets,
                ReadWorld("application-autoscaling", "DescribeScalableTargets", id, action, context));
  JsonValue by_resource = Object({{"ServiceNamespace", "rds"}, {"ResourceId", action.payload["resource_id"]}});
  TFSEAL_ASSIGN(const JsonValue policies,
                ReadWorld("application-autoscaling", "DescribeScalingPolicies", by_resource, action, context));
  for (const ApiCall& call : action.calls) {
    const bool target = call.operation == "RegisterScalableTarget";
    const JsonValue& list = target ? targets["ScalableTargets"] : policies["ScalingPolicies"];
    if (std::none_of(list.begin(), list.end(),
                     [&](const JsonValue& live) { return Contains(live, call.parameters); })) {
      return &call;
    }
  }
  return static_cast<const ApiCall*>(nullptr);
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const ApiCall* next, NextCall(action, context));
  const std::string resource = TextOf(action.payload, "resource_id");
  if (next == nullptr) return Done("auto scaling of " + resource + " is registered");
  const std::string policy = TextOf(next->parameters, "PolicyName");
  return NotDone("auto scaling of " + resource + (policy.empty() ? " is not registered" : " has no policy " + policy));
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const ApiCall* next, NextCall(action, context));
  if (next == nullptr) return {};
  return SendChange(*next, action, context);
}

}  // namespace

const Handler kRegisterScalingHandler = {.kind = "register_scaling", .probe = Look, .execute = Act};

}  // namespace tfseal
