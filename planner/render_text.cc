#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "planner/action_kind.h"
#include "planner/render.h"
#include "planner/shown_plan.h"

namespace tfseal {
namespace {

std::string EnvironmentOrDefault(const std::string& name) {
  return name.empty() ? "all environments" : name;
}

std::string Days(const TimelineEntry& entry) {
  return entry.first_day == entry.last_day ? fmt::format("day {}", entry.first_day)
                                           : fmt::format("day {}-{}", entry.first_day, entry.last_day);
}

std::string Marks(const Action& action) {
  std::string marks;
  if (action.point_of_no_return) marks += "  POINT OF NO RETURN";
  if (action.approvals > 0)
    marks += fmt::format("  needs {} approval{}", action.approvals, action.approvals > 1 ? "s" : "");
  return marks;
}

bool SameWays(const PlannedDatabase& a, const PlannedDatabase& b) {
  return a.downtime == b.downtime &&
         std::equal(a.considered.begin(), a.considered.end(), b.considered.begin(), b.considered.end(),
                    [](const ConsideredStrategy& x, const ConsideredStrategy& y) {
                      return x.name == y.name && x.chosen == y.chosen && x.possible == y.possible &&
                             x.reasons == y.reasons;
                    });
}

void Databases(const ActionPlan& plan, std::string& text) {
  for (const PlannedDatabase& database : plan.databases) {
    text +=
        fmt::format("\n{}\n  {} {}, {}\n  key: {}\n       {}\n", database.address, database.engine, database.identifier,
                    EnvironmentOrDefault(database.environment), database.key, database.key_reason);
    // The first database that has the same ways for the same reasons has said it all.
    const auto first = std::find_if(plan.databases.begin(), plan.databases.end(),
                                    [&](const PlannedDatabase& other) { return SameWays(other, database); });
    if (&*first != &database) {
      text += fmt::format("  ways and interruption: as for {}\n", first->address);
      continue;
    }
    for (const ConsideredStrategy& strategy : database.considered) {
      text += fmt::format("  {:<20} {}\n", strategy.name,
                          strategy.chosen     ? "chosen"
                          : strategy.possible ? "possible"
                                              : "refused");
      for (const std::string& reason : strategy.reasons) text += fmt::format("    - {}\n", reason);
    }
    text += fmt::format("  interruption: {}\n", database.downtime);
  }
}

void Actions(const ActionPlan& plan, std::string& text) {
  std::map<std::string_view, std::size_t> number;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) number[plan.actions[i].id] = i + 1;
  int wave = -1;
  for (const Action& action : plan.actions) {
    if (action.wave != wave) {
      wave = action.wave;
      text += fmt::format("\nwave {}\n", wave);
    }
    std::string needs;
    for (const std::string& need : action.needs) needs += fmt::format("{}{}", needs.empty() ? "" : ", ", number[need]);
    text += fmt::format("  {:>3}  day {:<3} {}{}\n", number[action.id], action.day, action.summary, Marks(action));
    if (!needs.empty()) text += fmt::format("       after {}\n", needs);
    for (const ApiCall& call : action.calls) {
      if (!call.read_only) text += fmt::format("       {} {}\n", call.service, call.operation);
    }
  }
}

}  // namespace

std::string RenderText(const ActionPlan& as_planned) {
  const ActionPlan plan = ShownPlan(as_planned);
  std::string text = plan.actions.empty()
                         ? std::string("nothing to do: everything that is required passes\n")
                         : fmt::format("{} actions, {} of them change{} something; {}\n", plan.actions.size(),
                                       plan.changes(), plan.changes() == 1 ? "s" : "",
                                       plan.complete() ? "afterwards everything that is required passes"
                                                       : "NOT COMPLETE, see the end");
  if (!plan.timeline.empty()) text += "\ntimeline\n";
  for (const TimelineEntry& entry : plan.timeline) {
    text += fmt::format("  {:<10} wave {:<3} {}\n", Days(entry), entry.wave, entry.text);
  }
  Databases(plan, text);
  Actions(plan, text);
  if (!plan.unresolved.empty()) text += "\nnot planned, to be done by hand\n";
  for (const Unresolved& entry : plan.unresolved) {
    text += fmt::format("  {}\n    {} {}: {}\n    {}: {}\n", entry.address, entry.control, entry.topic, entry.message,
                        entry.recipe, entry.reason);
  }
  for (const std::string& note : plan.notes) text += fmt::format("\nnote: {}", note);
  if (!plan.notes.empty()) text += "\n";
  return text;
}

}  // namespace tfseal
