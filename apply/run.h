#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/handler.h"
#include "apply/journal.h"
#include "planner/action_plan.h"

// Carrying a plan out: apply/executor.h. What its parts share.
namespace tfseal {

// What happens, for people and logs. Never holds a secret.
struct RunEvent {
  enum class What : std::uint8_t {
    kStarted,   // an action is looked at
    kChanging,  // a change is sent
    kProgress,  // it is being waited for; comes often
    kDone,
    kWaiting,
    kFailed,
    kUndone,
    kNote,  // about the run, not an action
  };
  What what = What::kNote;
  const Action* action = nullptr;
  std::size_t number = 0;  // of the action in the plan, from 1
  std::size_t total = 0;
  std::string text;
  std::chrono::milliseconds elapsed{0};
  std::optional<std::chrono::milliseconds> expected;  // at the latest, where the plan says so
};

struct RunOptions {
  bool keep_going = false;
  bool automatic_rollback = true;
  std::optional<std::chrono::milliseconds> poll;  // instead of the plan's intervals
  std::string account;                            // of the caller
  const Handler* (*find_handler)(std::string_view) = FindHandler;
  std::function<int()> stop_signal;  // the signal that asked to stop, or 0
  std::function<void(const RunEvent&)> on_event;
};

// What the parts of a run work with.
struct RunSurroundings {
  const ActionPlan& plan;
  JournalStore& store;
  Journal& journal;
  Clock& clock;
  RunContext& context;
  // Where the journal's facts about done actions are kept for `context`, which refers to it.
  std::map<std::string, JsonValue>& outputs;
  const RunOptions& options;
};

// One thing that stopped, and what to do.
struct Problem {
  std::string action;  // id; empty: the run itself
  std::string summary;
  ErrorCode code = ErrorCode::kInternal;
  std::string text;
  std::string hint;
};

struct Due {
  std::string action;
  std::string summary;
  std::string text;
  std::string hint;
  std::optional<TimePoint> until;
};

enum class RunEnding : std::uint8_t { kDone, kStopped, kWaiting, kInterrupted, kLocked, kDamaged };

struct RunReport {
  RunEnding ending = RunEnding::kDone;
  int signal = 0;  // for kInterrupted
  std::vector<Problem> problems;
  std::vector<Due> waiting;
  std::vector<std::string> undone;  // summaries, in the order in which they were undone
  std::size_t changes = 0;          // changes sent by this run
  std::optional<TimePoint> due;     // the earliest time at which something that waits can go on
};

}  // namespace tfseal
