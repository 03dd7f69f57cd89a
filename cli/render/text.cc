#include "cli/render/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "cli/ui.h"

namespace tfseal::cli {
namespace {

void AppendFinding(const Finding& finding, std::string& out) {
  AppendWrapped(fmt::format("{}  {}: {}", finding.control.view(), Name(finding.topic), finding.message.view()), 4, out);
  for (const std::string_view evidence : finding.evidence) AppendWrapped(fmt::format("- {}", evidence), 6, out);
  if (!finding.remedy.empty()) AppendWrapped("fix: " + finding.remedy, 6, out);
  if (!finding.rare->waiver.empty())
    AppendWrapped((finding.waived ? "waived: " : "its waiver has run out: ") + finding.rare->waiver, 6, out);
  if (finding.known) AppendWrapped("known from the baseline", 6, out);
}

}  // namespace

std::string Styled(std::string_view text, Style style, bool color) {
  if (!color || style == Style::kPlain) return std::string(text);
  constexpr std::string_view kCodes[] = {"", "1", "1;31", "1;33", "1;32", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(style)], text);
}

bool HasWaiverProblems(const Report& report) {
  return std::any_of(report.waivers.begin(), report.waivers.end(),
                     [](const WaiverUse& use) { return !use.problem.empty(); });
}

void AppendWaiverProblems(const Report& report, std::string& out) {
  for (const WaiverUse& use : report.waivers) {
    if (!use.problem.empty()) AppendWrapped("- " + use.problem, 2, out);
  }
}

bool IsLong(std::string_view report) {
  constexpr int kFewLines = 8;
  int lines = 0;
  for (std::size_t end = report.find('\n'); end != std::string_view::npos; end = report.find('\n', end + 1)) {
    if (++lines > kFewLines) return true;
  }
  return false;
}

std::string Location(std::string_view file, int line) {
  return file.empty() ? std::string() : fmt::format("{}:{}", Printable(file), line);
}

void AppendWrapped(std::string_view text, std::size_t indent, std::string& out) {
  constexpr std::size_t kColumns = 110;
  const std::string margin(indent, ' ');
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    if (used == 0) {
      out += margin;
      used = indent;
    } else if (used + 1 + word.size() > kColumns) {
      out += '\n';
      out += margin;
      used = indent;
    } else {
      out += ' ';
      ++used;
    }
    const std::size_t before = out.size();
    AppendPrintable(word, out);
    used += out.size() - before;
  }
  out += '\n';
}

void AppendFindings(const std::vector<const Finding*>& findings, std::size_t resources_max, bool color,
                    std::string& out) {
  // Resources stay in the order of their first, most important finding. Those of one resource mostly stand together.
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::vector<const Finding*>> shown;
  std::string_view last;
  std::size_t last_place = 0;
  for (const Finding* finding : findings) {
    const std::string_view address = finding->address;
    if (places.empty() || address != last) {
      last = address;
      last_place = places.try_emplace(address, places.size()).first->second;
    }
    if (last_place >= resources_max) continue;
    if (last_place == shown.size()) shown.emplace_back();
    shown[last_place].push_back(finding);
  }
  for (const std::vector<const Finding*>& of_resource : shown) {
    const Finding& first = *of_resource.front();
    const std::string where = Location(first.rare->file, first.rare->line);
    out += fmt::format("\n  {}{}{}\n", Styled(Printable(first.address), Style::kBold, color), where.empty() ? "" : "  ",
                       Styled(where, Style::kDim, color));
    for (const Finding* finding : of_resource) AppendFinding(*finding, out);
  }
  if (places.size() > resources_max) {
    out += fmt::format("\n  and {} more resources; --verbose lists them\n", places.size() - resources_max);
  }
}

}  // namespace tfseal::cli
