#pragma once

#include "planner/action_plan.h"

namespace tfseal {

// The plan for a place that obeys some of what is printed there, a terminal or the log of a CI system: every text of it
// is one visible line (core/visible_text.h). Names come from documents that others wrote. Not to be carried out: ids
// and payloads are as they were, the texts are not.
ActionPlan ShownPlan(const ActionPlan& plan);

}  // namespace tfseal
