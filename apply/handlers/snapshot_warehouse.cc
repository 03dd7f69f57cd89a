#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "snapshot");
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("redshift", "DescribeClusterSnapshots",
                                               Object({{"SnapshotIdentifier", Text(name)}}), action, context));
  if (!answer || (*answer)["Snapshots"].empty()) return NotDone("there is no snapshot " + name + " yet");
  const JsonValue& snapshot = (*answer)["Snapshots"][0];
  if (const std::string of = TextOf(snapshot, "ClusterIdentifier"); of != action.target.identifier) {
    return Conflict("snapshot " + name + " is of " + of, "rename or delete it yourself, then run tfseal resume");
  }
  if (const auto waiting = SnapshotNotAvailable(name, snapshot)) return *waiting;
  JsonValue evidence(Json::objectValue);
  for (const char* member :
       {"SnapshotIdentifier", "ClusterIdentifier", "SnapshotCreateTime", "Encrypted", "KmsKeyId"}) {
    evidence[member] = snapshot[member];
  }
  return Done("snapshot " + name + " is available", evidence, evidence);
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "CreateClusterSnapshot"), action, context);
}

}  // namespace

const Handler kSnapshotWarehouseHandler = {.kind = "snapshot_warehouse", .probe = Look, .execute = Act};

}  // namespace tfseal
