#include <fmt/format.h>

#include <map>

#include "planner/action_kind.h"
#include "planner/render.h"
#include "planner/shown_plan.h"

namespace tfseal {
namespace {

std::string Label(std::string_view text) {
  std::string label;
  for (const char c : text) {
    if (c == '"') {
      label += "#quot;";
    } else if (c == '#') {
      label += "#35;";
    } else {
      label += c == '\n' ? ' ' : c;
    }
  }
  return label;
}

}  // namespace

std::string RenderMermaid(const ActionPlan& as_planned) {
  const ActionPlan plan = ShownPlan(as_planned);
  std::string text = "flowchart TD\n";
  std::map<std::string_view, std::size_t> number;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) number[plan.actions[i].id] = i + 1;
  int wave = -1;
  for (const Action& action : plan.actions) {
    if (action.wave != wave) {
      if (wave != -1) text += "  end\n";
      wave = action.wave;
      text += fmt::format("  subgraph wave{0}[\"wave {0}\"]\n", wave);
    }
    const std::string label = Label(action.summary);
    text += action.point_of_no_return ? fmt::format("    a{}{{{{\"{}\"}}}}\n", number[action.id], label)
                                      : fmt::format("    a{}[\"{}\"]\n", number[action.id], label);
  }
  if (wave != -1) text += "  end\n";
  for (const Action& action : plan.actions) {
    for (const std::string& need : action.needs)
      text += fmt::format("  a{} --> a{}\n", number[need], number[action.id]);
  }
  return text;
}

}  // namespace tfseal
