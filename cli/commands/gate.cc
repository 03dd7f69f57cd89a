#include "policy/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands.h"
#include "cli/fleet_run.h"
#include "cli/large_heap.h"
#include "cli/output.h"
#include "cli/policy_source.h"
#include "cli/render/text.h"
#include "cli/report_formats.h"
#include "core/json.h"
#include "terraform/read.h"

namespace tfseal::cli {
namespace {

ExitCode CodeOf(GateVerdict verdict, bool soft_fail) {
  switch (verdict) {
    case GateVerdict::kAllow:
      return ExitCode::kDone;
    case GateVerdict::kReview:
      return soft_fail ? ExitCode::kDone : ExitCode::kReview;
    case GateVerdict::kDeny:
      return soft_fail ? ExitCode::kDone : ExitCode::kDeny;
    case GateVerdict::kUnusable:
      break;
  }
  return ExitCode::kFailed;
}

// One record a line: everything in the report that a log pipeline may want to count, the verdict last.
std::string GateJsonLines(const JsonValue& report) {
  std::string lines;
  const auto append = [&](const char* kind, const JsonValue& record) {
    JsonValue line = record;
    line["record"] = kind;
    lines += WriteJsonLine(line) + '\n';
  };
  for (const JsonValue& destroyed : report["destroys"]) append("destroy", destroyed);
  for (const JsonValue& finding : report["findings"]) append("finding", finding);
  for (const JsonValue& obligation : report["obligations"]) append("obligation", obligation);
  JsonValue verdict = report;
  for (const char* list : {"destroys", "findings", "obligations"}) verdict.removeMember(list);
  append("verdict", verdict);
  return lines;
}

// Whether something that is written says which bytes it was made from.
bool NamesTheBytes(const Arguments& arguments) {
  return std::any_of(arguments.outputs.begin(), arguments.outputs.end(), [](const OutputRequest& output) {
    return output.format.starts_with("json") || output.format == "html" || output.format == "oscal";
  });
}

// What decides nothing is only counted in the text that people get who asked for nothing else.
Judging JudgingOfGate(const Arguments& arguments, const ReportFormats& formats, const Baseline& baseline,
                      bool verbose) {
  Judging judging = JudgingFor(arguments, formats, baseline);
  const bool only_text = std::all_of(arguments.outputs.begin(), arguments.outputs.end(),
                                     [](const OutputRequest& output) { return output.format == "text"; });
  if (only_text && !verbose && judging.baseline == nullptr) judging.listing = Listing::kDeciding;
  return judging;
}

}  // namespace

ExitCode RunGate(const Arguments& arguments, const Ui& ui) {
  if (IsFleet(arguments)) return RunGateFleet(arguments, ui);
  if (const Status refused = RefuseOutputOverInput(arguments); !refused.ok()) {
    ui.Fail(refused.error());
    return ExitCode::kUsage;
  }
  const auto policy = LoadPolicyForReport(arguments, ui);
  if (!policy) return ExitCode::kUsage;
  const auto baseline = LoadBaseline(arguments, ui);
  if (!baseline) return ExitCode::kFailed;
  const ReportFormats formats(arguments);
  const terraform::Interest interest = formats.Widen(GateInterest(*policy)).ChangesOnly();
  ExpectLargeHeap(arguments.operands.front());
  // Given back by the end of the process: doing it piece by piece takes a tenth of the time of a whole run.
  struct Kept {
    std::optional<Result<terraform::Document>> plan;
    std::optional<GateReport> report;
  };
  static auto* const kept = new Kept();
  Result<terraform::Document>& plan = kept->plan.emplace(terraform::ReadDocument(
      arguments.operands.front(), NamesTheBytes(arguments) ? interest : interest.WithoutDigest()));
  if (!plan.ok()) {
    ui.Fail(plan.error());
    return ExitCode::kFailed;
  }
  if (const Status attached = AttachSources(arguments, *plan); !attached.ok()) {
    ui.Fail(attached.error());
    return ExitCode::kUsage;
  }
  const GateReport& report = kept->report.emplace(
      Gate(*plan, *policy, arguments.now, JudgingOfGate(arguments, formats, *baseline, ui.verbose())));
  std::optional<report::Assessment> assessment;
  if (formats.any()) assessment = report::AssessGate(report, *plan, *policy, CircumstancesOf(arguments));
  const Status delivered = DeliverPieces(arguments, ui, [&](std::string_view format, const auto& write) {
    if (format == "json") {
      WriteJson(report, *plan, write);
    } else if (format == "jsonl") {
      write(GateJsonLines(ToJson(report, *plan)));
    } else if (const auto rendered = assessment ? report::Render(format, *assessment) : std::nullopt) {
      write(*rendered);
    } else {
      write(GateText(report, *plan, ui.color(), ui.verbose(), PolicyFlags(arguments)));
    }
    return Status();
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  if (assessment) formats.SayWhatIsMissing(*assessment, ui);
  for (const std::string& note : plan->notes) ui.Note(fmt::format("note: {}: {}", plan->path, note));
  if (report.verdict == GateVerdict::kUnusable) {
    ui.Fail(Error{ErrorCode::kInvalidInput, fmt::format("{}: {}", plan->path, report.unusable_because), ""});
  } else if (PrintsForMachines(arguments)) {
    ui.Note(fmt::format("{}: {}", Name(report.verdict), report.because.front()));
  }
  if (AnyWaiverRefused(*policy, arguments)) return ExitCode::kUsage;
  return CodeOf(report.verdict, arguments.soft_fail);
}

}  // namespace tfseal::cli
