#include "core/system_clock.h"

#include "core/stop_request.h"

namespace tfseal {

TimePoint SystemClock::Now() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + offset_;
}

void SystemClock::SleepFor(std::chrono::milliseconds duration) {
  SleepUnlessStopped(duration);
}

SteadyClock::SteadyClock() : began_(SystemClock().Now()), since_(std::chrono::steady_clock::now()) {}

TimePoint SteadyClock::Now() const {
  return began_ + std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since_);
}

void SteadyClock::SleepFor(std::chrono::milliseconds duration) {
  SleepUnlessStopped(duration);
}

}  // namespace tfseal
