#include <fmt/format.h>

#include "cli/render/text.h"
#include "cli/ui.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kLinesMax = 40;

std::string Heading(std::string_view text, bool color) {
  return fmt::format("\n{}\n", Styled(text, Style::kBold, color));
}

void AppendDifferences(const std::vector<Difference>& differences, bool color, bool verbose, std::string& out) {
  if (differences.empty()) return;
  out += Heading("Terraform and AWS do not agree", color);
  std::string_view address;
  std::size_t lines = 0;
  for (const Difference& difference : differences) {
    if (!verbose && ++lines > kLinesMax) {
      out += fmt::format("  and {} more; --verbose lists them\n", differences.size() - kLinesMax);
      return;
    }
    if (difference.address != address) out += fmt::format("  {}\n", Printable(difference.address));
    address = difference.address;
    std::string sides;
    for (const Said& said : difference.said) {
      if (!sides.empty()) sides += ", ";
      sides += fmt::format("{} says {}", said.document, said.text);
    }
    AppendWrapped(fmt::format("{}{}: {}", difference.judged ? "! " : "- ", difference.attribute, Printable(sides)), 6,
                  out);
  }
}

void AppendPromises(const std::vector<KeptPromise>& promises, bool color, std::string& out) {
  if (promises.empty()) return;
  out += Heading("Promised by the action plan", color);
  for (const KeptPromise& promise : promises) {
    const Style style = promise.verdict == Verdict::kPass   ? Style::kGreen
                        : promise.verdict == Verdict::kFail ? Style::kRed
                                                            : Style::kYellow;
    out += fmt::format("  {} {} {}\n", Styled(Name(promise.verdict), style, color), promise.control,
                       Printable(promise.address));
    if (promise.verdict != Verdict::kPass) AppendWrapped(Printable(promise.message), 6, out);
  }
}

void AppendUnmanaged(const LiveReport& report, const observe::Unmanaged& unmanaged, bool color, bool verbose,
                     std::string& out) {
  std::size_t resources = 0;
  for (const terraform::Document& document : unmanaged.found.documents) resources += document.resources.size();
  if (resources == 0 && report.unmanaged.notes.empty() && unmanaged.found.unlisted.empty()) return;
  out += Heading("In AWS and in none of the files (advice)", color);
  std::size_t lines = 0;
  for (const terraform::Document& document : unmanaged.found.documents) {
    for (const terraform::ResourceInstance& instance : document.resources) {
      if (!verbose && ++lines > kLinesMax) break;
      std::string findings;
      for (const Finding& finding : report.unmanaged.findings) {
        if (finding.address != instance.address || finding.verdict != Verdict::kFail) continue;
        findings +=
            fmt::format("{}{}: {}", findings.empty() ? "" : "; ", finding.control.view(), finding.message.view());
        for (const std::string_view evidence : finding.evidence) findings += fmt::format(", {}", evidence);
      }
      out += fmt::format("  {}\n", Printable(instance.address));
      if (!findings.empty()) AppendWrapped(Printable(findings), 6, out);
    }
  }
  if (!verbose && resources > kLinesMax)
    out += fmt::format("  and {} more; --verbose lists them\n", resources - kLinesMax);
  for (const std::string& note : report.unmanaged.notes) AppendWrapped("- " + Printable(note), 2, out);
  for (const observe::Unlisted& unlisted : unmanaged.found.unlisted) {
    AppendWrapped(fmt::format("- {} in {}: {}", unlisted.type, unlisted.region, unlisted.reason), 2, out);
  }
}

void AppendRequests(const observe::Observation& observation, const LiveRun& run, bool verbose, std::string& out) {
  std::size_t total = 0;
  for (const auto& [operation, count] : run.requests) total += count;
  out += fmt::format(
      "\nAccount {} in {}: {} of {} resources answered, {} requests ({:.1f} a resource)\n", run.account,
      fmt::join(run.regions, ", "), observation.answered, observation.objects, total,
      observation.objects == 0 ? 0.0 : static_cast<double>(total) / static_cast<double>(observation.objects));
  if (!verbose) return;
  for (const auto& [operation, count] : run.requests) out += fmt::format("  {:>6}  {}\n", count, operation);
}

}  // namespace

std::string VerifyLiveText(const LiveReport& report, const observe::Observation& observation,
                           const observe::Unmanaged* unmanaged, const LiveRun& run, bool color, bool verbose) {
  std::string out = VerifyText(report.verified, observation.documents, color, verbose, std::nullopt);
  AppendDifferences(report.differences, color, verbose, out);
  AppendPromises(report.promises, color, out);
  if (unmanaged != nullptr) AppendUnmanaged(report, *unmanaged, color, verbose, out);
  AppendRequests(observation, run, verbose, out);
  return out;
}

}  // namespace tfseal::cli
