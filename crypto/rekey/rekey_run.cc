#include "crypto/rekey/rekey_run.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/stop_request.h"
#include "crypto/local_key_wrapper.h"
#include "crypto/rekey/audit_inspection.h"
#include "crypto/rekey/catalog_switch.h"
#include "crypto/rekey/external_job.h"

namespace tfseal::rekey {
namespace {

using std::chrono::milliseconds;

// Rows that the application locks or writes under the old key all the time are no reason to try forever.
constexpr int kPassesMax = 50;
constexpr milliseconds kBetweenPasses{500};
constexpr milliseconds kBetweenLooks{500};

RunEnd EndOf(Phase phase) {
  if (phase == Phase::kPaused) return RunEnd::kPaused;
  if (phase == Phase::kCompleted) return RunEnd::kCompleted;
  return phase == Phase::kCompletedWithErrors ? RunEnd::kCompletedWithErrors : RunEnd::kFinished;
}

}  // namespace

Result<postgres::Connection> RekeyRun::Session() const {
  postgres::SessionOptions options;
  options.statement_timeout = milliseconds(0);  // counting and cutting large tables takes its time
  options.application_name = "tfseal rekey control";
  return postgres::Connection::Open(seams_.url, options);
}

void RekeyRun::Tell(std::string note) {
  if (tell_) tell_({job_, progress_, std::move(note)});
}

Status RekeyRun::CheckPins() const {
  const std::string from = seams_.keys.from == nullptr ? "legacy" : seams_.keys.from->id();
  if (job_.pin_from == from && job_.pin_to == seams_.keys.to->id()) return {};
  return Error{ErrorCode::kConflict,
               fmt::format("job {} is pinned to {} and {}; the mapping leads to {} and {} now", job_.id, job_.pin_from,
                           job_.pin_to, from, seams_.keys.to->id()),
               "an alias was moved or the mapping was changed: name the keys themselves"};
}

// The live job, or a new one.
Result<Job> RekeyRun::Enter(JobStore& store) {
  TFSEAL_ASSIGN(const bool set_up, store.IsSetUp());
  if (!set_up) {
    return Error{ErrorCode::kNotFound, fmt::format("the database has no schema {} yet", seams_.mapping.schema),
                 "tfseal rekey setup creates it; nothing of the application is touched"};
  }
  TFSEAL_ASSIGN(std::optional<Job> live, store.FindLive());
  if (!live.has_value()) {
    if (options_.join_only)
      return Error{ErrorCode::kNotFound, "no job is live that could be joined", "tfseal rekey run"};
    auto begun = Begin(store);
    if (begun.ok() || begun.error().code != ErrorCode::kLocked) return begun;
    // Another process was faster.
    TFSEAL_ASSIGN(live, store.FindLive());
    if (!live.has_value()) return begun;
  }
  if (live->mapping_digest != seams_.mapping.digest) {
    return Error{ErrorCode::kLocked,
                 fmt::format("job {} from {} to {} is {}, with another mapping", live->id, live->key_from, live->key_to,
                             Name(live->phase)),
                 "tfseal rekey status; finish it with its mapping, or tfseal rekey cancel"};
  }
  return *std::move(live);
}

Result<Job> RekeyRun::Begin(JobStore& store) {
  TFSEAL_ASSIGN(const WrappingKeyState state, seams_.keys.to->Describe());
  if (!state.usable) {
    return Error{ErrorCode::kConflict, fmt::format("{}: the new key cannot be used: {}", state.id, state.detail), ""};
  }
  TFSEAL_ASSIGN(postgres::Connection session, Session());
  for (const TargetMapping& target : seams_.mapping.targets) TFSEAL_TRY(CheckPaths(session, target));
  TFSEAL_TRY(CheckAuditTable(session, seams_.mapping,
                             {0, seams_.mapping.from.name, seams_.mapping.to.name, seams_.mapping.mode}));
  Job job;
  job.mapping_digest = seams_.mapping.digest;
  job.mode = seams_.mapping.mode;
  job.key_from = seams_.mapping.from.name;
  job.key_to = seams_.mapping.to.name;
  job.pin_from = seams_.keys.from == nullptr ? "legacy" : seams_.keys.from->id();
  job.pin_to = seams_.keys.to->id();
  return store.Create(job);
}

// Until nobody uses a key that was read before the catalogue was switched. False: asked to stop, or not pending any
// more.
Result<bool> RekeyRun::WaitForCaches(JobStore& store) {
  bool told = false;
  for (;;) {
    TFSEAL_ASSIGN(const std::int64_t left, store.CacheSecondsLeft(job_.id, seams_.mapping.key_cache_ttl));
    if (left <= 0) return true;
    if (!told) Tell(fmt::format("waiting {} s until no application uses a key that it read before the switch", left));
    told = true;
    seams_.clock.SleepFor(kBetweenLooks);
    if (StopSignal() != 0) return false;
    TFSEAL_ASSIGN(job_, store.Read(job_.id));
    if (job_.phase != Phase::kPending) return false;
  }
}

Result<bool> RekeyRun::Start(JobStore& store, SegmentStore& segments) {
  if (job_.phase != Phase::kPending) return true;
  TFSEAL_ASSIGN(const bool waited, WaitForCaches(store));
  if (!waited) return StopSignal() == 0;
  std::int64_t rows = 0;
  std::uint64_t values = 0;
  for (const TableLayout& layout : layouts_) {
    TFSEAL_ASSIGN(const std::int64_t old, segments.CountOld(layout));
    rows += old;
    values += static_cast<std::uint64_t>(old) * layout.fields.size();
  }
  if (seams_.keys.to->seals_directly() && values > kGcmSealsMax) {
    return Error{ErrorCode::kConflict,
                 fmt::format("{}: {} values are more than one key may seal with random ivs ({})", job_.key_to, values,
                             kGcmSealsMax),
                 "mode: adopt into envelopes gives each row a data key of its own"};
  }
  TFSEAL_TRY(store.SetEstimate(job_.id, rows));
  TFSEAL_ASSIGN(const bool planned, segments.Plan(job_, layouts_, options_.rows_per_segment));
  TFSEAL_ASSIGN(job_, store.Read(job_.id));
  if (planned) Tell(fmt::format("job {}: {} rows are under {}", job_.id, rows, job_.key_from));
  return true;
}

Result<RunEnd> RekeyRun::Run(const std::function<void(const RunNews&)>& tell) {
  tell_ = tell;
  TFSEAL_ASSIGN(postgres::Connection session, Session());
  JobStore store(session, seams_.mapping);
  SegmentStore segments(session, seams_.mapping);
  TFSEAL_ASSIGN(job_, Enter(store));
  TFSEAL_TRY(CheckPins());
  if (job_.phase == Phase::kPaused) return RunEnd::kPaused;
  // Done again by whoever comes, so that it does not matter where one was killed.
  // What a key that nobody provides is called in the catalogue is the application's.
  const std::string ref = seams_.keys.to->seals_directly() ? "" : seams_.keys.to->id();
  TFSEAL_ASSIGN(const KeySwitch keys, SwitchCatalog(session, seams_.mapping, ref));
  TFSEAL_TRY(store.SetSwitched(job_.id, keys.refs.from, keys.refs.to));
  if (keys.switched) Tell(fmt::format("{} is the active key now, {} rotates", job_.key_to, job_.key_from));
  ExternalJob external(session, seams_.mapping);
  TFSEAL_TRY(store.EnsureExternal(job_.id, external));
  TFSEAL_ASSIGN(job_, store.Read(job_.id));
  for (const TargetMapping& target : seams_.mapping.targets) {
    TFSEAL_ASSIGN(TableLayout layout,
                  ReadLayout(session, target, job_.mode, RefsOf(seams_.mapping, target, {job_.ref_from, job_.ref_to})));
    layouts_.push_back(std::move(layout));
  }
  TFSEAL_ASSIGN(const bool started, Start(store, segments));
  if (!started) return RunEnd::kStopped;
  TFSEAL_TRY(external.Update(job_, counts_));
  return Passes();
}

Result<RunEnd> RekeyRun::Passes() {
  const RowKeys keys{seams_.keys.from.get(), seams_.keys.to.get(),
                     seams_.keys.legacy.empty() ? nullptr : &seams_.keys.legacy, seams_.keys.requests_sent,
                     seams_.keys.watch};
  RowWorker worker({seams_.url, seams_.mapping, seams_.clock, seams_.entropy}, keys, layouts_, options_.worker);
  for (;;) {
    TFSEAL_ASSIGN(const WorkEnd end, worker.Run(job_, [this](const WorkerProgress& progress) {
      progress_ = progress;
      Tell("");
    }));
    progress_ = worker.progress();
    if (end == WorkEnd::kStopped) return RunEnd::kStopped;
    TFSEAL_ASSIGN(const bool over, Conclude());
    if (over) return EndOf(job_.phase);
    if (StopSignal() != 0) return RunEnd::kStopped;
  }
}

Result<bool> RekeyRun::Conclude() {
  TFSEAL_ASSIGN(postgres::Connection session, Session());
  JobStore store(session, seams_.mapping);
  SegmentStore segments(session, seams_.mapping);
  ExternalJob external(session, seams_.mapping);
  TFSEAL_ASSIGN(job_, store.Read(job_.id));
  TFSEAL_ASSIGN(counts_, store.Count(job_.id));
  if (job_.phase != Phase::kRunning && job_.phase != Phase::kDraining) {
    TFSEAL_TRY(external.Update(job_, counts_));
    return true;
  }
  std::int64_t left = 0;
  for (const TableLayout& layout : layouts_) {
    TFSEAL_ASSIGN(const std::int64_t old, segments.CountOld(layout));
    left += old;
  }
  const std::array from = {Phase::kRunning, Phase::kDraining};
  // A row that was in the application's way is not one with an issue: those are told apart by a pass without conflicts.
  const bool quiet = conflicts_before_ == counts_.rows_conflict;
  conflicts_before_ = counts_.rows_conflict;
  if (left == 0 || (quiet && left == counts_.rows_poison)) {
    const Phase to = left == 0 ? Phase::kCompleted : Phase::kCompletedWithErrors;
    TFSEAL_TRY(store.AdvanceBoth(job_.id, from, to));
  } else if (job_.pass >= kPassesMax) {
    TFSEAL_TRY(store.AdvanceBoth(job_.id, from, Phase::kPaused,
                                 fmt::format("{} rows are still under the old key after {} passes: they are locked, or "
                                             "something writes under the old key",
                                             left, job_.pass)));
  } else {
    if (job_.pass > 0) seams_.clock.SleepFor(kBetweenPasses);
    TFSEAL_ASSIGN(const bool next, segments.NextPass(job_));
    if (next)
      Tell(fmt::format("pass {}: {} rows were written or locked by the application meanwhile", job_.pass + 1, left));
    TFSEAL_ASSIGN(job_, store.Read(job_.id));
    return false;
  }
  TFSEAL_ASSIGN(job_, store.Read(job_.id));
  // Somebody may have changed the phase in between; then the work goes on as it says.
  return job_.phase != Phase::kRunning && job_.phase != Phase::kDraining;
}

}  // namespace tfseal::rekey
