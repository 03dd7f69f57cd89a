#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// The snapshot is this run's own, so what was made from it is, too: a tag on the volume would be one that Terraform
// does not have.
Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string snapshot, ResolvedText(action, "snapshot", context));
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  JsonValue values(Json::arrayValue);
  values.append(snapshot);
  JsonValue filters(Json::arrayValue);
  filters.append(Object({{"Name", "snapshot-id"}, {"Values", values}}));
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeVolumes", Object({{"Filters", filters}}), action, context));
  std::vector<JsonValue> made;
  for (const JsonValue& volume : answer["Volumes"]) {
    const std::string state = TextOf(volume, "State");
    if (state != "deleting" && state != "deleted") made.push_back(volume);
  }
  if (made.empty()) return NotDone("there is no volume made from " + snapshot + " yet");
  if (made.size() > 1) {
    return Conflict("several volumes are made from " + snapshot, "delete those that are not yours, then tfseal resume");
  }
  const JsonValue& volume = made.front();
  const std::string id = TextOf(volume, "VolumeId");
  const std::string state = TextOf(volume, "State");
  if (state == "creating") return Underway("volume " + id + " is being made");
  if (state != "available" && state != "in-use") {
    return Conflict("volume " + id + " is " + state + ": EC2 could not use the key, or the snapshot",
                    "correct the key's policy, delete this volume yourself, then run tfseal resume");
  }
  if (const std::string wrong = WrongKey(volume, key); !wrong.empty()) {
    return Conflict("volume " + id + " " + wrong, "delete this volume yourself, then run tfseal resume");
  }
  const JsonValue output = Object({{"VolumeId", Text(id)},
                                   {"Encrypted", true},
                                   {"KmsKeyId", Text(key)},
                                   {"SnapshotId", Text(snapshot)},
                                   {"Size", volume["Size"]}});
  return Done("volume " + id + " is there, encrypted under the key", output, output);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string snapshot, ResolvedText(action, "snapshot", context));
  JsonValue parameters = CallOf(action, "CreateVolume").parameters;
  parameters["ClientToken"] = action.id + "-" + snapshot;
  TFSEAL_TRY(SendCall(CallOf(action, "CreateVolume"), parameters, action, context));
  return {};
}

}  // namespace

const Handler kCreateVolumeHandler = {.kind = "create_volume", .probe = Look, .execute = Act};

}  // namespace tfseal
