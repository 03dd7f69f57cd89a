#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameIn(action, "identifier", action.payload["cluster"].asBool());
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  const std::string role = TextOf(action.payload, "role");
  const std::string feature = TextOf(action.payload, "feature");
  for (const JsonValue& association : database["AssociatedRoles"]) {
    if (TextOf(association, "RoleArn") != role || TextOf(association, "FeatureName") != feature) continue;
    const std::string status = TextOf(association, "Status");
    if (status == "PENDING") return Underway(role + " is being given to " + name.Text());
    if (status == "INVALID") {
      return Conflict(role + " cannot be used by " + name.Text(),
                      "let rds.amazonaws.com assume the role (its trust policy), then run tfseal resume");
    }
    JsonValue evidence(Json::objectValue);
    evidence["role"] = role;
    return Done(name.Text() + " has its role", evidence, evidence);
  }
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  return NotDone(name.Text() + " has no role " + role);
}

Status Act(const Action& action, RunContext& context) {
  const bool cluster = action.payload["cluster"].asBool();
  return SendChange(CallOf(action, cluster ? "AddRoleToDBCluster" : "AddRoleToDBInstance"), action, context);
}

}  // namespace

const Handler kAddRoleHandler = {.kind = "add_role", .probe = Look, .execute = Act};

}  // namespace tfseal
