#include <algorithm>

#include "apply/handlers/cache_groups.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::set<std::string> OwnGroups(const Action& action) {
  std::set<std::string> groups;
  for (const JsonValue& group : action.payload["security_groups"]) groups.insert(group.asString());
  return groups;
}

Result<JsonValue> TheCache(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(auto cache, FindCache(action.target.identifier, action, context));
  if (!cache) return InTheWay("there is no cache " + action.target.identifier, "write the plan again: tfseal plan");
  if (NodesOf(*cache).empty()) {
    return Error{ErrorCode::kUnavailable, "AWS names no node of cache " + action.target.identifier, "tfseal resume"};
  }
  return *std::move(cache);
}

// Whether every node has exactly these.
Result<bool> AllHave(const JsonValue& cache, const std::set<std::string>& groups, const Action& action,
                     RunContext& context) {
  TFSEAL_ASSIGN(const auto all, GroupsOfNodes(cache, action, context));
  return std::all_of(all.begin(), all.end(), [&groups](const auto& of_node) { return of_node == groups; });
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const std::string quarantine, ResolvedText(action, "quarantine", context));
  TFSEAL_ASSIGN(const JsonValue cache, TheCache(action, context));
  if (const auto waiting = CacheNotAvailable(name, cache)) return *waiting;
  TFSEAL_ASSIGN(const bool closed, AllHave(cache, {quarantine}, action, context));
  if (!closed) return NotDone("cache " + name + " admits its clients");
  const JsonValue output = Object({{"fenced_at", Text(FormatTime(context.clock.Now()))}});
  JsonValue evidence = output;
  evidence["security_group"] = quarantine;
  evidence["fenced"] = Texts(NodesOf(cache));
  return Done("cache " + name + " admits nobody", output, evidence);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue cache, TheCache(action, context));
  TFSEAL_ASSIGN(const bool as_planned, AllHave(cache, OwnGroups(action), action, context));
  if (!as_planned) {
    return InTheWay("cache " + action.target.identifier + " has other security groups than the plan was made for",
                    "nothing was changed: the way back would give it the wrong ones; write the plan again");
  }
  return SendChange(CallOf(action, "ModifyReplicationGroup"), action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue cache, TheCache(action, context));
  if (const auto waiting = CacheNotAvailable(name, cache)) return *waiting;
  TFSEAL_ASSIGN(const bool open, AllHave(cache, OwnGroups(action), action, context));
  return open ? EffectGone("cache " + name + " has its own security groups")
              : EffectThere("cache " + name + " has not its own security groups");
}

Status Undo(const Action& action, RunContext& context) {
  return SendChange(RollbackCallOf(action, "ModifyReplicationGroup"), action, context);
}

}  // namespace

const Handler kFenceCacheHandler = {
    .kind = "fence_cache", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
