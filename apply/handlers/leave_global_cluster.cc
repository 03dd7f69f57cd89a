#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/global_clusters.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name{"rds", true, action.target.identifier};
  const std::string global_name = TextOf(action.payload, "global_cluster");
  TFSEAL_ASSIGN(const JsonValue cluster, GetDatabase(name, action, context));
  if (TextOf(cluster, "DBClusterArn") != TextOf(action.payload, "cluster_arn")) {
    return Conflict(name.Text() + " is another cluster than the plan was made for", "write the plan again");
  }
  if (const auto waiting = NotAvailable(name, cluster)) return *waiting;
  TFSEAL_ASSIGN(const auto global, FindGlobal(global_name, action, context));
  if (global && MemberOf(*global, TextOf(cluster, "DBClusterArn")) != nullptr) {
    return NotDone(name.Text() + " is in the global database " + global_name);
  }
  return Done(name.Text() + " is in the global database " + global_name + " no more", JsonValue(Json::objectValue),
              Essentials(cluster));
}

Status Act(const Action& action, RunContext& context) {
  // Without the comparison there is no copy to go on with.
  TFSEAL_TRY(ResolvedText(action, "compared", context));
  return SendChange(CallOf(action, "RemoveFromGlobalCluster"), action, context);
}

}  // namespace

const Handler kLeaveGlobalClusterHandler = {.kind = "leave_global_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
