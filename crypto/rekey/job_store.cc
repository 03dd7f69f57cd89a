#include "crypto/rekey/job_store.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "crypto/rekey/external_job.h"

namespace tfseal::rekey {
namespace {

constexpr std::array<std::pair<Phase, std::string_view>, 11> kPhases = {{
    {Phase::kPending, "pending"},
    {Phase::kRunning, "running"},
    {Phase::kPaused, "paused"},
    {Phase::kDraining, "draining"},
    {Phase::kVerifying, "verifying"},
    {Phase::kCompleted, "completed"},
    {Phase::kCompletedWithErrors, "completed_with_errors"},
    {Phase::kFailed, "failed"},
    {Phase::kCancelled, "cancelled"},
    {Phase::kFenced, "fenced"},
    {Phase::kRetired, "retired"},
}};

constexpr std::string_view kLive = "('pending', 'running', 'paused', 'draining', 'verifying')";
constexpr std::string_view kUniqueViolation = "23505";

// The segment table is small and changes with every batch: half-empty pages keep its versions in place.
constexpr std::string_view kTables = R"(
CREATE SCHEMA IF NOT EXISTS {0};
CREATE TABLE IF NOT EXISTS {0}.job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  format int NOT NULL,
  mapping_digest text NOT NULL,
  mode text NOT NULL,
  key_from text NOT NULL,
  key_to text NOT NULL,
  pin_from text NOT NULL,
  pin_to text NOT NULL,
  ref_from text NOT NULL,
  ref_to text NOT NULL,
  phase text NOT NULL CHECK (phase IN ('pending', 'running', 'paused', 'draining', 'verifying', 'completed',
    'completed_with_errors', 'failed', 'cancelled', 'fenced', 'retired')),
  epoch bigint NOT NULL DEFAULT 0,
  reason text NOT NULL DEFAULT '',
  last_error text,
  pass int NOT NULL DEFAULT 0,
  rows_estimated bigint NOT NULL DEFAULT 0,
  rows_per_s double precision,
  wal_mb_per_s double precision,
  external_id text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  switched_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz);
CREATE UNIQUE INDEX IF NOT EXISTS job_one_live ON {0}.job ((true))
  WHERE phase IN ('pending', 'running', 'paused', 'draining', 'verifying');
CREATE TABLE IF NOT EXISTS {0}.segment (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job bigint NOT NULL REFERENCES {0}.job,
  target int NOT NULL,
  lo text[],
  hi text[],
  cursor text[],
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'leased', 'done')),
  pass int NOT NULL DEFAULT 0,
  owner text,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  attempts int NOT NULL DEFAULT 0,
  rows_seen bigint NOT NULL DEFAULT 0,
  rows_changed bigint NOT NULL DEFAULT 0,
  rows_conflict bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS segment_of_job ON {0}.segment (job, id);
CREATE TABLE IF NOT EXISTS {0}.row_issue (
  job bigint NOT NULL REFERENCES {0}.job,
  label text NOT NULL,
  pk text NOT NULL,
  kind text NOT NULL,
  code text NOT NULL,
  attempts int NOT NULL DEFAULT 1,
  first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz,
  PRIMARY KEY (job, label, pk));
CREATE TABLE IF NOT EXISTS {0}.dek_ledger (
  job bigint NOT NULL REFERENCES {0}.job,
  digest text NOT NULL,
  uses bigint NOT NULL,
  bytes bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (job, digest));
CREATE TABLE IF NOT EXISTS {0}.worker (
  id text PRIMARY KEY,
  job bigint NOT NULL REFERENCES {0}.job,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  rows_per_s double precision NOT NULL DEFAULT 0,
  binding text NOT NULL DEFAULT '',
  kms_calls bigint NOT NULL DEFAULT 0,
  wal_bytes bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);
)";

constexpr std::string_view kJobColumns =
    "id, format, mapping_digest, mode, key_from, key_to, pin_from, pin_to, ref_from, ref_to, phase, reason, "
    "coalesce(last_error, ''), pass, rows_estimated, rows_per_s, wal_mb_per_s, coalesce(external_id, ''), "
    "created_at AT TIME ZONE 'UTC', switched_at AT TIME ZONE 'UTC', started_at AT TIME ZONE 'UTC', "
    "finished_at AT TIME ZONE 'UTC'";

