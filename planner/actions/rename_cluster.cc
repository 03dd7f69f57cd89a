#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRenameClusterFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"from", FieldType::kText, true, "identifier now"},
    {"to", FieldType::kText, true, "identifier afterwards"},
    {"resource", FieldType::kValue, false, "its resource id, which stays the same"},
    {"attributes", FieldType::kObject, false, "what the address has once the new cluster has its name"},
};

void DeriveRenameCluster(Action& action) {
  const std::string service = TextField(action, "service");
  const JsonValue from = Field(action, "from");
  const JsonValue to = Field(action, "to");
  action.summary = "rename " + from.asString() + " to " + to.asString();
  action.calls.push_back(
      Change(service, "ModifyDBCluster",
             Object({{"DBClusterIdentifier", from}, {"NewDBClusterIdentifier", to}, {"ApplyImmediately", true}})));
  action.poll = UntilClusterIs(service, to, "available");
  action.preconditions.push_back(Check("identifier_free", "no cluster is called " + to.asString()));
  action.rollback.text = "rename it back";
  action.rollback.calls.push_back(
      Change(service, "ModifyDBCluster",
             Object({{"DBClusterIdentifier", to}, {"NewDBClusterIdentifier", from}, {"ApplyImmediately", true}})));
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "the endpoints change with the name; how long DNS takes is not published";
  SetsAttributes(action, Field(action, "attributes"));
}

}  // namespace

const ActionKind kRenameCluster = {
    .name = "rename_cluster",
    .phase = "cut_over",
    .does = "gives a cluster another identifier, and with it another endpoint",
    .fields = kRenameClusterFields,
    .derive = DeriveRenameCluster,
};

}  // namespace tfseal
