#include "cli/live_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cli/health_check.h"
#include "cli/output.h"
#include "cli/plan_guard.h"
#include "cli/render/status_text.h"
#include "cli/run_progress.h"
#include "core/stop_request.h"
#include "core/time_text.h"

extern char** environ;

namespace tfseal::cli {
namespace {

using std::chrono::milliseconds;

// Often enough that a lease never runs out, seldom enough to cost nothing.
constexpr std::chrono::seconds kHeartbeat{20};

// What the user's environment holds for databases and health checks. Credentials of AWS are none of their business.
std::map<std::string, std::string> Variables() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.starts_with("AWS_")) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

milliseconds PollOf(const RunArguments& run) {
  return milliseconds(static_cast<long long>(run.poll_seconds * 1000));
}

RunContext::Settings SettingsOf(const Arguments& arguments, const LoadedPlan& loaded) {
  const RunArguments& run = arguments.run;
  RunContext::Settings settings;
  settings.terraform_dir = run.terraform_dir;
  settings.terraform_program = run.terraform_program;
  settings.terraform_out = run.terraform_out;
  settings.recipient_certificate_path = run.recipient;
  settings.sealed_dir = run.sealed_dir;
  settings.evidence_dir = run.evidence_dir.empty() ? arguments.operands.front() + ".evidence" : run.evidence_dir;
  settings.plan_sha256 = loaded.sha256;
  settings.environment = Variables();
  // On AWS no flag makes the proof that a database is quiet shorter.
  if (run.poll_seconds > 0 && OnEmulator()) {
    settings.sample_interval = std::min(settings.sample_interval, PollOf(run));
  }
  return settings;
}

// Who the credentials belong to, and that the plan is about that account. Nothing has been written before.
Result<std::string> CheckAccount(aws::Session& session, const ActionPlan& plan) {
  const auto caller = WhoAmI(session);
  if (!caller.ok()) {
    Error error = caller.error();
    error.message = "cannot tell which account the credentials belong to: " + error.message;
    return error;
  }
  const std::string& account = caller->account;
  const std::vector<std::string>& accounts = plan.accounts;
  if (accounts.empty() || std::find(accounts.begin(), accounts.end(), account) != accounts.end()) return account;
  return Error{ErrorCode::kPermissionDenied,
               fmt::format("the plan is for account {}, the credentials are of {}; nothing was changed",
                           fmt::join(accounts, ", "), account),
               "set AWS_PROFILE, or the credentials, to those of the plan's account"};
}

// What is needed late in a run is looked for before it begins.
Status CheckFiles(const RunArguments& run) {
  std::error_code ignored;
  if (!run.terraform_dir.empty() && !std::filesystem::is_directory(run.terraform_dir, ignored)) {
    return Error{ErrorCode::kUsage, fmt::format("--terraform-dir: {} is not a directory", run.terraform_dir),
                 "name the directory of the root module"};
  }
  if (!run.recipient.empty() &&
      (!std::filesystem::exists(run.recipient, ignored) || std::filesystem::is_directory(run.recipient, ignored))) {
    return Error{ErrorCode::kUsage, fmt::format("--recipient: {} is not a file", run.recipient),
                 "name the PEM file of the certificate that exposed values are sealed for"};
  }
  return {};
}

std::string_view ResultName(RunEnding ending) {
  switch (ending) {
    case RunEnding::kDone:
      return "done";
    case RunEnding::kWaiting:
      return "waiting";
    case RunEnding::kInterrupted:
      return "interrupted";
    case RunEnding::kStopped:
    case RunEnding::kLocked:
    case RunEnding::kDamaged:
      return "stopped";
  }
  return "stopped";
}

ExitCode ExitCodeOf(const RunReport& report) {
  switch (report.ending) {
    case RunEnding::kDone:
      return ExitCode::kDone;
    case RunEnding::kStopped:
      return ExitCode::kStopped;
    case RunEnding::kWaiting:
      return ExitCode::kWaiting;
    case RunEnding::kInterrupted:
      return static_cast<ExitCode>(128 + report.signal);
    case RunEnding::kLocked:
      return ExitCode::kLocked;
    case RunEnding::kDamaged:
      return ExitCode::kDamaged;
  }
  return ExitCode::kFailed;
}

class LiveRun {
 public:
  LiveRun(const Arguments& arguments, const Ui& ui, std::string_view command)
      : arguments_(arguments), ui_(ui), command_(command) {}

