#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/file_systems.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::string Source(const Action& action) {
  return TextOf(action.payload, "file_system");
}

// Whatever the documents do not know would be missing on the copy.
Status RequireKnown(const char* operation, const char* list, const char* id, const char* field, const Action& action,
                    RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("efs", operation, Object({{"FileSystemId", Text(Source(action))}}), action, context));
  std::set<std::string> live;
  std::set<std::string> known;
  for (const JsonValue& item : answer[list]) live.insert(TextOf(item, id));
  for (const JsonValue& item : action.payload[field]) known.insert(item.asString());
  if (live == known) return {};
  return InTheWay("the " + std::string(list) + " of " + Source(action) + " are others than in the documents",
                  "take them into the configuration, or remove them, and write the plan again");
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const auto replication, FindReplication(Source(action), action, context));
  if (!replication) return NotDone(Source(action) + " is not replicated yet");
  const JsonValue* destination = FieldAt(*replication, "Destinations[0]");
  if (destination == nullptr || TextOf(*replication, "SourceFileSystemId") != Source(action)) {
    return Conflict(Source(action) + " is the copy of another file system", "end that replication first");
  }
  const std::string status = TextOf(*destination, "Status");
  const std::string copy = TextOf(*destination, "FileSystemId");
  if (status == "ENABLING") return Underway(copy + " is being filled");
  if (status != "ENABLED") {
    return Conflict("the replication into " + copy + " is " + status,
                    "look at it in the console; then tfseal rollback");
  }
  TFSEAL_ASSIGN(const JsonValue described, DescribeFileSystem(copy, action, context));
  if (const std::string wrong = WrongKey(described, key); !wrong.empty()) {
    return Conflict("file system " + copy + " " + wrong,
                    "this replication is not the plan's; end it yourself, if you may");
  }
  const JsonValue output = Object({{"FileSystemId", Text(copy)}, {"KmsKeyId", Text(key)}});
  return Done("file system " + copy + " follows " + Source(action) + ", encrypted under the key", output, output);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  TFSEAL_TRY(RequireKnown("DescribeMountTargets", "MountTargets", "MountTargetId", "mount_targets", action, context));
  TFSEAL_TRY(RequireKnown("DescribeAccessPoints", "AccessPoints", "AccessPointId", "access_points", action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "CreateReplicationConfiguration"), action, context));
  return {};
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto replication, FindReplication(Source(action), action, context));
  if (!replication) return EffectGone(Source(action) + " is not replicated");
  const JsonValue* status = FieldAt(*replication, "Destinations[0].Status");
  if (status != nullptr && *status == "DELETING") return Underway("the replication is being ended");
  return EffectThere(Source(action) + " is replicated");
}

Status Undo(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(RollbackCallOf(action, "DeleteReplicationConfiguration"), action, context));
  return {};
}

}  // namespace

const Handler kReplicateFileSystemHandler = {
    .kind = "replicate_file_system", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
