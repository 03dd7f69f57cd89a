#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/services.h"

namespace tfseal {
namespace {

Status Act(const Action& action, RunContext& context) {
  // What is not known cannot be restored.
  TFSEAL_ASSIGN(const int count, WantedCount(action, context));
  static_cast<void>(count);
  TFSEAL_ASSIGN(const Scaling scaling, ScalingOf(action, context));
  const bool suspend = scaling.there && !scaling.suspended;
  return SendChange(CallOf(action, suspend ? "RegisterScalableTarget" : "UpdateService"), action, context);
}

// Going back means that it runs again.
Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(Probe running, LookIfRunning(action, context));
  if (running.state == ProbeState::kDone) {
    running.state = ProbeState::kNotDone;
  } else if (running.state == ProbeState::kNotDone) {
    running.state = ProbeState::kDone;
  }
  return running;
}

Status Undo(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue service, GetService(action, context));
  TFSEAL_ASSIGN(const Scaling scaling, ScalingOf(action, context));
  const bool resume = scaling.there && scaling.suspended && service["desiredCount"].asInt() > 0;
  return SendChange(RollbackCallOf(action, resume ? "RegisterScalableTarget" : "UpdateService"), action, context);
}

}  // namespace

const Handler kStopServiceHandler = {
    .kind = "stop_service", .probe = LookIfStopped, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