  ExitCode Run() {
    if (const Status ready = Prepare(); !ready.ok()) return Fail(ready.error());
    const ExitCode code = WithLock();
    if (const Status unlocked = store_->Unlock(); !unlocked.ok()) ui_.Fail(unlocked.error());
    return code;
  }

 private:
  ExitCode Fail(const Error& error) const {
    ui_.Fail(error);
    return cli::ExitCodeOf(error);
  }

  // Everything that can be refused without a lock.
  Status Prepare() {
    TFSEAL_TRY(RefuseOutputOverInput(arguments_));
    TFSEAL_ASSIGN(loaded_, LoadActionPlan(arguments_.operands.front()));
    TFSEAL_TRY(CheckPlanIsOf(arguments_, loaded_.plan));
    TFSEAL_ASSIGN(clock_, RunClock(arguments_));
    TFSEAL_TRY(CheckJournalName(JournalName(arguments_)));
    TFSEAL_TRY(CheckFiles(arguments_.run));
    TFSEAL_ASSIGN(session_, OpenAwsSession(real_clock_, entropy_));
    TFSEAL_ASSIGN(account_, CheckAccount(*session_, loaded_.plan));
    TFSEAL_ASSIGN(store_, OpenJournalStore(JournalName(arguments_), &session_->api(), session_->region()));
    InstallStopHandlers();
    return store_->Lock(identity_, clock_.Now(), arguments_.run.take_over);
  }

  ExitCode WithLock() {
    if (command_ != "apply") {
      const auto there = Journal::Look(*store_, loaded_.sha256);
      if (!there.ok()) return Fail(there.error());
      if (there->empty()) {
        return Fail({ErrorCode::kNotFound, fmt::format("{}: there is no run to {}", store_->name(), command_),
                     "tfseal apply " + PlanAndJournal(arguments_)});
      }
    }
    auto journal = Journal::Open(*store_, clock_, loaded_.sha256, loaded_.plan.actions.size());
    if (!journal.ok()) return FailOnJournal(journal.error());
    journal_ = std::make_unique<Journal>(std::move(journal).value());
    if (const Status allowed = CheckLoss(); !allowed.ok()) return Fail(allowed.error());
    JsonValue started(Json::objectValue);
    started["run"] = identity_.run;
    started["host"] = identity_.host;
    started["user"] = identity_.user;
    started["pid"] = Json::Int64(identity_.pid);
    started["command"] = std::string(command_);
    started["version"] = TFSEAL_VERSION;
    if (arguments_.now_given) started["rehearsal"] = true;
    if (const Status written = journal_->Write("run_started", started); !written.ok()) {
      return FailOnJournal(written.error());
    }
    const RunReport report = CarryOut();
    return Finish(report);
  }

  // A journal that cannot be read or written stops the run before anything is changed.
  ExitCode FailOnJournal(const Error& error) const {
    ui_.Fail(error);
    const ExitCode code = cli::ExitCodeOf(error);
    return code == ExitCode::kFailed && error.code == ErrorCode::kUnavailable ? ExitCode::kStopped : code;
  }

  // Giving up what was written since the point of no return is decided by a person, and recorded before.
  Status CheckLoss() const {
    if (command_ != "rollback" || !arguments_.run.accept_loss) return {};
    if (LossAccepted(loaded_.plan, journal_->state())) return {};
    const bool before = !journal_->state().losses_accepted.empty();
    return Error{ErrorCode::kPermissionDenied,
                 before ? "going back was approved before the last point of no return was passed: what was written "
                          "since is not what was agreed to lose"
                        : "going back beyond the point of no return was not approved",
                 fmt::format("tfseal approve {} --accept-loss --by NAME --reason TEXT", PlanAndJournal(arguments_))};
  }

