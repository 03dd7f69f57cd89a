#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/visible_text.h"
#include "planner/action_kind.h"
#include "planner/render.h"
#include "planner/shown_plan.h"

namespace tfseal {
namespace {

// Names come from documents: a pipe would end the cell, a backtick the code span.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '`' || c == '<') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

void Timeline(const ActionPlan& plan, std::string& text) {
  if (plan.timeline.empty()) return;
  text += "\n## Timeline\n\n| Day | Wave | What |\n|---|---|---|\n";
  for (const TimelineEntry& entry : plan.timeline) {
    const std::string days = entry.first_day == entry.last_day ? std::to_string(entry.first_day)
                                                               : fmt::format("{}-{}", entry.first_day, entry.last_day);
    text += fmt::format("| {} | {} | {} |\n", days, entry.wave, Cell(entry.text));
  }
}

void Databases(const ActionPlan& plan, std::string& text) {
  for (const PlannedDatabase& database : plan.databases) {
    text += fmt::format("\n## {}\n\n`{}`, {}\n\n- key: {} ({})\n- interruption: {}\n\n", database.identifier,
                        database.address, database.engine, Cell(database.key), Cell(database.key_reason),
                        Cell(database.downtime));
    text += "| Way | | Why |\n|---|---|---|\n";
    for (const ConsideredStrategy& strategy : database.considered) {
      std::string reasons;
      for (const std::string& reason : strategy.reasons) reasons += (reasons.empty() ? "" : "; ") + reason;
      text += fmt::format("| {} | {} | {} |\n", strategy.name,
                          strategy.chosen     ? "chosen"
                          : strategy.possible ? "possible"
                                              : "refused",
                          Cell(reasons));
    }
  }
}

void Actions(const ActionPlan& plan, std::string& text) {
  std::map<std::string_view, std::size_t> number;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) number[plan.actions[i].id] = i + 1;
  text += "\n## Actions\n\n| # | Day | What | Calls | After | Back |\n|---|---|---|---|---|---|\n";
  for (const Action& action : plan.actions) {
    std::string calls;
    for (const ApiCall& call : action.calls) {
      if (!call.read_only) calls += fmt::format("{}{}:{}", calls.empty() ? "" : ", ", call.service, call.operation);
    }
    std::string needs;
    for (const std::string& need : action.needs) needs += fmt::format("{}{}", needs.empty() ? "" : ", ", number[need]);
    std::string what = Cell(action.summary);
    if (action.point_of_no_return) what += " **point of no return**";
    if (action.approvals > 0) what += fmt::format(" (approvals: {})", action.approvals);
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", number[action.id], action.day, what, calls, needs,
                        Cell(action.rollback.text));
  }
}

void Configuration(const ActionPlan& plan, std::string& text) {
  std::string blocks;
  for (const Action& action : plan.actions) {
    if (!action.payload["hcl"].isString()) continue;
    blocks += fmt::format("\n`{}`\n\n```hcl\n", action.target.address);
    const std::string hcl = action.payload["hcl"].asString();
    for (std::size_t at = 0; at < hcl.size();) {
      const std::size_t end = std::min(hcl.find('\n', at), hcl.size());
      AppendVisible(std::string_view(hcl).substr(at, end - at), blocks);
      blocks += '\n';
      at = end + 1;
    }
    blocks += "```\n";
  }
  if (!blocks.empty()) text += "\n## Terraform\n" + blocks;
}

}  // namespace

std::string RenderMarkdown(const ActionPlan& as_planned) {
  const ActionPlan plan = ShownPlan(as_planned);
  std::string text = "# Action plan\n\n";
  if (plan.actions.empty()) return text + "Nothing to do: everything that is required passes.\n";
  text += fmt::format(
      "{} actions, {} of them change{} something. {}\n", plan.actions.size(), plan.changes(),
      plan.changes() == 1 ? "s" : "",
      plan.complete() ? "Afterwards everything that is required passes." : "**Not complete:** see the last section.");
  Timeline(plan, text);
  Databases(plan, text);
  Actions(plan, text);
  Configuration(plan, text);
  if (!plan.unresolved.empty()) {
    text += "\n## By hand\n\n| Resource | Control | Why not planned |\n|---|---|---|\n";
    for (const Unresolved& entry : plan.unresolved) {
      text += fmt::format("| `{}` | {} {} | {}: {} |\n", entry.address, entry.control, Cell(entry.message),
                          entry.recipe, Cell(entry.reason));
    }
  }
  if (!plan.notes.empty()) text += "\n";
  for (const std::string& note : plan.notes) text += fmt::format("- {}\n", Cell(note));
  return text;
}

}  // namespace tfseal
