#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/snapshots.h"

namespace tfseal {
namespace {

DatabaseName Copy(const Action& action) {
  return NameIn(action, "new_cluster", true);
}

// A description does not name the snapshot that it was restored from: what a restore of it inherits has to agree.
std::string NotFrom(const JsonValue& snapshot, const JsonValue& cluster) {
  for (const char* inherited : {"Engine", "MasterUsername"}) {
    if (TextOf(snapshot, inherited) != TextOf(cluster, inherited)) {
      return std::string("its ") + inherited + " is another one than the snapshot's";
    }
  }
  const auto taken = ParseTime(TextOf(snapshot, "SnapshotCreateTime"));
  const auto created = ParseTime(TextOf(cluster, "ClusterCreateTime"));
  if (taken && created && *created + std::chrono::milliseconds(999) < *taken) {
    return "it was created before the snapshot was taken";
  }
  return {};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName copy = Copy(action);
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  const std::string taken = SnapshotMadeFor(copy, "snapshot", action, context);
  TFSEAL_ASSIGN(const auto snapshot, FindSnapshot(copy, taken, action, context));
  if (!snapshot) {
    return Conflict("snapshot " + taken + " is not there", "find out who deleted it; nothing further is changed");
  }
  TFSEAL_ASSIGN(const auto cluster, FindDatabase(copy, action, context));
  if (!cluster) return NotDone("there is no " + copy.Text() + " yet");
  if (const std::string why = NotFrom(*snapshot, *cluster); !why.empty()) {
    return Conflict(copy.Text() + " is no restore of this snapshot: " + why,
                    "rename or remove it yourself, then run tfseal resume");
  }
  if (const auto waiting = NotAvailable(copy, *cluster)) return *waiting;
  if (const std::string wrong = WrongKey(*cluster, key); !wrong.empty()) {
    return Conflict(copy.Text() + " " + wrong, "remove this copy yourself, then run tfseal resume");
  }
  JsonValue output(Json::objectValue);
  output["DBCluster"] = Essentials(*cluster);
  return Done(copy.Text() + " is available, encrypted under the key", output, Essentials(*cluster));
}

Status Act(const Action& action, RunContext& context) {
  ApiCall call = CallOf(action, "RestoreDBClusterFromSnapshot");
  call.parameters["SnapshotIdentifier"] = SnapshotMadeFor(Copy(action), "snapshot", action, context);
  return SendChange(call, action, context);
}

}  // namespace

const Handler kRestoreClusterHandler = {.kind = "restore_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
