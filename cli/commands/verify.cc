#include "verifier/verify.h"

#include <fmt/format.h>

#include <optional>

#include "cli/commands.h"
#include "cli/fleet_run.h"
#include "cli/output.h"
#include "cli/policy_source.h"
#include "cli/rekey_session.h"
#include "cli/render/text.h"
#include "cli/report_formats.h"
#include "core/file.h"
#include "core/json.h"
#include "terraform/read.h"

namespace tfseal::cli {
namespace {

// One record a line, the verdict last.
std::string VerifyJsonLines(const JsonValue& report) {
  std::string lines;
  const std::pair<const char*, const char*> lists[] = {
      {"findings", "finding"}, {"obligations", "obligation"}, {"documents", "document"}, {"waivers", "waiver"}};
  JsonValue verdict = report;
  for (const auto& [list, record] : lists) {
    for (const JsonValue& each : report[list]) {
      JsonValue line = each;
      line["record"] = record;
      lines += WriteJsonLine(line) + '\n';
    }
    verdict.removeMember(list);
  }
  verdict["record"] = "verdict";
  return lines + WriteJsonLine(verdict) + '\n';
}

constexpr std::size_t kObligationBytesMax = std::size_t{256} << 20;

Result<std::vector<OpenObligation>> LoadObligations(const std::string& path) {
  if (path.empty()) return std::vector<OpenObligation>{};
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(path, kObligationBytesMax));
  auto read = ReadObligations(text);
  if (read.ok()) return read;
  Error error = read.error();
  error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

}  // namespace

ExitCode RunVerify(const Arguments& arguments, const Ui& ui) {
  if (arguments.live) return RunVerifyLive(arguments, ui);
  if (!arguments.run.journal.empty()) return RunVerifyJournal(arguments, ui);
  if (arguments.rows) return RunRekeyVerify(arguments, ui);
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  const auto policy = LoadPolicyForReport(arguments, ui);
  if (!policy) return ExitCode::kUsage;
  const auto baseline = LoadBaseline(arguments, ui);
  if (!baseline) return ExitCode::kFailed;
  const auto obligations = LoadObligations(arguments.obligations);
  if (!obligations.ok()) {
    ui.Fail(obligations.error());
    return ExitCode::kFailed;
  }
  if (IsFleet(arguments)) return RunVerifyFleet(arguments, ui, *obligations);
  std::vector<terraform::Document> documents;
  for (const std::string& path : arguments.operands) {
    auto document = terraform::ReadDocument(path, GateInterest(*policy));
    if (!document.ok()) {
      ui.Fail(document.error());
      return ExitCode::kFailed;
    }
    if (const auto refused = NotToBeVerified(*document)) {
      ui.Fail(*refused);
      return ExitCode::kFailed;
    }
    for (const std::string& note : document->notes) ui.Note(fmt::format("note: {}: {}", path, note));
    if (const Status attached = AttachSources(arguments, *document); !attached.ok()) {
      ui.Fail(attached.error());
      return ExitCode::kUsage;
    }
    documents.push_back(std::move(document).value());
  }
  const ReportFormats formats(arguments);
  const VerifyReport report =
      Verify(documents, *policy, *obligations, arguments.now, JudgingFor(arguments, formats, *baseline));
  std::optional<report::Assessment> assessment;
  if (formats.any()) assessment = report::AssessVerify(report, documents, *policy, CircumstancesOf(arguments));
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    if (format == "json") return WriteJsonDocument(ToJson(report, documents));
    if (format == "jsonl") return VerifyJsonLines(ToJson(report, documents));
    if (auto rendered = assessment ? report::Render(format, *assessment) : std::nullopt) return std::move(*rendered);
    return VerifyText(report, documents, ui.color(), ui.verbose(), PolicyFlags(arguments));
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  if (assessment) formats.SayWhatIsMissing(*assessment, ui);
  if (PrintsForMachines(arguments)) ui.Note(fmt::format("verify: {}", Name(report.verdict)));
  if (AnyWaiverRefused(*policy, arguments)) return ExitCode::kUsage;
  if (report.verdict == Verdict::kPass || arguments.soft_fail) return ExitCode::kDone;
  return report.verdict == Verdict::kFail ? ExitCode::kDeny : ExitCode::kReview;
}

}  // namespace tfseal::cli
