#include "apply/rollback.h"

#include <fmt/format.h>

#include <algorithm>

#include "apply/branch.h"
#include "apply/executor.h"
#include "apply/gates.h"
#include "planner/action_kind.h"

namespace tfseal {
namespace {

// Whether what the action deleted or made invalid is gone, or may be. Nothing that led to it is taken back either: what
// came instead is all there is.
bool IsGone(const Action& action, const RunState& state) {
  if (action.kind->phase != "retire" || action.kind == &kReleaseProtection) return false;
  const auto found = state.actions.find(action.id);
  if (found == state.actions.end()) return false;
  const ActionState::Stage stage = found->second.stage;
  return stage != ActionState::Stage::kPending && stage != ActionState::Stage::kWaiting &&
         stage != ActionState::Stage::kFailed;
}

// What came after it, like the evidence of it, stays as well.
bool FollowsWhatIsGone(const ActionPlan& plan, const Action& action, const RunState& state) {
  return std::any_of(plan.actions.begin(), plan.actions.end(), [&](const Action& other) {
    return IsGone(other, state) && std::find(action.needs.begin(), action.needs.end(), other.id) != action.needs.end();
  });
}

// Whether something that is not taken back, and was done, stands on it.
bool StillNeeded(const ActionPlan& plan, const RunState& state, const std::set<std::string>& kept,
                 const Action& action) {
  return std::any_of(plan.actions.begin(), plan.actions.end(), [&](const Action& other) {
    return kept.contains(other.id) && (state.Done(other.id) || IsGone(other, state)) &&
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
    const bool gone = IsGone(action, state) || FollowsWhatIsGone(plan, action, state);
    if (sealed || gone || StillNeeded(plan, state, kept, action)) {
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
    run.context.settings.approvals.erase(action.id);
    undone.undone.push_back(index);
  }
  return undone;
}

bool LossAccepted(const ActionPlan& plan, const RunState& state) {
  if (state.losses_accepted.empty()) return false;
  TimePoint accepted{};
  for (const Approval& approval : state.losses_accepted) accepted = std::max(accepted, approval.at);
  return std::all_of(plan.actions.begin(), plan.actions.end(), [&](const Action& action) {
    if (!action.point_of_no_return || !Begun(action, state)) return true;
    const ActionState& seen = state.actions.at(action.id);
    return accepted >= (seen.done == TimePoint{} ? seen.started : seen.done);
  });
}

RunReport RollBack(const RunSurroundings& run, bool accept_loss) {
  FillContext(run);
  RunReport report;
  const Branches branches(run.plan);
  const RunState state = run.journal.state();
  const UndoResult undone = Undo(run, ToUndo(run.plan, branches, state, accept_loss));
  for (const std::size_t index : undone.undone) report.undone.push_back(run.plan.actions[index].summary);
  if (!undone.stopped_at) {
    const auto gone = std::find_if(run.plan.actions.begin(), run.plan.actions.end(),
                                   [&](const Action& action) { return IsGone(action, state); });
    if (!accept_loss || gone == run.plan.actions.end()) return report;
    report.ending = RunEnding::kStopped;
    report.problems.push_back({gone->id, gone->summary, ErrorCode::kConflict,
                               "this was done, so there is nothing to go back to: what led to it is kept as it is",
                               "what was kept (final snapshots, sealed copies) is in the evidence; restore from it"});
    return report;
  }
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
