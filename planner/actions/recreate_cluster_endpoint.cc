#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRecreateClusterEndpointFields[] = {
    {"service", FieldType::kText, true, "rds or neptune"},
    {"cluster", FieldType::kText, true, "identifier of the cluster after the swap"},
    {"endpoint", FieldType::kText, true, "identifier of the endpoint"},
    {"old_cluster", FieldType::kText, false, "identifier of the cluster that has the endpoint until then"},
    {"endpoint_type", FieldType::kText, true, "READER or ANY"},
    {"static_members", FieldType::kTexts, false, "instances"},
    {"excluded_members", FieldType::kTexts, false, "instances"},
};

void DeriveRecreateClusterEndpoint(Action& action) {
  const std::string service = TextField(action, "service");
  action.summary = "give " + TextField(action, "cluster") + " the endpoint " + TextField(action, "endpoint");
  action.calls.push_back(
      Change(service, "DeleteDBClusterEndpoint", Object({{"DBClusterEndpointIdentifier", Field(action, "endpoint")}})));
  action.calls.push_back(Change(service, "CreateDBClusterEndpoint",
                                Object({{"DBClusterIdentifier", Field(action, "cluster")},
                                        {"DBClusterEndpointIdentifier", Field(action, "endpoint")},
                                        {"EndpointType", Field(action, "endpoint_type")},
                                        {"StaticMembers", Field(action, "static_members")},
                                        {"ExcludedMembers", Field(action, "excluded_members")}})));
  action.rollback.text = "the same with the old cluster";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kReconnect;
  action.downtime.basis = "the endpoint is away between the two calls";
}

}  // namespace

const ActionKind kRecreateClusterEndpoint = {
    .name = "recreate_cluster_endpoint",
    .phase = "cut_over",
    .does = "gives the new cluster a custom endpoint of the old one",
    .fields = kRecreateClusterEndpointFields,
    .derive = DeriveRecreateClusterEndpoint,
};

}  // namespace tfseal
