#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::string RoleOf(const Action& action) {
  return TextAt(action.payload, "role");
}

struct Standing {
  std::optional<JsonValue> role;
  bool ours = false;
  bool trusts_tasks = false;
  bool attached = false;
};

// A document in an answer: JSON, or JSON in a text.
JsonValue Document(const JsonValue& value) {
  if (value.isObject()) return value;
  const auto parsed = value.isString() ? ParseJson(value.asString()) : Result<JsonValue>(JsonValue());
  return parsed.ok() ? *parsed : JsonValue();
}

bool TrustsTasks(const JsonValue& document) {
  for (const JsonValue& statement : document["Statement"]) {
    if (TextAt(statement, "Effect") != "Allow" || !statement["Principal"].isObject()) continue;
    const JsonValue& service = statement["Principal"]["Service"];
    const bool named = service == "ecs-tasks.amazonaws.com" ||
                       (service.isArray() && std::find(service.begin(), service.end(),
                                                       JsonValue("ecs-tasks.amazonaws.com")) != service.end());
    if (named && statement["Action"] == "sts:AssumeRole") return true;
  }
  return false;
}

Result<Standing> Look(const Action& action, RunContext& context) {
  Standing standing;
  const JsonValue name = Object({{"RoleName", Text(RoleOf(action))}});
  TFSEAL_ASSIGN(auto answer, ReadIfThere("iam", "GetRole", name, action, context));
  if (!answer) return standing;
  standing.role = (*answer)["Role"];
  standing.trusts_tasks = TrustsTasks(Document((*standing.role)["AssumeRolePolicyDocument"]));
  for (const JsonValue& tag : (*standing.role)["Tags"]) {
    standing.ours = standing.ours || (TextAt(tag, "Key") == "tfseal:action" && TextAt(tag, "Value") == action.id);
  }
  TFSEAL_ASSIGN(const JsonValue attached, ReadWorld("iam", "ListAttachedRolePolicies", name, action, context));
  const std::string wanted = TextAt(CallOf(action, "AttachRolePolicy").parameters, "PolicyArn");
  for (const JsonValue& policy : attached["AttachedPolicies"]) {
    standing.attached = standing.attached || TextAt(policy, "PolicyArn") == wanted;
  }
  return standing;
}

Result<Probe> ProbeRole(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (!standing.role) return NotDone("role " + RoleOf(action) + " does not exist yet");
  if (!standing.trusts_tasks) {
    return Conflict("role " + RoleOf(action) + " exists, but ECS tasks may not take it",
                    "rename it, or let ecs-tasks.amazonaws.com assume it");
  }
  if (!standing.attached) return NotDone("role " + RoleOf(action) + " may not start tasks yet");
  return Done("role " + RoleOf(action) + " is there", Object({{"Role", Object({{"Arn", (*standing.role)["Arn"]}})}}),
              Object({{"role", (*standing.role)["Arn"]}}));
}

Status CreateRole(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (standing.role) {
    TFSEAL_TRY(SendCall(CallOf(action, "AttachRolePolicy"), action, context));
    return {};
  }
  const ApiCall& create = CallOf(action, "CreateRole");
  JsonValue parameters = create.parameters;
  parameters["AssumeRolePolicyDocument"] = WriteJsonLine(create.parameters["AssumeRolePolicyDocument"]);
  TFSEAL_TRY(SendCall(create, parameters, action, context));
  return {};
}

Result<Probe> ProbeRoleUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (!standing.role) return EffectGone("role " + RoleOf(action) + " is gone");
  if (!standing.ours) return EffectGone("role " + RoleOf(action) + " was there before and stays");
  return EffectThere(standing.attached ? "role " + RoleOf(action) + " may start tasks"
                                       : "role " + RoleOf(action) + " is there");
}

Status DeleteRole(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (!standing.role || !standing.ours) return {};
  const char* operation = standing.attached ? "DetachRolePolicy" : "DeleteRole";
  TFSEAL_TRY(SendCall(RollbackCallOf(action, operation), action, context));
  return {};
}

}  // namespace

const Handler kCreateExecutionRoleHandler = {.kind = "create_execution_role",
                                             .probe = ProbeRole,
                                             .execute = CreateRole,
                                             .probe_undone = ProbeRoleUndone,
                                             .undo = DeleteRole};

}  // namespace tfseal
