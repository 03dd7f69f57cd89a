#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/machines.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::string Instance(const Action& action) {
  return TextAt(action.payload, "instance");
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string id = Instance(action);
  TFSEAL_ASSIGN(const JsonValue machine, DescribeMachine(id, action, context));
  const std::string state = StateOfMachine(machine);
  if (state == "running") return NotDone("instance " + id + " runs");
  if (state == "stopped") {
    const JsonValue output = Object({{"InstanceId", Text(id)}, {"StoppedAt", Text(FormatTime(context.clock.Now()))}});
    return Done("instance " + id + " is stopped", output, output);
  }
  if (state == "stopping" || state == "pending") return Underway("instance " + id + " is " + state);
  return Conflict("instance " + id + " is " + state, "find out who ended it; its volumes may be gone with it");
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "StopInstances"), action, context));
  return {};
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  const std::string id = Instance(action);
  TFSEAL_ASSIGN(const std::string was, ResolvedText(action, "state", context));
  if (was == "stopped") return EffectGone("instance " + id + " was stopped before, and stays so");
  TFSEAL_ASSIGN(const JsonValue machine, DescribeMachine(id, action, context));
  const std::string state = StateOfMachine(machine);
  if (state == "running") return EffectGone("instance " + id + " runs again");
  if (state == "stopped") return EffectThere("instance " + id + " is stopped");
  if (state == "stopping" || state == "pending") return Underway("instance " + id + " is " + state);
  return Conflict("instance " + id + " is " + state, "find out who ended it");
}

Status Undo(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(RollbackCallOf(action, "StartInstances"), action, context));
  return {};
}

}  // namespace

const Handler kStopInstanceHandler = {
    .kind = "stop_instance", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