double DecimalAt(const postgres::Row& row, std::size_t column) {
  const std::string text = postgres::TextAt(row, column);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<double> OptionalDecimalAt(const postgres::Row& row, std::size_t column) {
  if (!row.at(column).has_value()) return std::nullopt;
  return DecimalAt(row, column);
}

std::optional<std::string> DecimalText(std::optional<double> number) {
  if (!number.has_value()) return std::nullopt;
  return fmt::format("{}", *number);
}

std::optional<RekeyMode> ModeOf(std::string_view name) {
  for (const RekeyMode mode : {RekeyMode::kRewrap, RekeyMode::kReseal, RekeyMode::kAdopt}) {
    if (Name(mode) == name) return mode;
  }
  return std::nullopt;
}

Result<Job> JobFrom(const postgres::Row& row) {
  using postgres::NumberAt;
  using postgres::TextAt;
  const std::optional<RekeyMode> mode = ModeOf(TextAt(row, 3));
  const std::optional<Phase> phase = PhaseOf(TextAt(row, 10));
  if (NumberAt(row, 1) != kJobFormat || !mode.has_value() || !phase.has_value()) {
    return Error{ErrorCode::kUnsupportedVersion,
                 fmt::format("job {} was made by another version of tfseal (format {}, this one writes {})",
                             TextAt(row, 0), TextAt(row, 1), kJobFormat),
                 "finish or cancel it with the version that made it"};
  }
  Job job;
  job.id = NumberAt(row, 0);
  job.mapping_digest = TextAt(row, 2);
  job.mode = *mode;
  job.key_from = TextAt(row, 4);
  job.key_to = TextAt(row, 5);
  job.pin_from = TextAt(row, 6);
  job.pin_to = TextAt(row, 7);
  job.ref_from = TextAt(row, 8);
  job.ref_to = TextAt(row, 9);
  job.phase = *phase;
  job.reason = TextAt(row, 11);
  job.last_error = TextAt(row, 12);
  job.pass = static_cast<int>(NumberAt(row, 13));
  job.rows_estimated = NumberAt(row, 14);
  job.rows_per_s = OptionalDecimalAt(row, 15);
  job.wal_mb_per_s = OptionalDecimalAt(row, 16);
  job.external_id = TextAt(row, 17);
  job.created_at = TextAt(row, 18);
  job.switched_at = TextAt(row, 19);
  job.started_at = TextAt(row, 20);
  job.finished_at = TextAt(row, 21);
  return job;
}

std::string PhaseList(std::span<const Phase> phases) {
  std::string list;
  for (const Phase phase : phases) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", Name(phase));
  return list;
}

}  // namespace

std::string_view Name(Phase phase) {
  for (const auto& [value, name] : kPhases) {
    if (value == phase) return name;
  }
  return "";
}

std::optional<Phase> PhaseOf(std::string_view name) {
  for (const auto& [value, known] : kPhases) {
    if (known == name) return value;
  }
  return std::nullopt;
}

bool IsLive(Phase phase) {
  return phase <= Phase::kVerifying;
}

std::string JobStore::Table(std::string_view name) const {
  return postgres::QuoteName(mapping_.schema) + "." + std::string(name);
}

std::string JobStore::SetupSql() const {
  return fmt::format(fmt::runtime(kTables), postgres::QuoteName(mapping_.schema));
}

Status JobStore::Setup() {
  TFSEAL_TRY(session_.Begin());
  // Two operators who do this at once must not see each other's half.
  TFSEAL_TRY(session_.Query("SELECT pg_advisory_xact_lock(hashtext('tfseal rekey setup'))"));
  if (const auto made = session_.Execute(SetupSql()); !made.ok()) {
    (void)session_.Rollback();
    return made.error();
  }
  return session_.Commit();
}

Result<bool> JobStore::IsSetUp() {
  TFSEAL_ASSIGN(
      const postgres::Rows rows,
      session_.Query("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                     "n.nspname = $1 AND c.relname IN ('job', 'segment', 'row_issue', 'dek_ledger', 'worker')",
                     {mapping_.schema}));
  return postgres::NumberAt(rows.at(0), 0) == 5;
}

Result<Job> JobStore::Create(const Job& job) {
  auto made = session_.Query(
      fmt::format("INSERT INTO {} (format, mapping_digest, mode, key_from, key_to, pin_from, pin_to, ref_from, ref_to, "
                  "phase, rows_estimated) VALUES ($1::int, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10::bigint) "
                  "RETURNING id",
                  Table("job")),
      {std::to_string(kJobFormat), job.mapping_digest, std::string(Name(job.mode)), job.key_from, job.key_to,
       job.pin_from, job.pin_to, job.ref_from, job.ref_to, std::to_string(job.rows_estimated)});
  if (made.ok()) return Read(postgres::NumberAt(made->at(0), 0));
  if (made.error().service_code != kUniqueViolation) return made.error();
  TFSEAL_ASSIGN(const std::optional<Job> live, FindLive());
  return Error{ErrorCode::kLocked,
               live.has_value() ? fmt::format("job {} from {} to {} is {}", live->id, live->key_from, live->key_to,
                                              Name(live->phase))
                                : "another job was live a moment ago",
               "tfseal rekey status; join it with tfseal rekey run --worker, or cancel it first"};
}

