#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/file_systems.h"
#include "apply/handlers/list.h"
#include "core/time_text.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string source = TextOf(action.payload, "file_system");
  TFSEAL_ASSIGN(const std::string copy, ResolvedText(action, "new_file_system", context));
  TFSEAL_ASSIGN(const std::string quiet, ResolvedText(action, "quiet_at", context));
  TFSEAL_ASSIGN(const auto replication, FindReplication(source, action, context));
  TFSEAL_ASSIGN(const JsonValue described, DescribeFileSystem(copy, action, context));
  const std::string state = TextOf(described, "LifeCycleState");
  if (!replication) {
    if (state != "available") return Underway("file system " + copy + " is " + state);
    JsonValue output(Json::objectValue);
    output["FileSystemId"] = copy;
    return Done("file system " + copy + " is writable; " + source + " is kept", output, output);
  }
  const JsonValue* destination = FieldAt(*replication, "Destinations[0]");
  if (destination == nullptr || TextOf(*destination, "FileSystemId") != copy) {
    return Conflict(source + " is replicated to another file system than " + copy, "find out who changed that");
  }
  if (TextOf(*destination, "Status") == "DELETING") return Underway("the replication is being ended");
  const auto copied = ParseTime(TextOf(*destination, "LastReplicatedTimestamp"));
  const auto since = ParseTime(quiet);
  if (!since) return Conflict("it is not known since when nobody is connected to " + source, "tfseal rollback");
  if (!copied || *copied <= *since) {
    return Underway(copy + " has everything up to " + TextOf(*destination, "LastReplicatedTimestamp") +
                    ", nobody was connected since " + quiet);
  }
  return NotDone(copy + " has everything");
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "DeleteReplicationConfiguration"), action, context));
  return {};
}

}  // namespace

const Handler kFinishReplicationHandler = {.kind = "finish_replication", .probe = Look, .execute = Act};

}  // namespace tfseal
