#include "apply/handlers/blue_green.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

// After the switch the encrypted database has the name of the original.
Result<Probe> LookAtDatabase(const Action& action, const std::string& otherwise, RunContext& context) {
  const DatabaseName name{"rds", action.target.type != "aws_db_instance", action.target.identifier};
  TFSEAL_ASSIGN(const JsonValue attributes, ResolveParameters(action.payload["attributes"], context.outputs));
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  if (const std::string wrong = WrongKey(database, TextOf(attributes, "kms_key_id")); !wrong.empty()) {
    return Conflict(name.Text() + " " + wrong + otherwise, "find out what became of the deployment");
  }
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  JsonValue output(Json::objectValue);
  output[name.cluster ? "DBCluster" : "DBInstance"] = Essentials(database);
  return Done(name.Text() + " is the encrypted one", output, Essentials(database));
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto deployment, FindDeployment(action, context));
  if (!deployment) return LookAtDatabase(action, ", and the blue/green deployment is gone", context);
  const std::string status = TextOf(*deployment, "Status");
  if (status == "SWITCHOVER_COMPLETED") return LookAtDatabase(action, " after the switchover", context);
  if (status == "SWITCHOVER_IN_PROGRESS") return Underway("the names are being switched");
  if (status == "AVAILABLE") return NotDone("the names are not switched yet");
  return Conflict("the blue/green deployment is " + status + ": " + TextOf(*deployment, "StatusDetails"),
                  "AWS has rolled back by itself and the blue database serves; mend what it names, then run tfseal "
                  "resume");
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "SwitchoverBlueGreenDeployment"), action, context);
}

}  // namespace

const Handler kSwitchBlueGreenHandler = {.kind = "switch_blue_green", .probe = Look, .execute = Act};

}  // namespace tfseal
