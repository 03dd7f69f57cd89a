#include "apply/handlers/cache_groups.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr const char* kCommands[] = {"CacheHits", "CacheMisses", "SetTypeCmds"};
// Long enough for the delay of Amazon CloudWatch, short enough to mean now.
constexpr std::chrono::minutes kLately{15};

// What the nodes of the new cache counted lately.
Result<double> CommandsOfClients(const JsonValue& cache, const Action& action, RunContext& context) {
  double total = 0;
  for (const std::string& node : NodesOf(cache)) {
    for (const char* metric : kCommands) {
      TFSEAL_ASSIGN(const auto counted, CountedByNode(node, metric, context.clock.Now() - kLately, action, context));
      for (const double sum : counted) total += sum;
    }
  }
  return total;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextAt(action.payload, "new_cache");
  TFSEAL_ASSIGN(const std::string address, ResolvedText(action, "endpoint", context));
  const auto by = context.settings.approvals.find(action.id);
  if (by == context.settings.approvals.end()) {
    std::string steps;
    for (const JsonValue& step : action.payload["steps"]) steps += (steps.empty() ? "" : "; ") + step.asString();
    return Waiting("a person does this: " + steps + "; the new address is " + address,
                   ApproveCommand(action) + " once it is done");
  }
  TFSEAL_ASSIGN(const auto cache, FindCache(name, action, context));
  if (!cache) return Conflict("there is no cache " + name, "it was deleted: write the plan again");
  if (const auto waiting = CacheNotAvailable(name, *cache)) return *waiting;
  TFSEAL_ASSIGN(const double commands, CommandsOfClients(*cache, action, context));
  if (commands <= 0) return Underway("no client has used cache " + name + " yet");
  return Done("clients use cache " + name, JsonValue(Json::objectValue),
              Object({{"commands", commands}, {"address", Text(address)}, {"approved_by", Text(by->second)}}));
}

}  // namespace

const Handler kMoveCacheClientsHandler = {.kind = "move_cache_clients", .probe = Look};

}  // namespace tfseal
