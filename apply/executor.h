#pragma once

#include "apply/run.h"

namespace tfseal {

// Carries the plan out in its order, from wherever the journal and the world say it stands, until everything is done or
// something stops it. The only place that changes the world. The caller holds the lock of the journal.
//
// An action that waits holds back what requires it; everything else goes on. A failure ends the run, with
// `keep_going` only what requires the action. A definite failure between the fence of a database and its point of no
// return takes that database back (`automatic_rollback`).
RunReport CarryOutPlan(const RunSurroundings& run);

// Takes back what was done, in reverse order: everything before a point of no return that was not passed. With
// `accept_loss` also what lies behind one.
RunReport RollBack(const RunSurroundings& run, bool accept_loss);

// Whether somebody has agreed to lose what was written since every point of no return that was passed: after it was.
bool LossAccepted(const ActionPlan& plan, const RunState& state);

// What the journal says, for `context`, `outputs` and `approvals` of a run.
void FillContext(const RunSurroundings& run);

// The Terraform addresses that actions which are not done still bring in line.
std::set<std::string> NotReconciled(const ActionPlan& plan, const RunState& state);

}  // namespace tfseal
