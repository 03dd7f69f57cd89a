#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kReplicateTopicsFields[] = {
    {"replicator", FieldType::kText, true, "name of the replicator"},
    {"from", FieldType::kText, true, "ARN of the old cluster"},
    {"to", FieldType::kValue, true, "ARN of the new cluster"},
    {"role", FieldType::kText, true, "ARN of the role that MSK Replicator takes"},
    {"subnets", FieldType::kTexts, true, "subnets of both clusters"},
    {"security_groups", FieldType::kTexts, true, "security groups of both clusters"},
};

JsonValue Everything() {
  return Texts({".*"});
}

void DeriveReplicateTopics(Action& action) {
  const JsonValue name = Field(action, "replicator");
  const JsonValue network =
      Object({{"SubnetIds", Field(action, "subnets")}, {"SecurityGroupIds", Field(action, "security_groups")}});
  JsonValue clusters(Json::arrayValue);
  for (const char* side : {"from", "to"}) {
    clusters.append(
        Object({{"AmazonMskCluster", Object({{"MskClusterArn", Field(action, side)}})}, {"VpcConfig", network}}));
  }
  JsonValue replication(Json::arrayValue);
  replication.append(Object({
      {"SourceKafkaClusterArn", Field(action, "from")},
      {"TargetKafkaClusterArn", Field(action, "to")},
      {"TargetCompressionType", "NONE"},
      {"TopicReplication", Object({{"TopicsToReplicate", Everything()},
                                   {"CopyTopicConfigurations", true},
                                   {"CopyAccessControlListsForTopics", true},
                                   {"DetectAndCopyNewTopics", true},
                                   {"StartingPosition", Object({{"Type", "EARLIEST"}})},
                                   {"TopicNameConfiguration", Object({{"Type", "IDENTICAL"}})}})},
      {"ConsumerGroupReplication", Object({{"ConsumerGroupsToReplicate", Everything()},
                                           {"DetectAndCopyNewConsumerGroups", true},
                                           {"SynchroniseConsumerGroupOffsets", true}})},
  }));
  action.summary = "replicate every topic and the offsets of its consumers from " + action.target.identifier;
  action.calls.push_back(Change("kafka", "CreateReplicator",
                                Object({{"ReplicatorName", name},
                                        {"ServiceExecutionRoleArn", Field(action, "role")},
                                        {"KafkaClusters", clusters},
                                        {"ReplicationInfoList", replication}})));
  action.poll = PollRule{
      .call = Read("kafka", "DescribeReplicator", Object({{"ReplicatorArn", OutputOf(action.id, "ReplicatorArn")}})),
      .field = "ReplicatorState",
      .success = {"RUNNING"},
      .failure = {"FAILED"},
      .interval_seconds = 60,
      .deadline_seconds = 6 * 60 * 60};
  action.preconditions.push_back(
      Check("supported",
            "both clusters have IAM access control, Kafka 2.8.1 or later, three brokers or more of "
            "m5.large or larger"));
  action.preconditions.push_back(
      Check("role_may", "the role trusts kafka.amazonaws.com and may read the old and write the new cluster"));
  action.postconditions.push_back(Check("replicating", "the replicator is RUNNING"));
  action.rollback.text = "delete the replicator; the old cluster was only read";
  action.downtime.basis = "the old cluster serves meanwhile, and is read once";
}

}  // namespace

const ActionKind kReplicateTopics = {
    .name = "replicate_topics",
    .phase = "copy",
    .does = "replicates topics and consumer offsets to a new Kafka cluster and keeps on doing so",
    .fields = kReplicateTopicsFields,
    .derive = DeriveReplicateTopics,
};

}  // namespace tfseal
