#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/retirement.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtRetirement(NameIn(action, "identifier", true), TextOf(action.payload, "final_snapshot"), action,
                          context);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(MayRetire(NameIn(action, "identifier", true), TextOf(action.payload, "final_snapshot"), action, context));
  return SendChange(CallOf(action, "DeleteDBCluster"), action, context);
}

}  // namespace

const Handler kRetireClusterHandler = {.kind = "retire_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
