#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kModifyCacheFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
};

void DeriveModifyCache(Action& action) {
  const JsonValue id = Text(action.target.identifier);
  DeriveInPlace(action, "elasticache", "ModifyReplicationGroup",
                Object({{"ReplicationGroupId", id}, {"ApplyImmediately", true}}));
  action.poll = PollRule{.call = Read("elasticache", "DescribeReplicationGroups", Object({{"ReplicationGroupId", id}})),
                         .field = "ReplicationGroups[0].Status",
                         .success = {"available"},
                         .failure = {"create-failed"},
                         .interval_seconds = 30,
                         .deadline_seconds = 6 * 60 * 60};
}

}  // namespace

const ActionKind kModifyCache = {
    .name = "modify_cache",
    .phase = "protect",
    .does = "changes snapshots of a cache in place",
    .fields = kModifyCacheFields,
    .derive = DeriveModifyCache,
};

}  // namespace tfseal
