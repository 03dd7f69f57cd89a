#pragma once

#include <string>

#include "planner/action_plan.h"

namespace tfseal {

// The same plan for people. Deterministic; names and numbers only, never the values of settings that may be secret.
std::string RenderText(const ActionPlan& plan);
// For a pull request or a ticket: timeline, databases, actions as tables, the Terraform to write.
std::string RenderMarkdown(const ActionPlan& plan);
// A flowchart: waves as boxes, databases as chains.
std::string RenderMermaid(const ActionPlan& plan);

}  // namespace tfseal
