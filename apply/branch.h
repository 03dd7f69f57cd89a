#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "apply/run_state.h"
#include "planner/action_plan.h"

namespace tfseal {

// The plan's actions as branches: what belongs to the move of one database, from its fence to Terraform, is one branch.
// What prepares several (keys, waves, inventories) and what comes after (soaks, retirement) belongs to none. Going back
// stays within a branch, so that a failure never undoes the finished move of another database.
class Branches {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit Branches(const ActionPlan& plan);

  // By position in the plan; kNone if the action is in no branch.
  [[nodiscard]] std::size_t Of(std::size_t action) const { return branch_[action]; }
  // Positions of everything that must be done before, near and far.
  [[nodiscard]] std::set<std::size_t> Before(std::size_t action) const;
  [[nodiscard]] std::size_t IndexOf(const std::string& id) const;

  // Its users are cut off: the fence of the branch was begun, and the branch is not at its end.
  [[nodiscard]] bool Interrupted(std::size_t branch, const RunState& state) const;
  // The new database was opened: going back would lose what was written since.
  [[nodiscard]] bool PastNoReturn(std::size_t branch, const RunState& state) const;
  // What was done or begun in it, the latest in the plan first.
  [[nodiscard]] std::vector<std::size_t> BegunIn(std::size_t branch, const RunState& state) const;

 private:
  const ActionPlan& plan_;
  std::vector<std::size_t> branch_;
};

// Done, or at least begun: its effect may be there.
bool Begun(const Action& action, const RunState& state);

}  // namespace tfseal
