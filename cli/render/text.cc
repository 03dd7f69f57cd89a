#include "cli/render/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/ui.h"

namespace tfseal::cli {

std::string Styled(std::string_view text, Style style, bool color) {
  if (!color || style == Style::kPlain) return std::string(text);
  constexpr std::string_view kCodes[] = {"", "1", "1;31", "1;33", "1;32", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(style)], text);
}

std::string Location(const std::string& file, int line) {
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

void AppendFindings(const std::vector<const Finding*>& findings, bool color, std::string& out) {
  std::vector<const Finding*> sorted = findings;
  // Resources stay in the order of their first, most important finding.
  std::vector<std::string_view> order;
  for (const Finding* finding : findings) {
    if (std::find(order.begin(), order.end(), finding->address) == order.end()) order.push_back(finding->address);
    if (order.size() > 200) break;
  }
  const auto rank = [&](const Finding* finding) {
    return std::find(order.begin(), order.end(), finding->address) - order.begin();
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Finding* a, const Finding* b) { return rank(a) < rank(b); });
  std::string_view address;
  for (const Finding* finding : sorted) {
    if (finding->address != address) {
      address = finding->address;
      const std::string where = Location(finding->file, finding->line);
      out += fmt::format("\n  {}{}{}\n", Styled(Printable(address), Style::kBold, color), where.empty() ? "" : "  ",
                         Styled(where, Style::kDim, color));
    }
    AppendWrapped(fmt::format("{}  {}: {}", finding->control, Name(finding->topic), finding->message), 4, out);
    for (const std::string& evidence : finding->evidence) AppendWrapped("- " + evidence, 6, out);
    if (!finding->remedy.empty()) AppendWrapped("fix: " + finding->remedy, 6, out);
    if (finding->waived) AppendWrapped("waived: " + finding->waiver, 6, out);
  }
}

}  // namespace tfseal::cli
