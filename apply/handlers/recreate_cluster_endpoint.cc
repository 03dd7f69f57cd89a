#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::set<std::string> Names(const JsonValue& list) {
  std::set<std::string> names;
  for (const JsonValue& name : list) names.insert(name.asString());
  return names;
}

Result<std::optional<JsonValue>> FindEndpoint(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "endpoint");
  TFSEAL_ASSIGN(const auto answer, ReadIfThere(TextOf(action.payload, "service"), "DescribeDBClusterEndpoints",
                                               Object({{"DBClusterEndpointIdentifier", Text(name)}}), action, context));
  if (!answer) return std::optional<JsonValue>();
  for (const JsonValue& endpoint : (*answer)["DBClusterEndpoints"]) {
    if (TextOf(endpoint, "DBClusterEndpointIdentifier") == name) return std::optional<JsonValue>(endpoint);
  }
  return std::optional<JsonValue>();
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = "endpoint " + TextOf(action.payload, "endpoint");
  TFSEAL_ASSIGN(const auto endpoint, FindEndpoint(action, context));
  if (!endpoint) {
    Probe probe = NotDone(name + " is not there");
    probe.step = "create";
    return probe;
  }
  const std::string cluster = TextOf(*endpoint, "DBClusterIdentifier");
  const std::string status = TextOf(*endpoint, "Status");
  if (status == "deleting" || status == "creating" || status == "modifying") return Underway(name + " is " + status);
  if (cluster == TextOf(action.payload, "cluster")) {
    const bool same = Names((*endpoint)["StaticMembers"]) == Names(action.payload["static_members"]) &&
                      Names((*endpoint)["ExcludedMembers"]) == Names(action.payload["excluded_members"]);
    if (!same) {
      return Conflict(name + " has other members than before", "give it its members, then run tfseal resume");
    }
    return Done(name + " belongs to " + cluster, *endpoint, *endpoint);
  }
  if (cluster != TextOf(action.payload, "old_cluster")) {
    return Conflict(name + " belongs to " + cluster, "find out whose it is; it is not deleted");
  }
  Probe probe = NotDone(name + " belongs to the old " + cluster);
  probe.step = "delete";
  return probe;
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto endpoint, FindEndpoint(action, context));
  if (!endpoint) return SendChange(CallOf(action, "CreateDBClusterEndpoint"), action, context);
  if (TextOf(*endpoint, "DBClusterIdentifier") != TextOf(action.payload, "old_cluster")) {
    return InTheWay("the endpoint belongs to " + TextOf(*endpoint, "DBClusterIdentifier"), "it is not deleted");
  }
  return SendChange(CallOf(action, "DeleteDBClusterEndpoint"), action, context);
}

}  // namespace

const Handler kRecreateClusterEndpointHandler = {.kind = "recreate_cluster_endpoint", .probe = Look, .execute = Act};

}  // namespace tfseal
