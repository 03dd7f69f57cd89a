#include "cli/ui.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/visible_text.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kMistakesShown = 50;

// False if the reader has gone or the device is full; errno says which.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// If standard error cannot be written to, there is nobody left to tell.
void Say(std::string_view text) {
  static_cast<void>(WriteAll(STDERR_FILENO, text));
}

bool WantsColor(ColorMode mode) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* terminal = std::getenv("TERM");
  if (terminal == nullptr || std::strcmp(terminal, "dumb") == 0) return false;
  return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace

Ui::Ui(const Arguments& arguments)
    : color_(WantsColor(arguments.color)), quiet_(arguments.quiet), verbose_(arguments.verbose) {}

Status Ui::Print(std::string_view text) const {
  if (WriteAll(STDOUT_FILENO, text) || errno == EPIPE) return {};
  return Error{ErrorCode::kUnavailable, fmt::format("cannot write to standard output: {}", std::strerror(errno)), ""};
}

void Ui::Note(std::string_view text) const {
  if (!quiet_) Say(fmt::format("tfseal: {}\n", Printable(text)));
}

void Ui::Hint(std::string_view text) const {
  if (!quiet_ && !text.empty()) Say(fmt::format("tfseal: hint: {}\n", Printable(text)));
}

void Ui::Fail(const Error& error) const {
  std::string text = fmt::format("tfseal: {}\n", Printable(error.message));
  if (!error.hint.empty()) text += fmt::format("tfseal: hint: {}\n", Printable(error.hint));
  Say(text);
}

void Ui::Fail(const std::vector<Diagnostic>& mistakes) const {
  std::string text;
  for (std::size_t i = 0; i < mistakes.size() && i < kMistakesShown; ++i) {
    text += fmt::format("tfseal: {}\n", Printable(Render(mistakes[i])));
    if (!mistakes[i].hint.empty()) text += fmt::format("tfseal: hint: {}\n", Printable(mistakes[i].hint));
  }
  if (mistakes.size() > kMistakesShown) text += fmt::format("tfseal: and {} more\n", mistakes.size() - kMistakesShown);
  Say(text);
}

std::string Printable(std::string_view text) {
  return Visible(text);
}

void AppendPrintable(std::string_view text, std::string& out) {
  AppendVisible(text, out);
}

}  // namespace tfseal::cli
