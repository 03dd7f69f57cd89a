// Recipes of stores: what they refuse and why, and in which order they do what cannot be taken back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "planner/action_kind.h"
#include "planner/parameters.h"
#include "tests/planner/plan_cases.h"

namespace tfseal {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Change = std::function<void(JsonValue& values)>;

std::string GoldenFile(const std::string& name, const std::string& file) {
  const auto text = ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/tests/golden/" + name + "/" + file, 1 << 20);
  EXPECT_TRUE(text.ok()) << name;
  return text.ok() ? *text : std::string();
}

// The plan of a golden case whose resource at `address` is changed, or gone where `change` is null.
ActionPlan PlanChanged(const std::string& golden, const std::string& address, const Change& change) {
  JsonValue state = ParseJson(GoldenFile(golden, "state.json")).value();
  JsonValue kept(Json::arrayValue);
  bool found = false;
  for (JsonValue& resource : state["values"]["root_module"]["resources"]) {
    if (resource["address"] == JsonValue(address)) {
      found = true;
      if (!change) continue;
      change(resource["values"]);
    }
    kept.append(resource);
  }
  EXPECT_TRUE(found || address.empty()) << address;
  state["values"]["root_module"]["resources"] = kept;
  const auto document =
      terraform::ReadDocumentFromMemory(WriteJsonDocument(state), "state.json", terraform::Interest::Everything());
  EXPECT_TRUE(document.ok());
  auto plan = MakePlan(std::span(&*document, 1), test::PolicyOf(GoldenFile(golden, "tfseal.yaml")),
                       {.strategy = "", .now = test::kNow});
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
  return plan.ok() ? std::move(plan).value() : ActionPlan{};
}

std::vector<std::string> ReasonsFor(const ActionPlan& plan, const std::string& address) {
  std::vector<std::string> reasons;
  for (const Unresolved& entry : plan.unresolved) {
    if (entry.address == address) reasons.push_back(entry.reason);
  }
  return reasons;
}

std::vector<std::string> KindsAt(const ActionPlan& plan, const std::string& identifier) {
  std::vector<std::string> kinds;
  for (const Action& action : plan.actions) {
    if (action.target.identifier == identifier) kinds.emplace_back(action.kind->name);
  }
  return kinds;
}

std::size_t First(const ActionPlan& plan, const ActionKind& kind, const std::string& identifier) {
  return test::PositionOf(plan, std::string(kind.name), identifier);
}

// What is refused: the reason is there, and nothing of the recipe is planned.
void ExpectRefused(const ActionPlan& plan, const std::string& address, const std::string& reason,
                   const ActionKind& kind, const std::string& identifier) {
  EXPECT_THAT(ReasonsFor(plan, address), Contains(HasSubstr(reason)));
  EXPECT_THAT(KindsAt(plan, identifier), Not(Contains(std::string(kind.name))));
}

constexpr const char* kDomain = "aws_opensearch_domain.catalogue";
constexpr const char* kCache = "aws_elasticache_replication_group.carts";
constexpr const char* kBrokers = "aws_msk_cluster.orders";
constexpr const char* kPrimary = "aws_rds_cluster.primary";

TEST(SearchRecipe, RefusesWhatAwsCannotDoInPlace) {
  const auto plan = [](const Change& change) { return PlanChanged("search-domains", kDomain, change); };
  ExpectRefused(plan([](JsonValue& values) { values["engine_version"] = "Elasticsearch_6.5"; }), kDomain,
                "from Elasticsearch 6.7 on", kEncryptDomain, "catalogue");
  ExpectRefused(plan([](JsonValue& values) { values["engine_version"] = JsonValue(); }), kDomain,
                "its engine version is not known", kEncryptDomain, "catalogue");
  ExpectRefused(
      plan([](JsonValue& values) { values["cluster_config"][0]["instance_type"] = "t2.small.elasticsearch"; }), kDomain,
      "have no encryption at rest", kEncryptDomain, "catalogue");
  EXPECT_THAT(KindsAt(plan([](JsonValue& values) { values["engine_version"] = "Elasticsearch_6.7"; }), "catalogue"),
              Contains("encrypt_domain"));
}

TEST(SearchRecipe, NeverChangesTheKeyOfAnEncryptedDomain) {
  const ActionPlan plan = PlanChanged("search-domains", "", nullptr);
  ExpectRefused(plan, "aws_opensearch_domain.managed_key", "can never be changed", kEncryptDomain, "managed-key");
  const ActionPlan by_aws =
      PlanChanged("search-domains", kDomain, [](JsonValue& values) { values["encrypt_at_rest"][0]["enabled"] = true; });
  ExpectRefused(by_aws, kDomain, "can never be changed", kEncryptDomain, "catalogue");
}

TEST(SearchRecipe, AsksBeforeItEncrypts) {
  const ActionPlan plan = PlanChanged("search-domains", "", nullptr);
  EXPECT_LT(First(plan, kTryDomainEncryption, "catalogue"), First(plan, kEncryptDomain, "catalogue"));
  EXPECT_LT(First(plan, kManual, "catalogue"), First(plan, kEncryptDomain, "catalogue"));
  EXPECT_EQ(plan.actions[First(plan, kEncryptDomain, "catalogue")].approvals, 1);
}

TEST(CacheRecipe, RefusesWhatNoPlanKnows) {
  const auto plan = [](const Change& change) { return PlanChanged("caches", kCache, change); };
  ExpectRefused(plan([](JsonValue& values) { values["global_replication_group_id"] = "ldgnf-carts"; }), kCache,
                "global datastore", kCreateCache, "carts");
  ExpectRefused(plan([](JsonValue& values) { values["auth_token"] = "CANARY-token"; }), kCache, "AUTH token",
                kCreateCache, "carts");
  ExpectRefused(plan([](JsonValue& values) { values["security_group_ids"] = JsonValue(); }), kCache,
                "its security groups are not known", kCreateCache, "carts");
  ExpectRefused(plan([](JsonValue& values) { values["num_cache_clusters"] = JsonValue(); }), kCache, "how many nodes",
                kCreateCache, "carts");
}

TEST(CacheRecipe, CopiesNothingThatIsWrittenTo) {
  const ActionPlan plan = PlanChanged("caches", "", nullptr);
  EXPECT_LT(First(plan, kFenceCache, "carts"), First(plan, kProveCacheQuiet, "carts"));
  EXPECT_LT(First(plan, kProveCacheQuiet, "carts"), First(plan, kSnapshotCache, "carts"));
  EXPECT_LT(First(plan, kSnapshotCache, "carts"), First(plan, kCreateCache, "carts"));
  EXPECT_LT(First(plan, kMoveCacheClients, "carts"), First(plan, kReconcileTerraform, "carts"));
}

TEST(CacheRecipe, ThrowsOnlyDataAwayThatIsTaggedSo) {
  const auto tagged = [](const char* value) {
    return PlanChanged("caches", kCache, [value](JsonValue& values) { values["tags"]["tfseal:disposable"] = value; });
  };
  EXPECT_THAT(KindsAt(tagged("true"), "carts"), Not(Contains("snapshot_cache")));
  EXPECT_THAT(KindsAt(tagged("false"), "carts"), Contains("snapshot_cache"));
  EXPECT_THAT(KindsAt(tagged("maybe"), "carts"), Contains("snapshot_cache"));
}

TEST(KafkaRecipe, LeavesReplicationToAPersonWhereAwsHasNone) {
  const auto manual = [](const std::string& address, const Change& change) {
    const ActionPlan plan = PlanChanged("kafka-clusters", address, change);
    EXPECT_THAT(KindsAt(plan, "orders"), Contains("create_kafka_cluster"));
    for (const Action& action : plan.actions) {
      if (action.kind == &kManual && action.target.identifier == "orders") return TextAt(action.payload, "reason");
    }
    return std::string();
  };
  EXPECT_THAT(manual("", nullptr), IsEmpty());
  EXPECT_THAT(manual(kBrokers, [](JsonValue& values) { values["client_authentication"] = JsonValue(); }),
              HasSubstr("IAM access control"));
  EXPECT_THAT(manual(kBrokers, [](JsonValue& values) { values["kafka_version"] = "2.8.0"; }), HasSubstr("2.8.1"));
  EXPECT_THAT(manual("aws_iam_role.replication", nullptr), HasSubstr("none is guessed"));
}

TEST(KafkaRecipe, RefusesAClusterThatNoNewOneIsLike) {
  const ActionPlan plan = PlanChanged("kafka-clusters", kBrokers, [](JsonValue& values) {
    JsonValue access(Json::arrayValue);
    access.append(Object({{"type", "SERVICE_PROVIDED_EIPS"}}));
    JsonValue connectivity(Json::arrayValue);
    connectivity.append(Object({{"public_access", access}}));
    values["broker_node_group_info"][0]["connectivity_info"] = connectivity;
  });
  ExpectRefused(plan, kBrokers, "reachable from the internet", kCreateKafkaCluster, "orders");
}

TEST(GlobalRecipe, LeavesTheGlobalDatabaseOnlyWithAComparedCopy) {
  const ActionPlan plan = PlanChanged("global-database", "", nullptr);
  EXPECT_THAT(plan.unresolved, IsEmpty());
  const std::size_t compared = First(plan, kValidateCopy, "bookings-us");
  const std::size_t secondary_left = First(plan, kLeaveGlobalCluster, "bookings-eu");
  const std::size_t primary_left = First(plan, kLeaveGlobalCluster, "bookings-us");
  EXPECT_LT(compared, secondary_left);
  EXPECT_LT(First(plan, kFenceDatabase, "bookings-eu"), secondary_left);
  EXPECT_LT(secondary_left, primary_left);
  EXPECT_LT(primary_left, First(plan, kRenameCluster, "bookings-us"));
  EXPECT_LT(First(plan, kUnfenceWrites, "bookings-us"), First(plan, kCreateGlobalCluster, "bookings"));
  EXPECT_LT(First(plan, kCreateGlobalCluster, "bookings"), First(plan, kCreateSecondaryCluster, "bookings-eu"));
  EXPECT_LT(First(plan, kRenameCluster, "bookings-eu"), First(plan, kCreateSecondaryCluster, "bookings-eu"));
  for (const Action& action : plan.actions) {
    if (action.kind == &kLeaveGlobalCluster) {
      EXPECT_EQ(action.approvals, 1);
    }
  }
}

TEST(GlobalRecipe, GivesEveryRegionAKeyOfItsOwn) {
  const ActionPlan plan = PlanChanged("global-database", "", nullptr);
  const Action& secondary = plan.actions[First(plan, kCreateSecondaryCluster, "bookings-eu")];
  EXPECT_EQ(secondary.target.region, "eu-west-1");
  EXPECT_THAT(secondary.payload["key"].asString(), HasSubstr(":kms:eu-west-1:"));
}

TEST(GlobalRecipe, RefusesWhatItCannotSeeAsAWhole) {
  ExpectRefused(
      PlanChanged("global-database", kPrimary, [](JsonValue& values) { values["manage_master_user_password"] = true; }),
      kPrimary, "Secrets Manager manages", kLeaveGlobalCluster, "bookings-us");
  ExpectRefused(PlanChanged("global-database", "aws_rds_cluster.ireland", nullptr), kPrimary, "is not in the documents",
                kLeaveGlobalCluster, "bookings-us");
  ExpectRefused(PlanChanged("global-database", "aws_rds_global_cluster.bookings", nullptr), kPrimary,
                "is not in the documents", kLeaveGlobalCluster, "bookings-us");
  const ActionPlan no_writer = PlanChanged("global-database", "aws_rds_global_cluster.bookings", [](JsonValue& values) {
    for (JsonValue& member : values["global_cluster_members"]) member["is_writer"] = false;
  });
  ExpectRefused(no_writer, kPrimary, "do not say which member", kLeaveGlobalCluster, "bookings-us");
}

TEST(MessageRecipe, LetsEveryServiceInBeforeTheKeyIsSet) {
  const ActionPlan plan = PlanChanged("synthetic-stores", "aws_sqs_queue.jobs", [](JsonValue& values) {
    values["message_retention_seconds"] = 1209600;
    values["policy"] =
        R"({"Statement":[{"Effect":"Allow","Principal":{"Service":["sns.amazonaws.com"]},"Action":"sqs:SendMessage"},)"
        R"({"Effect":"Deny","Principal":{"Service":"s3.amazonaws.com"},"Action":"*"}]})";
  });
  const Action& set = plan.actions[First(plan, kSetQueueAttributes, "jobs")];
  const Action& grant = plan.actions[First(plan, kGrantKeyUse, "jobs")];
  EXPECT_EQ(grant.payload["service_principal"].asString(), "sns.amazonaws.com");
  EXPECT_THAT(set.needs, Contains(grant.id));
  EXPECT_EQ(KindsAt(plan, "jobs"),
            (std::vector<std::string>{"grant_key_use", "set_queue_attributes", "reconcile_terraform"}));
  EXPECT_THAT(WriteJsonLine(ToJson(set)), HasSubstr("1209600 seconds"));
}

}  // namespace
}  // namespace tfseal
