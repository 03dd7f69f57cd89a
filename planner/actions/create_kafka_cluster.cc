#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateKafkaClusterFields[] = {
    {"new_cluster", FieldType::kText, true, "name of the new cluster"},
    {"key", FieldType::kValue, true, "key as ARN"},
    {"settings", FieldType::kObject, true, "Provisioned, as the old cluster has it, without the key"},
    {"tags", FieldType::kObject, false, "tags of the old cluster"},
};

void DeriveCreateKafkaCluster(Action& action) {
  const JsonValue name = Field(action, "new_cluster");
  JsonValue provisioned = Field(action, "settings");
  provisioned["EncryptionInfo"]["EncryptionAtRest"]["DataVolumeKMSKeyId"] = Field(action, "key");
  action.summary = "create the cluster " + name.asString() + " under the key, without topics";
  action.calls.push_back(
      Change("kafka", "CreateClusterV2",
             Object({{"ClusterName", name}, {"Provisioned", provisioned}, {"Tags", Field(action, "tags")}})));
  action.poll =
      PollRule{.call = Read("kafka", "DescribeClusterV2", Object({{"ClusterArn", OutputOf(action.id, "ClusterArn")}})),
               .field = "ClusterInfo.State",
               .success = {"ACTIVE"},
               .failure = {"FAILED"},
               .interval_seconds = 60,
               .deadline_seconds = 6 * 60 * 60};
  action.preconditions.push_back(Check("name_free", "no cluster has the new name"));
  action.preconditions.push_back(
      Check("key_usable",
            "the key is enabled, symmetric and in the same region; the caller may CreateGrant and DescribeKey"));
  action.preconditions.push_back(Check("quota", "the account may have as many brokers more"));
  action.postconditions.push_back(Check("encrypted_under_key", "DataVolumeKMSKeyId is the key"));
  action.rollback.text = "leave the new cluster aside; the old one was not changed";
  action.downtime.basis = "the old cluster serves meanwhile";
}

}  // namespace

const ActionKind kCreateKafkaCluster = {
    .name = "create_kafka_cluster",
    .phase = "copy",
    .does = "creates a Kafka cluster like the old one under the key",
    .fields = kCreateKafkaClusterFields,
    .derive = DeriveCreateKafkaCluster,
};

}  // namespace tfseal
