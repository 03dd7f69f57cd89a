#include "cli/render/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "cli/ui.h"

namespace tfseal::cli {
namespace {

void AppendFinding(const Finding& finding, std::string& out) {
  AppendWrapped(fmt::format("{}  {}: {}", finding.control.view(), Name(finding.topic), finding.message.view()), 4, out);
  for (const std::string& evidence : finding.evidence) AppendWrapped("- " + evidence, 6, out);
  if (!finding.remedy.empty()) AppendWrapped("fix: " + finding.remedy, 6, out);
  if (finding.waived) AppendWrapped("waived: " + finding.waiver, 6, out);
}

}  // namespace

std::string Styled(std::string_view text, Style style, bool color) {
  if (!color || style == Style::kPlain) return std::string(text);
  constexpr std::string_view kCodes[] = {"", "1", "1;31", "1;33", "1;32", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(style)], text);
}

bool IsLong(std::string_view report) {
  return std::count(report.begin(), report.end(), '\n') > 8;
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
      out += '\n' + margin;
      used = indent;
    } else {
      out += ' ';
      ++used;
    }
    const std::string printable = Printable(word);
    out += printable;
    used += printable.size();
  }
  out += '\n';
}

void AppendFindings(const std::vector<const Finding*>& findings, std::size_t resources_max, bool color,
                    std::string& out) {
  // Resources stay in the order of their first, most important finding.
  std::unordered_map<std::string_view, std::vector<const Finding*>> by_address;
  std::vector<std::string_view> order;
  for (const Finding* finding : findings) {
    std::vector<const Finding*>& of_resource = by_address[finding->address];
    if (of_resource.empty()) order.push_back(finding->address);
    of_resource.push_back(finding);
  }
  for (std::size_t i = 0; i < order.size() && i < resources_max; ++i) {
    const std::vector<const Finding*>& of_resource = by_address[order[i]];
    const std::string where = Location(of_resource.front()->file, of_resource.front()->line);
    out += fmt::format("\n  {}{}{}\n", Styled(Printable(order[i]), Style::kBold, color), where.empty() ? "" : "  ",
                       Styled(where, Style::kDim, color));
    for (const Finding* finding : of_resource) AppendFinding(*finding, out);
  }
  if (order.size() > resources_max) {
    out += fmt::format("\n  and {} more resources; --verbose lists them\n", order.size() - resources_max);
  }
}

}  // namespace tfseal::cli
