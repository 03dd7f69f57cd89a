#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/machines.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// What the snapshot is found by. One at rest belongs to one stop: after a rollback the next stop needs another.
Result<std::string> MarkOf(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string stopped, ResolvedText(action, "stopped_at", context));
  return stopped.empty() ? action.id : action.id + " " + stopped;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string volume = TextOf(action.payload, "volume");
  TFSEAL_ASSIGN(const std::string mark, MarkOf(action, context));
  JsonValue values(Json::arrayValue);
  values.append(mark);
  JsonValue filters(Json::arrayValue);
  filters.append(Object({{"Name", "tag:tfseal:action"}, {"Values", values}}));
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeSnapshots", Object({{"Filters", filters}}), action, context));
  const JsonValue* snapshot = nullptr;
  for (const JsonValue& found : answer["Snapshots"]) {
    if (TextOf(found, "VolumeId") != volume) continue;
    // A reply that was lost leaves two of the same moment.
    if (snapshot == nullptr || TextOf(found, "SnapshotId") < TextOf(*snapshot, "SnapshotId")) snapshot = &found;
  }
  if (snapshot == nullptr) return NotDone("there is no such snapshot of " + volume + " yet");
  const std::string name = TextOf(*snapshot, "SnapshotId");
  const std::string state = TextOf(*snapshot, "State");
  if (state == "pending") return Underway("snapshot " + name + " is being taken, " + TextOf(*snapshot, "Progress"));
  if (state != "completed") {
    return Conflict("snapshot " + name + " is " + state + ": " + TextOf(*snapshot, "StateMessage"),
                    "take its tag tfseal:action away, then run tfseal resume");
  }
  JsonValue output(Json::objectValue);
  for (const char* member : {"SnapshotId", "VolumeId", "VolumeSize", "StartTime", "Encrypted"}) {
    if (snapshot->isMember(member)) output[member] = (*snapshot)[member];
  }
  return Done("snapshot " + name + " of " + volume + " is complete", output, output);
}

// At rest means: of a stopped instance, or attached to nothing.
Status RequireRest(const Action& action, RunContext& context) {
  if (TextOf(action.payload, "purpose") != "at_rest") return {};
  TFSEAL_ASSIGN(const JsonValue volume, DescribeVolume(TextOf(action.payload, "volume"), action, context));
  for (const JsonValue& attachment : volume["Attachments"]) {
    const std::string instance = TextOf(attachment, "InstanceId");
    if (TextOf(attachment, "State") == "detached") continue;
    TFSEAL_ASSIGN(const JsonValue machine, DescribeMachine(instance, action, context));
    if (StateOfMachine(machine) != "stopped") {
      return InTheWay("volume " + TextOf(action.payload, "volume") + " is attached to " + instance + ", which is " +
                          StateOfMachine(machine) + ", so it is not at rest",
                      "find out who attached or started it; then tfseal rollback, and plan again");
    }
  }
  return {};
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireRest(action, context));
  TFSEAL_ASSIGN(const std::string mark, MarkOf(action, context));
  JsonValue parameters = CallOf(action, "CreateSnapshot").parameters;
  parameters["TagSpecifications"][0]["Tags"][0]["Value"] = mark;
  TFSEAL_TRY(SendCall(CallOf(action, "CreateSnapshot"), parameters, action, context));
  return {};
}

}  // namespace

const Handler kSnapshotVolumeHandler = {.kind = "snapshot_volume", .probe = Look, .execute = Act};

}  // namespace tfseal
