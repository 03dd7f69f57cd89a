#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kMoveCacheClientsFields[] = {
    {"new_cache", FieldType::kText, true, "the replication group that they use from now on"},
    {"endpoint", FieldType::kValue, true, "its address"},
    {"steps", FieldType::kTexts, true, "what a person does"},
    {"attributes", FieldType::kObject, true, "what Terraform's resource shows once it is the new cache"},
    {"starts_empty", FieldType::kBool, true, "whether the data was given up"},
};

void DeriveMoveCacheClients(Action& action) {
  const std::string id = TextField(action, "new_cache");
  action.summary = "move the clients of " + action.target.identifier + " to " + id + ", which a person does";
  action.calls.push_back(Read("elasticache", "DescribeReplicationGroups", Object({{"ReplicationGroupId", Text(id)}})));
  for (const JsonValue& step : action.payload["steps"]) {
    action.preconditions.push_back(Check("by_hand", step.asString()));
  }
  action.postconditions.push_back(
      Check("clients_moved", "the new cache counts commands of clients (CacheHits, CacheMisses, SetTypeCmds)"));
  action.postconditions.push_back(Check(
      "only_under_old_key",
      "the old cache, its automatic snapshots and the snapshot of this plan stay as they are; whoever deletes them "
      "later ends the need for whatever key they have"));
  action.rollback.possible = false;
  action.rollback.text =
      "the old cache is kept, closed: to go back, give it its security groups again and the clients its address; what "
      "was written to the new one since then is lost";
  action.risk = Field(action, "starts_empty").asBool() ? Risk::kMedium : Risk::kHigh;
  action.approvals = 1;
  action.point_of_no_return = true;
  action.downtime.impact = Downtime::Impact::kReconnect;
  action.downtime.basis = "ends when the clients use the new address";
  SetsAttributes(action, action.payload["attributes"]);
}

}  // namespace

const ActionKind kMoveCacheClients = {
    .name = "move_cache_clients",
    .phase = "cut_over",
    .does = "waits until the clients use the new cache; the address is given to them by a person",
    .fields = kMoveCacheClientsFields,
    .derive = DeriveMoveCacheClients,
};

}  // namespace tfseal
