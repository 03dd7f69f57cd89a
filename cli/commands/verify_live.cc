#include <fmt/format.h>

#include <memory>
#include <optional>

#include "aws/observe/observe.h"
#include "cli/aws_session.h"
#include "cli/commands.h"
#include "cli/journal_check.h"
#include "cli/output.h"
#include "cli/policy_source.h"
#include "cli/render/text.h"
#include "cli/report_formats.h"
#include "cli/run_session.h"
#include "core/file.h"
#include "core/json.h"
#include "core/system_clock.h"
#include "crypto/system_entropy.h"
#include "planner/action_plan.h"
#include "terraform/read.h"
#include "verifier/verify_live.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;

template <class T, class Read>
Result<T> LoadWith(const std::string& path, const Read& read) {
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(path, kFileBytesMax));
  Result<T> loaded = read(text);
  if (loaded.ok()) return loaded;
  Error error = loaded.error();
  error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

// What a live run is about, read before anything is sent.
struct Question {
  std::vector<terraform::Document> documents;
  std::vector<OpenObligation> obligations;
  std::optional<ActionPlan> actions;
};

Result<Question> ReadQuestion(const Arguments& arguments) {
  Question question;
  if (!arguments.obligations.empty()) {
    TFSEAL_ASSIGN(question.obligations,
                  LoadWith<std::vector<OpenObligation>>(arguments.obligations,
                                                        [](const std::string& text) { return ReadObligations(text); }));
  }
  if (!arguments.actions.empty()) {
    TFSEAL_ASSIGN(LoadedPlan loaded, LoadActionPlan(arguments.actions));
    question.actions = std::move(loaded.plan);
  }
  for (const std::string& path : arguments.operands) {
    TFSEAL_ASSIGN(terraform::Document document, terraform::ReadDocument(path, terraform::Interest::Everything()));
    if (document.state_version == 3) {
      return Error{ErrorCode::kUnsupportedVersion,
                   fmt::format("{}: a state of Terraform 0.11 (version 3) is read for `tfseal facts` only", path),
                   "open it with Terraform 0.12 or newer, which rewrites it"};
    }
    if (document.errored == true) {
      return Error{ErrorCode::kInvalidInput,
                   fmt::format("{}: the plan is marked as errored, so it is incomplete", path),
                   "fix the error and plan again"};
    }
    question.documents.push_back(std::move(document));
  }
  if (question.documents.empty() && question.actions.has_value()) {
    question.documents.push_back(DocumentOfTargets(*question.actions));
    question.documents.back().path = arguments.actions;
  }
  return question;
}

// The regions to look at: those asked for, else those of the documents, else the session's.
std::vector<std::string> RegionsFor(const Arguments& arguments, const Question& question, const std::string& own) {
  if (!arguments.regions.empty()) return arguments.regions;
  std::vector<std::string> regions = observe::RegionsOf(question.documents);
  if (regions.empty()) regions.push_back(own);
  return regions;
}

ExitCode CodeFor(const LiveReport& report, const Arguments& arguments) {
  if (report.verdict == Verdict::kPass || arguments.soft_fail) return ExitCode::kDone;
  return report.verdict == Verdict::kFail ? ExitCode::kDeny : ExitCode::kReview;
}

ExitCode Failed(const Ui& ui, const Error& error, ExitCode code = ExitCode::kFailed) {
  ui.Fail(error);
  return code;
}

}  // namespace

ExitCode RunVerifyLive(const Arguments& arguments, const Ui& ui) {
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    return Failed(ui, refused.error(), ExitCode::kUsage);
  }
  const auto policy = LoadPolicy(arguments, ui);
  if (!policy) return ExitCode::kUsage;
  const auto question = ReadQuestion(arguments);
  if (!question.ok()) return Failed(ui, question.error());

  std::optional<JournalCheck> journal;
  if (!arguments.run.journal.empty()) {
    auto checked = CheckJournal(arguments);
    if (!checked.ok()) return Failed(ui, checked.error(), ExitCodeOf(checked.error()));
    journal = std::move(checked).value();
  }

  SystemClock clock;
  SystemEntropy entropy;
  const auto session = OpenAwsSession(clock, entropy);
  if (!session.ok()) return Failed(ui, session.error());
  const auto identity = WhoAmI(**session);
  if (!identity.ok()) return Failed(ui, identity.error());
  std::string region = (*session)->region();
  if (region.empty() && !arguments.regions.empty()) region = arguments.regions.front();
  if (region.empty() && question->documents.empty()) {
    return Failed(ui, {ErrorCode::kUsage, "no region is set", "--region us-east-1, or AWS_REGION"}, ExitCode::kUsage);
  }
  if (region.empty()) region = "us-east-1";
  const std::vector<std::string> regions = RegionsFor(arguments, *question, region);

  observe::Requests requests((*session)->api(), arguments.concurrency == 1);
  const observe::Session scope{region, identity->account};
  const bool account = question->documents.empty();
  const observe::Observation observation = account ? observe::ObserveAccount(requests, regions, {}, {})
                                                   : observe::ObserveDocuments(requests, question->documents, scope);
  std::optional<observe::Unmanaged> unmanaged;
  if (!account && arguments.unmanaged && observation.answered > 0) {
    unmanaged = observe::ObserveUnmanaged(requests, observation, regions);
  }
  const observe::Unmanaged* beside = unmanaged.has_value() ? &*unmanaged : nullptr;
  const ReportFormats formats(arguments);
  const LiveReport report =
      VerifyLive(observation, beside, *policy, question->obligations,
                 question->actions.has_value() ? &*question->actions : nullptr, arguments.now, formats.listing());
  if (report.nothing_judged.has_value()) return Failed(ui, *report.nothing_judged);

  const LiveRun run{identity->account, identity->provider, regions, requests.sent()};
  std::optional<report::Assessment> assessment;
  if (formats.any()) {
    assessment = report::AssessLive(report, observation.documents, run, *policy, CircumstancesOf(arguments));
  }
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    if (auto rendered = assessment ? report::Render(format, *assessment) : std::nullopt) return std::move(*rendered);
    if (format != "json") {
      return VerifyLiveText(report, observation, beside, run, ui.color(), ui.verbose()) +
             (journal ? JournalCheckText(*journal) : "");
    }
    JsonValue json = ToJson(report.verified, observation.documents);
    if (journal) json["journal"] = ToJson(*journal);
    json["live"] = ToJson(report, observation, beside, run);
    return WriteJsonDocument(json);
  });
  if (!delivered.ok()) return Failed(ui, delivered.error());
  if (assessment) formats.SayWhatIsMissing(*assessment, ui);
  if (PrintsForMachines(arguments)) ui.Note(fmt::format("verify: {}", Name(report.verdict)));
  const ExitCode code = CodeFor(report, arguments);
  if (!journal || CodeOf(*journal) == ExitCode::kDone) return code;
  // A damaged journal proves nothing, whatever the world looks like.
  return CodeOf(*journal) == ExitCode::kDamaged || !arguments.soft_fail ? CodeOf(*journal) : code;
}

}  // namespace tfseal::cli
