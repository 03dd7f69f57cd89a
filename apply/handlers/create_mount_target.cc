#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string copy, ResolvedText(action, "new_file_system", context));
  const std::string subnet = TextOf(action.payload, "subnet");
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("efs", "DescribeMountTargets", Object({{"FileSystemId", Text(copy)}}), action, context));
  for (const JsonValue& target : answer["MountTargets"]) {
    if (TextOf(target, "SubnetId") != subnet) continue;
    const std::string id = TextOf(target, "MountTargetId");
    const std::string state = TextOf(target, "LifeCycleState");
    if (state == "creating" || state == "updating") return Underway("mount target " + id + " is " + state);
    if (state != "available") return Conflict("mount target " + id + " is " + state, "look at it in the console");
    const JsonValue output =
        Object({{"MountTargetId", Text(id)}, {"SubnetId", Text(subnet)}, {"IpAddress", target["IpAddress"]}});
    return Done("mount target " + id + " is in " + subnet, output, output);
  }
  return NotDone("file system " + copy + " has no mount target in " + subnet + " yet");
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "CreateMountTarget"), action, context));
  return {};
}

}  // namespace

const Handler kCreateMountTargetHandler = {.kind = "create_mount_target", .probe = Look, .execute = Act};

}  // namespace tfseal
