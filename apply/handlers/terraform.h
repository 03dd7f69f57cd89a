#pragma once

#include "apply/handler.h"

namespace tfseal {

// Done when a Terraform plan has nothing to change for what the action is about: one that is made in the user's
// directory, or one that a person showed. Until then it says what has to be written.
Result<Probe> ProbeTerraformAgrees(const Action& action, RunContext& context);

}  // namespace tfseal
