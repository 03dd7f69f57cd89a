#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "planner/action_plan.h"
#include "policy/policy_file.h"
#include "terraform/document.h"

namespace tfseal {

struct PlanOptions {
  // One of kStrategies for every database; empty: the fenced snapshot.
  std::string strategy;
  UnixSeconds now = 0;  // decides which waivers have expired; nothing else of the plan depends on the time
};

// The changes that make everything pass that the policy requires, in an order that loses nothing. `documents` are plans
// or states, read with Interest::Everything(), in any order. Of a plan, what exists is planned for and what it would
// create or change is its intention.
//
// The result is checked before it is returned: no call that the product promises never to make, and the simulated
// world passes. What nobody has written a recipe for is listed as unresolved, and the plan is then not complete; it is
// never left out in silence. An error means that no plan may be used.
Result<ActionPlan> MakePlan(std::span<const terraform::Document> documents, const PolicyFile& policy,
                            const PlanOptions& options);

}  // namespace tfseal
