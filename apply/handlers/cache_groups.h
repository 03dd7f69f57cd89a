#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apply/handler.h"
#include "core/time_text.h"

// ElastiCache replication groups and the counters of their nodes.
namespace tfseal {

// Nothing if there is none.
Result<std::optional<JsonValue>> FindCache(const std::string& name, const Action& action, RunContext& context);
// Nothing if it is available; else that AWS is not done yet, or what is wrong.
std::optional<Probe> CacheNotAvailable(const std::string& name, const JsonValue& described);
// Names of its nodes (MemberClusters).
std::vector<std::string> NodesOf(const JsonValue& described);

// Security groups of each node; a node whose groups are being changed has none.
Result<std::vector<std::set<std::string>>> GroupsOfNodes(const JsonValue& described, const Action& action,
                                                         RunContext& context);

// What a node counted in each minute that began at `since` or later: CountedByMinute().
Result<std::vector<double>> CountedByNode(const std::string& node, const char* metric, TimePoint since,
                                          const Action& action, RunContext& context);

}  // namespace tfseal
