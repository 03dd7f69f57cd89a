#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "planner/action_kind.h"
#include "planner/action_plan.h"
#include "policy/finding.h"
#include "policy/policy_file.h"
#include "policy/world.h"

namespace tfseal {

// One input document while it is planned for: what exists, and what fails.
struct Site {
  int input = 0;                               // index into the plan's inputs
  const terraform::Document* given = nullptr;  // as read
  const terraform::Document* existing = nullptr;
  const World* world = nullptr;  // of `existing`
  const PolicyFile* policy = nullptr;
  std::vector<Finding> failing;  // required, not waived

  [[nodiscard]] const Environment& EnvironmentFor(const terraform::ResourceInstance& instance) const {
    return EnvironmentOf(*policy, *existing, instance);
  }
};

// Where and when an action belongs.
struct Place {
  std::string environment;
  int wave = 0;
  int day = 0;
  int input = 0;
  std::string maintenance_window;
};

// The plan while it grows. Adding the same action twice (same kind, target and payload) joins the two.
class Draft {
 public:
  // Returns the id of the action.
  std::string Add(const ActionKind& kind, const Target& target, JsonValue payload, const Place& place,
                  const std::vector<std::string>& needs, const std::vector<Motive>& motives = {});
  // `id` is required by `by`.
  void Require(const std::string& by, const std::string& id);
  void AddPrecondition(const std::string& id, Condition condition);
  void AddPostcondition(const std::string& id, Condition condition);
  void AddUnresolved(Unresolved unresolved);
  void AddNote(std::string note);

  [[nodiscard]] const Action& At(const std::string& id) const;
  [[nodiscard]] const std::vector<Action>& actions() const { return actions_; }
  std::vector<PlannedDatabase>& databases() { return databases_; }
  std::vector<TimelineEntry>& timeline() { return timeline_; }

  // Moves everything into a plan, ordered.
  Result<ActionPlan> Finish() &&;

 private:
  std::vector<Action> actions_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::vector<PlannedDatabase> databases_;
  std::vector<TimelineEntry> timeline_;
  std::vector<Unresolved> unresolved_;
  std::vector<std::string> notes_;
};

Motive MotiveOf(const Finding& finding);

// Addresses of the other instances that the same block of the configuration makes, also through a module that is used
// several times; sorted.
std::vector<std::string> SharingBlock(const Site& site, const Target& target);

}  // namespace tfseal
