#include "apply/step.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/time_text.h"
#include "planner/action_kind.h"

namespace tfseal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using End = StepResult::End;
using Stage = ActionState::Stage;

// For actions whose kind gives no rule: observing ones, and those that are done with one call.
constexpr seconds kDefaultInterval{15};
constexpr seconds kDefaultDeadline{3600};
constexpr milliseconds kFirstBackOff{1000};

bool IsPassing(ErrorCode code) {
  return code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kOutcomeUnknown;
}

// Nothing that trying again, or new credentials, would change.
bool IsDefinite(ErrorCode code) {
  return !IsPassing(code) && code != ErrorCode::kUnauthenticated && code != ErrorCode::kInternal;
}

// The name is taken: by somebody else, or by what an earlier call made whose answer was lost.
bool IsTaken(const Error& error) {
  return error.code == ErrorCode::kConflict && (error.service_code.find("Exists") != std::string::npos ||
                                                error.service_code.find("Duplicate") != std::string::npos);
}

std::string StepOf(const Probe& probe) {
  return probe.step.empty() ? probe.text : probe.step;
}

class Step {
 public:
  Step(const RunSurroundings& run, const Action& action, Direction direction,
       const std::function<std::optional<Due>()>& may_change)
      : run_(run),
        action_(action),
        undo_(direction == Direction::kUndo),
        handler_(*run.options.find_handler(action.kind->name)),
        may_change_(may_change),
        begun_(run.clock.Now()) {
    const int rule_interval = action.poll ? action.poll->interval_seconds : 0;
    interval_ = run.options.poll.value_or(rule_interval > 0 ? milliseconds(seconds(rule_interval)) : kDefaultInterval);
    const int rule_deadline = action.poll ? action.poll->deadline_seconds : 0;
    limit_ = rule_deadline > 0 ? seconds(rule_deadline) : kDefaultDeadline;
    settle_interval_ = std::min<milliseconds>(kSettleInterval, run.options.poll.value_or(kSettleInterval));
    back_off_ = std::min<milliseconds>(kFirstBackOff, run.options.poll.value_or(kFirstBackOff));
  }

  StepResult Run() {
    if (auto failed = CloseOpenIntent()) return *failed;
    for (;;) {
      if (Stopped()) return {.end = End::kInterrupted};
      if (const Status kept = run_.store.KeepLock(run_.clock.Now()); !kept.ok()) return LockLost(kept.error());
      auto probe = Look();
      if (!probe.ok()) return End_(Stopped() ? End::kInterrupted : End::kUnclear, probe.error());
      if (auto result = Judge(*probe)) return *result;
    }
  }

 private:
  [[nodiscard]] const ActionState& state() const {
    static const ActionState& none = *new ActionState();
    const auto found = run_.journal.state().actions.find(action_.id);
    return found == run_.journal.state().actions.end() ? none : found->second;
  }
  bool Stopped() const { return run_.options.stop_signal && run_.options.stop_signal() != 0; }
  milliseconds Settle() const { return std::max<milliseconds>(settle_interval_ * kSettleLooks, kSettleLeast); }

  void Tell(RunEvent::What what, const std::string& text) const {
    if (!run_.options.on_event) return;
    RunEvent event;
    event.what = what;
    event.action = &action_;
    event.number = static_cast<std::size_t>(&action_ - run_.plan.actions.data()) + 1;
    event.total = run_.plan.actions.size();
    event.text = text;
    event.elapsed = run_.clock.Now() - begun_;
    if (action_.poll && action_.poll->deadline_seconds > 0) event.expected = limit_;
    run_.options.on_event(event);
  }

  static StepResult End_(End end, const Error& error) {
    return {.end = end, .code = error.code, .text = error.message, .hint = error.hint, .until = {}};
  }
  static StepResult LockLost(const Error& error) {
    return End_(error.code == ErrorCode::kLocked ? End::kLockLost : End::kUnclear, error);
  }

  // nullopt if it was written.
  std::optional<StepResult> Note(std::string_view kind, JsonValue body) {
    body["action"] = action_.id;
    if (undo_) body["undo"] = true;
    const Status written = run_.journal.Write(kind, std::move(body));
    if (written.ok()) return std::nullopt;
    const End end = written.error().code == ErrorCode::kLocked ? End::kLockLost : End::kJournalFailed;
    return End_(end, written.error());
  }

  static JsonValue Body(std::string_view text, std::string_view hint = "") {
    JsonValue body(Json::objectValue);
    body["text"] = std::string(text);
    if (!hint.empty()) body["hint"] = std::string(hint);
    return body;
  }

