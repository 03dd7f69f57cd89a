#include "apply/rollback.h"

#include <fmt/format.h>

#include <algorithm>

#include "apply/branch.h"
#include "apply/executor.h"
#include "apply/gates.h"
#include "planner/action_kind.h"

namespace tfseal {
namespace {

// Whether something that is not taken back, and was done, stands on it.
bool StillNeeded(const ActionPlan& plan, const RunState& state, const std::set<std::string>& kept,
                 const Action& action) {
  return std::any_of(plan.actions.begin(), plan.actions.end(), [&](const Action& other) {
    return kept.contains(other.id) && state.Done(other.id) &&
           std::find(other.needs.begin(), other.needs.end(), action.id) != other.needs.end();
  });
}

// Positions of what can be taken back, the latest first. What a kept action stands on is kept as well.
std::vector<std::size_t> ToUndo(const ActionPlan& plan, const Branches& branches, const RunState& state,
                                bool accept_loss) {
  std::vector<std::size_t> undo;
  std::set<std::string> kept;
  for (std::size_t i = plan.actions.size(); i-- > 0;) {
    const Action& action = plan.actions[i];
    if (!Begun(action, state)) continue;
    const std::size_t branch = branches.Of(i);
    const bool sealed = !accept_loss && (action.point_of_no_return || branches.PastNoReturn(branch, state));
    if (sealed || StillNeeded(plan, state, kept, action)) {
      kept.insert(action.id);
    } else {
      undo.push_back(i);
    }
  }
  return undo;
}

}  // namespace

UndoResult Undo(const RunSurroundings& run, const std::vector<std::size_t>& actions) {
  UndoResult undone;
  const std::function<std::optional<Due>()> at_once = [] { return std::optional<Due>(); };
  for (const std::size_t index : actions) {
    const Action& action = run.plan.actions[index];
    if (run.options.find_handler(action.kind->name) == nullptr) continue;
    StepResult result = CarryOut(run, action, Direction::kUndo, at_once);
    if (result.end != StepResult::End::kDone) {
      undone.stopped_at = index;
      undone.result = std::move(result);
      return undone;
    }
    run.context.done.erase(action.id);
    undone.undone.push_back(index);
  }
  return undone;
}

RunReport RollBack(const RunSurroundings& run, bool accept_loss) {
  FillContext(run);
  RunReport report;
  const Branches branches(run.plan);
  const RunState state = run.journal.state();
  const UndoResult undone = Undo(run, ToUndo(run.plan, branches, state, accept_loss));
  for (const std::size_t index : undone.undone) report.undone.push_back(run.plan.actions[index].summary);
  if (!undone.stopped_at) return report;
  const Action& stuck = run.plan.actions[*undone.stopped_at];
  report.ending = RunEnding::kStopped;
  if (undone.result.end == StepResult::End::kInterrupted) {
    report.ending = RunEnding::kInterrupted;
    report.signal = run.options.stop_signal ? run.options.stop_signal() : 0;
    return report;
  }
  if (undone.result.end == StepResult::End::kLockLost) report.ending = RunEnding::kLocked;
  report.problems.push_back(
      {stuck.id, "undo: " + stuck.summary, undone.result.code, undone.result.text, undone.result.hint});
  return report;
}

}  // namespace tfseal
