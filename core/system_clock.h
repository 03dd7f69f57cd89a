#pragma once

#include <chrono>

#include "core/clock.h"

namespace tfseal {

// The time of day of this machine, moved by an offset that is zero but for rehearsals on an emulator. Sleeping ends
// early when a stop was requested (core/stop_request.h).
class SystemClock : public Clock {
 public:
  explicit SystemClock(std::chrono::milliseconds offset = std::chrono::milliseconds{0}) : offset_(offset) {}
  [[nodiscard]] TimePoint Now() const override;
  void SleepFor(std::chrono::milliseconds duration) override;

 private:
  std::chrono::milliseconds offset_;
};

// The time of day when it was made, and from there on the time that has passed: a clock that somebody sets or that
// jumps neither stretches nor ends what this one measures. For work that takes hours beside other machines.
class SteadyClock : public Clock {
 public:
  SteadyClock();
  [[nodiscard]] TimePoint Now() const override;
  void SleepFor(std::chrono::milliseconds duration) override;

 private:
  TimePoint began_;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace tfseal
