#include "cli/commands.h"
#include "cli/live_run.h"

namespace tfseal::cli {

ExitCode RunApply(const Arguments& arguments, const Ui& ui) {
  return RunLive(arguments, ui, "apply");
}

}  // namespace tfseal::cli
