#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kProveQuiescenceFields[] = {
    {"service", FieldType::kText, true, "rds, docdb or neptune"},
    {"identifier", FieldType::kText, true, "cluster or instance"},
    {"engine", FieldType::kText, true, "engine"},
    {"round", FieldType::kText, true, "first or again"},
    {"cluster", FieldType::kBool, false, "a cluster, or a single instance"},
    {"silent_since", FieldType::kValue, false, "next transaction id of the original when it was compared"},
    {"copy", FieldType::kText, false, "what it is compared with again if that id was passed"},
    {"url_env", FieldType::kText, false, "name of the environment variable with its connection URL"},
};

void DeriveProveQuiescence(Action& action) {
  action.summary = "prove that nothing writes to " + TextField(action, "identifier");
  const bool cluster = Field(action, "cluster").asBool();
  action.calls.push_back(
      Read(TextField(action, "service"), cluster ? "DescribeDBClusters" : "DescribeDBInstances",
           Object({{cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier", Field(action, "identifier")}})));
  action.postconditions.push_back(Check("no_sessions", "no client session is left; those that are left are ended"));
  action.postconditions.push_back(Check("no_transactions", "no open and no prepared transaction"));
  action.postconditions.push_back(Check(
      "log_position_still", "the write-ahead or binary log position is the same in two samples 30 seconds apart"));
  action.rollback.text = "reads only, apart from ended sessions";
}

}  // namespace

const ActionKind kProveQuiescence = {
    .name = "prove_quiescence",
    .phase = "fence",
    .does = "proves that nothing writes any more",
    .fields = kProveQuiescenceFields,
    .derive = DeriveProveQuiescence,
};

}  // namespace tfseal
