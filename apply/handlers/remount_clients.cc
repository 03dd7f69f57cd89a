#include "apply/handlers/calls.h"
#include "apply/handlers/file_systems.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string copy, ResolvedText(action, "new_file_system", context));
  const std::string old = TextAt(action.payload, "file_system");
  return WaitForNoConnections("mount " + copy + " wherever " + old + " was mounted, and start what uses it",
                              Object({{"FileSystemId", Text(copy)}}), action, context);
}

}  // namespace

const Handler kRemountClientsHandler = {.kind = "remount_clients", .probe = Look};

}  // namespace tfseal
