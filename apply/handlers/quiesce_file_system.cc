#include "apply/handlers/file_systems.h"
#include "apply/handlers/list.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string id = TextAt(action.payload, "file_system");
  return WaitForNoConnections("stop everything that uses " + id + " and unmount it in every guest",
                              Object({{"FileSystemId", Text(id)}, {"QuietAt", Text(FormatTime(context.clock.Now()))}}),
                              action, context);
}

}  // namespace

const Handler kQuiesceFileSystemHandler = {.kind = "quiesce_file_system", .probe = Look};

}  // namespace tfseal
