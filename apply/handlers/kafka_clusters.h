#pragma once

#include <optional>
#include <string>

#include "apply/handler.h"

// Amazon MSK clusters by name, which is unique in an account and region.
namespace tfseal {

// ClusterInfo, or nothing if there is none.
Result<std::optional<JsonValue>> FindKafkaCluster(const std::string& name, const Action& action, RunContext& context);

}  // namespace tfseal