  // A run that was killed between writing what it was about to do and writing what came of it.
  std::optional<StepResult> CloseOpenIntent() {
    const ActionState before = state();
    if (before.open) {
      if (auto failed = Note("outcome_unknown", Body("the run ended before the outcome was written"))) return failed;
    }
    if (before.open || before.stage == Stage::kUnknown || before.stage == Stage::kUnderway) {
      // Where the clock was set back meanwhile, what was written before lies in the future.
      settled_at_ = std::min(before.changed, run_.clock.Now()) + Settle();
    }
    return std::nullopt;
  }

  Result<Probe> Look() {
    milliseconds pause = back_off_;
    for (int look = 1;; ++look) {
      auto probe = undo_ ? LookBack() : handler_.probe(action_, run_.context);
      if (probe.ok() || !IsPassing(probe.error().code) || look == kLooksPerRun || Stopped()) return probe;
      run_.clock.SleepFor(pause);
      pause *= 2;
    }
  }

  // Undoing looks at the effect: its absence is what is wanted.
  Result<Probe> LookBack() {
    if (handler_.probe_undone == nullptr) return Probe{.state = ProbeState::kDone, .text = "nothing has to be undone"};
    auto probe = handler_.probe_undone(action_, run_.context);
    if (!probe.ok()) return probe;
    if (probe->state == ProbeState::kNotDone) {
      probe->state = ProbeState::kDone;
    } else if (probe->state == ProbeState::kDone) {
      probe->state = ProbeState::kNotDone;
    }
    return probe;
  }

  std::optional<StepResult> Judge(const Probe& probe) {
    switch (probe.state) {
      case ProbeState::kDone:
        return Finish(probe);
      case ProbeState::kUnderway:
        return Wait(probe);
      case ProbeState::kWaiting:
        return Hold({"", "", probe.text, probe.hint, probe.until});
      case ProbeState::kConflict: {
        StepResult result{.end = End::kFailed, .code = ErrorCode::kConflict, .text = probe.text, .hint = probe.hint};
        return Fail(result, false, false);
      }
      case ProbeState::kNotDone:
        return Begin(probe);
    }
    return std::nullopt;
  }

  StepResult Finish(const Probe& probe) {
    JsonValue body = Body(probe.text);
    body["evidence"] = probe.evidence;
    if (probe.evidence.empty()) body["evidence"]["seen"] = probe.text;
    if (!undo_) {
      body["output"] = probe.output;
      if (state().attempts == 0) body["already"] = true;
      if (action_.point_of_no_return) body["point_of_no_return"] = true;
    }
    if (auto failed = Note(undo_ ? "undone" : "done", body)) return *failed;
    Tell(undo_ ? RunEvent::What::kUndone : RunEvent::What::kDone, probe.text);
    return {.end = End::kDone};
  }

  std::optional<StepResult> Wait(const Probe& probe) {
    settled_at_.reset();
    if (state().stage != Stage::kUnderway) {
      if (auto failed = Note("underway", Body(probe.text))) return failed;
    }
    // Earlier runs have waited for it, too. Taking back is waited for anew: it ends an outage.
    const TimePoint since = undo_ ? begun_ : std::min(begun_, state().changed);
    if (run_.clock.Now() - since >= limit_) {
      return StepResult{.end = End::kStillRunning,
                        .code = ErrorCode::kTimeout,
                        .text = fmt::format("{}; it still runs after {}, which is no failure", probe.text,
                                            DurationWords(run_.clock.Now() - since)),
                        .hint = "tfseal resume looks again"};
    }
    Tell(RunEvent::What::kProgress, probe.text);
    run_.clock.SleepFor(interval_);
    return std::nullopt;
  }

  StepResult Hold(const Due& due) {
    JsonValue body = Body(due.text, due.hint);
    if (due.until) body["until"] = FormatTime(*due.until);
    if (auto failed = Note("waiting", body)) return *failed;
    return {.end = End::kWaiting, .code = ErrorCode::kInternal, .text = due.text, .hint = due.hint, .until = due.until};
  }

  StepResult Fail(const StepResult& result, bool sent, bool retry) {
    JsonValue body = Body(result.text, result.hint);
    if (sent) body["sent"] = true;
    if (retry) body["retry"] = true;
    if (auto failed = Note("failed", body)) return *failed;
    return result;
  }

