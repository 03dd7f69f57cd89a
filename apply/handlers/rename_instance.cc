#include "apply/handlers/list.h"
#include "apply/handlers/renames.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtRename(action, context, false);
}
Status Act(const Action& action, RunContext& context) {
  return Rename(action, context, false);
}
Result<Probe> LookUndone(const Action& action, RunContext& context) {
  return LookAtRenameBack(action, context, false);
}
Status Undo(const Action& action, RunContext& context) {
  return RenameBack(action, context, false);
}

}  // namespace

const Handler kRenameInstanceHandler = {
    .kind = "rename_instance", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
