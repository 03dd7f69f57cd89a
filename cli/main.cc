#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <string_view>

#include "cli/args.h"
#include "cli/ui.h"

namespace tfseal::cli {
namespace {

void EndOnSignal(int number) {
  ::_exit(number == SIGINT ? static_cast<int>(ExitCode::kInterrupted) : static_cast<int>(ExitCode::kTerminated));
}

void PrepareProcess() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGINT, EndOnSignal);
  ::signal(SIGTERM, EndOnSignal);
  // Plans and states hold secrets; a core file would keep them.
  const struct rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

ExitCode Main(int argc, const char* const* argv) {
  const auto parsed = ParseArguments(argc, argv);
  if (const auto* ending = std::get_if<Ending>(&parsed)) {
    const Ui ui{Arguments{}};
    if (!ending->error.empty()) ui.Fail(Error{ErrorCode::kUsage, ending->error, ending->hint});
    const Status printed = ui.Print(ending->out);
    if (printed.ok()) return ending->code;
    ui.Fail(printed.error());
    return ExitCode::kFailed;
  }
  const Arguments& arguments = std::get<Arguments>(parsed);
  const Ui ui(arguments);
  for (const CommandHelp& command : Commands()) {
    if (arguments.command == command.name) return command.run(arguments, ui);
  }
  return ExitCode::kUsage;
}

}  // namespace
}  // namespace tfseal::cli

int main(int argc, char** argv) {
  tfseal::cli::PrepareProcess();
  try {
    return static_cast<int>(tfseal::cli::Main(argc, argv));
  } catch (const std::exception&) {
    // Only memory exhaustion gets here; what() could quote input.
    constexpr std::string_view kMessage = "tfseal: ran out of memory\n";
    static_cast<void>(!::write(STDERR_FILENO, kMessage.data(), kMessage.size()));
    return static_cast<int>(tfseal::cli::ExitCode::kFailed);
  }
}
