#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>

#include "cli/render/text.h"
#include "cli/ui.h"

namespace tfseal::cli {
namespace {

using Wanted = std::function<bool(const Finding&)>;

std::string VerdictLine(const GateReport& report, const terraform::Document& plan, bool color) {
  const auto style = [&] {
    switch (report.verdict) {
      case GateVerdict::kAllow:
        return Style::kGreen;
      case GateVerdict::kReview:
        return Style::kYellow;
      case GateVerdict::kDeny:
      case GateVerdict::kUnusable:
        break;
    }
    return Style::kRed;
  }();
  std::string word(Name(report.verdict));
  for (char& c : word) c = static_cast<char>(c - 'a' + 'A');
  std::string why = report.verdict == GateVerdict::kUnusable ? report.unusable_because : "";
  if (why.empty() && !report.because.empty()) why = report.because.front();
  return fmt::format("{}  {}: {}\n", Styled(word, style, color), Printable(plan.path), Printable(why));
}

void AppendDestroys(const GateReport& report, bool color, std::string& out) {
  if (report.destroys.empty()) return;
  out += '\n' + Styled("Would be destroyed", Style::kRed, color) + '\n';
  for (const Destroyed& destroyed : report.destroys) {
    const std::string where = Location(destroyed.file, destroyed.line);
    out += fmt::format("\n  {}{}{}{}\n", Styled(Printable(destroyed.address), Style::kBold, color),
                       destroyed.deposed ? " (deposed object)" : "", where.empty() ? "" : "  ",
                       Styled(where, Style::kDim, color));
    AppendWrapped(fmt::format("{}: {}", destroyed.cls, destroyed.reason), 4, out);
    if (!destroyed.paths.empty()) {
      AppendWrapped(fmt::format("forced by: {}", fmt::join(destroyed.paths, ", ")), 6, out);
    }
    for (const std::string& protection : destroyed.protections) AppendWrapped("- " + protection, 6, out);
    if (!destroyed.remedy.empty()) AppendWrapped("fix: " + destroyed.remedy, 6, out);
  }
}

struct Section {
  std::string_view heading;
  Style style;
  std::size_t resources_max;
};

// Enough to see what is going on; the whole list is in every other format.
constexpr std::size_t kManyResources = 100;
constexpr std::size_t kFewResources = 20;

void AppendSection(const GateReport& report, const Section& section, bool color, const Wanted& wanted,
                   std::string& out) {
  std::vector<const Finding*> findings;
  for (const Finding& finding : report.findings) {
    if (finding.control != "TFS-GATE-001" && wanted(finding)) findings.push_back(&finding);
  }
  if (findings.empty()) return;
  out += fmt::format("\n{}\n", Styled(section.heading, section.style, color));
  AppendFindings(findings, section.resources_max, color, out);
}

void AppendObligations(const GateReport& report, bool color, std::string& out) {
  if (report.obligations.empty()) return;
  out += fmt::format("\n{}\n", Styled("To be checked after the apply", Style::kBold, color));
  for (const OpenObligation& open : report.obligations) {
    AppendWrapped(fmt::format("{}: {}", open.address, open.obligation.expectation), 2, out);
  }
}

// What is planned is applied and checked only if nothing stands against it; else it is mended first, or decided on.
std::string NextCommand(const GateReport& report, const terraform::Document& plan, const std::string& policy) {
  const auto has_a_way = [](const Destroyed& d) {
    return d.remedy.view().find("tfseal plan") != std::string_view::npos;
  };
  if (std::any_of(report.destroys.begin(), report.destroys.end(), has_a_way)) {
    return fmt::format("tfseal plan {}{} --out actions.json", Printable(plan.path), policy);
  }
  const std::string apply = fmt::format(
      "tfseal gate {0}{1} --output json=gate.json; after the apply: terraform show -json | tfseal verify -{1} "
      "--obligations gate.json",
      Printable(plan.path), policy);
  const auto first =
      std::find_if(report.findings.begin(), report.findings.end(), [](const Finding& f) { return f.decides(); });
  if (first == report.findings.end()) return report.obligations.empty() ? "" : apply;
  // The saved plan, because it also tells file and line.
  std::string next =
      "mend the configuration, then: terraform plan -out=plan.tfplan && tfseal gate plan.tfplan" + policy;
  if (report.verdict == GateVerdict::kReview) next += "\n      or decide to apply it: " + apply;
  return next + fmt::format("\n      why, and what it costs: tfseal explain {}", first->control);
}

}  // namespace

std::string GateText(const GateReport& report, const terraform::Document& plan, bool color, bool verbose,
                     const std::string& policy) {
  const std::string verdict = VerdictLine(report, plan, color);
  std::string out = verdict;
  AppendDestroys(report, color, out);
  const auto decisive = [](const Finding& f) { return f.decides(); };
  AppendSection(
      report, {"Fails because of this plan", Style::kRed, verbose ? SIZE_MAX : kManyResources}, color,
      [&](const Finding& f) { return decisive(f) && f.verdict == Verdict::kFail && CausedByPlan(f.cause); }, out);
  AppendSection(
      report, {"Cannot be decided from this plan", Style::kYellow, verbose ? SIZE_MAX : kManyResources}, color,
      [&](const Finding& f) { return decisive(f) && f.verdict != Verdict::kFail; }, out);
  AppendSection(
      report,
      {"Failed before, and this plan does not make it worse", Style::kYellow, verbose ? SIZE_MAX : kFewResources},
      color, [&](const Finding& f) { return decisive(f) && f.verdict == Verdict::kFail && !CausedByPlan(f.cause); },
      out);
  std::size_t advice = report.unlisted;
  for (const Finding& finding : report.findings) advice += finding.decides() ? 0 : 1;
  if (verbose) {
    AppendSection(
        report, {"Waived", Style::kBold, SIZE_MAX}, color, [](const Finding& f) { return f.waived; }, out);
    AppendSection(
        report, {"Known from the baseline", Style::kBold, SIZE_MAX}, color,
        [](const Finding& f) { return f.known && !f.waived; }, out);
    AppendSection(
        report, {"Advice: topics that the policy does not require", Style::kBold, SIZE_MAX}, color,
        [](const Finding& f) { return !f.required && !f.waived && !f.known; }, out);
  }
  AppendObligations(report, color, out);
  if (!report.notes.empty() || (advice > 0 && !verbose) || HasWaiverProblems(report)) {
    out += fmt::format("\n{}\n", Styled("Notes", Style::kBold, color));
    for (const std::string& note : report.notes) AppendWrapped("- " + note, 2, out);
    AppendWaiverProblems(report, out);
    if (advice > 0 && !verbose) {
      AppendWrapped(fmt::format("- {} waived, known or not required by the policy; --verbose lists them",
                                advice == 1 ? "1 finding is" : fmt::format("{} findings are", advice)),
                    2, out);
    }
  }
  out += fmt::format("\n{} resources judged, {} checks passed\n", report.judged, report.passed);
  const std::string next = NextCommand(report, plan, policy);
  if (!next.empty()) out += fmt::format("next: {}\n", next);
  if (IsLong(out)) out += '\n' + verdict;
  for (std::size_t i = 1; i < report.because.size(); ++i) AppendWrapped(report.because[i], 6, out);
  return out;
}

}  // namespace tfseal::cli
