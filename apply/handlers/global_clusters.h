#pragma once

#include <optional>
#include <string>

#include "apply/handler.h"

// Aurora global databases.
namespace tfseal {

// Nothing if there is none, or none that has a member in the region of the action's target.
Result<std::optional<JsonValue>> FindGlobal(const std::string& identifier, const Action& action, RunContext& context);
// The member, or nullptr.
const JsonValue* MemberOf(const JsonValue& global, const std::string& cluster_arn);

}  // namespace tfseal
