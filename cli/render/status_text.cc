#include "cli/render/status_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/render/text.h"
#include "cli/ui.h"
#include "core/time_text.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kWaitingShown = 12;
constexpr std::size_t kShortId = 12;

Style StyleOf(const std::string& state) {
  if (state == "done") return Style::kGreen;
  if (state == "stopped") return Style::kRed;
  return Style::kYellow;
}

std::string Headline(const RunOverview& status, TimePoint now, bool color) {
  std::string state = status.state;
  std::replace(state.begin(), state.end(), '_', ' ');
  std::transform(state.begin(), state.end(), state.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::string line =
      fmt::format("{}  {} of {} actions done", Styled(state, StyleOf(status.state), color), status.done, status.total);
  if (status.state == "waiting" && status.due) line += ", goes on at " + WhenWords(*status.due, now);
  if (!status.runs.empty()) {
    const RunRecord& run = status.runs.back();
    line += fmt::format("\n  last run: {} by {} on {}, started {} ago{}", run.command, run.user, run.host,
                        DurationWords(now - run.started),
                        run.ended                  ? ", ended " + run.result
                        : status.locked_by.empty() ? ", killed before it could say how it ended"
                                                   : ", is at work");
    if (status.state == "stopped" && status.failed.empty() && !run.text.empty()) {
      line += "\n";
      AppendWrapped(Printable("why: " + run.text), 2, line);
      line.pop_back();
    }
  }
  return line + "\n";
}

void AppendItem(const RunOverview::Item& item, TimePoint now, std::string& out) {
  out += fmt::format("  {}\n", Printable(item.summary));
  std::string when = item.since == TimePoint{} ? "" : fmt::format("since {}", DurationWords(now - item.since));
  if (item.at_most_seconds && !item.until) {
    when += fmt::format(", usually done within {}", DurationWords(std::chrono::seconds(*item.at_most_seconds)));
  }
  if (item.until) when += fmt::format(", until {}", WhenWords(*item.until, now));
  if (!item.text.empty()) AppendWrapped(Printable(item.text), 4, out);
  if (!when.empty()) out += fmt::format("    {}\n", when);
  if (!item.hint.empty()) AppendWrapped("fix: " + Printable(item.hint), 4, out);
  if (item.hcl.empty()) return;
  std::string_view hcl = item.hcl;
  out += "    write:\n";
  while (!hcl.empty()) {
    const std::string_view line = hcl.substr(0, hcl.find('\n'));
    hcl.remove_prefix(std::min(hcl.size(), line.size() + 1));
    out += fmt::format("      {}\n", Printable(line));
  }
  for (const std::string& command : item.commands) out += fmt::format("    run: {}\n", Printable(command));
}

void AppendItems(std::string_view title, const std::vector<RunOverview::Item>& items, TimePoint now, bool all,
                 std::string& out) {
  if (items.empty()) return;
  out += fmt::format("\n{}\n", title);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i == kWaitingShown && !all) {
      out += fmt::format("  and {} more (--verbose)\n", items.size() - i);
      return;
    }
    AppendItem(items[i], now, out);
  }
}

}  // namespace

std::string WhenWords(TimePoint time, TimePoint now) {
  const std::string text = FormatTime(time);
  if (time <= now) return text + ", which is over";
  return fmt::format("{}, in {}", text, DurationWords(time - now));
}

std::string StatusText(const RunOverview& status, TimePoint now, bool color, bool verbose) {
  std::string out = Headline(status, now, color);
  if (!status.databases.empty()) out += "\ndatabases\n";
  for (const RunOverview::Database& database : status.databases) {
    const bool cut_off = database.state == "interrupted";
    out += fmt::format("  {:<28} {}{}\n", Printable(database.identifier),
                       Styled(Printable(database.text), cut_off ? Style::kRed : Style::kPlain, color),
                       cut_off && database.since ? fmt::format(", for {}", DurationWords(now - *database.since)) : "");
    if (verbose)
      out +=
          fmt::format("  {:<28} {} of {} steps, {}\n", "", database.done, database.total, Printable(database.address));
  }
  AppendItems("failed", status.failed, now, true, out);
  AppendItems("at work", status.running, now, true, out);
  AppendItems("waiting", status.waiting, now, verbose, out);
  if (!status.passed_no_return.empty()) out += "\npoint of no return passed\n";
  for (const RunOverview::Item& item : status.passed_no_return) {
    out += fmt::format("  {} ({})\n", Printable(item.summary), item.action.substr(0, kShortId));
  }
  return out + fmt::format("\nnext: {}\n", Printable(status.next));
}

}  // namespace tfseal::cli
