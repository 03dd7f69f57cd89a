#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/mapping.h"
#include "crypto/rekey/row_worker.h"
#include "postgres/connection_url.h"

namespace tfseal::rekey {

// Both keys of a job, pinned, and the material of rows from before envelope encryption.
struct JobKeys {
  std::unique_ptr<KeyWrapper> from;  // none: there are legacy rows only
  std::unique_ptr<KeyWrapper> to;
  SecretBytes legacy;
  const std::uint64_t* requests_sent = nullptr;  // RowKeys
  ServiceWatch* watch = nullptr;                 // RowKeys
};

enum class RunEnd : std::uint8_t {
  kCompleted,
  kCompletedWithErrors,
  kPaused,    // by a person, on any machine
  kStopped,   // this process was asked to; work is left
  kFinished,  // somebody else brought the job to its end, or cancelled it
};

struct RunOptions {
  WorkerOptions worker;
  bool join_only = false;  // never creates a job
  std::int64_t rows_per_segment = 20'000;
};

// What is told while it runs: about once a second, and at every change of phase.
struct RunNews {
  const Job& job;
  const WorkerProgress& worker;
  std::string note;  // a change worth a line; mostly empty
};

// One process of a re-encryption: creates the job or joins the one that is live, switches the catalogue, waits until no
// application uses a key it read before that, cuts the tables into segments and works on them until no row is under the
// old key. Any number of processes may do this at once, and any of them may end at any moment.
class RekeyRun {
 public:
  struct Seams {
    const postgres::ConnectionUrl& url;
    const Mapping& mapping;
    Clock& clock;
    Entropy& entropy;
    JobKeys& keys;
  };
  RekeyRun(const Seams& seams, RunOptions options) : seams_(seams), options_(std::move(options)) {}

  // kLocked: another job is live. kNotFound: none is, and `join_only`. Other errors: the job is paused, if there is
  // one.
  Result<RunEnd> Run(const std::function<void(const RunNews&)>& tell);
  [[nodiscard]] const Job& job() const { return job_; }
  [[nodiscard]] const JobCounts& counts() const { return counts_; }

 private:
  Result<Job> Enter(JobStore& store);
  Result<Job> Begin(JobStore& store);
  Status CheckPins() const;
  Result<bool> WaitForCaches(JobStore& store);
  Result<bool> Start(JobStore& store, SegmentStore& segments);
  Result<RunEnd> Passes();
  // What is left after a pass; true: the job is at its end.
  Result<bool> Conclude();
  void Tell(std::string note);
  Result<postgres::Connection> Session() const;

  Seams seams_;
  RunOptions options_;
  Job job_;
  JobCounts counts_;
  std::int64_t conflicts_before_ = 0;
  std::vector<TableLayout> layouts_;
  WorkerProgress progress_;
  std::function<void(const RunNews&)> tell_;
};

}  // namespace tfseal::rekey
