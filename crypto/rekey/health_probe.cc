#include "crypto/rekey/health_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

namespace tfseal::rekey {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetween{250};
// What takes longer counts as this long: by then nobody waits for it any more.
constexpr milliseconds kStatementMax{5000};
constexpr milliseconds kFirstMax{3000};
constexpr std::size_t kRank95 = 19;  // of 20, the nearest rank

postgres::SessionOptions ProbeOptions() {
  postgres::SessionOptions options;
  options.connect_timeout = std::chrono::seconds(5);
  options.statement_timeout = kStatementMax;
  options.lock_timeout = kStatementMax;
  options.application_name = "tfseal rekey health";
  return options;
}

bool TookTooLong(const Error& error) {
  return error.service_code == "57014" || error.service_code == "55P03";
}

}  // namespace

void LatencyWindow::Add(double milliseconds) {
  last_.push_back(milliseconds);
  if (last_.size() > kSize) last_.pop_front();
  if (full() && p95() < baseline_.value_or(std::numeric_limits<double>::infinity())) baseline_ = p95();
}

double LatencyWindow::p95() const {
  if (!full()) return 0;
  std::vector<double> sorted(last_.begin(), last_.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted[kRank95 - 1];
}

bool LatencyWindow::IsSlow(const HealthPolicy& policy) const {
  return full() && p95() > policy.slow_from * baseline() && p95() - baseline() > policy.floor_ms;
}

Result<std::unique_ptr<HealthProbe>> HealthProbe::Start(const postgres::ConnectionUrl& url, const HealthPolicy& policy,
                                                        const Clock& clock) {
  std::unique_ptr<HealthProbe> probe(new HealthProbe(url, policy, clock));
  const TimePoint began = clock.Now();
  for (std::size_t i = 0; i < LatencyWindow::kSize && clock.Now() - began < kFirstMax; ++i) {
    const Status probed = probe->Probe();
    if (probed.ok()) continue;
    Error error = probed.error();
    error.message = "throttle.health: " + error.message;
    error.hint =
        "its statement and hook are one SELECT each, with names that have their schema; hook answers true or false";
    return error;
  }
  probe->thread_ = std::thread([raw = probe.get()] { raw->Work(); });
  return probe;
}

HealthProbe::~HealthProbe() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HealthProbe::Work() {
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (ended_.wait_for(lock, kBetween, [this] { return end_; })) return;
    }
    const Status probed = Probe();
    const std::lock_guard<std::mutex> lock(mutex_);
    failing_ = probed.ok() ? std::string() : probed.error().message;
    // A session that broke stays so.
    if (!probed.ok()) session_.reset();
  }
}

Status HealthProbe::Probe() {
  if (!session_.has_value()) {
    TFSEAL_ASSIGN(session_, postgres::Connection::Open(url_, ProbeOptions()));
  }
  if (!policy_.statement.empty()) TFSEAL_TRY(Time());
  return policy_.hook.empty() ? Status() : Ask();
}

Status HealthProbe::Time() {
  TFSEAL_TRY(session_->Begin("READ ONLY"));
  const TimePoint before = clock_.Now();
  const auto answer = session_->Query(policy_.statement);
  const milliseconds took = clock_.Now() - before;
  TFSEAL_TRY(session_->Rollback());
  if (!answer.ok() && !TookTooLong(answer.error())) return answer.error();
  const std::lock_guard<std::mutex> lock(mutex_);
  window_.Add(static_cast<double>((answer.ok() ? took : std::max(took, kStatementMax)).count()));
  return {};
}

Status HealthProbe::Ask() {
  TFSEAL_TRY(session_->Begin("READ ONLY"));
  const auto answer = session_->Query(policy_.hook);
  TFSEAL_TRY(session_->Rollback());
  if (!answer.ok() && !TookTooLong(answer.error())) return answer.error();
  const bool yes =
      answer.ok() && answer->size() == 1 && answer->front().size() == 1 && postgres::TextAt(answer->front(), 0) == "t";
  const std::lock_guard<std::mutex> lock(mutex_);
  answer_is_no_ = !yes;
  return {};
}

HealthProbe::Reading HealthProbe::Read() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Reading reading;
  if (!failing_.empty()) reading.stop = "application health: not known: " + failing_;
  if (answer_is_no_) reading.stop = "application health: the hook does not say true";
  if (window_.IsSlow(policy_)) {
    reading.slow =
        fmt::format("application health: p95 {:.0f} ms, usually {:.0f} ms", window_.p95(), window_.baseline());
  }
  return reading;
}

}  // namespace tfseal::rekey
