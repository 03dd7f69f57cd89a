#pragma once

#include <string>
#include <vector>

#include "planner/draft.h"
#include "planner/key_choice.h"

namespace tfseal {

// Secrets in clear in the environment of an ECS task definition: they move to Secrets Manager without a moment in which
// the tasks have neither. A revision that has both is deployed and watched for a day before the variable goes, and the
// value, which was exposed, is replaced at the end.
//
// Returns the ids of the last steps; empty if what was found is not a plain environment variable, e.g. in a command.
std::vector<std::string> PlanSecretCutover(Draft& draft, const Site& site, const Finding& finding, const Place& place,
                                           const std::string& open_wave);

}  // namespace tfseal
