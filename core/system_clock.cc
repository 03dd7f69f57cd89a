#include "core/system_clock.h"

#include "core/stop_request.h"

namespace tfseal {

TimePoint SystemClock::Now() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + offset_;
}

void SystemClock::SleepFor(std::chrono::milliseconds duration) {
  SleepUnlessStopped(duration);
}

}  // namespace tfseal