  // The effect is not there: because nothing was done yet, or because what was done does not show yet.
  std::optional<StepResult> Begin(const Probe& probe) {
    const bool same = !step_before_ || *step_before_ == StepOf(probe);
    if (settled_at_ && same) {
      if (run_.clock.Now() < *settled_at_) {
        Tell(RunEvent::What::kProgress, probe.text);
        run_.clock.SleepFor(settle_interval_);
        return std::nullopt;
      }
      if (accepted_) {
        StepResult result{.end = End::kUnclear,
                          .code = ErrorCode::kTimeout,
                          .text = fmt::format("AWS accepted the change, but after {} it does not show: {}",
                                              DurationWords(Settle()), probe.text),
                          .hint = "look at it in the console; tfseal resume looks again before it does anything"};
        return Fail(result, false, false);
      }
    }
    settled_at_.reset();
    // It was refused because it was there already: on to the next change.
    if (taken_ && !same) refused_.reset();
    if (refused_) return *refused_;
    if ((undo_ ? handler_.undo : handler_.execute) == nullptr) return Wait(probe);
    if (const auto due = may_change_()) return Hold(*due);
    if (Stopped()) return StepResult{.end = End::kInterrupted};
    return Change(probe);
  }

  std::optional<StepResult> Change(const Probe& probe) {
    if (++changes_ > kChangesPerRun) {
      return Fail({.end = End::kFailed,
                   .code = ErrorCode::kInternal,
                   .text = fmt::format("not done after {} changes: {}", kChangesPerRun, probe.text),
                   .hint = "tfseal resume goes on"},
                  false, false);
    }
    JsonValue intent = Body(probe.text);
    intent["attempt"] = state().attempts + 1;
    if (auto failed = Note("intent", intent)) return failed;
    Tell(RunEvent::What::kChanging, probe.text);
    run_.context.terraform_plan.reset();
    const Status sent = (undo_ ? handler_.undo : handler_.execute)(action_, run_.context);
    step_before_ = StepOf(probe);
    accepted_ = sent.ok();
    if (sent.ok()) {
      failures_ = 0;
      settled_at_ = run_.clock.Now() + Settle();
      return Note("accepted", JsonValue(Json::objectValue));
    }
    return NotAccepted(sent.error());
  }

  std::optional<StepResult> NotAccepted(const Error& error) {
    if (error.code == ErrorCode::kOutcomeUnknown) {
      settled_at_ = run_.clock.Now() + Settle();
      if (auto failed = Note("outcome_unknown", Body(error.message))) return failed;
      if (++failures_ < kTriesPerRun) return std::nullopt;
      // One more look after the settling decides; then the run ends rather than send it once more.
      refused_ = End_(End::kUnclear, error);
      return std::nullopt;
    }
    StepResult result = End_(IsDefinite(error.code) ? End::kFailed : End::kUnclear, error);
    const bool retry = IsPassing(error.code) && ++failures_ < kTriesPerRun;
    const StepResult failed = Fail(result, true, retry || error.code == ErrorCode::kConflict);
    if (failed.end == End::kJournalFailed || failed.end == End::kLockLost) return failed;
    if (retry) {
      run_.clock.SleepFor(back_off_ * (1 << failures_));
      return std::nullopt;
    }
    if (error.code != ErrorCode::kConflict) return result;
    // Taken already, or in another state: what an earlier, lost call made looks like that too. Only looking tells, and
    // what is there may not show at once.
    taken_ = IsTaken(error);
    if (taken_) settled_at_ = run_.clock.Now() + Settle();
    refused_ = result;
    return std::nullopt;
  }

  const RunSurroundings& run_;
  const Action& action_;
  bool undo_;
  const Handler& handler_;
  const std::function<std::optional<Due>()>& may_change_;
  TimePoint begun_;
  milliseconds interval_{0};
  milliseconds limit_{0};
  milliseconds settle_interval_{0};
  milliseconds back_off_{0};
  int changes_ = 0;
  int failures_ = 0;
  bool accepted_ = false;                   // the last change of this run
  std::optional<std::string> step_before_;  // what the world looked like before it
  std::optional<TimePoint> settled_at_;     // until then its effect may not show
  bool taken_ = false;                      // why it was refused
  std::optional<StepResult> refused_;       // the end, unless the next look finds the effect
};

}  // namespace

StepResult CarryOut(const RunSurroundings& run, const Action& action, Direction direction,
                    const std::function<std::optional<Due>()>& may_change) {
  return Step(run, action, direction, may_change).Run();
}

}  // namespace tfseal
