#include "cli/output.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/file.h"

namespace tfseal::cli {
namespace {

// Holds back SIGINT and SIGTERM while a file is written, so that an interrupted run leaves no temporary file behind.
class InterruptsHeld {
 public:
  InterruptsHeld() {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &held, &before_);
  }
  ~InterruptsHeld() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  InterruptsHeld(const InterruptsHeld&) = delete;
  InterruptsHeld& operator=(const InterruptsHeld&) = delete;

 private:
  sigset_t before_ = {};
};

std::string DefaultFormat(const Arguments& arguments) {
  for (const CommandHelp& command : Commands()) {
    if (arguments.command == command.name && !command.formats.empty()) return command.formats.front();
  }
  return "text";
}

bool SameFile(const std::string& a, const std::string& b) {
  struct stat first = {};
  struct stat second = {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace

Status Deliver(const Arguments& arguments, const Ui& ui, const Renderer& render) {
  return DeliverPieces(arguments, ui, [&](std::string_view format, const auto& write) {
    write(render(format));
    return Status();
  });
}

Status DeliverPieces(const Arguments& arguments, const Ui& ui, const Piecewise& render) {
  std::string to_print = arguments.outputs.empty() ? DefaultFormat(arguments) : "";
  for (const OutputRequest& request : arguments.outputs) {
    if (request.file.empty()) {
      to_print = request.format;
      continue;
    }
    const InterruptsHeld held;
    TFSEAL_TRY(WriteFileAtomically(request.file, [&](const auto& write) { return render(request.format, write); }));
  }
  Status printed;
  if (to_print.empty()) return printed;
  constexpr std::size_t kAtOnce = std::size_t{1} << 16;
  std::string waiting;
  TFSEAL_TRY(render(to_print, [&](std::string_view piece) {
    waiting += piece;
    if (waiting.size() < kAtOnce) return;
    if (printed.ok()) printed = ui.Print(waiting);
    waiting.clear();
  }));
  return printed.ok() ? ui.Print(waiting) : printed;
}

Status RefuseOutputOverInput(const Arguments& arguments) {
  std::vector<std::string> inputs = arguments.operands;
  if (!arguments.config.empty()) inputs.push_back(arguments.config);
  if (!arguments.obligations.empty()) inputs.push_back(arguments.obligations);
  if (!arguments.baseline.empty()) inputs.push_back(arguments.baseline);
  std::vector<std::string> written;
  for (const OutputRequest& request : arguments.outputs) {
    if (!request.file.empty()) written.push_back(request.file);
  }
  if (!arguments.out.empty()) written.push_back(arguments.out);
  for (std::size_t i = 0; i < written.size(); ++i) {
    for (const std::string& input : inputs) {
      if (SameFile(written[i], input)) {
        return Error{ErrorCode::kUsage, fmt::format("{}: is an input and would be overwritten", written[i]),
                     "write the output to another file"};
      }
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (written[i] == written[j]) {
        return Error{ErrorCode::kUsage, fmt::format("{}: is named by two outputs", written[i]), ""};
      }
    }
  }
  return {};
}

bool PrintsForMachines(const Arguments& arguments) {
  for (const OutputRequest& request : arguments.outputs) {
    if (request.file.empty() && request.format != "text") return true;
  }
  return !arguments.outputs.empty() && !std::any_of(arguments.outputs.begin(), arguments.outputs.end(),
                                                    [](const OutputRequest& r) { return r.file.empty(); });
}

}  // namespace tfseal::cli
