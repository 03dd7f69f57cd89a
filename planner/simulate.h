#pragma once

#include <span>
#include <vector>

#include "planner/action_plan.h"
#include "policy/gate.h"
#include "policy/policy_file.h"

namespace tfseal {

// What carrying the plan out is predicted to lead to: one state per input, in the order of the plan's inputs.
// `existing` are the worlds of ExistingWorld() in the same order and must live as long as the result. An effect on a
// resource that is not there is an error: it would prove nothing.
Result<std::vector<terraform::Document>> SimulatedWorlds(const ActionPlan& plan,
                                                         std::span<const terraform::Document> existing);

struct Simulation {
  std::vector<Finding> failing;              // required, not waived, and not listed as unresolved
  std::vector<std::string> broken_promises;  // a control that an action claims to satisfy and does not
  [[nodiscard]] bool passes() const { return failing.empty() && broken_promises.empty(); }
};

// Judges the simulated worlds with the same controls as everything else.
Result<Simulation> Simulate(const ActionPlan& plan, std::span<const terraform::Document> existing,
                            const PolicyFile& policy, UnixSeconds now);

}  // namespace tfseal
