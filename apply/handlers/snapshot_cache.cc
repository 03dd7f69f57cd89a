#include <algorithm>
#include <optional>

#include "apply/handlers/cache_groups.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// When the copy of the first node was begun; nothing while AWS does not say it of every node.
std::optional<TimePoint> BegunAt(const JsonValue& snapshot) {
  std::optional<TimePoint> first;
  for (const JsonValue& node : snapshot["NodeSnapshots"]) {
    const auto at = ParseTime(TextAt(node, "SnapshotCreateTime"));
    if (!at) return std::nullopt;
    first = first ? std::min(*first, *at) : *at;
  }
  return first;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextAt(action.payload, "snapshot");
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("elasticache", "DescribeSnapshots",
                                               Object({{"SnapshotName", Text(name)}}), action, context));
  if (!answer || (*answer)["Snapshots"].empty()) return NotDone("there is no snapshot " + name + " yet");
  const JsonValue& snapshot = (*answer)["Snapshots"][0];
  if (const std::string of = TextAt(snapshot, "ReplicationGroupId"); of != action.target.identifier) {
    return Conflict("snapshot " + name + " is of " + of, "rename or delete it yourself, then run tfseal resume");
  }
  const std::string status = TextAt(snapshot, "SnapshotStatus");
  if (status == "failed" || status == "deleting") {
    return Conflict("snapshot " + name + " is " + status, "delete it yourself, then run tfseal resume");
  }
  if (status != "available") return Underway("snapshot " + name + " is " + status);
  TFSEAL_ASSIGN(const std::string proof, ResolvedText(action, "quiet_at", context));
  const auto proven = ParseTime(proof);
  const auto begun = BegunAt(snapshot);
  if (!begun || !proven) return Underway("snapshot " + name + " does not say yet when it was begun");
  // AWS notes seconds.
  if (*begun + std::chrono::milliseconds(999) < *proven) {
    return Conflict("snapshot " + name + " is older than the proof that nothing writes: it may lack data",
                    "it is of an earlier attempt: delete it yourself, then run tfseal resume");
  }
  const JsonValue evidence = Object({{"snapshot", Text(name)},
                                     {"begun_at", Text(FormatTime(*begun))},
                                     {"quiet_at", Text(proof)},
                                     {"key", snapshot["KmsKeyId"]}});
  return Done("snapshot " + name + " is available", JsonValue(Json::objectValue), evidence);
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "CreateSnapshot"), action, context);
}

}  // namespace

const Handler kSnapshotCacheHandler = {.kind = "snapshot_cache", .probe = Look, .execute = Act};

}  // namespace tfseal
