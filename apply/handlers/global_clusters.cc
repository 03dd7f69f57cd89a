#include "apply/handlers/global_clusters.h"

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {

Result<std::optional<JsonValue>> FindGlobal(const std::string& identifier, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto answer,
                ReadIfThere("rds", "DescribeGlobalClusters", Object({{"GlobalClusterIdentifier", Text(identifier)}}),
                            action, context));
  if (!answer) return std::optional<JsonValue>();
  for (const JsonValue& global : (*answer)["GlobalClusters"]) {
    if (TextAt(global, "GlobalClusterIdentifier") == identifier) return std::optional<JsonValue>(global);
  }
  return std::optional<JsonValue>();
}

const JsonValue* MemberOf(const JsonValue& global, const std::string& cluster_arn) {
  for (const JsonValue& member : global["GlobalClusterMembers"]) {
    if (TextAt(member, "DBClusterArn") == cluster_arn) return &member;
  }
  return nullptr;
}

}  // namespace tfseal
