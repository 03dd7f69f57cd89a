#include "cli/fleet_output.h"

#include <fmt/format.h>

#include <optional>

#include "cli/output.h"
#include "cli/report_formats.h"

namespace tfseal::cli {
namespace {

ExitCode CodeOf(const fleet::FleetReport& report, bool soft_fail) {
  if (report.run().waivers_refused) return ExitCode::kUsage;
  if (report.totals().documents[static_cast<std::size_t>(fleet::Outcome::kNotJudged)] > 0) return ExitCode::kFailed;
  if (soft_fail) return ExitCode::kDone;
  switch (report.outcome()) {
    case fleet::Outcome::kGood:
      return ExitCode::kDone;
    case fleet::Outcome::kLook:
      return ExitCode::kReview;
    case fleet::Outcome::kBad:
      return ExitCode::kDeny;
    case fleet::Outcome::kNotJudged:
      break;
  }
  return ExitCode::kFailed;
}

}  // namespace

ExitCode DeliverFleet(const fleet::FleetReport& report, const Arguments& arguments, const Ui& ui) {
  const ReportFormats formats(arguments);
  std::optional<report::Assessment> assessment;
  if (formats.any()) {
    auto assessed = report.Assess();
    if (!assessed.ok()) {
      ui.Fail(assessed.error());
      return ExitCode::kFailed;
    }
    assessment = std::move(assessed).value();
  }
  const Status delivered = DeliverPieces(arguments, ui, [&](std::string_view format, const auto& write) -> Status {
    if (format == "json") return report.WriteJson(write);
    if (format == "jsonl") return report.WriteJsonLines(write);
    if (const auto rendered = assessment ? report::Render(format, *assessment) : std::nullopt) {
      write(*rendered);
      return {};
    }
    TFSEAL_ASSIGN(const std::string text, FleetText(report, ui.color(), ui.verbose()));
    write(text);
    return {};
  });
  if (!delivered.ok()) {
    ui.Fail(delivered.error());
    return ExitCode::kFailed;
  }
  if (assessment) formats.SayWhatIsMissing(*assessment, ui);
  if (PrintsForMachines(arguments)) ui.Note(fmt::format("{}: {}", report.verdict(), report.Because().front()));
  return CodeOf(report, arguments.soft_fail);
}

}  // namespace tfseal::cli
