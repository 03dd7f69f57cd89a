#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kFenceCacheFields[] = {
    {"quarantine", FieldType::kValue, true, "security group that admits nobody"},
    {"security_groups", FieldType::kTexts, true, "those that the cache has"},
};

void DeriveFenceCache(Action& action) {
  const JsonValue id = Text(action.target.identifier);
  const auto modify = [&id](JsonValue groups) {
    return Change("elasticache", "ModifyReplicationGroup",
                  Object({{"ReplicationGroupId", id}, {"SecurityGroupIds", groups}, {"ApplyImmediately", true}}));
  };
  JsonValue closed(Json::arrayValue);
  closed.append(Field(action, "quarantine"));
  action.summary = "close the network of " + action.target.identifier + " to everybody";
  action.calls.push_back(modify(closed));
  action.poll = UntilCacheIs(id, "available");
  action.preconditions.push_back(
      Check("unchanged_since_plan", "the cache has the security groups that it had when the plan was made"));
  action.postconditions.push_back(
      Check("fenced", "every node has the quarantine group and no other; connections that were open may go on"));
  action.rollback.text = "its own security groups again";
  action.rollback.calls.push_back(modify(Field(action, "security_groups")));
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "from here until the clients use the new cache";
}

}  // namespace

const ActionKind kFenceCache = {
    .name = "fence_cache",
    .phase = "fence",
    .does = "closes the network of a cache, so that nothing is written any more",
    .fields = kFenceCacheFields,
    .derive = DeriveFenceCache,
};

}  // namespace tfseal
