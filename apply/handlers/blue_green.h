#pragma once

#include <optional>

#include "apply/handlers/databases.h"

namespace tfseal {

// The deployment that the payload names, by its name.
Result<std::optional<JsonValue>> FindDeployment(const Action& action, RunContext& context);

}  // namespace tfseal
