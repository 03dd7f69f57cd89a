#pragma once

#include <chrono>

namespace tfseal {

// Milliseconds since the Unix epoch, UTC.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

// The time of day and waiting, as a seam: libraries are told the time, so that tests can move it.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint Now() const = 0;
  // Returns earlier when the process was asked to stop (see core/stop_request.h); the caller looks.
  virtual void SleepFor(std::chrono::milliseconds duration) = 0;
};

}  // namespace tfseal
