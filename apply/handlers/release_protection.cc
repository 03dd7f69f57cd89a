#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

DatabaseName NameOf(const Action& action) {
  return NameIn(action, "identifier", action.payload["cluster"].asBool());
}

// Looks at the database that was recorded, whatever has its name now.
Result<Probe> LookFor(const Action& action, RunContext& context, bool protection) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  if (const Status old = IsTheOldOne(name, database, action, context); !old.ok()) {
    if (old.error().code != ErrorCode::kConflict) return old.error();
    return Conflict(old.error().message, old.error().hint);
  }
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  if (database["DeletionProtection"].asBool() != protection) {
    return NotDone(name.Text() + (protection ? " is not protected" : " is protected from deletion"));
  }
  return Done(name.Text() + (protection ? " is protected from deletion" : " may be deleted"), Essentials(database),
              Essentials(database));
}

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookFor(action, context, false);
}

Status Act(const Action& action, RunContext& context) {
  // Only what was compared may go: without the comparison's answer there is nothing to keep instead.
  if (!context.outputs.contains(TextOf(action.payload, "verified_by"))) {
    return InTheWay("the comparison that allows this has not been made in this run",
                    "resume the run that carried the plan out; its journal has the comparison");
  }
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  TFSEAL_TRY(IsTheOldOne(name, database, action, context));
  return SendChange(CallOf(action, name.cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(Probe protected_again, LookFor(action, context, true));
  if (protected_again.state == ProbeState::kDone) {
    protected_again.state = ProbeState::kNotDone;
  } else if (protected_again.state == ProbeState::kNotDone) {
    protected_again.state = ProbeState::kDone;
  }
  return protected_again;
}

Status Undo(const Action& action, RunContext& context) {
  return SendChange(RollbackCallOf(action, NameOf(action).cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action,
                    context);
}

}  // namespace

const Handler kReleaseProtectionHandler = {
    .kind = "release_protection", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
