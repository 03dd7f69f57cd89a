#include "apply/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/gates.h"
#include "apply/rollback.h"
#include "apply/step.h"
#include "core/time_text.h"
#include "planner/action_kind.h"

namespace tfseal {
namespace {

class Executor {
 public:
  explicit Executor(const RunSurroundings& run) : run_(run), branches_(run.plan) {}

  RunReport Run() {
    FillContext(run_);
    for (std::size_t i = 0; i < run_.plan.actions.size() && !ended_; ++i) {
      const Action& action = run_.plan.actions[i];
      if (state().Done(action.id)) continue;
      if (!Ready(action)) {
        held_.insert(action.id);
        continue;
      }
      Attempt(i);
    }
    return Finish();
  }

 private:
  [[nodiscard]] const RunState& state() const { return run_.journal.state(); }

  // Everything it requires is done, and was not taken back by this run.
  [[nodiscard]] bool Ready(const Action& action) const {
    if (held_.contains(action.id)) return false;
    return std::all_of(action.needs.begin(), action.needs.end(),
                       [&](const std::string& need) { return state().Done(need); });
  }

  void Tell(RunEvent::What what, std::size_t index, const std::string& text) const {
    if (!run_.options.on_event) return;
    RunEvent event;
    event.what = what;
    event.action = &run_.plan.actions[index];
    event.number = index + 1;
    event.total = run_.plan.actions.size();
    event.text = text;
    run_.options.on_event(event);
  }

  void Attempt(std::size_t index) {
    const Action& action = run_.plan.actions[index];
    if (auto due = HeldBack(run_.plan, action, state(), run_.options.account)) return HoldUnseen(index, *due);
    if (run_.options.find_handler(action.kind->name) == nullptr) {
      const Due due{
          action.id,
          action.summary,
          fmt::format("this version does not carry out {}; a person does it", action.kind->name),
          fmt::format("tfseal approve ACTIONS --action {} --by NAME --reason TEXT once it is done", action.id),
          {}};
      return ByHand(index, due);
    }
    Tell(RunEvent::What::kStarted, index, action.summary);
    const int before = Attempts(action);
    const auto may_change = [&] {
      return OutsideWindow(action, branches_.Interrupted(branches_.Of(index), state()), run_.clock.Now());
    };
    const StepResult result = CarryOut(run_, action, Direction::kDo, may_change);
    report_.changes += static_cast<std::size_t>(Attempts(action) - before);
    Settle(index, result);
  }

  [[nodiscard]] int Attempts(const Action& action) const {
    const auto found = state().actions.find(action.id);
    return found == state().actions.end() ? 0 : found->second.attempts;
  }

  // A kind without a handler: done when somebody says so.
  void ByHand(std::size_t index, const Due& due) {
    const Action& action = run_.plan.actions[index];
    const std::string by = ApprovedBy(state(), action.id);
    if (by.empty()) return HoldUnseen(index, due);
    JsonValue body(Json::objectValue);
    body["action"] = action.id;
    body["text"] = "done by hand, as " + by + " says";
    body["evidence"]["approved_by"] = by;
    if (const Status written = run_.journal.Write("done", body); !written.ok()) return JournalFailed(written.error());
    FillContext(run_);
    Tell(RunEvent::What::kDone, index, body["text"].asString());
  }

  // Something that holds an action back before it is looked at.
  void HoldUnseen(std::size_t index, const Due& due) {
    JsonValue body(Json::objectValue);
    body["action"] = due.action;
    body["text"] = due.text;
    body["hint"] = due.hint;
    if (due.until) body["until"] = FormatTime(*due.until);
    const auto seen = state().actions.find(due.action);
    const bool open = seen != state().actions.end() && seen->second.open;
    if (!open) {
      if (const Status written = run_.journal.Write("waiting", body); !written.ok()) {
        return JournalFailed(written.error());
      }
    }
    Hold(index, due);
  }

  void Hold(std::size_t index, const Due& due) {
    held_.insert(due.action);
    report_.waiting.push_back(due);
    Tell(RunEvent::What::kWaiting, index, due.text);
  }

  void JournalFailed(const Error& error) {
    ended_ = true;
    report_.ending = error.code == ErrorCode::kLocked    ? RunEnding::kLocked
                     : error.code == ErrorCode::kCorrupt ? RunEnding::kDamaged
                                                         : RunEnding::kStopped;
    report_.problems.push_back(
        {"", "", error.code, error.message,
         error.hint.empty() ? "make the journal writable again, then tfseal resume" : error.hint});
  }

