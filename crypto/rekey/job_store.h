#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

// The memory of a re-encryption, in tables of our own beside the rows it is about, so that progress commits with the
// rows. docs/rekey.md has the states and who may change them.
namespace tfseal::rekey {

// Raised when the tables or the meaning of their columns change: two versions of tfseal never work on one job.
inline constexpr int kJobFormat = 1;

enum class Phase : std::uint8_t {
  kPending,   // created; the catalogue is switched and the applications' caches run out
  kRunning,   // workers take segments
  kPaused,    // by a person, or because going on would do harm: Job::reason
  kDraining,  // every segment was gone through; rows that were written meanwhile are looked for
  kVerifying,
  kCompleted,
  kCompletedWithErrors,
  kFailed,
  kCancelled,
  kFenced,  // nobody can write under the old key any more
  kRetired,
};
std::string_view Name(Phase phase);
std::optional<Phase> PhaseOf(std::string_view name);
// Whether workers may still change rows for it, now or after a pause.
bool IsLive(Phase phase);

struct Job {
  std::int64_t id = 0;
  std::string mapping_digest;
  RekeyMode mode = RekeyMode::kRewrap;
  std::string key_from;  // names
  std::string key_to;
  std::string pin_from;  // KeyWrapper::id(); of legacy material "legacy"
  std::string pin_to;
  std::string ref_from;  // what the rows hold: the catalogue's id, or the name
  std::string ref_to;
  Phase phase = Phase::kPending;
  std::string reason;
  std::string last_error;
  int pass = 0;
  std::int64_t rows_estimated = 0;
  std::optional<double> rows_per_s;    // set while it runs, in place of the mapping's
  std::optional<double> wal_mb_per_s;  // the same
  std::string external_id;             // in the application's own table of jobs
  std::string created_at;              // as PostgreSQL writes it, UTC
  std::string switched_at;
  std::string started_at;
  std::string finished_at;
};

// What a job has done so far, added up over its segments.
struct JobCounts {
  std::int64_t segments = 0;
  std::int64_t segments_done = 0;  // of the pass that runs
  std::int64_t rows_seen = 0;
  std::int64_t rows_changed = 0;
  std::int64_t rows_conflict = 0;  // left alone because the application wrote or locked them; looked at again
  std::int64_t rows_poison = 0;    // unresolved issues
};

// One that works, or did a short time ago.
struct JobWorker {
  std::string id;
  double rows_per_s = 0;
  std::string binding;     // the limit that holds it back right now
  double seconds_ago = 0;  // since it was heard from
  std::int64_t kms_calls = 0;
  std::int64_t wal_bytes = 0;
};

struct IssueCount {
  std::string label;
  std::string code;
  std::int64_t rows = 0;
};

class ExternalJob;

// For one thread at a time; borrows the session. All times are the server's.
class JobStore {
 public:
  JobStore(postgres::Connection& session, const Mapping& mapping) : session_(session), mapping_(mapping) {}

  // The statements that create the schema and its tables where they are missing; they touch nothing of the application.
  [[nodiscard]] std::string SetupSql() const;
  Status Setup();
  Result<bool> IsSetUp();

  // kLocked: another job is live; the message names it.
  Result<Job> Create(const Job& job);
  Result<Job> Read(std::int64_t id);
  // The one job that is live; nullopt: none is.
  Result<std::optional<Job>> FindLive();
  // The last one, live or not.
  Result<std::optional<Job>> FindLast();
  Result<JobCounts> Count(std::int64_t job);
  Result<std::vector<IssueCount>> CountIssues(std::int64_t job);
  // How many rows were damaged when they were looked at before: in earlier passes of the job, in its first pass by the
  // job before it.
  Result<std::int64_t> CountDamageBefore(const Job& job);
  Result<std::vector<JobWorker>> Workers(std::int64_t job);

  // One conditional UPDATE. False: the phase was another one by then; read it again.
  Result<bool> Advance(std::int64_t job, std::span<const Phase> from, Phase to, std::string_view reason = "");
  // The same with the application's row for the job, in one transaction: nobody sees the one without the other.
  Result<bool> AdvanceBoth(std::int64_t job, std::span<const Phase> from, Phase to, std::string_view reason = "");
  Result<bool> SetRates(std::int64_t job, std::optional<double> rows_per_s, std::optional<double> wal_mb_per_s);
  // Remembers when the catalogue was switched, the first time only, and what rows hold under each key.
  Status SetSwitched(std::int64_t job, const std::string& ref_from, const std::string& ref_to);
  // How much of the applications' caching time is left since then.
  Result<std::int64_t> CacheSecondsLeft(std::int64_t job, std::chrono::seconds ttl);
  Status SetEstimate(std::int64_t job, std::int64_t rows);
  // Gives the job its row in the application's table of jobs, once.
  Status EnsureExternal(std::int64_t job, ExternalJob& external);
  Status SetLastError(std::int64_t job, std::string_view error);

 private:
  [[nodiscard]] std::string Table(std::string_view name) const;
  Result<std::optional<Job>> FindWhere(std::string_view condition, const postgres::Parameters& parameters);

  postgres::Connection& session_;
  const Mapping& mapping_;
};

}  // namespace tfseal::rekey
