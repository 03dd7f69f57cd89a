#include "apply/handlers/kafka_clusters.h"

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {

Result<std::optional<JsonValue>> FindKafkaCluster(const std::string& name, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("kafka", "ListClustersV2", Object({{"ClusterNameFilter", Text(name)}}), action, context));
  // The filter takes every name that begins so.
  for (const JsonValue& cluster : answer["ClusterInfoList"]) {
    if (TextAt(cluster, "ClusterName") == name) return std::optional<JsonValue>(cluster);
  }
  return std::optional<JsonValue>();
}

}  // namespace tfseal
