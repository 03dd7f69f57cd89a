#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/global_clusters.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "global_cluster");
  const std::string source = TextOf(action.payload, "source_arn");
  TFSEAL_ASSIGN(const auto global, FindGlobal(name, action, context));
  if (!global) return NotDone("there is no global database " + name + " yet");
  // Members are named once it is there.
  if (const std::string status = TextOf(*global, "Status"); status != "available") {
    return Underway("global database " + name + " is " + status);
  }
  const JsonValue* member = MemberOf(*global, source);
  if (member == nullptr || (*member)["IsWriter"] != JsonValue(true)) {
    return Conflict("global database " + name + " is there, but its primary is not " + source,
                    "it is somebody else's: rename or delete it yourself, then run tfseal resume");
  }
  if ((*global)["StorageEncrypted"] != JsonValue(true)) {
    return Conflict("global database " + name + " is not encrypted", "look at its primary; nothing further is changed");
  }
  return Done("global database " + name + " is available, encrypted", Object({{"arn", (*global)["GlobalClusterArn"]}}),
              Object({{"members", (*global)["GlobalClusterMembers"]}}));
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "CreateGlobalCluster"), action, context);
}

}  // namespace

const Handler kCreateGlobalClusterHandler = {.kind = "create_global_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
