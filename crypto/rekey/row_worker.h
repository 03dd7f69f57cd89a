#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"
#include "crypto/rekey/batch_writer.h"
#include "crypto/rekey/health_probe.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/row_rekeyer.h"
#include "crypto/rekey/segment_store.h"
#include "crypto/rekey/table_layout.h"
#include "crypto/rekey/throttle.h"
#include "postgres/connection.h"
#include "postgres/row_stream.h"

namespace tfseal::rekey {

enum class WorkEnd : std::uint8_t {
  kNothingLeft,  // every segment of the pass is done
  kNotRunning,   // the job was paused, cancelled or finished
  kStopped,      // this process was asked to stop
};

struct WorkerOptions {
  std::string id;  // unique among all workers of all machines
  std::int64_t lease_ms = 30'000;
  std::string isolation = "READ COMMITTED";
};

// What one worker did since it started.
struct WorkerProgress {
  std::int64_t rows_seen = 0;
  std::int64_t rows_changed = 0;
  std::int64_t rows_conflict = 0;
  std::int64_t rows_poison = 0;
  std::int64_t batches = 0;
  std::string binding;  // what holds it back
};

// One worker: takes segments, moves their rows batch by batch, and leaves them in a state from which any other can go
// on at any moment. Borrows everything. For one thread.
class RowWorker {
 public:
  struct Seams {
    const postgres::ConnectionUrl& url;
    const Mapping& mapping;
    Clock& clock;
    Entropy& entropy;
  };

  RowWorker(const Seams& seams, const RowKeys& keys, std::vector<TableLayout>& layouts, WorkerOptions options);
  ~RowWorker();

  // Works until one of the ends. An error: going on does harm, or is not possible; the job is paused with its text as
  // the reason where the database can still be told.
  Result<WorkEnd> Run(const Job& job, const std::function<void(const WorkerProgress&)>& tell);

  [[nodiscard]] const WorkerProgress& progress() const { return progress_; }

 private:
  // How work on a segment ended, short of an error.
  enum class SegmentEnd : std::uint8_t { kDone, kLost, kStopped };
  struct Sessions;

  Status Connect();
  Status Reconnect();
  Result<WorkEnd> Work();
  Result<WorkEnd> Leave();
  Status ExpectDamage();
  Result<SegmentEnd> WorkSegment(Segment& segment);
  Status CheckLayout(const TableLayout& layout);
  Result<SegmentEnd> Batches(Segment& segment, const TableLayout& layout);
  Result<bool> ReadWaiting(const Segment& segment, const TableLayout& layout, RowBatch& batch);
  Status Read(const Segment& segment, const TableLayout& layout, RowBatch& batch);
  static void TakeRow(const TableLayout& layout, const postgres::StreamRow& row, RowBatch& batch);
  Result<bool> Rekey(const Segment& segment, const TableLayout& layout, RowBatch& batch);
  Result<bool> RekeyWatched(const Segment& segment, const TableLayout& layout, RowBatch& batch);
  Result<bool> StillHeld(const Segment& segment);
  Result<bool> WaitForService(const Segment& segment, std::chrono::milliseconds wait);
  bool LookUp(const Segment& segment, std::string_view limit);
  Result<bool> WaitForThrottle(const Segment& segment);
  Result<bool> FinishPart(const Segment& segment);
  Result<bool> Committed(const Segment& segment, const BatchPart& part, const WriteOutcome& outcome);
  Result<bool> WriteInHalves(const Segment& segment, const BatchPart& part, const std::string& sqlstate);
  std::chrono::milliseconds LockedPause();
  void Account(const WriteOutcome& outcome, std::size_t rows);
  void Resize(const WriteOutcome& outcome, std::size_t rows);
  [[nodiscard]] std::int64_t WalOf(const WriteOutcome& outcome, std::size_t rows) const;
  Status Heartbeat();
  Error PauseJob(const Error& error);
  [[nodiscard]] std::vector<std::string> Tables() const;

  Seams seams_;
  RowKeys keys_;
  std::vector<TableLayout>& layouts_;
  WorkerOptions options_;
  Job job_;
  std::function<void(const WorkerProgress&)> tell_;
  std::unique_ptr<RowRekeyer> rekeyer_;
  int pass_ = -1;                        // whose damaged rows rekeyer_ expects
  std::unique_ptr<HealthProbe> health_;  // none unless the mapping wants one
  Throttle throttle_;
  std::unique_ptr<Sessions> sessions_;
  std::array<RowBatch, 2> batches_;
  std::vector<std::string> last_key_;  // binary, of the row that was read last in this segment; empty: none yet
  std::size_t batch_rows_ = 50;
  std::optional<Segment> held_;  // when a connection is lost, what has to be recovered
  int locked_in_a_row_ = 0;      // rows
  double bytes_per_row_ = 0;
  Result<bool> held_while_waiting_ = true;  // for a service: whether the segment is, or why that is not known
  double ms_per_row_ = 0;
  TimePoint sent_at_{};
  TimePoint renewed_at_{};
  TimePoint beat_at_{};
  std::int64_t beat_rows_ = 0;
  std::uint64_t kms_calls_ = 0;
  std::int64_t wal_position_ = 0;
  WorkerProgress progress_;
};

}  // namespace tfseal::rekey
