#include <fmt/format.h>

#include <cstdint>

#include "cli/render/text.h"
#include "cli/ui.h"

namespace tfseal::cli {
namespace {

// Enough to see what is going on; the whole list is in the JSON.
constexpr std::size_t kResourcesMax = 100;

std::string VerdictLine(const VerifyReport& report, bool color) {
  std::size_t failing = 0;
  std::size_t unknown = 0;
  std::uint64_t judged = 0;
  for (const Report& each : report.reports) {
    judged += each.judged;
    for (const Finding& finding : each.findings) {
      if (!finding.decides()) continue;
      ++(finding.verdict == Verdict::kFail ? failing : unknown);
    }
  }
  for (const ClosedObligation& closed : report.obligations) {
    if (closed.verdict == Verdict::kFail) ++failing;
    if (closed.verdict == Verdict::kUnknown) ++unknown;
  }
  if (report.verdict == Verdict::kFail) {
    return fmt::format("{}  {} of the required controls fail\n", Styled("NOT COMPLIANT", Style::kRed, color), failing);
  }
  if (report.verdict != Verdict::kPass) {
    return fmt::format("{}  {} of the required controls cannot be decided\n", Styled("UNKNOWN", Style::kYellow, color),
                       unknown);
  }
  return fmt::format("{}  every required control passes on the {} resources judged\n",
                     Styled("COMPLIANT", Style::kGreen, color), judged);
}

void AppendReport(const Report& report, const std::string& path, bool several, bool color, bool verbose,
                  std::string& out) {
  std::vector<const Finding*> failing, unknown, other;
  for (const Finding& finding : report.findings) {
    if (!finding.decides()) {
      other.push_back(&finding);
    } else {
      (finding.verdict == Verdict::kFail ? failing : unknown).push_back(&finding);
    }
  }
  const std::string in = several ? fmt::format(" in {}", Printable(path)) : "";
  const auto section = [&](std::string_view heading, Style style, const std::vector<const Finding*>& findings) {
    if (findings.empty()) return;
    out += fmt::format("\n{}\n", Styled(fmt::format("{}{}", heading, in), style, color));
    AppendFindings(findings, verbose ? SIZE_MAX : kResourcesMax, color, out);
  };
  section("Fails", Style::kRed, failing);
  section("Cannot be decided", Style::kYellow, unknown);
  if (verbose) section("Waived, known, or not required by the policy", Style::kBold, other);
  if (!report.notes.empty() || (!other.empty() && !verbose) || HasWaiverProblems(report)) {
    out += fmt::format("\n{}{}\n", Styled("Notes", Style::kBold, color), in);
    for (const std::string& note : report.notes) AppendWrapped("- " + note, 2, out);
    AppendWaiverProblems(report, out);
    if (!other.empty() && !verbose) {
      AppendWrapped(fmt::format("- {} waived, known or not required by the policy; --verbose lists them",
                                other.size() == 1 ? "1 finding is" : fmt::format("{} findings are", other.size())),
                    2, out);
    }
  }
}

// Where the way to mend it is planned, and what says more of the first thing that decides.
std::string NextCommand(const VerifyReport& report, const std::vector<terraform::Document>& documents,
                        const std::string& policy) {
  for (const Report& each : report.reports) {
    for (const Finding& finding : each.findings) {
      if (!finding.decides()) continue;
      const std::string explain = fmt::format("tfseal explain {}", finding.control);
      if (report.verdict != Verdict::kFail) return explain;
      std::string paths;
      for (const terraform::Document& document : documents) paths += " " + Printable(document.path);
      return fmt::format("tfseal plan{}{} --out actions.json\n      why, and what it costs: {}", paths, policy,
                         explain);
    }
  }
  return "";
}

}  // namespace

std::string VerifyText(const VerifyReport& report, const std::vector<terraform::Document>& documents, bool color,
                       bool verbose, const std::optional<std::string>& policy) {
  const std::string verdict = VerdictLine(report, color);
  std::string out = verdict;
  for (std::size_t i = 0; i < report.reports.size(); ++i) {
    AppendReport(report.reports[i], documents[i].path, documents.size() > 1, color, verbose, out);
  }
  if (!report.obligations.empty()) {
    out += fmt::format("\n{}\n", Styled("Promised by the plan", Style::kBold, color));
    for (const ClosedObligation& closed : report.obligations) {
      const Style style = closed.verdict == Verdict::kPass   ? Style::kGreen
                          : closed.verdict == Verdict::kFail ? Style::kRed
                                                             : Style::kYellow;
      out += fmt::format("  {} {}\n", Styled(Name(closed.verdict), style, color), Printable(closed.open.address));
      AppendWrapped(closed.message, 6, out);
    }
  }
  const std::string next = policy ? NextCommand(report, documents, *policy) : "";
  if (!next.empty()) out += fmt::format("\nnext: {}\n", next);
  if (IsLong(out)) out += '\n' + verdict;
  return out;
}

}  // namespace tfseal::cli
