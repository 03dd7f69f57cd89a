#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string copy, ResolvedText(action, "new_file_system", context));
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("efs", "DescribeAccessPoints", Object({{"FileSystemId", Text(copy)}}), action, context));
  for (const JsonValue& point : answer["AccessPoints"]) {
    if (TextOf(point, "ClientToken") != action.id) continue;
    const std::string id = TextOf(point, "AccessPointId");
    const std::string state = TextOf(point, "LifeCycleState");
    if (state == "creating" || state == "updating") return Underway("access point " + id + " is " + state);
    if (state != "available") return Conflict("access point " + id + " is " + state, "look at it in the console");
    const JsonValue output = Object({{"AccessPointId", Text(id)}, {"AccessPointArn", point["AccessPointArn"]}});
    return Done("access point " + id + " is there", output, output);
  }
  return NotDone("file system " + copy + " has no such access point yet");
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "CreateAccessPoint"), action, context));
  return {};
}

}  // namespace

const Handler kCreateAccessPointHandler = {.kind = "create_access_point", .probe = Look, .execute = Act};

}  // namespace tfseal
