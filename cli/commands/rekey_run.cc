#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "cli/rekey_session.h"
#include "core/stop_request.h"
#include "core/time_text.h"
#include "crypto/digest.h"
#include "crypto/rekey/job_store.h"

namespace tfseal::cli {
namespace {

using std::chrono::milliseconds;

// Unique among all workers of all machines: the host and the process for people, the rest for certainty.
std::string WorkerId(Entropy& entropy) {
  std::array<char, 256> host{};
  (void)::gethostname(host.data(), host.size() - 1);
  std::array<std::byte, 8> random{};
  entropy.Fill(random);
  std::string bytes;
  for (const std::byte b : random) bytes += static_cast<char>(b);
  return fmt::format("{}:{}:{}", host.data(), ::getpid(), Hex(bytes));
}

// One line that is written over on a terminal, and one every ten seconds elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(const Ui& ui) : ui_(ui), terminal_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Tell(const rekey::RunNews& news) {
    if (!news.note.empty()) {
      Clear();
      ui_.Note(news.note);
      return;
    }
    const TimePoint now = clock_.Now();
    const milliseconds since = std::chrono::duration_cast<milliseconds>(now - told_);
    if (since < milliseconds(terminal_ ? 500 : 10'000)) return;
    const double rate = 1000.0 * static_cast<double>(news.worker.rows_changed - rows_) /
                        static_cast<double>(std::max<std::int64_t>(since.count(), 1));
    const bool first = told_ == TimePoint{};
    told_ = now;
    rows_ = news.worker.rows_changed;
    if (first) return;
    std::string line = fmt::format("{} rows by this worker, {:.0f}/s", rows_, rate);
    const std::int64_t left = news.job.rows_estimated - news.worker.rows_changed;
    if (rate > 0 && left > 0) {
      line += fmt::format(
          ", at most {} left",
          DurationWords(milliseconds(static_cast<std::int64_t>(1000.0 * static_cast<double>(left) / rate))));
    }
    if (news.worker.rows_poison > 0) line += fmt::format(", {} rows with issues", news.worker.rows_poison);
    line += "; limit: " + news.worker.binding;
    if (terminal_) {
      std::fprintf(stderr, "\r\x1b[Ktfseal: %s", Printable(line).c_str());
      open_ = true;
    } else {
      ui_.Note(line);
    }
  }

 private:
  void Clear() {
    if (open_) std::fprintf(stderr, "\r\x1b[K");
    open_ = false;
  }

  const Ui& ui_;
  bool terminal_;
  bool open_ = false;
  SteadyClock clock_;
  TimePoint told_{};
  std::int64_t rows_ = 0;
};

ExitCode ExitCodeOf(rekey::RunEnd end, const rekey::RekeyRun& run, const std::string& config, const Ui& ui) {
  const rekey::Job& job = run.job();
  switch (end) {
    case rekey::RunEnd::kCompleted:
      ui.Note(fmt::format("job {}: no row is under {} any more", job.id, job.key_from));
      ui.Hint("every row is opened under the new key by: tfseal rekey verify" +
              (config.empty() ? std::string() : " --config " + config));
      return ExitCode::kDone;
    case rekey::RunEnd::kCompletedWithErrors:
      ui.Note(fmt::format("job {}: {} rows could not be moved and are as they were", job.id, run.counts().rows_poison));
      ui.Hint("tfseal rekey status lists the reasons");
      return ExitCode::kReview;
    case rekey::RunEnd::kPaused:
      ui.Note(fmt::format("job {} is paused: {}", job.id, job.reason));
      ui.Hint("tfseal rekey resume, then tfseal rekey run");
      return ExitCode::kWaiting;
    case rekey::RunEnd::kFinished:
      ui.Note(fmt::format("job {} is {}", job.id, rekey::Name(job.phase)));
      return job.phase == rekey::Phase::kCancelled ? ExitCode::kStopped : ExitCode::kDone;
    case rekey::RunEnd::kStopped:
      break;
  }
  ui.Note("stopped with work left; nothing is half done");
  ui.Hint("tfseal rekey run goes on");
  if (StopSignal() == 2) return ExitCode::kInterrupted;
  return StopSignal() == 15 ? ExitCode::kTerminated : ExitCode::kStopped;
}

}  // namespace

ExitCode RunRekeyRun(const Arguments& arguments, const Ui& ui) {
  const auto mapping = LoadMapping(arguments, ui);
  if (!mapping) return ExitCode::kUsage;
  const auto fail = [&ui](const Error& error) {
    ui.Fail(error);
    return RekeyExitCode(error);
  };
  const auto url = DatabaseOf(*mapping);
  if (!url.ok()) return fail(url.error());
  auto session = postgres::Connection::Open(*url);
  if (!session.ok()) return fail(session.error());
  auto keys = OpenRekeyKeys(*mapping, *session);
  if (!keys.ok()) return fail(keys.error());

  InstallStopHandlers();
  rekey::RunOptions options;
  options.worker.id = WorkerId(*keys->entropy);
  options.worker.lease_ms = arguments.rekey.lease_seconds * 1000;
  if (arguments.rekey.isolation == "repeatable-read") options.worker.isolation = "REPEATABLE READ";
  options.join_only = arguments.rekey.worker;
  options.rows_per_segment = arguments.rekey.rows_per_segment;
  rekey::RekeyRun run({*url, *mapping, *keys->clock, *keys->entropy, keys->keys}, options);
  ProgressLine progress(ui);
  const auto end = run.Run([&](const rekey::RunNews& news) { progress.Tell(news); });
  if (!end.ok()) {
    ui.Fail(end.error());
    if (run.job().id == 0) return RekeyExitCode(end.error());
    ui.Hint("tfseal rekey status; every row is either as it was or under the new key");
    return end.error().code == ErrorCode::kLocked ? ExitCode::kLocked : ExitCode::kStopped;
  }
  return ExitCodeOf(*end, run, arguments.config, ui);
}

}  // namespace tfseal::cli
