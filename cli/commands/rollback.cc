#include "cli/commands.h"
#include "cli/live_run.h"

namespace tfseal::cli {

ExitCode RunRollback(const Arguments& arguments, const Ui& ui) {
  return RunLive(arguments, ui, "rollback");
}

}  // namespace tfseal::cli
