#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/settings.h"

namespace tfseal {
namespace {

DatabaseName NameOf(const Action& action) {
  return NameIn(action, "new_instance", false);
}

// Static parameters are used from the next start on.
bool WaitsForReboot(const JsonValue& instance) {
  for (const JsonValue& group : instance["DBParameterGroups"]) {
    if (TextOf(group, "ParameterApplyStatus") == "pending-reboot") return true;
  }
  return false;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue instance, GetDatabase(name, action, context));
  if (const auto waiting = NotAvailable(name, instance)) return *waiting;
  TFSEAL_ASSIGN(const JsonValue settings, ResolveParameters(action.payload["settings"], context.outputs));
  const auto open = Differences(Comparable(settings), LiveSettings(instance, false), Compare::kExpected);
  if (!open.empty()) return NotDone(name.Text() + ": " + Describe(open));
  if (WaitsForReboot(instance)) return NotDone(name.Text() + " has parameters that wait for a reboot");
  JsonValue output(Json::objectValue);
  output["DBInstance"] = Essentials(instance);
  return Done(name.Text() + " has its settings", output, Comparable(settings));
}

Status Act(const Action& action, RunContext& context) {
  const DatabaseName name = NameOf(action);
  TFSEAL_ASSIGN(const JsonValue instance, GetDatabase(name, action, context));
  TFSEAL_ASSIGN(const JsonValue settings, ResolveParameters(action.payload["settings"], context.outputs));
  const bool set = Differences(Comparable(settings), LiveSettings(instance, false), Compare::kExpected).empty();
  return SendChange(CallOf(action, set ? "RebootDBInstance" : "ModifyDBInstance"), action, context);
}

}  // namespace

const Handler kFinishInstanceHandler = {.kind = "finish_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
