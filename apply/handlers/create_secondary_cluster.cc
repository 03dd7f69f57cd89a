#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/global_clusters.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameIn(action, "new_cluster", true);
  const std::string global_name = TextOf(action.payload, "global_cluster");
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const auto cluster, FindDatabase(name, action, context));
  if (!cluster) return NotDone("there is no " + name.Text() + " yet");
  if (const auto waiting = NotAvailable(name, *cluster)) return *waiting;
  if (const std::string wrong = WrongKey(*cluster, key); !wrong.empty()) {
    return Conflict(name.Text() + " " + wrong, "rename or remove it yourself, then run tfseal resume");
  }
  TFSEAL_ASSIGN(const auto global, FindGlobal(global_name, action, context));
  if (!global || MemberOf(*global, TextOf(*cluster, "DBClusterArn")) == nullptr) {
    return Conflict(name.Text() + " is there, but not in the global database " + global_name,
                    "rename or remove it yourself, then run tfseal resume");
  }
  JsonValue output(Json::objectValue);
  output["DBCluster"] = Essentials(*cluster);
  return Done(name.Text() + " is a secondary, encrypted under the key", output, Essentials(*cluster));
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  return SendChange(CallOf(action, "CreateDBCluster"), action, context);
}

}  // namespace

const Handler kCreateSecondaryClusterHandler = {.kind = "create_secondary_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
