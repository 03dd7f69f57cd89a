#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/task_definition.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

struct Wanted {
  JsonValue except;
  std::string execution_role;  // name or ARN
};

Result<Wanted> WantedOf(const Action& action, RunContext& context) {
  const JsonValue& parameters = CallOf(action, "RegisterTaskDefinition").parameters;
  Wanted wanted;
  TFSEAL_ASSIGN(wanted.except,
                ResolveParameters(parameters["containerDefinitions"]["as_before_except"], context.outputs));
  wanted.execution_role = TextAt(parameters, "executionRoleArn");
  return wanted;
}

bool IsFinal(const Action& action) {
  return TextAt(action.payload, "mode") == "final";
}

// Whether the revision still shows one of the variables that the cut-over is about.
bool ShowsAny(const JsonValue& definition, const Wanted& wanted, const Action& action) {
  const JsonValue& names = IsFinal(action) ? wanted.except["remove_environment"] : wanted.except["keep_environment"];
  for (const JsonValue& name : names) {
    if (ShowsVariable(definition, TextAt(wanted.except, "container"), name.asString())) return true;
  }
  return false;
}

Probe DoneWith(const Revision& revision, const std::string& text) {
  return Done(text, Object({{"taskDefinition", WithoutValues(revision.definition)}}),
              Object({{"revision", Text(revision.arn)}}));
}

// Content decides, because RegisterTaskDefinition has no token: the newest revision that shows the variables either
// is as wanted or is what the next one is made from. Newer ones without the variables are later steps of this plan.
Result<Probe> ProbeRevision(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Wanted wanted, WantedOf(action, context));
  const std::string family = TextAt(action.payload, "family");
  TFSEAL_ASSIGN(const std::vector<std::string> arns, ListRevisions(family, "ACTIVE", action, context));
  std::optional<Revision> clean;
  for (const std::string& arn : arns) {
    TFSEAL_ASSIGN(Revision revision, ReadRevision(arn, action, context));
    if (Satisfies(revision.definition, wanted.except, wanted.execution_role)) {
      return DoneWith(revision, RevisionName(arn) + " is as planned");
    }
    if (ShowsAny(revision.definition, wanted, action)) {
      return NotDone(RevisionName(arn) + " is the newest revision, and not as planned");
    }
    if (!clean) clean = std::move(revision);
  }
  if (clean && !IsFinal(action)) {
    return DoneWith(*clean, RevisionName(clean->arn) + " does not show the values any more: later than this step");
  }
  if (clean) return NotDone(RevisionName(clean->arn) + " does not read the secret");
  return Conflict("task definition " + family + " has no ACTIVE revision",
                  "write the plan again from the present state: tfseal plan");
}

// A role by its name; ECS wants the ARN.
Result<std::string> RoleArn(const std::string& role, const Action& action, RunContext& context) {
  if (role.empty() || role.starts_with("arn:")) return role;
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("iam", "GetRole", Object({{"RoleName", Text(role)}}), action, context));
  return TextAt(answer["Role"], "Arn");
}

Status RegisterRevision(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Wanted wanted, WantedOf(action, context));
  const std::string family = TextAt(action.payload, "family");
  TFSEAL_ASSIGN(const std::vector<std::string> arns, ListRevisions(family, "ACTIVE", action, context));
  if (arns.empty()) return InTheWay("task definition " + family + " has no ACTIVE revision", "tfseal plan");
  TFSEAL_ASSIGN(
      const JsonValue before,
      ReadWorld("ecs", "DescribeTaskDefinition",
                Object({{"taskDefinition", Text(arns.front())}, {"include", Texts({"TAGS"})}}), action, context));
  TFSEAL_ASSIGN(const std::string role, RoleArn(wanted.execution_role, action, context));
  TFSEAL_ASSIGN(JsonValue next, NextRevision(before["taskDefinition"], wanted.except, role));
  if (before["tags"].isArray() && !before["tags"].empty()) next["tags"] = before["tags"];
  TFSEAL_TRY(SendCall(CallOf(action, "RegisterTaskDefinition"), next, action, context));
  return {};
}

}  // namespace

const Handler kRegisterTaskDefinitionHandler = {
    .kind = "register_task_definition", .probe = ProbeRevision, .execute = RegisterRevision};

}  // namespace tfseal
