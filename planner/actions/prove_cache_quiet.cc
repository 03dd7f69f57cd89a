#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kProveCacheQuietFields[] = {
    {"fenced_at", FieldType::kValue, true, "when its network was closed"},
};

void DeriveProveCacheQuiet(Action& action) {
  action.summary = "prove that nothing writes to " + action.target.identifier;
  action.calls.push_back(Read("elasticache", "DescribeReplicationGroups",
                              Object({{"ReplicationGroupId", Text(action.target.identifier)}})));
  action.postconditions.push_back(
      Check("no_writes", "five minutes after the fence in which no node counted a command that writes (SetTypeCmds)"));
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kProveCacheQuiet = {
    .name = "prove_cache_quiet",
    .phase = "fence",
    .does = "proves, from the counters of its nodes, that nothing writes to a cache",
    .fields = kProveCacheQuietFields,
    .derive = DeriveProveCacheQuiet,
};

}  // namespace tfseal
