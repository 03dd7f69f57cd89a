#include "aws/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tfseal::aws {
namespace {

using std::chrono::milliseconds;

constexpr double kSlowest = 0.5;  // requests per second
// The smallest quota of KMS for data keys is thousands a second, shared by the account: so few more are no load for
// it, and a recovery is noticed.
constexpr double kSlowestOfKms = 5.0;
constexpr double kUnlimited = 1000.0;  // a limit that has grown to this is none
constexpr double kGrowth = 0.2;        // per success
// Of callers with a pace of their own: what a refusal leaves of it, and one that follows another; how fast they make
// up, and for how long that much may come at once.
constexpr double kLeftOfPace = 0.9;
constexpr double kLeftOfPaceAgain = 0.7;
constexpr milliseconds kFollows{2000};
constexpr double kMakeUp = 1.5;
constexpr double kMakeUpSeconds = 0.05;
// Several answers of one burst are throttled together, and are one sign.
constexpr milliseconds kBurst{500};

struct KnownLimit {
  std::string_view service;
  std::string_view operation;
  double per_second;
};
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two a second, account and
// region.
constexpr std::array<KnownLimit, 1> kKnownLimits = {{{"cloudtrail", "LookupEvents", 2.0}}};

double SlowestOf(std::string_view service) {
  return service == "kms" ? kSlowestOfKms : kSlowest;
}

}  // namespace

milliseconds PauseBefore(int next_attempt, bool throttled, const RetryPolicy& policy, Entropy& entropy) {
  milliseconds limit = throttled ? policy.first_pause_throttled : policy.first_pause;
  for (int attempt = 2; attempt < next_attempt && limit < policy.pause_max; ++attempt) limit *= 2;
  limit = std::min(limit, policy.pause_max);
  std::array<std::byte, 4> bytes{};
  entropy.Fill(bytes);
  std::uint32_t random = 0;
  std::memcpy(&random, bytes.data(), sizeof random);
  return milliseconds(static_cast<std::int64_t>(random) * limit.count() >> 32);
}

RateLimiter::Bucket& RateLimiter::At(std::string_view service, std::string_view region) {
  return buckets_[fmt::format("{} {}", service, region)];
}

milliseconds RateLimiter::TakeFrom(Bucket& bucket, TimePoint now) {
  const double rate = *bucket.per_second;
  const double elapsed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(std::max(1.0, rate), bucket.tokens + std::max(0.0, elapsed) * rate);
  bucket.filled = now;
  if (bucket.tokens < 1.0)
    return milliseconds(static_cast<std::int64_t>(std::ceil((1.0 - bucket.tokens) / rate * 1000)));
  bucket.tokens -= 1.0;
  return milliseconds(0);
}

milliseconds RateLimiter::TakePaced(Bucket& bucket, TimePoint now) {
  const double rate = bucket.per_second ? std::min(*bucket.per_second, bucket.pace) : bucket.pace;
  const double most = rate * kMakeUp;
  if (bucket.filled == TimePoint{}) bucket.filled = now;
  const double elapsed = std::max(0.0, std::chrono::duration<double>(now - bucket.filled).count());
  bucket.filled = now;
  bucket.tokens = std::min(std::max(1.0, rate), bucket.tokens + elapsed * rate);
  bucket.at_once = std::min(std::max(1.0, most * kMakeUpSeconds), bucket.at_once + elapsed * most);
  const double lacking = std::max((1.0 - bucket.tokens) / rate, (1.0 - bucket.at_once) / most);
  if (lacking > 0) return milliseconds(static_cast<std::int64_t>(std::ceil(lacking * 1000)));
  bucket.tokens -= 1.0;
  bucket.at_once -= 1.0;
  return milliseconds(0);
}

milliseconds RateLimiter::Take(std::string_view service, std::string_view region, std::string_view operation,
                               TimePoint now, double paced) {
  for (const KnownLimit& known : kKnownLimits) {
    if (known.service != service || known.operation != operation) continue;
    Bucket& bucket = At(fmt::format("{}.{}", service, operation), region);
    if (!bucket.per_second) bucket = {.per_second = known.per_second, .tokens = known.per_second, .filled = now};
    return TakeFrom(bucket, now);
  }
  Bucket& bucket = At(service, region);
  bucket.pace = paced;
  if (paced > 0) {
    if (const milliseconds wait = TakePaced(bucket, now); wait.count() > 0) return wait;
  } else if (bucket.per_second) {
    if (const milliseconds wait = TakeFrom(bucket, now); wait.count() > 0) return wait;
  }
  if (now - bucket.second >= std::chrono::seconds(1)) {
    bucket.started_before = now - bucket.second < std::chrono::seconds(2) ? bucket.started : 0;
    bucket.started = 0;
    bucket.second = now;
  }
  ++bucket.started;
  return milliseconds(0);
}

void RateLimiter::Throttled(std::string_view service, std::string_view region, TimePoint now) {
  Bucket& bucket = At(service, region);
  if (bucket.per_second && now - bucket.throttled < kBurst) return;
  const double seen = static_cast<double>(std::max(bucket.started, bucket.started_before));
  const double slowest = SlowestOf(service);
  const double rate = bucket.per_second ? std::min(*bucket.per_second, std::max(seen, slowest)) : seen;
  if (bucket.pace > 0) {
    const double left = now - bucket.throttled < kFollows ? kLeftOfPaceAgain : kLeftOfPace;
    bucket.per_second = std::max(slowest, std::min(bucket.per_second.value_or(bucket.pace), bucket.pace) * left);
  } else {
    bucket.per_second = std::max(slowest, rate / 2);
  }
  bucket.tokens = 0;
  bucket.filled = now;
  bucket.throttled = now;
}

void RateLimiter::Succeeded(std::string_view service, std::string_view region) {
  Bucket& bucket = At(service, region);
  if (!bucket.per_second) return;
  *bucket.per_second += kGrowth;
  if (*bucket.per_second >= (bucket.pace > 0 ? bucket.pace : kUnlimited)) bucket.per_second.reset();
}

std::optional<double> RateLimiter::Limit(std::string_view service, std::string_view region) const {
  const auto bucket = buckets_.find(fmt::format("{} {}", service, region));
  return bucket == buckets_.end() ? std::nullopt : bucket->second.per_second;
}

}  // namespace tfseal::aws
