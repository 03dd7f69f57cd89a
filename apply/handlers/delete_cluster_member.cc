#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

DatabaseName NameOf(const Action& action) {
  return NameIn(action, "identifier", false);
}

Status MayGo(const JsonValue& instance, const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_TRY(IsTheOldOne(name, instance, action, context));
  const std::string cluster = TextOf(action.payload, "old_cluster");
  if (const std::string owner = TextOf(instance, "DBClusterIdentifier"); owner != cluster) {
    return InTheWay(name.Text() + " belongs to " + (owner.empty() ? "no cluster" : owner) + ", not to " + cluster,
                    "nothing is deleted; find out which instance this is");
  }
  return {};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const auto found, FindDatabase(name, action, context));
  if (!found) return Done(name.Text() + " is gone");
  if (const Status may = MayGo(*found, action, context); !may.ok()) {
    if (may.error().code != ErrorCode::kConflict) return may.error();
    return Conflict(may.error().message, may.error().hint);
  }
  if (StatusOf(*found) == "deleting") return Underway(name.Text() + " is being deleted");
  return NotDone(name.Text() + " is there");
}

Status Act(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue instance, GetDatabase(name, action, context));
  TFSEAL_TRY(MayGo(instance, action, context));
  return SendChange(CallOf(action, "DeleteDBInstance"), action, context);
}

}  // namespace

const Handler kDeleteClusterMemberHandler = {.kind = "delete_cluster_member", .probe = Look, .execute = Act};

}  // namespace tfseal
