// Search domains, global databases and Kafka clusters: what the world must be before a step counts as done.
#include <algorithm>

#include "tests/apply/handlers/handler_case.h"

namespace tfseal::testing {
namespace {

constexpr const char* kCluster = "arn:aws:rds:us-east-1:111122223333:cluster:orders";
constexpr const char* kOther = "arn:aws:rds:us-east-1:111122223333:cluster:other";

// Answers by operation; what a test does not give is not there.
class Answers : public aws::Api {
 public:
  Result<JsonValue> Send(const aws::Call& call) override {
    const auto found = by_operation.find(call.operation);
    if (found != by_operation.end()) return found->second;
    if (call.operation == "DescribeKey") return Object({{"KeyMetadata", Object({{"Arn", kKey}})}});
    return Error{ErrorCode::kNotFound, "no " + call.operation, ""};
  }
  std::vector<Result<JsonValue>> SendAll(std::span<const aws::Call> calls) override {
    std::vector<Result<JsonValue>> answers;
    for (const aws::Call& call : calls) answers.push_back(Send(call));
    return answers;
  }

  std::map<std::string, JsonValue> by_operation;
};

JsonValue ListOfOne(const char* name, JsonValue item) {
  JsonValue list(Json::arrayValue);
  list.append(std::move(item));
  return Object({{name, list}});
}

JsonValue Global(const char* name, const char* member, bool encrypted = true, const char* status = "available") {
  JsonValue members(Json::arrayValue);
  members.append(Object({{"DBClusterArn", Text(member)}, {"IsWriter", true}}));
  return ListOfOne("GlobalClusters", Object({{"GlobalClusterIdentifier", Text(name)},
                                             {"Status", Text(status)},
                                             {"StorageEncrypted", encrypted},
                                             {"GlobalClusterMembers", members}}));
}

Probe Leaves(const JsonValue& global, const char* arn = kCluster) {
  Answers aws;
  aws.by_operation["DescribeDBClusters"] = ListOfOne(
      "DBClusters", Object({{"DBClusterIdentifier", "orders"}, {"DBClusterArn", Text(arn)}, {"Status", "available"}}));
  if (!global.isNull()) aws.by_operation["DescribeGlobalClusters"] = global;
  HandlerCase tested(aws, kLeaveGlobalCluster,
                     Object({{"global_cluster", "world"},
                             {"cluster_arn", kCluster},
                             {"secondary", true},
                             {"compared", "2026-11-22T05:00:00Z"}}));
  return tested.Look();
}

TEST(LeavingAGlobalDatabase, IsDoneOnceNoneNamesTheCluster) {
  EXPECT_THAT(Leaves(Global("world", kCluster)), Is(ProbeState::kNotDone, "is in the global database"));
  EXPECT_THAT(Leaves(Global("world", kOther)), Is(ProbeState::kDone, "no more"));
  EXPECT_THAT(Leaves(JsonValue()), Is(ProbeState::kDone, "no more"));
  EXPECT_THAT(Leaves(Global("world", kCluster), kOther), Is(ProbeState::kConflict, "another cluster"));
}

Probe Creates(const JsonValue& global) {
  Answers aws;
  if (!global.isNull()) aws.by_operation["DescribeGlobalClusters"] = global;
  HandlerCase tested(
      aws, kCreateGlobalCluster,
      Object({{"global_cluster", "world-encrypted"}, {"source_arn", kCluster}, {"attributes", Object({})}}),
      "aws_rds_global_cluster");
  return tested.Look();
}

TEST(NewGlobalDatabase, IsEncryptedAndOfTheNewPrimary) {
  EXPECT_THAT(Creates(JsonValue()), Is(ProbeState::kNotDone));
  EXPECT_THAT(Creates(Global("world-encrypted", kOther, false, "creating")), Is(ProbeState::kUnderway));
  EXPECT_THAT(Creates(Global("world-encrypted", kCluster)), Is(ProbeState::kDone, "encrypted"));
  EXPECT_THAT(Creates(Global("world-encrypted", kOther)), Is(ProbeState::kConflict, "its primary is not"));
  EXPECT_THAT(Creates(Global("world-encrypted", kCluster, false)), Is(ProbeState::kConflict, "not encrypted"));
}

Probe Encrypts(bool enabled, const char* key, bool processing) {
  Answers aws;
  aws.by_operation["DescribeDomain"] =
      Object({{"DomainStatus",
               Object({{"Processing", processing},
                       {"EncryptionAtRestOptions", Object({{"Enabled", enabled}, {"KmsKeyId", Text(key)}})}})}});
  HandlerCase tested(
      aws, kEncryptDomain,
      Object({{"settings", Object({{"EncryptionAtRestOptions", Object({{"Enabled", true}, {"KmsKeyId", kKey}})}})},
              {"attributes", Object({})}}),
      "aws_opensearch_domain");
  return tested.Look();
}

TEST(EncryptedDomain, IsDoneWhenAwsIsDone) {
  EXPECT_THAT(Encrypts(false, "", false), Is(ProbeState::kNotDone));
  EXPECT_THAT(Encrypts(false, "", true), Is(ProbeState::kUnderway, "being changed"));
  EXPECT_THAT(Encrypts(true, kKey, true), Is(ProbeState::kUnderway, "being changed"));
  EXPECT_THAT(Encrypts(true, kKey, false), Is(ProbeState::kDone));
}

Probe CreatesKafka(const char* name, const char* state, const char* key) {
  Answers aws;
  JsonValue cluster = Object({{"ClusterName", Text(name)}, {"State", Text(state)}, {"ClusterArn", "arn:new"}});
  cluster["Provisioned"]["EncryptionInfo"]["EncryptionAtRest"]["DataVolumeKMSKeyId"] = key;
  aws.by_operation["ListClustersV2"] = ListOfOne("ClusterInfoList", cluster);
  HandlerCase tested(aws, kCreateKafkaCluster,
                     Object({{"new_cluster", "orders-encrypted"}, {"key", kKey}, {"settings", Object({})}}),
                     "aws_msk_cluster");
  return tested.Look();
}

TEST(NewKafkaCluster, IsActiveUnderTheKey) {
  EXPECT_THAT(CreatesKafka("orders-encrypted-2", "ACTIVE", kKey), Is(ProbeState::kNotDone));
  EXPECT_THAT(CreatesKafka("orders-encrypted", "CREATING", kKey), Is(ProbeState::kUnderway));
  EXPECT_THAT(CreatesKafka("orders-encrypted", "ACTIVE", kKey), Is(ProbeState::kDone, "under the key"));
  EXPECT_THAT(CreatesKafka("orders-encrypted", "FAILED", kKey), Is(ProbeState::kConflict));
}

Probe MovesClients(bool approved, const std::vector<double>& minutes) {
  Answers aws;
  JsonValue points(Json::arrayValue);
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    points.append(Object({{"Timestamp", Text("2026-11-22T05:0" + std::to_string(i) + ":00Z")}, {"Sum", minutes[i]}}));
  }
  aws.by_operation["GetMetricStatistics"] = Object({{"Datapoints", points}});
  HandlerCase tested(aws, kMoveKafkaClients,
                     Object({{"new_cluster", "orders-encrypted"},
                             {"new_arn", "arn:new"},
                             {"brokers", 1},
                             {"steps", Texts({"move them"})},
                             {"attributes", Object({})}}),
                     "aws_msk_cluster");
  if (approved) tested.context.settings.approvals[tested.action.id] = "a. person";
  return tested.Look();
}

TEST(ClientsOfAKafkaCluster, HaveMovedOnceNothingIsProducedToTheOldOne) {
  EXPECT_THAT(MovesClients(false, {0, 0, 0, 0, 0}), Is(ProbeState::kWaiting, "move them"));
  EXPECT_THAT(MovesClients(true, {0, 0, 0, 0, 3}), Is(ProbeState::kUnderway, "still produce"));
  EXPECT_THAT(MovesClients(true, {0, 0, 0, 0}), Is(ProbeState::kUnderway, "has not reported"));
  EXPECT_THAT(MovesClients(true, {9, 0, 0, 0, 0, 0}), Is(ProbeState::kDone, "nothing is produced"));
}

}  // namespace
}  // namespace tfseal::testing
