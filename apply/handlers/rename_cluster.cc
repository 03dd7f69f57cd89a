#include "apply/handlers/list.h"
#include "apply/handlers/renames.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtRename(action, context, true);
}
Status Act(const Action& action, RunContext& context) {
  return Rename(action, context, true);
}
Result<Probe> LookUndone(const Action& action, RunContext& context) {
  return LookAtRenameBack(action, context, true);
}
Status Undo(const Action& action, RunContext& context) {
  return RenameBack(action, context, true);
}

}  // namespace

const Handler kRenameClusterHandler = {
    .kind = "rename_cluster", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
