#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/entropy.h"

namespace tfseal::aws {

struct RetryPolicy {
  int attempts_max = 5;
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds first_pause_throttled{500};
  std::chrono::milliseconds pause_max{20'000};
  // A service that asks for more (Retry-After) is not waited for; the caller decides.
  std::chrono::milliseconds asked_pause_max{60'000};
};

// A time between nothing and the exponential limit ("full jitter"), so that many clients do not come back together.
std::chrono::milliseconds PauseBefore(int next_attempt, bool throttled, const RetryPolicy& policy, Entropy& entropy);

// How many requests may be started, by service and region: as many as there are until the service throttles, then half
// the rate that there was, growing again by success. A few operations have a known, low limit from the start.
//
// A caller that knows its share of a quota gives it as `paced` (requests per second; 0: none). It is kept on the
// average: what was not used within the last second, as the slowest answers of a batch were waited for, is made up
// for at one and a half times the pace. A service that throttles such a caller takes off less, as others are in its
// way only for a moment.
class RateLimiter {
 public:
  // How long to wait before the next request of that kind; zero: now, and it counts as started.
  std::chrono::milliseconds Take(std::string_view service, std::string_view region, std::string_view operation,
                                 TimePoint now, double paced = 0);
  void Throttled(std::string_view service, std::string_view region, TimePoint now);
  void Succeeded(std::string_view service, std::string_view region);
  // Requests per second that are let through after the service throttled; nullopt: no limit.
  [[nodiscard]] std::optional<double> Limit(std::string_view service, std::string_view region) const;

 private:
  struct Bucket {
    std::optional<double> per_second;  // none: no limit
    double tokens = 0;
    double pace = 0;     // the last one that was given
    double at_once = 0;  // a second lot of tokens, of making up
    TimePoint filled{};
    // Requests started in the current second and in the one before.
    TimePoint second{};
    int started = 0;
    int started_before = 0;
    TimePoint throttled{};
  };
  Bucket& At(std::string_view service, std::string_view region);
  static std::chrono::milliseconds TakeFrom(Bucket& bucket, TimePoint now);
  static std::chrono::milliseconds TakePaced(Bucket& bucket, TimePoint now);
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace tfseal::aws
