#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/result.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

namespace tfseal::rekey {

// How long a statement takes now, and took when nobody disturbed it: both as the 95th percentile of twenty. What it
// took then is forgotten for less, never for more, so that a worker that starts beside others learns what is usual.
class LatencyWindow {
 public:
  static constexpr std::size_t kSize = 20;
  void Add(double milliseconds);
  [[nodiscard]] bool full() const { return last_.size() == kSize; }
  [[nodiscard]] double p95() const;  // 0 unless full
  [[nodiscard]] double baseline() const { return baseline_.value_or(0); }
  [[nodiscard]] bool IsSlow(const HealthPolicy& policy) const;

 private:
  std::deque<double> last_;
  std::optional<double> baseline_;
};

// What the application feels: a statement of its kind that is timed four times a second over a session of its own, and
// a question that it answers itself. Both run in transactions that only read. The thread ends with the object.
class HealthProbe {
 public:
  struct Reading {
    std::string slow;  // why to slow down, in words; empty: no reason
    std::string stop;  // why not to go on at all
  };

  // Takes the first measurements, for three seconds at most. An error: a statement that the server refuses.
  static Result<std::unique_ptr<HealthProbe>> Start(const postgres::ConnectionUrl& url, const HealthPolicy& policy,
                                                    const Clock& clock);
  ~HealthProbe();
  [[nodiscard]] Reading Read() const;

 private:
  HealthProbe(const postgres::ConnectionUrl& url, const HealthPolicy& policy, const Clock& clock)
      : url_(url), policy_(policy), clock_(clock) {}
  void Work();
  Status Probe();
  Status Time();
  Status Ask();

  const postgres::ConnectionUrl& url_;
  const HealthPolicy policy_;
  const Clock& clock_;
  std::optional<postgres::Connection> session_;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable ended_;
  bool end_ = false;
  LatencyWindow window_;
  bool answer_is_no_ = false;
  std::string failing_;  // what the server last said about it
  std::thread thread_;   // the last: it uses the others
};

}  // namespace tfseal::rekey
