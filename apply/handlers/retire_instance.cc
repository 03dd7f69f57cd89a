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
  return SendChange(CallOf(action, "DeleteDBInstance"), action, context);
}

}  // namespace

const Handler kRetireInstanceHandler = {.kind = "retire_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
