#include "apply/handlers/retirement.h"

#include "apply/handlers/calls.h"

namespace tfseal {
namespace {

bool IsOf(const DatabaseName& name, const JsonValue& snapshot) {
  return TextOf(snapshot, name.cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier") == name.identifier;
}

// The database is gone: only its final snapshot tells that it went as planned.
Result<Probe> LookAtWhatIsKept(const DatabaseName& name, const std::string& final_snapshot, const Action& action,
                               RunContext& context) {
  TFSEAL_ASSIGN(const auto kept, FindSnapshot(name, final_snapshot, action, context));
  if (!kept) {
    return Conflict(name.Text() + " is gone, and its final snapshot " + final_snapshot + " is not there",
                    "somebody else deleted it: restore a retained automated backup (aws " + name.service +
                        " describe-db-" + (name.cluster ? "cluster" : "instance") +
                        "-automated-backups) if you need it");
  }
  if (!IsOf(name, *kept)) {
    return Conflict("snapshot " + final_snapshot + " is not of " + name.Text(), "find out what was deleted");
  }
  if (const auto waiting = SnapshotNotAvailable(final_snapshot, *kept)) return *waiting;
  return Done(name.Text() + " is gone; snapshot " + final_snapshot + " is kept", Essentials(*kept), Essentials(*kept));
}

}  // namespace

Result<Probe> LookAtRetirement(const DatabaseName& name, const std::string& final_snapshot, const Action& action,
                               RunContext& context) {
  TFSEAL_ASSIGN(const auto found, FindDatabase(name, action, context));
  if (!found) return LookAtWhatIsKept(name, final_snapshot, action, context);
  if (StatusOf(*found) == "deleting") return Underway(name.Text() + " is being deleted");
  if (const Status old = IsTheOldOne(name, *found, action, context); !old.ok()) {
    if (old.error().code != ErrorCode::kConflict) return old.error();
    return Conflict(old.error().message, old.error().hint);
  }
  if (const auto waiting = NotAvailable(name, *found)) return *waiting;
  if (const std::string source = TextOf(*found, "ReadReplicaSourceDBInstanceIdentifier"); !source.empty()) {
    return NotDone(name.Text() + " replicates " + source);
  }
  return NotDone(name.Text() + " is there");
}

Status MayRetire(const DatabaseName& name, const std::string& final_snapshot, const Action& action,
                 RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  TFSEAL_TRY(IsTheOldOne(name, database, action, context));
  if (name.cluster && !database["DBClusterMembers"].empty()) {
    return InTheWay(name.Text() + " still has " + std::to_string(database["DBClusterMembers"].size()) + " instances",
                    "an instance was added to it; find out who uses it");
  }
  TFSEAL_ASSIGN(const auto taken, FindSnapshot(name, final_snapshot, action, context));
  if (taken) {
    return InTheWay("snapshot " + final_snapshot + " exists already, while " + name.Text() + " is still there",
                    "rename or delete that snapshot yourself, then run tfseal resume");
  }
  return {};
}

}  // namespace tfseal
