#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/snapshots.h"

namespace tfseal {
namespace {

DatabaseName Of(const Action& action) {
  return {TextOf(action.payload, "service"), true, action.target.identifier};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtFencedSnapshot(Of(action), action, context);
}

// Without the proof there is no snapshot.
Status Act(const Action& action, RunContext& context) {
  return TakeFencedSnapshot(Of(action), action, context);
}

}  // namespace

const Handler kSnapshotClusterHandler = {.kind = "snapshot_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
