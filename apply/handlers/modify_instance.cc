#include "apply/handlers/database_in_place.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  return LookAtSettings(action, context, false);
}
Status Act(const Action& action, RunContext& context) {
  return ChangeSettings(action, context, false);
}

}  // namespace

const Handler kModifyInstanceHandler = {.kind = "modify_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
