#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/finding.h"
#include "terraform/document.h"

namespace tfseal {

// How something is done that the planner does not plan yet, for the person who does it.
struct ManualRecipe {
  std::string name;  // R-EFS
  std::string reason;
  std::vector<std::string> steps;
};

// Never empty: what has no recipe at all says so.
ManualRecipe ManualRecipeFor(std::string_view type, const Finding& finding);

}  // namespace tfseal
