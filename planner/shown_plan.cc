#include "planner/shown_plan.h"

#include "core/visible_text.h"

namespace tfseal {
namespace {

void Show(std::string& text) {
  text = Visible(text);
}

void Show(std::vector<std::string>& texts) {
  for (std::string& text : texts) Show(text);
}

}  // namespace

ActionPlan ShownPlan(const ActionPlan& plan) {
  ActionPlan shown = plan;
  for (PlannedDatabase& database : shown.databases) {
    for (std::string* text : {&database.address, &database.identifier, &database.type, &database.engine,
                              &database.environment, &database.key, &database.key_reason, &database.downtime}) {
      Show(*text);
    }
    for (ConsideredStrategy& strategy : database.considered) Show(strategy.reasons);
  }
  for (TimelineEntry& entry : shown.timeline) {
    Show(entry.environment);
    Show(entry.text);
  }
  for (Action& action : shown.actions) {
    Show(action.target.address);
    Show(action.summary);
    Show(action.rollback.text);
  }
  for (Unresolved& entry : shown.unresolved) {
    for (std::string* text : {&entry.address, &entry.message, &entry.recipe, &entry.reason}) Show(*text);
  }
  Show(shown.notes);
  return shown;
}

}  // namespace tfseal
