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

enum class Groups : std::uint8_t { kAll, kChanging, kOthers };

// Whether every node has exactly these. A change reaches one node after the other.
Result<Groups> GroupsAre(const JsonValue& cache, const std::set<std::string>& wanted, const Action& action,
                         RunContext& context) {
  TFSEAL_ASSIGN(const auto all, GroupsOfNodes(cache, action, context));
  const auto has = [&wanted](const auto& of_node) { return of_node == wanted; };
  if (std::all_of(all.begin(), all.end(), has)) return Groups::kAll;
  const bool changing = std::any_of(all.begin(), all.end(), has) ||
                        std::any_of(all.begin(), all.end(), [](const auto& of_node) { return of_node.empty(); });
  return changing ? Groups::kChanging : Groups::kOthers;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const std::string quarantine, ResolvedText(action, "quarantine", context));
  TFSEAL_ASSIGN(const JsonValue cache, TheCache(action, context));
  if (const auto waiting = CacheNotAvailable(name, cache)) return *waiting;
  TFSEAL_ASSIGN(const Groups closed, GroupsAre(cache, {quarantine}, action, context));
  if (closed == Groups::kChanging) return Underway("the security groups of cache " + name + " are being changed");
  if (closed == Groups::kOthers) return NotDone("cache " + name + " admits its clients");
  const JsonValue output = Object({{"fenced_at", Text(FormatTime(context.clock.Now()))}});
  JsonValue evidence = output;
  evidence["security_group"] = quarantine;
  evidence["fenced"] = Texts(NodesOf(cache));
  return Done("cache " + name + " admits nobody", output, evidence);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue cache, TheCache(action, context));
  TFSEAL_ASSIGN(const Groups as_planned, GroupsAre(cache, OwnGroups(action), action, context));
  if (as_planned != Groups::kAll) {
    return InTheWay("cache " + action.target.identifier + " has other security groups than the plan was made for",
                    "nothing was changed: the way back would give it the wrong ones; write the plan again");
  }
  return SendChange(CallOf(action, "ModifyReplicationGroup"), action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue cache, TheCache(action, context));
  if (const auto waiting = CacheNotAvailable(name, cache)) return *waiting;
  TFSEAL_ASSIGN(const Groups open, GroupsAre(cache, OwnGroups(action), action, context));
  if (open == Groups::kChanging) return Underway("the security groups of cache " + name + " are being changed");
  return open == Groups::kAll ? EffectGone("cache " + name + " has its own security groups")
                              : EffectThere("cache " + name + " has not its own security groups");
}

Status Undo(const Action& action, RunContext& context) {
  return SendChange(RollbackCallOf(action, "ModifyReplicationGroup"), action, context);
}

}  // namespace

const Handler kFenceCacheHandler = {
    .kind = "fence_cache", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
