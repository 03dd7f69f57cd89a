#pragma once

#include <optional>
#include <string>

#include "apply/handler.h"

// EFS file systems.
namespace tfseal {

// kNotFound if there is none.
Result<JsonValue> DescribeFileSystem(const std::string& id, const Action& action, RunContext& context);

// The replication that the file system is the source of; nothing if there is none.
Result<std::optional<JsonValue>> FindReplication(const std::string& source, const Action& action, RunContext& context);

// Connections of clients in the last minutes, as CloudWatch has counted them; nothing if it has counted none.
Result<std::optional<double>> RecentConnections(const Action& action, RunContext& context);

// A wait for a person, and for the last client to go.
Result<Probe> WaitForNoConnections(const std::string& instruction, const JsonValue& output, const Action& action,
                                   RunContext& context);

}  // namespace tfseal
