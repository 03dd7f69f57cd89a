#include "apply/handlers/cache_groups.h"

#include "apply/handlers/calls.h"
#include "apply/handlers/metrics.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// Redis has one node per member; ElastiCache calls it so in the dimensions of every counter.
constexpr const char* kNode = "0001";

}  // namespace

Result<std::optional<JsonValue>> FindCache(const std::string& name, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("elasticache", "DescribeReplicationGroups",
                                               Object({{"ReplicationGroupId", Text(name)}}), action, context));
  if (!answer || (*answer)["ReplicationGroups"].empty()) return std::optional<JsonValue>();
  return std::optional<JsonValue>((*answer)["ReplicationGroups"][0]);
}

std::optional<Probe> CacheNotAvailable(const std::string& name, const JsonValue& described) {
  const std::string status = TextAt(described, "Status");
  if (status == "available") return std::nullopt;
  if (status == "create-failed" || status == "deleting") {
    return Conflict("cache " + name + " is " + status, "look at its events; nothing further is changed");
  }
  return Underway("cache " + name + " is " + (status.empty() ? "without a status" : status));
}

std::vector<std::string> NodesOf(const JsonValue& described) {
  std::vector<std::string> nodes;
  for (const JsonValue& node : described["MemberClusters"]) nodes.push_back(node.asString());
  return nodes;
}

Result<std::vector<std::set<std::string>>> GroupsOfNodes(const JsonValue& described, const Action& action,
                                                         RunContext& context) {
  std::vector<std::set<std::string>> all;
  for (const std::string& node : NodesOf(described)) {
    TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("elasticache", "DescribeCacheClusters",
                                                    Object({{"CacheClusterId", Text(node)}}), action, context));
    std::set<std::string> groups;
    bool settled = true;
    for (const JsonValue& group : answer["CacheClusters"][0]["SecurityGroups"]) {
      settled = settled && TextAt(group, "Status") == "active";
      groups.insert(TextAt(group, "SecurityGroupId"));
    }
    all.push_back(settled ? groups : std::set<std::string>());
  }
  return all;
}

Result<std::vector<double>> CountedByNode(const std::string& node, const char* metric, TimePoint since,
                                          const Action& action, RunContext& context) {
  return CountedByMinute({"AWS/ElastiCache", metric, {{"CacheClusterId", node}, {"CacheNodeId", kNode}}}, since, action,
                         context);
}

}  // namespace tfseal
