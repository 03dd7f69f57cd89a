#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "policy/gate.h"

namespace tfseal {

// What makes a plan one that no verdict can be given on, for people; empty if nothing does.
std::string WhyUnusable(const terraform::Document& plan);
// The verdict, and what it is because of, from the findings alone and from whether the plan says everything.
void DecideVerdict(const terraform::Document& plan, GateReport* report);
// A note on what the plan destroys of types that no control knows: nobody can tell here what goes with it. Empty if
// there is nothing.
std::string DestroyedUnjudged(const terraform::Document& plan,
                              const std::function<bool(std::string_view type)>& is_known);

}  // namespace tfseal
