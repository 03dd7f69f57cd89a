#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "crypto/rekey/health_probe.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

namespace tfseal::rekey {

// Holds one worker back so far that the application does not feel it: rates (rows, write-ahead log, requests to KMS),
// which are split among the workers that live, and the state of the server (replica lag, log that is retained, dead
// rows that vacuum cannot remove, the time of the week, how the application does). Asked between batches, with no
// transaction open.
class Throttle {
 public:
  Throttle(const Mapping& mapping, Clock& clock) : mapping_(mapping), clock_(clock) {}

  // Takes in what the job's row and the server say, at most twice a second; `tables` are regclass texts.
  Status Sample(postgres::Connection& session, std::int64_t job, const std::vector<std::string>& tables);
  // Whether the server tells where its log is (postgres/wal_position.h): if not, nothing is asked that needs it, and
  // what replicas have not replayed is not seen.
  void TellsWal(bool tells) { tells_wal_ = tells; }
  // Whom to ask how the application does; nullptr: nobody. Borrowed.
  void Watch(const HealthProbe* health) { health_ = health; }
  // What a batch used up.
  struct Spent {
    std::int64_t rows = 0;
    std::int64_t wal_bytes = 0;
    std::int64_t kms_calls = 0;
    std::chrono::milliseconds took{};
  };
  void Spend(const Spent& spent);
  // This worker's share of the requests to key services.
  [[nodiscard]] double kms_per_second() const { return kms_.per_second; }
  // KMS refused a request: half as many for a while.
  void KmsThrottled();
  // How long to wait before the next batch; zero: not at all.
  std::chrono::milliseconds Delay();
  // The limit that holds back right now, in words: "wal budget 20 MB/s"; "database" if none of ours does.
  [[nodiscard]] const std::string& binding() const { return binding_; }

 private:
  void Judge(const postgres::Row& row);
  void JudgeHealth(std::string& stop, std::string& slow) const;
  std::chrono::milliseconds LagBySamples(const postgres::Row& row);

  // Tokens that come in at a rate; may be in debt, which is waited off.
  struct Bucket {
    double per_second = 0;  // 0: no limit
    double tokens = 0;
    void Refill(double seconds);
    [[nodiscard]] double SecondsOfDebt() const;
  };

  const Mapping& mapping_;
  Clock& clock_;
  const HealthProbe* health_ = nullptr;
  bool tells_wal_ = true;
  TimePoint first_sample_{};
  TimePoint sampled_at_{};
  // The log's position at the samples that a replica has not replayed yet, oldest first.
  std::deque<std::pair<TimePoint, std::int64_t>> positions_;
  TimePoint refilled_at_{};
  Bucket rows_;
  Bucket wal_;
  Bucket kms_;
  double kms_factor_ = 1;    // AIMD on what KMS lets through
  double state_factor_ = 1;  // of the server: 1 as fast as it goes, 0 not at all
  std::string state_reason_;
  double state_debt_ = 0;  // seconds
  double wal_mb_per_s_ = 0;
  TimePoint bound_at_{};
  std::string binding_ = "database";
};

}  // namespace tfseal::rekey
