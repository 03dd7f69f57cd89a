#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kMoveKafkaClientsFields[] = {
    {"new_cluster", FieldType::kText, true, "the cluster that they use from now on"},
    {"new_arn", FieldType::kValue, true, "its ARN"},
    {"brokers", FieldType::kNumber, true, "how many brokers the old cluster has"},
    {"steps", FieldType::kTexts, true, "what a person does"},
    {"attributes", FieldType::kObject, true, "what Terraform's resource shows once it is the new cluster"},
};

void DeriveMoveKafkaClients(Action& action) {
  action.summary = "move the clients of " + action.target.identifier + " to " + TextField(action, "new_cluster") +
                   ", which a person does";
  action.calls.push_back(Read("kafka", "GetBootstrapBrokers", Object({{"ClusterArn", Field(action, "new_arn")}})));
  for (const JsonValue& step : action.payload["steps"]) {
    action.preconditions.push_back(Check("by_hand", step.asString()));
  }
  action.postconditions.push_back(Check("nothing_written_to_old",
                                        "no broker of the old cluster counted a byte from a client in five minutes "
                                        "(BytesInPerSec)"));
  action.postconditions.push_back(Check(
      "only_under_old_key",
      "the old cluster keeps every message as it is until somebody deletes it: its key has to stay usable until then"));
  action.rollback.possible = false;
  action.rollback.text =
      "the old cluster is kept: give the clients its brokers again; what was produced to the new one since then is not "
      "in it";
  action.risk = Risk::kHigh;
  action.approvals = 1;
  action.point_of_no_return = true;
  action.downtime.impact = Downtime::Impact::kReconnect;
  action.downtime.basis = "each client reconnects once";
  SetsAttributes(action, action.payload["attributes"]);
}

}  // namespace

const ActionKind kMoveKafkaClients = {
    .name = "move_kafka_clients",
    .phase = "cut_over",
    .does = "waits until nothing is produced to the old Kafka cluster; the clients are moved by a person",
    .fields = kMoveKafkaClientsFields,
    .derive = DeriveMoveKafkaClients,
};

}  // namespace tfseal
