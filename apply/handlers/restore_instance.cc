#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/snapshots.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName copy = NameIn(action, "new_instance", false);
  const std::string snapshot_name = SnapshotMadeFor(copy, "snapshot", action, context);
  TFSEAL_ASSIGN(const auto snapshot, FindSnapshot(copy, snapshot_name, action, context));
  if (!snapshot) {
    return Conflict("snapshot " + snapshot_name + " is not there",
                    "find out who deleted it; nothing further is changed");
  }
  const std::string key = TextOf(*snapshot, "KmsKeyId");
  if (!(*snapshot)["Encrypted"].asBool() || key.empty()) {
    return Conflict("snapshot " + snapshot_name + " is not encrypted", "nothing is restored from it");
  }
  TFSEAL_ASSIGN(const auto instance, FindDatabase(copy, action, context));
  if (!instance) return NotDone("there is no " + copy.Text() + " yet");
  const auto taken = ParseTime(TextOf(*snapshot, "SnapshotCreateTime"));
  const auto created = ParseTime(TextOf(*instance, "InstanceCreateTime"));
  if (TextOf(*snapshot, "Engine") != TextOf(*instance, "Engine") ||
      TextOf(*snapshot, "MasterUsername") != TextOf(*instance, "MasterUsername") ||
      (taken && created && *created + std::chrono::milliseconds(999) < *taken)) {
    return Conflict(copy.Text() + " is no restore of " + snapshot_name + ": engine, user or age differ",
                    "rename or remove it yourself, then run tfseal resume");
  }
  if (const auto waiting = NotAvailable(copy, *instance)) return *waiting;
  if (const std::string wrong = WrongKey(*instance, key); !wrong.empty()) {
    return Conflict(copy.Text() + " " + wrong, "remove this copy yourself, then run tfseal resume");
  }
  JsonValue output(Json::objectValue);
  output["DBInstance"] = Essentials(*instance);
  return Done(copy.Text() + " is available, encrypted under the key of the snapshot", output, Essentials(*instance));
}

Status Act(const Action& action, RunContext& context) {
  ApiCall call = CallOf(action, "RestoreDBInstanceFromDBSnapshot");
  call.parameters["DBSnapshotIdentifier"] =
      SnapshotMadeFor(NameIn(action, "new_instance", false), "snapshot", action, context);
  return SendChange(call, action, context);
}

}  // namespace

const Handler kRestoreInstanceHandler = {.kind = "restore_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
