#pragma once

#include "tests/policy/control_cases.h"

// What the tables of environments' controls share.
namespace tfseal {

template <class Change>
Requirements Asking(Change change) {
  Requirements requirements;
  change(requirements.settings);
  return requirements;
}

// A row for somebody who asks for nothing: never judged.
inline ControlCase NotAskedFor(std::string_view control, std::string_view type, std::string_view attributes = "{}") {
  return {control, type, attributes, Verdict::kNotApplicable};
}

std::vector<ControlCase> EnvironmentNetworkCases();
std::vector<ControlCase> EnvironmentUpkeepCases();
std::vector<ControlCase> EnvironmentWatchingCases();

}  // namespace tfseal
