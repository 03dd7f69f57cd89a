#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/metrics.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kQuietMinutes = 5;
// Long enough for the delay of Amazon CloudWatch, short enough to mean now.
constexpr std::chrono::minutes kLately{15};

// Why it is not known that nothing is produced to the old cluster; empty if it is.
Result<std::string> StillProduced(const Action& action, RunContext& context) {
  const std::string& cluster = action.target.identifier;
  const int brokers = action.payload["brokers"].asInt();
  for (int broker = 1; broker <= brokers; ++broker) {
    const std::string id = std::to_string(broker);
    TFSEAL_ASSIGN(const auto counted,
                  CountedByMinute({"AWS/Kafka", "BytesInPerSec", {{"Cluster Name", cluster}, {"Broker ID", id}}},
                                  context.clock.Now() - kLately, action, context));
    if (counted.size() < kQuietMinutes) {
      return "broker " + id + " of " + cluster + " has not reported what it received";
    }
    if (std::any_of(counted.end() - kQuietMinutes, counted.end(), [](double sum) { return sum != 0; })) {
      return "clients still produce to broker " + id + " of " + cluster;
    }
  }
  return std::string();
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string arn, ResolvedText(action, "new_arn", context));
  const auto by = context.settings.approvals.find(action.id);
  if (by == context.settings.approvals.end()) {
    std::string steps;
    for (const JsonValue& step : action.payload["steps"]) steps += (steps.empty() ? "" : "; ") + step.asString();
    return Waiting("a person does this: " + steps + "; the new cluster is " + arn,
                   ApproveCommand(action) + " once it is done");
  }
  TFSEAL_ASSIGN(const std::string why, StillProduced(action, context));
  if (!why.empty()) return Underway(why);
  return Done("nothing is produced to " + action.target.identifier, JsonValue(Json::objectValue),
              Object({{"new_cluster", Text(arn)}, {"approved_by", Text(by->second)}}));
}

}  // namespace

const Handler kMoveKafkaClientsHandler = {.kind = "move_kafka_clients", .probe = Look};

}  // namespace tfseal
