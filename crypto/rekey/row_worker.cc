#include "crypto/rekey/row_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/stop_request.h"
#include "postgres/wal_position.h"

namespace tfseal::rekey {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRowsMin = 50;
constexpr std::size_t kRowsCap = 5000;
constexpr milliseconds kWhileOthersWork{200};
constexpr milliseconds kBackoffFirst{200};
constexpr milliseconds kBackoffMax{10'000};
constexpr milliseconds kServerGoneMax{10 * 60 * 1000};
constexpr milliseconds kBetweenHeartbeats{1000};
// What an UPDATE of a row writes to the log beyond its sealed values: its head, its entries in some indexes, and the
// pages that are logged whole after a checkpoint (rows of 455 bytes: 1,200 bytes).
constexpr double kWalPerRow = 300;
constexpr double kWalPerByte = 2;
// Of the session that writes; a batch of rows of some hundred bytes takes two or three times its own size there.
constexpr std::size_t kServerMemoryKept = std::size_t{8} << 20U;
constexpr milliseconds kNotice{100};  // how often a wait looks up

bool ConnectionLost(const Error& error) {
  // SQLSTATE classes 08 and 57P, a server that is starting, and what libpq says without one. A server that answers that
  // its disk is full, that its files are damaged or that something in it went wrong is there: it is not tried again.
  for (const std::string_view there : {"531", "532", "534", "54", "58", "XX"}) {
    if (error.service_code.starts_with(there)) return false;
  }
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOutcomeUnknown ||
         error.code == ErrorCode::kTimeout;
}

bool IsLockOrSerialization(std::string_view sqlstate) {
  return sqlstate == "55P03" || sqlstate == "57014" || sqlstate.starts_with("40");
}

postgres::SessionOptions DataOptions() {
  postgres::SessionOptions options;
  options.statement_timeout = milliseconds(30'000);
  options.lock_timeout = milliseconds(100);
  options.idle_in_transaction_timeout = milliseconds(10'000);
  options.application_name = "tfseal rekey";
  return options;
}

postgres::SessionOptions ControlOptions() {
  postgres::SessionOptions options;
  options.lock_timeout = milliseconds(10'000);
  options.application_name = "tfseal rekey control";
  return options;
}

// A service that stays away is not a lost connection to the server: it ends the work, with another code.
Error Persistent(Error error) {
  if (IsTransient(error.code)) error.code = ErrorCode::kThrottled;
  return error;
}

}  // namespace

struct RowWorker::Sessions {
  Sessions(postgres::Connection control_session, postgres::RowStream read_stream, postgres::RowStream write_stream,
           const Mapping& mapping, BatchWriter::Options options)
      : control(std::move(control_session)),
        reader(std::move(read_stream)),
        writes(std::move(write_stream)),
        store(control, mapping),
        segments(control, mapping),
        writer(writes, std::move(options)) {}

  postgres::Connection control;
  postgres::RowStream reader;
  postgres::RowStream writes;
  JobStore store;
  SegmentStore segments;
  BatchWriter writer;
};

RowWorker::RowWorker(const Seams& seams, const RowKeys& keys, std::vector<TableLayout>& layouts, WorkerOptions options)
    : seams_(seams),
      keys_(keys),
      layouts_(layouts),
      options_(std::move(options)),
      throttle_(seams.mapping, seams.clock) {}

RowWorker::~RowWorker() = default;

Status RowWorker::Connect() {
  const bool pooled = seams_.mapping.transaction_pooler;
  TFSEAL_ASSIGN(postgres::Connection control, postgres::Connection::Open(seams_.url, ControlOptions()));
  TFSEAL_ASSIGN(const bool tells_wal, postgres::TellsWalPosition(control));
  TFSEAL_ASSIGN(postgres::RowStream reader, postgres::RowStream::Open(seams_.url, DataOptions(), !pooled));
  TFSEAL_ASSIGN(postgres::RowStream writes, postgres::RowStream::Open(seams_.url, DataOptions(), !pooled));
  if (!pooled) writes.KeepMemory(kServerMemoryKept);
  BatchWriter::Options options;
  options.schema = seams_.mapping.schema;
  options.job = job_.id;
  options.lease_ms = options_.lease_ms;
  options.isolation = options_.isolation;
  options.set_limits = pooled;
  options.tells_wal = tells_wal;
  throttle_.TellsWal(tells_wal);
  sessions_ = std::make_unique<Sessions>(std::move(control), std::move(reader), std::move(writes), seams_.mapping,
                                         std::move(options));
  return {};
}

// Until the server is there again; for long enough that a failover is over.
Status RowWorker::Reconnect() {
  sessions_.reset();
  const TimePoint since = seams_.clock.Now();
  milliseconds wait = kBackoffFirst;
  for (;;) {
    Status connected = Connect();
    if (connected.ok() || StopSignal() != 0) return connected;
    if (seams_.clock.Now() - since > kServerGoneMax) return connected;
    seams_.clock.SleepFor(wait);
    wait = std::min(wait * 2, kBackoffMax);
  }
}

Result<WorkEnd> RowWorker::Run(const Job& job, const std::function<void(const WorkerProgress&)>& tell) {
  job_ = job;
  tell_ = tell;
  rekeyer_ = std::make_unique<RowRekeyer>(keys_, seams_.mapping, job.mode, seams_.entropy, seams_.clock);
  pass_ = -1;
  TFSEAL_TRY(Connect());
  if (seams_.mapping.throttle.health.enabled() && health_ == nullptr) {
    TFSEAL_ASSIGN(health_, HealthProbe::Start(seams_.url, seams_.mapping.throttle.health, seams_.clock));
    throttle_.Watch(health_.get());
  }
  TimePoint since = seams_.clock.Now();
  std::int64_t batches = -1;
  milliseconds wait = kBackoffFirst;
  for (;;) {
    Result<WorkEnd> end = Work();
    if (end.ok()) return end;
    if (!ConnectionLost(end.error())) return PauseJob(end.error());
    if (StopSignal() != 0) return WorkEnd::kStopped;
    if (progress_.batches != batches) {
      batches = progress_.batches;
      since = seams_.clock.Now();
      wait = kBackoffFirst;
    } else {
      // A server that lets us in and breaks off before anything is done is not to be asked as fast as it answers.
      if (seams_.clock.Now() - since > kServerGoneMax) return PauseJob(end.error());
      seams_.clock.SleepFor(wait);
      wait = std::min(wait * 2, kBackoffMax);
    }
    TFSEAL_TRY(Reconnect());
  }
}

// Going on would do harm, so nobody goes on. What the reason is stays with the job, for whoever looks next.
Error RowWorker::PauseJob(const Error& error) {
  if (sessions_ == nullptr) return error;
  if (held_.has_value()) (void)sessions_->segments.Release(*held_);
  const std::array from = {Phase::kRunning, Phase::kDraining};
  (void)sessions_->store.Advance(job_.id, from, Phase::kPaused, "stopped by itself: " + error.message);
  (void)sessions_->store.SetLastError(job_.id, error.message);
  return error;
}

Result<WorkEnd> RowWorker::Work() {
  for (;;) {
    if (StopSignal() != 0) return Leave();
    TFSEAL_TRY(Heartbeat());
    std::optional<Segment> segment;
    if (held_.has_value()) {
      TFSEAL_ASSIGN(segment, sessions_->segments.Recover(*held_, options_.lease_ms));
      held_.reset();
    }
    if (!segment.has_value()) {
      TFSEAL_ASSIGN(segment, sessions_->segments.Claim(job_, options_.id, options_.lease_ms));
    }
    if (!segment.has_value()) {
      TFSEAL_ASSIGN(const Job now, sessions_->store.Read(job_.id));
      if (now.phase != Phase::kRunning && now.phase != Phase::kDraining) return WorkEnd::kNotRunning;
      TFSEAL_ASSIGN(const std::int64_t left, sessions_->segments.Unfinished(job_.id));
      if (left == 0) return WorkEnd::kNothingLeft;
      seams_.clock.SleepFor(kWhileOthersWork);
      continue;
    }
    held_ = segment;
    TFSEAL_ASSIGN(const SegmentEnd end, WorkSegment(*segment));
    // Changes nothing if it is not ours any more.
    if (end != SegmentEnd::kDone) TFSEAL_TRY(sessions_->segments.Release(*segment));
    held_.reset();
  }
}

Result<WorkEnd> RowWorker::Leave() {
  (void)sessions_->control.Execute(
      fmt::format("DELETE FROM {}.worker WHERE id = $1", postgres::QuoteName(seams_.mapping.schema)), {options_.id});
  return WorkEnd::kStopped;
}

Result<RowWorker::SegmentEnd> RowWorker::WorkSegment(Segment& segment) {
  const TableLayout& layout = layouts_.at(segment.target);
  TFSEAL_TRY(CheckLayout(layout));
  TFSEAL_TRY(ExpectDamage());
  sessions_->writer.Use(layout, job_.mode);
  last_key_.clear();
  TFSEAL_ASSIGN(const SegmentEnd end, Batches(segment, layout));
  if (end != SegmentEnd::kDone) return end;
  TFSEAL_ASSIGN(const bool finished, sessions_->segments.Finish(segment));
  return finished ? SegmentEnd::kDone : SegmentEnd::kLost;
}

// Once for each pass, which another process may have opened.
Status RowWorker::ExpectDamage() {
  TFSEAL_ASSIGN(const Job now, sessions_->store.Read(job_.id));
  if (now.pass == pass_) return {};
  TFSEAL_ASSIGN(const std::int64_t rows, sessions_->store.CountDamageBefore(now));
  rekeyer_->ExpectDamage(rows);
  pass_ = now.pass;
  return {};
}

// The table may have been changed since the statements were made: then nobody knows what they would do.
Status RowWorker::CheckLayout(const TableLayout& layout) {
  TFSEAL_ASSIGN(const std::string digest, ReadDigest(sessions_->control, layout));
  if (digest == layout.digest) return {};
  return Error{ErrorCode::kConflict,
               fmt::format("the columns of {}.{} changed while the job runs", layout.schema, layout.table),
               "tfseal rekey plan; then tfseal rekey resume and run again"};
}

Result<RowWorker::SegmentEnd> RowWorker::Batches(Segment& segment, const TableLayout& layout) {
  std::size_t current = 0;
  for (;;) {
    RowBatch& batch = batches_[current];
    TFSEAL_ASSIGN(const bool read, ReadWaiting(segment, layout, batch));
    if (!read) return SegmentEnd::kLost;
    if (batch.size == 0) break;
    // A service may take its time: the transaction that is under way does not wait for it, nor for us.
    TFSEAL_ASSIGN(const bool rekeyed, Rekey(segment, layout, batch));
    TFSEAL_ASSIGN(const bool written, FinishPart(segment));
    if (!rekeyed || !written) return SegmentEnd::kLost;
    TFSEAL_ASSIGN(const bool held, WaitForThrottle(segment));
    if (!held) return SegmentEnd::kLost;
    if (StopSignal() != 0) return SegmentEnd::kStopped;
    sent_at_ = seams_.clock.Now();
    TFSEAL_TRY(sessions_->writer.Send(segment, {&batch, 0, batch.size}));
    current ^= 1U;
  }
  TFSEAL_ASSIGN(const bool written, FinishPart(segment));
  return written ? SegmentEnd::kDone : SegmentEnd::kLost;
}

// Somebody who changes the table goes first: we ask again, and hold nothing meanwhile. False: the segment is lost.
Result<bool> RowWorker::ReadWaiting(const Segment& segment, const TableLayout& layout, RowBatch& batch) {
  for (;;) {
    const Status read = Read(segment, layout, batch);
    if (read.ok()) return true;
    if (!IsLockOrSerialization(read.error().service_code)) return read.error();
    TFSEAL_ASSIGN(const bool written, FinishPart(segment));
    if (!written || StopSignal() != 0) return false;
    progress_.binding = "table locked by others";
    seams_.clock.SleepFor(kWhileOthersWork);
    TFSEAL_TRY(Heartbeat());
    TFSEAL_ASSIGN(const bool held, StillHeld(segment));
    if (!held) return false;
  }
}

Status RowWorker::Read(const Segment& segment, const TableLayout& layout, RowBatch& batch) {
  batch.Clear();
  const bool from_start = last_key_.empty() && !segment.after.has_value();
  const bool to_end = !segment.up_to.has_value();
  const auto bytes_max = static_cast<std::size_t>(seams_.mapping.batch.max_bytes);
  std::size_t rows = batch_rows_;
  if (bytes_per_row_ > 0) {
    rows = std::clamp<std::size_t>(static_cast<std::size_t>(static_cast<double>(bytes_max) / bytes_per_row_), 1, rows);
  }
  std::vector<postgres::StreamParameter> parameters;
  if (!last_key_.empty()) {
    for (const std::string& value : last_key_) parameters.push_back({std::string_view(value), true});
  } else if (!from_start) {
    for (const std::string& value : *segment.after) parameters.push_back({std::string_view(value), false});
  }
  if (!to_end) {
    for (const std::string& value : *segment.up_to) parameters.push_back({std::string_view(value), false});
  }
  const std::string limit = std::to_string(rows);
  const Wanted wanted = WantedOf(layout, job_.mode, seams_.mapping);
  parameters.push_back({std::string_view(limit), false});
  TFSEAL_TRY(sessions_->reader.Read(ReadSql(layout, {from_start, to_end}, wanted), parameters,
                                    [&](const postgres::StreamRow& row) {
                                      TakeRow(layout, row, batch);
                                      const std::size_t done = batch.done;
                                      if (!rekeyer_->RekeyWhileRead(layout, batch)) return false;
                                      if (batch.done > done) sessions_->writer.Stage(batch, done);
                                      return batch.bytes < bytes_max;
                                    }));
  if (batch.size == 0) return {};
  last_key_ = batch.rows[batch.size - 1].primary_key;
  const double bytes = static_cast<double>(batch.bytes) / static_cast<double>(batch.size);
  bytes_per_row_ = bytes_per_row_ == 0 ? bytes : std::max(bytes, bytes_per_row_ * 0.8 + bytes * 0.2);
  return {};
}

void RowWorker::TakeRow(const TableLayout& layout, const postgres::StreamRow& row, RowBatch& batch) {
  SourceRow& source = batch.Add();
  std::size_t next = 0;
  source.primary_key.resize(layout.primary_key.size());
  for (std::string& value : source.primary_key) value.assign(row.at(next++).value_or(std::string_view()));
  source.tenant.clear();
  if (!layout.tenant.empty()) source.tenant.assign(row.at(next++).value_or(std::string_view()));
  source.mirrors_agree = true;
  if (layout.has_mirrors()) {
    const std::optional<std::string_view> agree = row.at(next++);
    source.mirrors_agree = agree.has_value() && !agree->empty() && agree->front() != 0;
  }
  source.values.resize(layout.columns.size());
  for (std::optional<std::string>& value : source.values) batch.Keep(row.at(next++), value);
  source.position.clear();
  if (layout.has_positions) source.position.assign(row.at(next).value_or(std::string_view()));
}

// False: the segment was lost while a service was waited for.
Result<bool> RowWorker::Rekey(const Segment& segment, const TableLayout& layout, RowBatch& batch) {
  if (keys_.watch == nullptr) return RekeyWatched(segment, layout, batch);
  keys_.watch->look = [this, &segment](std::string_view limit) { return LookUp(segment, limit); };
  Result<bool> rekeyed = RekeyWatched(segment, layout, batch);
  keys_.watch->look = nullptr;
  return rekeyed;
}

Result<bool> RowWorker::RekeyWatched(const Segment& segment, const TableLayout& layout, RowBatch& batch) {
  TimePoint since = seams_.clock.Now();
  milliseconds wait = kBackoffFirst;
  held_while_waiting_ = true;
  std::size_t answered = 0;
  Status done = rekeyer_->Rekey(layout, batch);
  for (;;) {
    TFSEAL_ASSIGN(const bool held, std::exchange(held_while_waiting_, true));
    if (!held) return false;
    if (done.ok()) return true;
    if (!IsTransient(done.error().code)) return done.error();
    if (rekeyer_->answered() > answered) {  // slow is not gone
      answered = rekeyer_->answered();
      since = seams_.clock.Now();
      wait = kBackoffFirst;
    }
    if (seams_.clock.Now() - since > seams_.mapping.throttle.service_outage) return Persistent(done.error());
    throttle_.KmsThrottled();
    progress_.binding = "kms: " + done.error().message;
    TFSEAL_ASSIGN(const bool written, FinishPart(segment));
    if (!written) return false;
    TFSEAL_ASSIGN(const bool still, WaitForService(segment, wait));
    if (!still) return false;
    wait = std::min(wait * 2, kBackoffMax);
    done = rekeyer_->RekeyAgain(layout, batch);
  }
}

// False: the segment was lost meanwhile, or the process is to stop.
Result<bool> RowWorker::WaitForService(const Segment& segment, milliseconds wait) {
  for (milliseconds waited{0}; waited < wait; waited += kNotice) {
    if (StopSignal() != 0) return false;
    seams_.clock.SleepFor(std::min(kNotice, wait));
    if (seams_.clock.Now() - beat_at_ < kBetweenHeartbeats) continue;
    TFSEAL_TRY(Heartbeat());
    TFSEAL_ASSIGN(const bool held, StillHeld(segment));
    if (!held) return false;
  }
  return true;
}

// While calls are under way: without this a service that throttles would outlast the lease, and whoever took the
// segment over would begin anew. What it finds is acted on when the calls are back.
bool RowWorker::LookUp(const Segment& segment, std::string_view limit) {
  if (!held_while_waiting_.ok() || !*held_while_waiting_) return false;
  if (StopSignal() != 0) {
    held_while_waiting_ = false;
    return false;
  }
  progress_.binding = limit.empty() ? std::string("kms: waiting for answers") : std::string(limit);
  if (tell_) tell_(progress_);
  const Status told = Heartbeat();
  held_while_waiting_ = told.ok() ? StillHeld(segment) : Result<bool>(told.error());
  return held_while_waiting_.ok() && *held_while_waiting_;
}

Result<bool> RowWorker::StillHeld(const Segment& segment) {
  TFSEAL_ASSIGN(const Job now, sessions_->store.Read(job_.id));
  if (now.phase != Phase::kRunning && now.phase != Phase::kDraining) {
    TFSEAL_TRY(sessions_->segments.Release(segment));
    return false;
  }
  return sessions_->segments.Renew(segment, options_.lease_ms);
}

Result<bool> RowWorker::WaitForThrottle(const Segment& segment) {
  for (;;) {
    TFSEAL_TRY(Heartbeat());
    const milliseconds delay = throttle_.Delay();
    progress_.binding = throttle_.binding();
    if (delay.count() == 0) return true;
    if (StopSignal() != 0) return true;
    seams_.clock.SleepFor(delay);
    if (seams_.clock.Now() - renewed_at_ < kBetweenHeartbeats) continue;
    renewed_at_ = seams_.clock.Now();
    TFSEAL_ASSIGN(const bool held, StillHeld(segment));
    if (!held) return false;
  }
}

// Waits for the part that is under way, if any. False: the segment is lost.
Result<bool> RowWorker::FinishPart(const Segment& segment) {
  if (!sessions_->writer.busy()) return true;
  const BatchPart part = sessions_->writer.part();
  TFSEAL_ASSIGN(const WriteOutcome outcome, sessions_->writer.Finish());
  if (outcome.end == WriteEnd::kFenceLost) return false;
  if (outcome.end == WriteEnd::kRefused) return WriteInHalves(segment, part, outcome.sqlstate);
  return Committed(segment, part, outcome);
}

// Rows that were not found where they were read may only have been moved, by an update of other columns: by their key
// they are found if they are as they were otherwise. False: the segment is lost.
Result<bool> RowWorker::Committed(const Segment& segment, const BatchPart& part, const WriteOutcome& outcome) {
  Account(outcome, part.size());
  if (!outcome.by_position || outcome.conflicts == 0) return true;
  sent_at_ = seams_.clock.Now();
  TFSEAL_TRY(sessions_->writer.SendByKey(segment, part));
  TFSEAL_ASSIGN(const WriteOutcome again, sessions_->writer.Finish());
  if (again.end == WriteEnd::kFenceLost) return false;
  // What is locked now is left to the next pass.
  if (again.end == WriteEnd::kCommitted) Account(again, 0);
  return true;
}

// Rows that are locked, deadlocked or refused are found by halving; each transaction advances the cursor over what it
// holds, so that the order of the rows stays the order of the cursor.
Result<bool> RowWorker::WriteInHalves(const Segment& segment, const BatchPart& part, const std::string& sqlstate) {
  batch_rows_ = std::max(kRowsMin, batch_rows_ / 2);
  std::array<BatchPart, 2> halves;
  if (part.size() == 1) {
    // Locked by the application, or written by it: it goes first. Anything else is the row's own.
    RekeyedRow& row = part.batch->rekeyed[part.begin];
    if (IsLockOrSerialization(sqlstate)) {
      seams_.clock.SleepFor(LockedPause());
    } else {
      TFSEAL_TRY(rekeyer_->CountRefused(sqlstate));
    }
    row.issue = IsLockOrSerialization(sqlstate) ? RowIssue{"conflict", "locked"}
                                                : RowIssue{"poison", "database: SQLSTATE " + sqlstate};
    halves = {part, {}};
  } else {
    const std::size_t middle = part.begin + part.size() / 2;
    halves = {BatchPart{part.batch, part.begin, middle}, BatchPart{part.batch, middle, part.end}};
  }
  for (const BatchPart& half : halves) {
    if (half.batch == nullptr) continue;
    sent_at_ = seams_.clock.Now();
    TFSEAL_TRY(sessions_->writer.Send(segment, half));
    TFSEAL_ASSIGN(const WriteOutcome outcome, sessions_->writer.Finish());
    if (outcome.end == WriteEnd::kFenceLost) return false;
    if (outcome.end == WriteEnd::kCommitted) {
      TFSEAL_ASSIGN(const bool held, Committed(segment, half, outcome));
      if (!held) return false;
      continue;
    }
    if (part.size() == 1) {
      return Error{ErrorCode::kConflict,
                   fmt::format("the cursor of a segment cannot be moved (SQLSTATE {})", outcome.sqlstate), ""};
    }
    TFSEAL_ASSIGN(const bool held, WriteInHalves(segment, half, outcome.sqlstate));
    if (!held) return false;
  }
  return true;
}

// One locked row after the other is a table that is locked: there is no hurry then.
milliseconds RowWorker::LockedPause() {
  constexpr int kFew = 3;
  ++locked_in_a_row_;
  return locked_in_a_row_ <= kFew ? milliseconds(0)
                                  : std::min(milliseconds(100) * locked_in_a_row_, milliseconds(1000));
}

// `rows`: how many were looked at for the first time.
void RowWorker::Account(const WriteOutcome& outcome, std::size_t rows) {
  const milliseconds took =
      std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(seams_.clock.Now() - sent_at_));
  progress_.rows_seen += static_cast<std::int64_t>(rows);
  progress_.rows_changed += outcome.changed;
  progress_.rows_conflict += outcome.conflicts;
  progress_.rows_poison += outcome.poison;
  ++progress_.batches;
  if (outcome.changed > 0) {
    locked_in_a_row_ = 0;
    rekeyer_->CountWritten();
  }
  const std::uint64_t calls = keys_.Calls();
  Throttle::Spent spent;
  spent.rows = static_cast<std::int64_t>(rows);
  const bool paced = keys_.watch != nullptr && keys_.watch->paces;
  spent.kms_calls = paced ? 0 : static_cast<std::int64_t>(calls - kms_calls_);
  spent.wal_bytes = WalOf(outcome, rows);
  spent.took = took;
  throttle_.Spend(spent);
  kms_calls_ = calls;
  wal_position_ = outcome.wal_position;
  if (rows > 0) Resize(outcome, rows);
  if (tell_) tell_(progress_);
}

// What the server has written since the batch before, by whomever; an estimate where it does not tell.
std::int64_t RowWorker::WalOf(const WriteOutcome& outcome, std::size_t rows) const {
  if (outcome.wal_position > 0) return wal_position_ == 0 ? 0 : outcome.wal_position - wal_position_;
  return static_cast<std::int64_t>(static_cast<double>(rows) * (kWalPerRow + kWalPerByte * bytes_per_row_));
}

// By the server's time, which is how long rows are locked: on a busy machine ours says how long we waited for a
// processor, and batches that shrink for that reason make it only busier.
void RowWorker::Resize(const WriteOutcome& outcome, std::size_t rows) {
  const double ms = static_cast<double>(std::max<std::int64_t>(outcome.server_us, 1)) / 1000;
  const double per_row = ms / static_cast<double>(rows);
  ms_per_row_ = ms_per_row_ == 0 ? per_row : ms_per_row_ * 0.7 + per_row * 0.3;
  const double wanted = static_cast<double>(seams_.mapping.batch.target.count()) / std::max(ms_per_row_, 1e-4);
  const std::size_t most =
      std::clamp<std::size_t>(static_cast<std::size_t>(seams_.mapping.batch.max_rows), 1, kRowsCap);
  // At most twice as many as before: the first batches are small on purpose.
  const std::size_t grown = std::min(static_cast<std::size_t>(wanted), batch_rows_ * 2);
  batch_rows_ = std::clamp(grown, std::min(kRowsMin, most), most);
}

// Tells the others that this one lives and what it does, and takes in what they set.
Status RowWorker::Heartbeat() {
  const TimePoint now = seams_.clock.Now();
  TFSEAL_TRY(throttle_.Sample(sessions_->control, job_.id, Tables()));
  if (keys_.watch != nullptr) keys_.watch->requests_per_s = throttle_.kms_per_second();
  if (now - beat_at_ < kBetweenHeartbeats) return {};
  const double seconds = std::chrono::duration<double>(now - beat_at_).count();
  const double rate = seconds > 3600 ? 0 : static_cast<double>(progress_.rows_changed - beat_rows_) / seconds;
  beat_at_ = now;
  beat_rows_ = progress_.rows_changed;
  TFSEAL_TRY(sessions_->control.Execute(
      fmt::format("INSERT INTO {}.worker (id, job, rows_per_s, binding, kms_calls) VALUES ($1, $2::bigint, $3::float8, "
                  "$4, $5::bigint) ON CONFLICT (id) DO UPDATE SET job = excluded.job, last_seen = clock_timestamp(), "
                  "rows_per_s = excluded.rows_per_s, binding = excluded.binding, kms_calls = excluded.kms_calls",
                  postgres::QuoteName(seams_.mapping.schema)),
      {options_.id, std::to_string(job_.id), fmt::format("{:.1f}", rate), progress_.binding,
       std::to_string(kms_calls_)}));
  return {};
}

std::vector<std::string> RowWorker::Tables() const {
  std::vector<std::string> tables;
  for (const TableLayout& layout : layouts_) tables.push_back(layout.SqlName());
  return tables;
}

}  // namespace tfseal::rekey
