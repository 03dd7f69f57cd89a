#include "apply/branch.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "planner/action_kind.h"

namespace tfseal {
namespace {

constexpr std::array<std::string_view, 6> kPhases = {"fence", "copy", "build", "validate", "cut_over", "reconcile"};

bool InBranch(const Action& action) {
  return std::find(kPhases.begin(), kPhases.end(), action.kind->phase) != kPhases.end();
}

// Moves are one after the other: the next one requires that Terraform knows of the one before.
bool EndsBranch(const Action& action) {
  return action.kind == &kReconcileTerraform;
}

std::size_t Root(std::vector<std::size_t>& parent, std::size_t at) {
  while (parent[at] != at) at = parent[at] = parent[parent[at]];
  return at;
}

}  // namespace

Branches::Branches(const ActionPlan& plan) : plan_(plan), branch_(plan.actions.size(), kNone) {
  std::vector<std::size_t> parent(plan.actions.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    if (!InBranch(plan.actions[i])) continue;
    for (const std::string& need : plan.actions[i].needs) {
      const std::size_t other = IndexOf(need);
      if (other == kNone || !InBranch(plan.actions[other]) || EndsBranch(plan.actions[other])) continue;
      parent[Root(parent, i)] = Root(parent, other);
    }
  }
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    if (InBranch(plan.actions[i])) branch_[i] = Root(parent, i);
  }
}

std::size_t Branches::IndexOf(const std::string& id) const {
  const auto found =
      std::find_if(plan_.actions.begin(), plan_.actions.end(), [&](const Action& action) { return action.id == id; });
  return found == plan_.actions.end() ? kNone : static_cast<std::size_t>(found - plan_.actions.begin());
}

std::set<std::size_t> Branches::Before(std::size_t action) const {
  std::set<std::size_t> before;
  std::vector<std::size_t> open = {action};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::string& need : plan_.actions[at].needs) {
      const std::size_t other = IndexOf(need);
      if (other != kNone && before.insert(other).second) open.push_back(other);
    }
  }
  return before;
}

bool Branches::Interrupted(std::size_t branch, const RunState& state) const {
  bool fenced = false;
  bool finished = true;
  for (std::size_t i = 0; i < branch_.size(); ++i) {
    if (branch_[i] != branch || branch == kNone) continue;
    const Action& action = plan_.actions[i];
    fenced = fenced || (action.kind->phase == "fence" && Begun(action, state));
    if (action.kind->phase == "cut_over") finished = finished && state.Done(action.id);
  }
  return fenced && !finished;
}

bool Branches::PastNoReturn(std::size_t branch, const RunState& state) const {
  for (std::size_t i = 0; i < branch_.size(); ++i) {
    if (branch != kNone && branch_[i] == branch && plan_.actions[i].point_of_no_return &&
        Begun(plan_.actions[i], state)) {
      return true;
    }
  }
  return false;
}

std::vector<std::size_t> Branches::BegunIn(std::size_t branch, const RunState& state) const {
  std::vector<std::size_t> begun;
  for (std::size_t i = branch_.size(); i-- > 0;) {
    if (branch != kNone && branch_[i] == branch && Begun(plan_.actions[i], state)) begun.push_back(i);
  }
  return begun;
}

bool Begun(const Action& action, const RunState& state) {
  const auto found = state.actions.find(action.id);
  if (found == state.actions.end()) return false;
  const ActionState& seen = found->second;
  if (seen.stage == ActionState::Stage::kPending) return false;  // or undone
  return seen.stage == ActionState::Stage::kDone || seen.attempts > 0;
}

}  // namespace tfseal
