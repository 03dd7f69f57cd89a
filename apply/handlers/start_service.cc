#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/services.h"

namespace tfseal {
namespace {

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue service, GetService(action, context));
  TFSEAL_ASSIGN(const Scaling scaling, ScalingOf(action, context));
  const bool resume = scaling.there && scaling.suspended && service["desiredCount"].asInt() > 0;
  return SendChange(CallOf(action, resume ? "RegisterScalableTarget" : "UpdateService"), action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(Probe stopped, LookIfStopped(action, context));
  if (stopped.state == ProbeState::kDone) {
    stopped.state = ProbeState::kNotDone;
  } else if (stopped.state == ProbeState::kNotDone) {
    stopped.state = ProbeState::kDone;
  }
  return stopped;
}

Status Undo(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Scaling scaling, ScalingOf(action, context));
  const bool suspend = scaling.there && !scaling.suspended;
  return SendChange(RollbackCallOf(action, suspend ? "RegisterScalableTarget" : "UpdateService"), action, context);
}

}  // namespace

const Handler kStartServiceHandler = {
    .kind = "start_service", .probe = LookIfRunning, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
