// Caches that are moved: what the counters of their nodes must say before anything is copied, and what a copy must be.
#include "tests/apply/handlers/handler_case.h"

namespace tfseal::testing {
namespace {

constexpr const char* kFenced = "2026-11-22T05:00:00Z";

// One cache with one node; CloudWatch has what the test says.
class Caches : public aws::Api {
 public:
  Result<JsonValue> Send(const aws::Call& request) override {
    if (request.operation == "DescribeReplicationGroups") return Groups(request.parameters);
    if (request.operation == "GetMetricStatistics") return Counters(request.parameters);
    if (request.operation == "DescribeSnapshots") return snapshots;
    if (request.operation == "DescribeCacheClusters") return Node(request.parameters["CacheClusterId"].asString());
    if (request.operation == "DescribeKey") return Object({{"KeyMetadata", Object({{"Arn", kKey}})}});
    return Error{ErrorCode::kInternal, "no " + request.operation, ""};
  }
  std::vector<Result<JsonValue>> SendAll(std::span<const aws::Call> calls) override {
    std::vector<Result<JsonValue>> answers;
    for (const aws::Call& call : calls) answers.push_back(Send(call));
    return answers;
  }

  JsonValue group = Object({{"Status", "available"}, {"MemberClusters", Texts({"orders-001"})}});
  JsonValue snapshots = Object({{"Snapshots", JsonValue(Json::arrayValue)}});
  std::vector<double> minutes;                                       // what was written in each
  std::map<std::string, std::pair<const char*, const char*>> nodes;  // security group and its status

