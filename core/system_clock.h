#pragma once

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

}  // namespace tfseal
