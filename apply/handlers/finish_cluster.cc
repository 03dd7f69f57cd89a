#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/settings.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameIn(action, "new_cluster", true);
  TFSEAL_ASSIGN(const JsonValue cluster, GetDatabase(name, action, context));
  if (const auto waiting = NotAvailable(name, cluster)) return *waiting;
  TFSEAL_ASSIGN(const JsonValue settings, ResolveParameters(action.payload["settings"], context.outputs));
  const auto open = Differences(Comparable(settings), LiveSettings(cluster, true), Compare::kExpected);
  if (!open.empty()) return NotDone(name.Text() + ": " + Describe(open));
  JsonValue output(Json::objectValue);
  output["DBCluster"] = Essentials(cluster);
  return Done(name.Text() + " has its settings", output, Comparable(settings));
}

Status Act(const Action& action, RunContext& context) {
  return SendChange(CallOf(action, "ModifyDBCluster"), action, context);
}

}  // namespace

const Handler kFinishClusterHandler = {.kind = "finish_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
