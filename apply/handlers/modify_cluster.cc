#include "apply/handlers/database_in_place.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtSettings(action, context, true);
}
Status Act(const Action& action, RunContext& context) {
  return ChangeSettings(action, context, true);
}

}  // namespace

const Handler kModifyClusterHandler = {.kind = "modify_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
