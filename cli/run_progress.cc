#include "cli/run_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/time_text.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kColumns = 110;

std::string Where(const RunEvent& event) {
  return event.total == 0 ? std::string() : fmt::format("[{}/{}] ", event.number, event.total);
}

std::string Summary(const RunEvent& event) {
  return event.action == nullptr ? event.text : event.action->summary;
}

}  // namespace

RunProgress::RunProgress(const Ui& ui) : ui_(ui), terminal_(::isatty(STDERR_FILENO) == 1) {}

RunProgress::~RunProgress() {
  Overwrite("");
}

void RunProgress::Overwrite(const std::string& line) {
  if (!terminal_ || (!open_ && line.empty())) return;
  open_ = !line.empty();
  const std::string text = fmt::format("\r\x1b[K{}", Printable(line).substr(0, kColumns));
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

void RunProgress::Line(const std::string& line) {
  if (line == last_) return;
  last_ = line;
  Overwrite("");
  ui_.Note(line);
}

void RunProgress::Tell(const RunEvent& event) {
  const std::string where = Where(event);
  switch (event.what) {
    case RunEvent::What::kStarted:
      Overwrite(where + Summary(event));
      return;
    case RunEvent::What::kChanging:
      Line(fmt::format("{}{}", where, Summary(event)));
      if (event.action != nullptr && event.action->point_of_no_return) {
        Line(fmt::format("{}this is the point of no return", where));
      }
      return;
    case RunEvent::What::kProgress: {
      const std::string expected =
          event.expected ? fmt::format(", at most {} expected", DurationWords(*event.expected)) : "";
      Overwrite(
          fmt::format("{}{}: {} for {}{}", where, Summary(event), event.text, DurationWords(event.elapsed), expected));
      return;
    }
    case RunEvent::What::kDone:
      Line(fmt::format("{}done: {}{}{}", where, Summary(event), event.text.empty() ? "" : ": ", event.text));
      return;
    case RunEvent::What::kWaiting:
      Line(fmt::format("{}waits: {}: {}", where, Summary(event), event.text));
      return;
    case RunEvent::What::kFailed:
      Line(fmt::format("{}failed: {}: {}", where, Summary(event), event.text));
      return;
    case RunEvent::What::kUndone:
      Line(fmt::format("{}undone: {}", where, Summary(event)));
      return;
    case RunEvent::What::kNote:
      Line(where + event.text);
      return;
  }
}

void RunProgress::Tell(std::string_view text) {
  Overwrite(std::string(text));
}

}  // namespace tfseal::cli
