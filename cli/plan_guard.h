#pragma once

#include "cli/args.h"
#include "core/result.h"
#include "planner/action_plan.h"

namespace tfseal::cli {

// What --config and --environment mean to the commands that take an action plan: that it was made by this policy, and
// that everything in it (with `only`, these actions of it) belongs to this environment. An error (kUsage) if not.
Status CheckPlanIsOf(const Arguments& arguments, const ActionPlan& plan);
Status CheckActionsAreOf(const Arguments& arguments, const ActionPlan& plan, const JsonValue& only);

}  // namespace tfseal::cli
