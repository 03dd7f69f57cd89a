#include <algorithm>

#include "apply/handlers/cache_groups.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// Commands that change data, of whatever type (ElastiCache User Guide, "Metrics for Valkey and Redis OSS").
constexpr const char* kWrites = "SetTypeCmds";
constexpr std::size_t kQuietMinutes = 5;
// Amazon CloudWatch is a few minutes late; after this long it is not going to say anything.
constexpr std::chrono::minutes kPatience{30};

// Why the node is not known to be quiet; empty if it is.
Result<std::string> NotQuiet(const std::string& node, TimePoint since, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::vector<double> counted, CountedByNode(node, kWrites, since, action, context));
  if (counted.size() < kQuietMinutes) {
    return "node " + node + " has reported " + std::to_string(counted.size()) + " of " + std::to_string(kQuietMinutes) +
           " minutes since it was closed";
  }
  if (std::any_of(counted.end() - kQuietMinutes, counted.end(), [](double sum) { return sum != 0; })) {
    return "node " + node + " is still written to, through a connection that was open before it was closed";
  }
  return std::string();
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const std::string fenced, ResolvedText(action, "fenced_at", context));
  const auto since = ParseTime(fenced);
  if (!since) return Conflict("it is not known when cache " + name + " was closed", "write the plan again");
  TFSEAL_ASSIGN(const auto cache, FindCache(name, action, context));
  if (!cache || NodesOf(*cache).empty()) return Conflict("there is no cache " + name + " with nodes", "look at it");
  const TimePoint now = context.clock.Now();
  JsonValue output = Object({{"quiet_at", Text(FormatTime(now))}});
  JsonValue evidence = output;
  evidence["nodes"] = Texts(NodesOf(*cache));
  for (const std::string& node : NodesOf(*cache)) {
    TFSEAL_ASSIGN(const std::string why, NotQuiet(node, *since, action, context));
    if (why.empty()) continue;
    if (context.settings.approvals.contains(action.id)) {
      evidence["proven_by"] = "a person";
      return Done("a person has checked that nothing writes to cache " + name, output, evidence);
    }
    if (now - *since < kPatience) return Underway(why);
    return Waiting(why,
                   "end the clients that still write (CLIENT KILL, or restart them), then tfseal resume; or see "
                   "for yourself that nothing writes, then: " +
                       ApproveCommand(action));
  }
  evidence["proven_by"] = Text(std::string(kWrites) + " of every node");
  return Done("nothing writes to cache " + name, output, evidence);
}

}  // namespace

const Handler kProveCacheQuietHandler = {.kind = "prove_cache_quiet", .probe = Look};

}  // namespace tfseal