Result<std::optional<Job>> JobStore::FindWhere(std::string_view condition, const postgres::Parameters& parameters) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(fmt::format("SELECT {} FROM {} WHERE {} ORDER BY id DESC LIMIT 1", kJobColumns,
                                           Table("job"), condition),
                               parameters));
  if (rows.empty()) return std::optional<Job>();
  TFSEAL_ASSIGN(Job job, JobFrom(rows.front()));
  return std::optional<Job>(std::move(job));
}

Result<Job> JobStore::Read(std::int64_t id) {
  TFSEAL_ASSIGN(std::optional<Job> job, FindWhere("id = $1::bigint", {std::to_string(id)}));
  if (!job.has_value()) return Error{ErrorCode::kNotFound, fmt::format("job {} does not exist", id), ""};
  return *std::move(job);
}

Result<std::optional<Job>> JobStore::FindLive() {
  return FindWhere(fmt::format("phase IN {}", kLive), {});
}

Result<std::optional<Job>> JobStore::FindLast() {
  return FindWhere("true", {});
}

Result<JobCounts> JobStore::Count(std::int64_t job) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(fmt::format("SELECT count(*), count(*) FILTER (WHERE state = 'done'), "
                                           "coalesce(sum(rows_seen), 0), coalesce(sum(rows_changed), 0), "
                                           "coalesce(sum(rows_conflict), 0), (SELECT count(*) FROM {} WHERE job = "
                                           "$1::bigint AND resolved_at IS NULL) FROM {} WHERE job = $1::bigint",
                                           Table("row_issue"), Table("segment")),
                               {std::to_string(job)}));
  const postgres::Row& row = rows.at(0);
  using postgres::NumberAt;
  return JobCounts{NumberAt(row, 0), NumberAt(row, 1), NumberAt(row, 2),
                   NumberAt(row, 3), NumberAt(row, 4), NumberAt(row, 5)};
}

Result<std::int64_t> JobStore::CountDamageBefore(const Job& job) {
  TFSEAL_ASSIGN(
      const postgres::Rows rows,
      session_.Query(fmt::format("SELECT count(*) FROM {} WHERE kind = 'poison' AND job = CASE WHEN $2::int > "
                                 "0 THEN $1::bigint ELSE (SELECT max(id) FROM {} WHERE id < $1::bigint) END",
                                 Table("row_issue"), Table("job")),
                     {std::to_string(job.id), std::to_string(job.pass)}));
  return postgres::NumberAt(rows.at(0), 0);
}

Result<std::vector<IssueCount>> JobStore::CountIssues(std::int64_t job) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(fmt::format("SELECT label, code, count(*) FROM {} WHERE job = $1::bigint AND "
                                           "resolved_at IS NULL GROUP BY label, code ORDER BY label, code",
                                           Table("row_issue")),
                               {std::to_string(job)}));
  std::vector<IssueCount> counts;
  for (const postgres::Row& row : rows) {
    counts.push_back({postgres::TextAt(row, 0), postgres::TextAt(row, 1), postgres::NumberAt(row, 2)});
  }
  return counts;
}

Result<std::vector<JobWorker>> JobStore::Workers(std::int64_t job) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(fmt::format("SELECT id, rows_per_s, binding, extract(epoch FROM clock_timestamp() - "
                                           "last_seen)::float8, kms_calls, wal_bytes FROM {} WHERE job = $1::bigint "
                                           "ORDER BY started_at, id",
                                           Table("worker")),
                               {std::to_string(job)}));
  std::vector<JobWorker> workers;
  for (const postgres::Row& row : rows) {
    workers.push_back({postgres::TextAt(row, 0), DecimalAt(row, 1), postgres::TextAt(row, 2), DecimalAt(row, 3),
                       postgres::NumberAt(row, 4), postgres::NumberAt(row, 5)});
  }
  return workers;
}