  void Settle(std::size_t index, const StepResult& result) {
    const Action& action = run_.plan.actions[index];
    switch (result.end) {
      case StepResult::End::kDone:
        FillContext(run_);
        return;
      case StepResult::End::kWaiting:
        return Hold(index, {action.id, action.summary, result.text, result.hint, result.until});
      case StepResult::End::kInterrupted:
        ended_ = true;
        report_.ending = RunEnding::kInterrupted;
        return;
      case StepResult::End::kJournalFailed:
      case StepResult::End::kLockLost:
        return JournalFailed({result.code, result.text, result.hint});
      case StepResult::End::kStillRunning:
      case StepResult::End::kUnclear:
      case StepResult::End::kFailed:
        return Failed(index, result);
    }
  }

  void Failed(std::size_t index, const StepResult& result) {
    const Action& action = run_.plan.actions[index];
    report_.ending = RunEnding::kStopped;
    report_.problems.push_back({action.id, action.summary, result.code, result.text, result.hint});
    Tell(RunEvent::What::kFailed, index, result.text);
    held_.insert(action.id);
    ended_ = !run_.options.keep_going;
    const std::size_t branch = branches_.Of(index);
    if (result.end != StepResult::End::kFailed || !run_.options.automatic_rollback ||
        !branches_.Interrupted(branch, state()) || branches_.PastNoReturn(branch, state())) {
      return;
    }
    Tell(RunEvent::What::kNote, index, "going back, so that the users of this database can work again");
    TakeBack(branch);
  }

  void TakeBack(std::size_t branch) {
    const std::vector<std::size_t> begun = branches_.BegunIn(branch, state());
    const UndoResult undone = Undo(run_, begun);
    for (const std::size_t index : undone.undone) {
      held_.insert(run_.plan.actions[index].id);
      report_.undone.push_back(run_.plan.actions[index].summary);
    }
    if (!undone.stopped_at) return;
    const Action& stuck = run_.plan.actions[*undone.stopped_at];
    if (undone.result.end == StepResult::End::kInterrupted) {
      ended_ = true;
      report_.ending = RunEnding::kInterrupted;
    } else if (undone.result.end == StepResult::End::kJournalFailed ||
               undone.result.end == StepResult::End::kLockLost) {
      JournalFailed({undone.result.code, undone.result.text, undone.result.hint});
    } else {
      ended_ = true;
      report_.problems.push_back({stuck.id, "undo: " + stuck.summary, undone.result.code, undone.result.text,
                                  "correct this, then tfseal rollback or tfseal resume"});
    }
  }

  RunReport Finish() {
    if (report_.ending == RunEnding::kInterrupted && run_.options.stop_signal) {
      report_.signal = run_.options.stop_signal();
    }
    if (report_.ending == RunEnding::kDone && !report_.waiting.empty()) report_.ending = RunEnding::kWaiting;
    for (const Due& due : report_.waiting) {
      if (due.until && (!report_.due || *due.until < *report_.due)) report_.due = due.until;
    }
    return std::move(report_);
  }

  const RunSurroundings& run_;
  Branches branches_;
  std::set<std::string> held_;  // actions that are not tried (again) in this run
  bool ended_ = false;
  RunReport report_;
};

}  // namespace

RunReport CarryOutPlan(const RunSurroundings& run) {
  return Executor(run).Run();
}

std::set<std::string> NotReconciled(const ActionPlan& plan, const RunState& state) {
  std::set<std::string> addresses;
  for (const Action& action : plan.actions) {
    const bool reconciles = action.kind == &kReconcileTerraform || action.kind == &kEditConfiguration;
    if (reconciles && !state.Done(action.id)) addresses.insert(action.target.address);
  }
  return addresses;
}

void FillContext(const RunSurroundings& run) {
  const RunState& state = run.journal.state();
  run.context.not_reconciled = NotReconciled(run.plan, state);
  for (const auto& [id, action] : state.actions) {
    if (action.stage != ActionState::Stage::kDone) continue;
    if (run.context.done.contains(id)) continue;
    run.outputs[id] = action.output;
    run.context.done[id] = {action.changed, action.evidence};
  }
  for (const auto& [id, approvals] : state.approvals) {
    run.context.settings.approvals[id] = ApprovedBy(state, id);
    for (const Approval& approval : approvals) {
      if (!approval.evidence.empty()) run.context.shown[id] = approval.evidence;
    }
  }
}

}  // namespace tfseal
