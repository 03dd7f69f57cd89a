#include "cli/commands.h"
#include "cli/live_run.h"

namespace tfseal::cli {

ExitCode RunResume(const Arguments& arguments, const Ui& ui) {
  return RunLive(arguments, ui, "resume");
}

}  // namespace tfseal::cli
