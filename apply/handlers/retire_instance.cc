#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/retirement.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtRetirement(NameIn(action, "identifier", false), TextOf(action.payload, "final_snapshot"), action,
                          context);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(MayRetire(NameIn(action, "identifier", false), TextOf(action.payload, "final_snapshot"), action, context));
  const DatabaseName name = NameIn(action, "identifier", false);
  TFSEAL_ASSIGN(const JsonValue instance, GetDatabase(name, action, context));
  const bool follows = !TextOf(instance, "ReadReplicaSourceDBInstanceIdentifier").empty();
  if (follows && !action.payload["replica"].asBool()) {
    return InTheWay(name.Text() + " is a replica, which the plan does not expect", "find out which instance this is");
  }
  return SendChange(CallOf(action, follows ? "PromoteReadReplica" : "DeleteDBInstance"), action, context);
}

}  // namespace

const Handler kRetireInstanceHandler = {.kind = "retire_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
