#pragma once

#include "apply/run.h"

namespace tfseal {

// How carrying out one action ended.
struct StepResult {
  enum class End : std::uint8_t {
    kDone,          // or undone
    kWaiting,       // a time or a person
    kStillRunning,  // AWS is at work longer than the plan expects
    kFailed,        // AWS or the world says no: resuming without changing something says the same
    kUnclear,       // could not look, could not reach AWS, or what was done does not show
    kInterrupted,
    kJournalFailed,
    kLockLost,
  };
  End end = End::kDone;
  ErrorCode code = ErrorCode::kInternal;
  std::string text{};
  std::string hint{};
  std::optional<TimePoint> until{};
};

enum class Direction : std::uint8_t { kDo, kUndo };

// Carries one action out, or back: looks at the world, writes what it is about to do, does it, looks again, writes what
// was seen. `may_change` is asked right before a change: a due time holds it back.
StepResult CarryOut(const RunSurroundings& run, const Action& action, Direction direction,
                    const std::function<std::optional<Due>()>& may_change);

// Bounds, so that nothing is tried for ever.
inline constexpr int kTriesPerRun = 4;       // of a change that was refused without effect, in one run
inline constexpr int kLooksPerRun = 6;       // in a row that fail
inline constexpr int kChangesPerRun = 1000;  // of one action that goes on visibly
inline constexpr int kSettleLooks = 12;      // until what was accepted, or may have been, must show
inline constexpr std::chrono::seconds kSettleInterval{10};
// However often one looks (--poll): a request may still be carried out when whoever sent it is dead and forgotten.
inline constexpr std::chrono::seconds kSettleLeast{5};

}  // namespace tfseal
