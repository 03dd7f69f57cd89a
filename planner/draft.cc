#include "planner/draft.h"

#include <algorithm>

#include "core/check.h"

namespace tfseal {

std::string Draft::Add(const ActionKind& kind, const Target& target, JsonValue payload, const Place& place,
                       const std::vector<std::string>& needs, const std::vector<Motive>& motives) {
  Action action = MakeAction(kind, target, std::move(payload));
  const auto [found, is_new] = by_id_.emplace(action.id, actions_.size());
  if (is_new) {
    action.environment = place.environment;
    action.wave = place.wave;
    action.day = place.day;
    action.input = place.input;
    action.maintenance_window = place.maintenance_window;
    actions_.push_back(std::move(action));
  }
  Action& kept = actions_[found->second];
  for (const std::string& need : needs) {
    if (!need.empty()) kept.needs.push_back(need);
  }
  for (const Motive& motive : motives) {
    if (std::find(kept.motives.begin(), kept.motives.end(), motive) == kept.motives.end())
      kept.motives.push_back(motive);
  }
  std::sort(kept.motives.begin(), kept.motives.end());
  return kept.id;
}

void Draft::Require(const std::string& by, const std::string& id) {
  if (!by.empty() && !id.empty() && by != id) actions_[by_id_.at(by)].needs.push_back(id);
}

namespace {

void AddOnce(std::vector<Condition>& conditions, Condition condition) {
  const auto same = [&condition](const Condition& other) {
    return other.check == condition.check && other.control == condition.control && other.address == condition.address &&
           other.text == condition.text;
  };
  if (std::none_of(conditions.begin(), conditions.end(), same)) conditions.push_back(std::move(condition));
}

}  // namespace

void Draft::AddPrecondition(const std::string& id, Condition condition) {
  AddOnce(actions_[by_id_.at(id)].preconditions, std::move(condition));
}

void Draft::AddPostcondition(const std::string& id, Condition condition) {
  AddOnce(actions_[by_id_.at(id)].postconditions, std::move(condition));
}

void Draft::AddUnresolved(Unresolved unresolved) {
  unresolved_.push_back(std::move(unresolved));
}

void Draft::AddNote(std::string note) {
  notes_.push_back(std::move(note));
}

const Action& Draft::At(const std::string& id) const {
  return actions_[by_id_.at(id)];
}

Result<ActionPlan> Draft::Finish() && {
  ActionPlan plan;
  TFSEAL_ASSIGN(plan.actions, Order(std::move(actions_)));
  std::sort(unresolved_.begin(), unresolved_.end());
  unresolved_.erase(std::unique(unresolved_.begin(), unresolved_.end()), unresolved_.end());
  std::sort(notes_.begin(), notes_.end());
  notes_.erase(std::unique(notes_.begin(), notes_.end()), notes_.end());
  plan.unresolved = std::move(unresolved_);
  plan.notes = std::move(notes_);
  plan.databases = std::move(databases_);
  plan.timeline = std::move(timeline_);
  return plan;
}

std::vector<std::string> SharingBlock(const Site& site, const Target& target) {
  std::vector<std::string> others;
  const std::string block = WithoutInstanceKeys(target.address);
  for (const terraform::ResourceInstance* other : site.world->OfType(target.type)) {
    if (other->address != target.address && WithoutInstanceKeys(other->address) == block) {
      others.emplace_back(other->address);
    }
  }
  std::sort(others.begin(), others.end());
  return others;
}

Motive MotiveOf(const Finding& finding) {
  return {finding.control, std::string(Name(finding.topic)), finding.address, finding.message};
}

}  // namespace tfseal
