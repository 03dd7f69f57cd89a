#pragma once

#include "apply/handlers/databases.h"
#include "apply/handlers/in_place.h"

namespace tfseal {

// Changes of settings of a cluster or an instance in place: where they stand, and the change itself.
Result<Probe> LookAtSettings(const Action& action, RunContext& context, bool cluster);
Status ChangeSettings(const Action& action, RunContext& context, bool cluster);

}  // namespace tfseal
