#pragma once

#include <string>

#include "core/json.h"
#include "core/result.h"
#include "planner/action_plan.h"

namespace tfseal::cli {

// The IAM policy that carrying out a plan, and taking it back, needs: its changes and the reads of the handlers.
JsonValue PolicyForPlan(const ActionPlan& plan);

}  // namespace tfseal::cli