 private:
  Result<JsonValue> Node(const std::string& name) {
    JsonValue groups(Json::arrayValue);
    groups.append(Object({{"SecurityGroupId", nodes[name].first}, {"Status", nodes[name].second}}));
    JsonValue clusters(Json::arrayValue);
    clusters.append(Object({{"CacheClusterId", Text(name)}, {"SecurityGroups", groups}}));
    return Object({{"CacheClusters", clusters}});
  }
  Result<JsonValue> Groups(const JsonValue&) const {
    JsonValue list(Json::arrayValue);
    list.append(group);
    return Object({{"ReplicationGroups", list}});
  }
  [[nodiscard]] Result<JsonValue> Counters(const JsonValue& asked) const {
    EXPECT_EQ(asked["MetricName"].asString(), "SetTypeCmds");
    // The minute in which the fence was put up counts commands from before.
    EXPECT_EQ(asked["StartTime"].asString().substr(0, 19), std::string(kFenced).substr(0, 19));
    JsonValue points(Json::arrayValue);
    for (std::size_t i = 0; i < minutes.size(); ++i) {
      points.append(Object({{"Timestamp", Text("2026-11-22T05:0" + std::to_string(i) + ":00Z")}, {"Sum", minutes[i]}}));
    }
    return Object({{"Datapoints", points}});
  }
};

Probe Fenced(std::pair<const char*, const char*> first, std::pair<const char*, const char*> second) {
  Caches caches;
  caches.group["MemberClusters"] = Texts({"orders-001", "orders-002"});
  caches.nodes = {{"orders-001", first}, {"orders-002", second}};
  HandlerCase tested(caches, kFenceCache, Object({{"quarantine", "sg-q"}, {"security_groups", Texts({"sg-own"})}}),
                     "aws_elasticache_replication_group");
  return tested.Look();
}

TEST(FencedCache, HasTheQuarantineGroupOnEveryNode) {
  EXPECT_THAT(Fenced({"sg-own", "active"}, {"sg-own", "active"}), Is(ProbeState::kNotDone, "admits its clients"));
  EXPECT_THAT(Fenced({"sg-q", "active"}, {"sg-own", "active"}), Is(ProbeState::kUnderway, "being changed"));
  EXPECT_THAT(Fenced({"sg-own", "removing"}, {"sg-own", "active"}), Is(ProbeState::kUnderway, "being changed"));
  EXPECT_THAT(Fenced({"sg-q", "active"}, {"sg-q", "active"}), Is(ProbeState::kDone, "admits nobody"));
}

Probe Quiet(std::vector<double> minutes, std::chrono::minutes later = std::chrono::minutes(0)) {
  Caches caches;
  caches.minutes = std::move(minutes);
  HandlerCase tested(caches, kProveCacheQuiet, Object({{"fenced_at", kFenced}}), "aws_elasticache_replication_group");
  tested.clock.SleepFor(later);
  return tested.Look();
}

TEST(QuietCache, IsOneWhoseNodesCountNoWriteInFiveMinutes) {
  EXPECT_THAT(Quiet({0, 0, 0, 0, 0}), Is(ProbeState::kDone, "nothing writes"));
  EXPECT_THAT(Quiet({7, 1, 0, 0, 0, 0, 0}), Is(ProbeState::kDone, "nothing writes"));
}

TEST(QuietCache, IsNotOneThatIsStillWrittenTo) {
  EXPECT_THAT(Quiet({0, 0, 0, 0, 1}), Is(ProbeState::kUnderway, "still written to"));
  EXPECT_THAT(Quiet({0, 0, 0, 0, 1}, std::chrono::minutes(30)), Is(ProbeState::kWaiting, "still written to"));
}

TEST(QuietCache, IsNotOneThatSaysNothing) {
  EXPECT_THAT(Quiet({}), Is(ProbeState::kUnderway, "0 of 5"));
  EXPECT_THAT(Quiet({0, 0, 0, 0}), Is(ProbeState::kUnderway, "4 of 5"));
  EXPECT_THAT(Quiet({}, std::chrono::minutes(30)), Is(ProbeState::kWaiting, "0 of 5"));
}

Probe Snapshot(const char* begun, const char* of = "orders") {
  Caches caches;
  JsonValue nodes(Json::arrayValue);
  nodes.append(Object({{"SnapshotCreateTime", Text(begun)}}));
  caches.snapshots["Snapshots"].append(
      Object({{"SnapshotStatus", "available"}, {"ReplicationGroupId", Text(of)}, {"NodeSnapshots", nodes}}));
  HandlerCase tested(caches, kSnapshotCache,
                     Object({{"snapshot", "orders-fenced"}, {"quiet_at", "2026-11-22T05:06:00Z"}}),
                     "aws_elasticache_replication_group");
  return tested.Look();
}

TEST(SnapshotOfACache, IsYoungerThanTheProof) {
  EXPECT_THAT(Snapshot("2026-11-22T05:06:00Z"), Is(ProbeState::kDone, "available"));
  EXPECT_THAT(Snapshot("2026-11-22T05:05:58Z"), Is(ProbeState::kConflict, "older than the proof"));
  EXPECT_THAT(Snapshot(""), Is(ProbeState::kUnderway, "does not say"));
  EXPECT_THAT(Snapshot("2026-11-22T05:06:00Z", "other"), Is(ProbeState::kConflict, "is of other"));
}

Probe Created(bool encrypted, const char* key) {
  Caches caches;
  caches.group["AtRestEncryptionEnabled"] = encrypted;
  caches.group["KmsKeyId"] = key;
  caches.group["NodeGroups"].append(Object({{"PrimaryEndpoint", Object({{"Address", "master.orders"}})}}));
  HandlerCase tested(
      caches, kCreateCache,
      Object({{"new_cache", "orders-encrypted"}, {"key", kKey}, {"settings", JsonValue(Json::objectValue)}}),
      "aws_elasticache_replication_group");
  return tested.Look();
}

TEST(NewCache, IsUnderTheKey) {
  const Probe done = Created(true, kKey);
  EXPECT_THAT(done, Is(ProbeState::kDone, "under the key"));
  EXPECT_EQ(done.output["address"].asString(), "master.orders");
  EXPECT_THAT(Created(false, ""), Is(ProbeState::kConflict, "not encrypted under the key"));
  EXPECT_THAT(Created(true, ""), Is(ProbeState::kConflict, "not encrypted under the key"));
}

}  // namespace
}  // namespace tfseal::testing