Result<bool> JobStore::Advance(std::int64_t job, std::span<const Phase> from, Phase to, std::string_view reason) {
  const bool ends = !IsLive(to);
  TFSEAL_ASSIGN(
      const std::int64_t changed,
      session_.Execute(
          fmt::format("UPDATE {} SET phase = $2, reason = $3, epoch = epoch + 1{}{} WHERE id = $1::bigint "
                      "AND phase IN ({})",
                      Table("job"),
                      to == Phase::kRunning ? ", started_at = coalesce(started_at, clock_timestamp())" : "",
                      ends ? ", finished_at = coalesce(finished_at, clock_timestamp())" : "", PhaseList(from)),
          {std::to_string(job), std::string(Name(to)), std::string(reason)}));
  return changed == 1;
}

Result<bool> JobStore::AdvanceBoth(std::int64_t job, std::span<const Phase> from, Phase to, std::string_view reason) {
  TFSEAL_TRY(session_.Begin());
  const auto advance = [&]() -> Result<bool> {
    TFSEAL_ASSIGN(const bool advanced, Advance(job, from, to, reason));
    if (!advanced) return false;
    TFSEAL_ASSIGN(const Job now, Read(job));
    TFSEAL_ASSIGN(const JobCounts counts, Count(job));
    TFSEAL_TRY(ExternalJob(session_, mapping_).Update(now, counts));
    return true;
  };
  auto advanced = advance();
  if (!advanced.ok() || !*advanced) {
    (void)session_.Rollback();
    return advanced;
  }
  TFSEAL_TRY(session_.Commit());
  return true;
}

Result<bool> JobStore::SetRates(std::int64_t job, std::optional<double> rows_per_s,
                                std::optional<double> wal_mb_per_s) {
  TFSEAL_ASSIGN(
      const std::int64_t changed,
      session_.Execute(fmt::format("UPDATE {} SET rows_per_s = coalesce($2::float8, rows_per_s), wal_mb_per_s "
                                   "= coalesce($3::float8, wal_mb_per_s), epoch = epoch + 1 WHERE id = "
                                   "$1::bigint AND phase IN {}",
                                   Table("job"), kLive),
                       {std::to_string(job), DecimalText(rows_per_s), DecimalText(wal_mb_per_s)}));
  return changed == 1;
}

Status JobStore::SetSwitched(std::int64_t job, const std::string& ref_from, const std::string& ref_to) {
  TFSEAL_TRY(session_.Execute(fmt::format("UPDATE {} SET switched_at = clock_timestamp(), ref_from = $2, ref_to = $3 "
                                          "WHERE id = $1::bigint AND switched_at IS NULL",
                                          Table("job")),
                              {std::to_string(job), ref_from, ref_to}));
  return {};
}

Result<std::int64_t> JobStore::CacheSecondsLeft(std::int64_t job, std::chrono::seconds ttl) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session_.Query(fmt::format("SELECT ceil(extract(epoch FROM switched_at + $2::bigint * interval '1 s' - "
                                           "clock_timestamp()))::bigint FROM {} WHERE id = $1::bigint",
                                           Table("job")),
                               {std::to_string(job), std::to_string(ttl.count())}));
  return rows.empty() ? 0 : postgres::NumberAt(rows[0], 0);
}

Status JobStore::SetEstimate(std::int64_t job, std::int64_t rows) {
  TFSEAL_TRY(session_.Execute(
      fmt::format("UPDATE {} SET rows_estimated = $2::bigint WHERE id = $1::bigint AND phase = 'pending'",
                  Table("job")),
      {std::to_string(job), std::to_string(rows)}));
  return {};
}

Status JobStore::EnsureExternal(std::int64_t job, ExternalJob& external) {
  if (mapping_.jobs.table.empty()) return {};
  TFSEAL_TRY(session_.Begin());
  const auto ensure = [&]() -> Status {
    TFSEAL_TRY(session_.Query(fmt::format("SELECT 1 FROM {} WHERE id = $1::bigint FOR UPDATE", Table("job")),
                              {std::to_string(job)}));
    TFSEAL_ASSIGN(const Job now, Read(job));
    if (!now.external_id.empty()) return {};
    TFSEAL_ASSIGN(const std::string id, external.Create(now));
    TFSEAL_TRY(session_.Execute(fmt::format("UPDATE {} SET external_id = $2 WHERE id = $1::bigint", Table("job")),
                                {std::to_string(job), id}));
    return {};
  };
  const Status ensured = ensure();
  if (!ensured.ok()) {
    (void)session_.Rollback();
    return ensured;
  }
  return session_.Commit();
}

Status JobStore::SetLastError(std::int64_t job, std::string_view error) {
  TFSEAL_TRY(session_.Execute(fmt::format("UPDATE {} SET last_error = $2 WHERE id = $1::bigint", Table("job")),
                              {std::to_string(job), std::string(error)}));
  return {};
}

}  // namespace tfseal::rekey
