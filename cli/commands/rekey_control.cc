#include <fmt/format.h>

#include <array>
#include <functional>
#include <span>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/rekey_session.h"
#include "core/json.h"
#include "core/stop_request.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/token_pruning.h"

// What is said to a job from any machine, through its row.
namespace tfseal::cli {
namespace {

using rekey::Phase;

// Opens the database and hands over the store.
ExitCode WithStore(const Arguments& arguments, const Ui& ui,
                   const std::function<Result<ExitCode>(rekey::JobStore&, const rekey::Mapping&)>& act) {
  const auto mapping = LoadMapping(arguments, ui);
  if (!mapping) return ExitCode::kUsage;
  const auto attempt = [&]() -> Result<ExitCode> {
    TFSEAL_ASSIGN(const postgres::ConnectionUrl url, DatabaseOf(*mapping));
    TFSEAL_ASSIGN(postgres::Connection session, postgres::Connection::Open(url));
    rekey::JobStore store(session, *mapping);
    return act(store, *mapping);
  };
  const auto code = attempt();
  if (code.ok()) return *code;
  ui.Fail(code.error());
  return RekeyExitCode(code.error());
}

Result<rekey::Job> LiveJob(rekey::JobStore& store) {
  TFSEAL_ASSIGN(const bool set_up, store.IsSetUp());
  std::optional<rekey::Job> live;
  if (set_up) {
    TFSEAL_ASSIGN(live, store.FindLive());
  }
  if (!live.has_value()) return Error{ErrorCode::kNotFound, "no job is live", "tfseal rekey status shows the last one"};
  return *std::move(live);
}

ExitCode Move(const Arguments& arguments, const Ui& ui, std::span<const Phase> from, Phase to) {
  return WithStore(arguments, ui, [&](rekey::JobStore& store, const rekey::Mapping&) -> Result<ExitCode> {
    TFSEAL_ASSIGN(const rekey::Job job, LiveJob(store));
    const std::string reason = to == Phase::kRunning          ? ""
                               : arguments.run.reason.empty() ? "asked for by a person"
                                                              : arguments.run.reason;
    TFSEAL_ASSIGN(const bool moved, store.AdvanceBoth(job.id, from, to, reason));
    TFSEAL_ASSIGN(const rekey::Job now, store.Read(job.id));
    if (moved || now.phase == to) {
      ui.Note(fmt::format("job {} is {}", job.id, rekey::Name(to)));
      if (to == Phase::kRunning) ui.Hint("tfseal rekey run starts a worker; those that wait go on by themselves");
      return ExitCode::kDone;
    }
    return Error{ErrorCode::kConflict, fmt::format("job {} is {}", job.id, rekey::Name(now.phase)), ""};
  });
}

JsonValue ToJson(const rekey::Job& job, const rekey::JobCounts& counts, const std::vector<rekey::JobWorker>& workers,
                 const std::vector<rekey::IssueCount>& issues) {
  JsonValue json(Json::objectValue);
  json["schema"] = "tfseal/rekey-status/v1";
  json["job"] = Json::Int64(job.id);
  json["phase"] = job.id == 0 ? "none" : std::string(rekey::Name(job.phase));
  json["reason"] = job.reason;
  json["last_error"] = job.last_error;
  json["mode"] = std::string(rekey::Name(job.mode));
  json["from"] = job.key_from;
  json["to"] = job.key_to;
  json["pin_from"] = job.pin_from;
  json["pin_to"] = job.pin_to;
  json["pass"] = job.pass;
  json["rows"]["estimated"] = Json::Int64(job.rows_estimated);
  json["rows"]["changed"] = Json::Int64(counts.rows_changed);
  json["rows"]["seen"] = Json::Int64(counts.rows_seen);
  json["rows"]["conflicts"] = Json::Int64(counts.rows_conflict);
  json["rows"]["issues"] = Json::Int64(counts.rows_poison);
  json["segments"]["total"] = Json::Int64(counts.segments);
  json["segments"]["done"] = Json::Int64(counts.segments_done);
  json["created_at"] = job.created_at;
  json["started_at"] = job.started_at;
  json["finished_at"] = job.finished_at;
  json["workers"] = JsonValue(Json::arrayValue);
  for (const rekey::JobWorker& worker : workers) {
    JsonValue one(Json::objectValue);
    one["id"] = worker.id;
    one["rows_per_s"] = worker.rows_per_s;
    one["limit"] = worker.binding;
    one["seconds_ago"] = worker.seconds_ago;
    one["kms_calls"] = Json::Int64(worker.kms_calls);
    json["workers"].append(std::move(one));
  }
  json["issues"] = JsonValue(Json::arrayValue);
  for (const rekey::IssueCount& issue : issues) {
    JsonValue one(Json::objectValue);
    one["label"] = issue.label;
    one["code"] = issue.code;
    one["rows"] = Json::Int64(issue.rows);
    json["issues"].append(std::move(one));
  }
  return json;
}

constexpr double kAliveSeconds = 10;

std::string ToText(const rekey::Job& job, const rekey::JobCounts& counts, const std::vector<rekey::JobWorker>& workers,
                   const std::vector<rekey::IssueCount>& issues) {
  std::string text = fmt::format("job {}: {} from {} to {}: {}\n", job.id, rekey::Name(job.mode),
                                 Printable(job.key_from), Printable(job.key_to), rekey::Name(job.phase));
  if (!job.reason.empty()) text += fmt::format("  because: {}\n", Printable(job.reason));
  double rate = 0;
  for (const rekey::JobWorker& worker : workers) rate += worker.seconds_ago < kAliveSeconds ? worker.rows_per_s : 0;
  text += fmt::format(
      "  {} of about {} rows, {:.0f}/s; {} conflicts that are looked at again; pass {}, {} of {} segments\n",
      counts.rows_changed, job.rows_estimated, rate, counts.rows_conflict, job.pass, counts.segments_done,
      counts.segments);
  const std::int64_t left = job.rows_estimated - counts.rows_changed;
  if (rate > 0 && left > 0 && rekey::IsLive(job.phase)) {
    text += fmt::format("  about {:.0f} s left at this rate\n", static_cast<double>(left) / rate);
  }
  for (const rekey::JobWorker& worker : workers) {
    if (worker.seconds_ago >= kAliveSeconds) continue;
    text += fmt::format("  worker {}: {:.0f} rows/s, limit: {}\n", Printable(worker.id), worker.rows_per_s,
                        worker.binding.empty() ? "none" : Printable(worker.binding));
  }
  for (const rekey::IssueCount& issue : issues) {
    text += fmt::format("  {} rows of {}: {}\n", issue.rows, Printable(issue.label), Printable(issue.code));
  }
  if (!job.last_error.empty()) text += fmt::format("  last error: {}\n", Printable(job.last_error));
  return text;
}

Result<ExitCode> NoJobYet(const Arguments& arguments, const Ui& ui, const rekey::Mapping& mapping, bool set_up) {
  rekey::Job none;
  none.mode = mapping.mode;
  none.key_from = mapping.from.name;
  none.key_to = mapping.to.name;
  TFSEAL_TRY(Deliver(arguments, ui, [&](std::string_view format) {
    if (format == "json") return WriteJsonDocument(ToJson(none, {}, {}, {}));
    return fmt::format("there was no job yet: {} from {} to {} has not begun\n", rekey::Name(none.mode),
                       Printable(none.key_from), Printable(none.key_to));
  }));
  const std::string config = arguments.config.empty() ? std::string() : " --config " + arguments.config;
  ui.Hint(set_up ? fmt::format("next: tfseal rekey run{}", config)
                 : fmt::format("next: tfseal rekey plan{0}, then tfseal rekey setup{0}, once", config));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunRekeySetup(const Arguments& arguments, const Ui& ui) {
  return WithStore(arguments, ui, [&](rekey::JobStore& store, const rekey::Mapping& mapping) -> Result<ExitCode> {
    TFSEAL_TRY(store.Setup());
    ui.Note(fmt::format("schema {} is there, with tables of tfseal's own", mapping.schema));
    return ExitCode::kDone;
  });
}

ExitCode RunRekeyStatus(const Arguments& arguments, const Ui& ui) {
  return WithStore(arguments, ui, [&](rekey::JobStore& store, const rekey::Mapping& mapping) -> Result<ExitCode> {
    TFSEAL_ASSIGN(const bool set_up, store.IsSetUp());
    std::optional<rekey::Job> job;
    if (set_up) {
      TFSEAL_ASSIGN(job, store.FindLast());
    }
    // That nothing has begun is an answer, as it is of `tfseal status`.
    if (!job.has_value()) return NoJobYet(arguments, ui, mapping, set_up);
    TFSEAL_ASSIGN(const rekey::JobCounts counts, store.Count(job->id));
    TFSEAL_ASSIGN(const auto workers, store.Workers(job->id));
    TFSEAL_ASSIGN(const auto issues, store.CountIssues(job->id));
    TFSEAL_TRY(Deliver(arguments, ui, [&](std::string_view format) {
      return format == "json" ? WriteJsonDocument(ToJson(*job, counts, workers, issues))
                              : ToText(*job, counts, workers, issues);
    }));
    return ExitCode::kDone;
  });
}

ExitCode RunRekeyPause(const Arguments& arguments, const Ui& ui) {
  constexpr std::array kFrom = {Phase::kRunning, Phase::kDraining};
  return Move(arguments, ui, kFrom, Phase::kPaused);
}

ExitCode RunRekeyResume(const Arguments& arguments, const Ui& ui) {
  constexpr std::array kFrom = {Phase::kPaused};
  return Move(arguments, ui, kFrom, Phase::kRunning);
}

ExitCode RunRekeyCancel(const Arguments& arguments, const Ui& ui) {
  constexpr std::array kFrom = {Phase::kPending, Phase::kRunning, Phase::kPaused, Phase::kDraining};
  return Move(arguments, ui, kFrom, Phase::kCancelled);
}

ExitCode RunRekeyPruneTokens(const Arguments& arguments, const Ui& ui) {
  const auto mapping = LoadMapping(arguments, ui);
  if (!mapping) return ExitCode::kUsage;
  const auto attempt = [&]() -> Result<std::int64_t> {
    TFSEAL_ASSIGN(const postgres::ConnectionUrl url, DatabaseOf(*mapping));
    TFSEAL_ASSIGN(postgres::Connection session, postgres::Connection::Open(url));
    InstallStopHandlers();
    SystemClock clock;
    return rekey::PruneScopedTokens(session, *mapping, clock, [] { return StopSignal() != 0; });
  };
  const auto deleted = attempt();
  if (!deleted.ok()) {
    ui.Fail(deleted.error());
    return RekeyExitCode(deleted.error());
  }
  ui.Note(fmt::format("{} scoped tokens that were expired or used are deleted", *deleted));
  return StopSignal() == 0 ? ExitCode::kDone : ExitCode::kStopped;
}

ExitCode RunRekeySetRate(const Arguments& arguments, const Ui& ui) {
  const RekeyArguments& rates = arguments.rekey;
  if (rates.rows_per_s < 0 && rates.wal_mb_per_s < 0) {
    ui.Fail(Error{ErrorCode::kUsage, "set-rate needs --rows-per-s or --wal-mb-per-s", "0 takes a limit away"});
    return ExitCode::kUsage;
  }
  return WithStore(arguments, ui, [&](rekey::JobStore& store, const rekey::Mapping&) -> Result<ExitCode> {
    TFSEAL_ASSIGN(const rekey::Job job, LiveJob(store));
    const auto given = [](double rate) { return rate < 0 ? std::nullopt : std::optional(rate); };
    TFSEAL_TRY(store.SetRates(job.id, given(rates.rows_per_s), given(rates.wal_mb_per_s)));
    ui.Note(fmt::format("job {}: the workers follow within a second", job.id));
    return ExitCode::kDone;
  });
}

}  // namespace tfseal::cli
