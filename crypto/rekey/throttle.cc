#include "crypto/rekey/throttle.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "crypto/rekey/segment_store.h"

namespace tfseal::rekey {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenSamples{500};
// Workers are often started together, and do not see each other before each has told that it is there: until then
// one takes itself for one of so many.
constexpr milliseconds kStarting{1500};
constexpr double kStartingWorkers = 4;
// Nothing is promised about a replica that is this far behind, whatever its clock says.
constexpr std::int64_t kReplicaBytesPause = std::int64_t{256} << 20;
constexpr double kSlowest = 0.05;
constexpr std::size_t kPositionsMax = 1000;
constexpr double kKmsSlowest = 0.01;
constexpr double kStepUp = 0.1;      // per sample that is well
constexpr double kKmsStepUp = 0.02;  // per sample without a refusal
// Debt below this is not worth a sleep.
constexpr double kDebtMin = 0.002;

// What a sample asks, in this order.
enum Sampled : std::size_t {
  kRowsRate,
  kWalRate,
  kWorkers,
  kLagMs,
  kLagBytes,
  kRetained,
  kHorizon,
  kHorizonPid,
  kDead,
  kMinute,
  kPosition
};

std::string SampleSql(const std::string& schema, bool tells_wal) {
  // Without positions a replica is as far as it says, and a slot keeps what nobody can measure.
  const std::string_view position = tells_wal ? "pg_current_wal_lsn()" : "NULL::pg_lsn";
  return fmt::format(
      "SELECT j.rows_per_s, j.wal_mb_per_s, (SELECT count(*) FROM {0}.worker w WHERE w.job = j.id AND w.last_seen > "
      "clock_timestamp() - interval '5 s'), r.lag, r.bytes, (SELECT max(pg_wal_lsn_diff({1}, "
      "restart_lsn)) FROM pg_replication_slots)::bigint, h.age, h.pid, (SELECT max(n_dead_tup::float8 / "
      "greatest(n_live_tup + n_dead_tup, 1)) FROM pg_stat_user_tables WHERE n_dead_tup > 1000 AND relid = ANY "
      "($2::regclass[])), (SELECT (extract(dow FROM n) * 1440 + extract(hour FROM n) * 60 + extract(minute FROM "
      "n))::int "
      "FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS n) x), r.position FROM {0}.job j, (SELECT "
      "max(extract(epoch FROM replay_lag) * 1000)::bigint AS lag, max(pg_wal_lsn_diff({1}, "
      "replay_lsn))::bigint AS bytes, ({1} - '0/0')::bigint AS position FROM pg_stat_replication "
      "WHERE state IN ('streaming', 'catchup')) r, (SELECT "
      "extract(epoch FROM clock_timestamp() - min(xact_start))::bigint AS age, (array_agg(pid ORDER BY xact_start))[1] "
      "AS pid FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()) h WHERE j.id = "
      "$1::bigint",
      postgres::QuoteName(schema), position);
}

double DecimalAt(const postgres::Row& row, std::size_t column) {
  const std::string text = postgres::TextAt(row, column);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool InWindow(const std::vector<RunWindow>& windows, std::int64_t minute) {
  if (windows.empty()) return true;
  return std::any_of(windows.begin(), windows.end(), [minute](const RunWindow& window) {
    if (window.first_minute <= window.last_minute) return minute >= window.first_minute && minute < window.last_minute;
    return minute >= window.first_minute || minute < window.last_minute;
  });
}

}  // namespace

void Throttle::Bucket::Refill(double seconds) {
  // No more than half a second is saved up: what was not used then was not needed.
  tokens = std::min(tokens + per_second * seconds, per_second * 0.5);
}

double Throttle::Bucket::SecondsOfDebt() const {
  return per_second > 0 && tokens < 0 ? -tokens / per_second : 0;
}

Status Throttle::Sample(postgres::Connection& session, std::int64_t job, const std::vector<std::string>& tables) {
  const TimePoint now = clock_.Now();
  if (now - sampled_at_ < kBetweenSamples) return {};
  sampled_at_ = now;
  const std::string sql = SampleSql(mapping_.schema, tells_wal_);
  const postgres::Parameters of = {std::to_string(job), ArrayText(tables)};
  TFSEAL_ASSIGN(const postgres::Rows rows,
                mapping_.transaction_pooler ? session.Query(sql, of) : session.QueryPrepared(sql, of));
  if (rows.empty()) return Error{ErrorCode::kNotFound, fmt::format("job {} does not exist any more", job), ""};
  const postgres::Row& row = rows.front();
  const ThrottlePolicy& policy = mapping_.throttle;
  if (first_sample_ == TimePoint{}) first_sample_ = now;
  const auto workers = static_cast<double>(std::max<std::int64_t>(1, postgres::NumberAt(row, kWorkers)));
  const double calling = now - first_sample_ < kStarting ? std::max(workers, kStartingWorkers) : workers;
  rows_.per_second = (row.at(kRowsRate).has_value() ? DecimalAt(row, kRowsRate) : policy.rows_per_s) / workers;
  wal_mb_per_s_ = row.at(kWalRate).has_value() ? DecimalAt(row, kWalRate) : policy.wal_mb_per_s;
  wal_.per_second = wal_mb_per_s_ * 1e6 / workers;
  kms_factor_ = std::min(1.0, kms_factor_ + kKmsStepUp);
  kms_.per_second = policy.kms_requests_per_s * policy.kms_share * kms_factor_ / calling;
  Judge(row);
  return {};
}

// A replica whose replay stands still reports no lag: what it has not replayed is as old as the sample that saw it
// first.
milliseconds Throttle::LagBySamples(const postgres::Row& row) {
  const std::int64_t position = postgres::NumberAt(row, kPosition);
  const std::int64_t replayed = position - postgres::NumberAt(row, kLagBytes);
  if (positions_.empty() || positions_.back().second < position) positions_.emplace_back(sampled_at_, position);
  while (!positions_.empty() && positions_.front().second <= replayed) positions_.pop_front();
  if (positions_.size() > kPositionsMax) positions_.erase(positions_.begin() + 1);
  return positions_.empty() ? milliseconds(0) : sampled_at_ - positions_.front().first;
}

// The state of the server: what makes things worse for the application if we go on as fast.
void Throttle::Judge(const postgres::Row& row) {
  const ThrottlePolicy& policy = mapping_.throttle;
  const milliseconds lag = std::max(milliseconds(postgres::NumberAt(row, kLagMs)), LagBySamples(row));
  const std::int64_t lag_bytes = postgres::NumberAt(row, kLagBytes);
  const double dead = DecimalAt(row, kDead);
  std::string stop;
  std::string slow;
  if (!InWindow(policy.windows, postgres::NumberAt(row, kMinute))) stop = "window: none is open now";
  if (postgres::NumberAt(row, kRetained) > policy.retained_wal_bytes) {
    stop = "retained wal: a replication slot holds too much of it";
  }
  if (postgres::NumberAt(row, kHorizon) > policy.horizon_age.count()) {
    stop = fmt::format("vacuum horizon: process {} holds a snapshot of {} s", postgres::TextAt(row, kHorizonPid),
                       postgres::TextAt(row, kHorizon));
  }
  if (lag > policy.replica_lag_pause || lag_bytes > kReplicaBytesPause) {
    stop = fmt::format("replica lag {} ms", lag.count());
  } else if (lag > policy.replica_lag) {
    slow = fmt::format("replica lag {} ms", lag.count());
    // Once stopped, it is well only when nothing is behind any more.
    if (state_factor_ == 0) stop = slow;
  }
  if (dead > policy.dead_tuples) slow = fmt::format("dead rows: {:.0f} % of a table", dead * 100);
  JudgeHealth(stop, slow);
  if (!stop.empty()) {
    state_factor_ = 0;
    state_reason_ = stop;
  } else if (!slow.empty()) {
    state_factor_ = std::max(kSlowest, std::max(state_factor_, kSlowest) * 0.5);
    state_reason_ = slow;
  } else {
    state_factor_ = std::min(1.0, state_factor_ + kStepUp);
  }
}

void Throttle::JudgeHealth(std::string& stop, std::string& slow) const {
  if (health_ == nullptr) return;
  const HealthProbe::Reading reading = health_->Read();
  if (!reading.stop.empty()) stop = reading.stop;
  if (!reading.slow.empty()) slow = reading.slow;
}

void Throttle::Spend(const Spent& spent) {
  rows_.tokens -= static_cast<double>(spent.rows);
  wal_.tokens -= static_cast<double>(spent.wal_bytes);
  kms_.tokens -= static_cast<double>(spent.kms_calls);
  if (state_factor_ > 0 && state_factor_ < 1) {
    state_debt_ = std::chrono::duration<double>(spent.took).count() * (1 / state_factor_ - 1);
  }
}

void Throttle::KmsThrottled() {
  kms_factor_ = std::max(kKmsSlowest, kms_factor_ * 0.5);
}

milliseconds Throttle::Delay() {
  const TimePoint now = clock_.Now();
  const double seconds = std::chrono::duration<double>(now - refilled_at_).count();
  refilled_at_ = now;
  for (Bucket* bucket : {&rows_, &wal_, &kms_}) bucket->Refill(std::max(seconds, 0.0));
  state_debt_ = std::max(0.0, state_debt_ - std::max(0.0, seconds));
  if (state_factor_ == 0) {
    binding_ = state_reason_;
    return kBetweenSamples;
  }
  double debt = 0;
  const auto weigh = [&](double seconds_of_debt, const std::string& name) {
    if (seconds_of_debt <= std::max(debt, kDebtMin)) return;
    debt = seconds_of_debt;
    binding_ = name;
  };
  weigh(state_debt_, state_reason_);
  weigh(rows_.SecondsOfDebt(), "row rate");
  weigh(wal_.SecondsOfDebt(), fmt::format("wal budget {:g} MB/s", wal_mb_per_s_));
  weigh(kms_.SecondsOfDebt(), kms_factor_ < 1 ? "kms throttling" : "kms share");
  if (debt > 0) {
    bound_at_ = now;
  } else if (now - bound_at_ > std::chrono::seconds(2)) {
    binding_ = "database";
  }
  return milliseconds(static_cast<std::int64_t>(std::min(debt, 0.5) * 1000));
}

}  // namespace tfseal::rekey