  RunReport CarryOut() {
    RunProgress progress(ui_);
    std::map<std::string, JsonValue> outputs;
    TimePoint last_heartbeat = clock_.Now();
    RunContext context{session_->api(), clock_, outputs, SettingsOf(arguments_, loaded_), [&](std::string_view text) {
                         progress.Tell(text);
                         if (clock_.Now() - last_heartbeat < kHeartbeat) return;
                         last_heartbeat = clock_.Now();
                         // A lost lock is noticed before the next change.
                         static_cast<void>(store_->KeepLock(last_heartbeat).ok());
                       }};
    context.http_status = HealthStatus;
    RunOptions options;
    options.keep_going = arguments_.run.keep_going;
    options.automatic_rollback = !arguments_.run.no_rollback;
    if (arguments_.run.poll_seconds > 0) options.poll = PollOf(arguments_.run);
    options.account = account_;
    options.stop_signal = StopSignal;
    options.on_event = [&](const RunEvent& event) { progress.Tell(event); };
    const RunSurroundings run{loaded_.plan, *store_, *journal_, clock_, context, outputs, options};
    return command_ == "rollback" ? RollBack(run, arguments_.run.accept_loss) : CarryOutPlan(run);
  }

  ExitCode Finish(const RunReport& report) {
    JsonValue ended(Json::objectValue);
    ended["run"] = identity_.run;
    ended["result"] = std::string(ResultName(report.ending));
    if (report.due) ended["until"] = FormatTime(*report.due);
    if (!report.problems.empty()) ended["text"] = report.problems.front().text;
    // After a failed write there is nothing to add; the failure itself is among the problems.
    if (!journal_->writer().poisoned()) {
      if (const Status written = journal_->Write("run_ended", ended); !written.ok()) ui_.Fail(written.error());
    }
    Explain(report);
    const RunOverview overview =
        StatusOf(loaded_.plan, PlanAndJournal(arguments_), journal_->state(), store_->name(), "");
    const Status delivered = DeliverStatus(arguments_, ui_, overview, clock_.Now());
    if (!delivered.ok()) return Fail(delivered.error());
    return ExitCodeOf(report);
  }

  void Explain(const RunReport& report) const {
    for (const Problem& problem : report.problems) {
      const std::string where = problem.summary.empty() ? "" : problem.summary + ": ";
      ui_.Fail(Error{problem.code, where + problem.text, problem.hint});
    }
    const std::string plan = PlanAndJournal(arguments_);
    if (!report.undone.empty()) ui_.Note(fmt::format("{} actions were taken back", report.undone.size()));
    switch (report.ending) {
      case RunEnding::kDone:
        return ui_.Note(command_ == "rollback" ? "nothing is left to take back" : "everything is done");
      case RunEnding::kWaiting:
        if (report.due) return ui_.Note("waits until " + WhenWords(*report.due, clock_.Now()));
        return ui_.Note("waits for a person");
      case RunEnding::kInterrupted:
        ui_.Note("stopped as asked; what was done is written down");
        return ui_.Hint("tfseal resume " + plan);
      case RunEnding::kStopped:
        return ui_.Hint(fmt::format("tfseal resume {0} goes on, tfseal rollback {0} takes back", plan));
      case RunEnding::kLocked:
      case RunEnding::kDamaged:
        return;
    }
  }

  const Arguments& arguments_;
  const Ui& ui_;
  std::string_view command_;
  RunIdentity identity_ = ThisRun();
  SystemClock clock_;
  LoadedPlan loaded_;
  SystemClock real_clock_;  // signatures go by the real time, also in a rehearsal
  SystemEntropy entropy_;
  std::unique_ptr<aws::Session> session_;
  std::string account_;
  std::unique_ptr<JournalStore> store_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace

Result<JournalPlace> OpenJournal(const Arguments& arguments) {
  JournalPlace place;
  const std::string name = JournalName(arguments);
  if (JournalNeedsAws(name)) {
    place.clock = std::make_unique<SystemClock>();
    place.entropy = std::make_unique<SystemEntropy>();
    TFSEAL_ASSIGN(place.session, OpenAwsSession(*place.clock, *place.entropy));
  }
  aws::Api* api = place.session ? &place.session->api() : nullptr;
  TFSEAL_ASSIGN(place.store, OpenJournalStore(name, api, place.session ? place.session->region() : ""));
  return place;
}

ExitCode RunLive(const Arguments& arguments, const Ui& ui, std::string_view command) {
  return LiveRun(arguments, ui, command).Run();
}

}  // namespace tfseal::cli
