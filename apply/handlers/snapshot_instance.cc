#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/snapshots.h"

namespace tfseal {
namespace {

DatabaseName Of(const Action& action) {
  return {"rds", false, action.target.identifier};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtFencedSnapshot(Of(action), action, context);
}

Status Act(const Action& action, RunContext& context) {
  if (action.payload.isMember("quiescent_at")) {
    // Without the proof there is no snapshot.
    TFSEAL_ASSIGN(const std::string proof, ResolvedText(action, "quiescent_at", context));
    if (!ParseTime(proof)) return InTheWay("it is not proven that nothing writes to " + action.target.identifier, "");
  }
  return SendChange(CallOf(action, "CreateDBSnapshot"), action, context);
}

}  // namespace

const Handler kSnapshotInstanceHandler = {.kind = "snapshot_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
