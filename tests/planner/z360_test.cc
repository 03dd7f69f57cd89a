#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "planner/action_kind.h"
#include "planner/existing_world.h"
#include "planner/parameters.h"
#include "planner/render.h"
#include "planner/simulate.h"
#include "tests/planner/plan_cases.h"

// The four unencrypted clusters of two environments, with their services and secrets.
namespace tfseal {
namespace {

using test::PlanFixture;
using test::PositionOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kStaging = "z360-staging-addonsstack-vg9z1x4cx7y2-dbdbcluster-d4asbozx0ixh";
constexpr const char* kAgentStaging = "z360-agent-layer-staging-addonsst-agentdbdbcluster-1ownthodemtg";
constexpr const char* kBeta = "z360-beta-addonsstack-n53yvqoutypc-dbdbcluster-1aamvltsjji0";
constexpr const char* kAgentBeta = "z360-agent-layer-beta-addonsstack-agentdbdbcluster-dvw0pqd83qiq";

class FourClusters : public ::testing::Test {
 protected:
  static const ActionPlan& Plan() {
    static const auto* const plan = new ActionPlan(PlanFixture("z360", "state-after-create.show.json"));
    return *plan;
  }
  static std::vector<const Action*> OfKind(const ActionKind& kind) {
    std::vector<const Action*> found;
    for (const Action& action : Plan().actions) {
      if (action.kind == &kind) found.push_back(&action);
    }
    return found;
  }
};

TEST_F(FourClusters, AreOnePlanThatIsComplete) {
  EXPECT_TRUE(Plan().complete());
  EXPECT_EQ(Plan().databases.size(), 4U);
  EXPECT_THAT(ForbiddenCalls(Plan()), IsEmpty());
}

TEST_F(FourClusters, GoStagingFirstThenBetaThenCleanup) {
  const std::size_t staging = PositionOf(Plan(), "restore_cluster", kStaging);
  const std::size_t agent_staging = PositionOf(Plan(), "restore_cluster", kAgentStaging);
  const std::size_t beta = PositionOf(Plan(), "restore_cluster", kBeta);
  const std::size_t agent_beta = PositionOf(Plan(), "restore_cluster", kAgentBeta);
  EXPECT_LT(staging, agent_staging);
  EXPECT_LT(agent_staging, beta);
  EXPECT_LT(beta, agent_beta);
  for (const char* cluster : {kStaging, kAgentStaging, kBeta, kAgentBeta}) {
    EXPECT_LT(agent_beta, PositionOf(Plan(), "retire_cluster", cluster));
  }
  std::vector<std::pair<int, int>> days;
  for (const TimelineEntry& entry : Plan().timeline) days.emplace_back(entry.first_day, entry.last_day);
  EXPECT_EQ(days, (std::vector<std::pair<int, int>>{{1, 1}, {2, 2}, {3, 4}, {5, 5}, {6, 6}, {7, 10}, {11, 11}}));
}

TEST_F(FourClusters, AreSnapshotOnlyAfterNothingWrites) {
  for (const char* cluster : {kStaging, kAgentStaging, kBeta, kAgentBeta}) {
    const std::size_t fenced = PositionOf(Plan(), "fence_database", cluster);
    const std::size_t quiet = PositionOf(Plan(), "prove_quiescence", cluster);
    const std::size_t snapshot = PositionOf(Plan(), "snapshot_cluster", cluster);
    const std::size_t restored = PositionOf(Plan(), "restore_cluster", cluster);
    const std::size_t compared = PositionOf(Plan(), "validate_copy", cluster);
    const std::size_t renamed = PositionOf(Plan(), "rename_cluster", cluster);
    const std::size_t opened = PositionOf(Plan(), "unfence_writes", cluster);
    const std::size_t reconciled = PositionOf(Plan(), "reconcile_terraform", cluster);
    const std::vector<std::size_t> order = {fenced, quiet, snapshot, restored, compared, renamed, opened, reconciled};
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

TEST_F(FourClusters, AreRestoredUnderTheKeyWithEverySetting) {
  const auto restores = OfKind(kRestoreCluster);
  ASSERT_EQ(restores.size(), 4U);
  for (const Action* restore : restores) {
    const JsonValue& parameters = restore->calls.front().parameters;
    EXPECT_EQ(parameters["KmsKeyId"], "arn:aws:kms:us-east-1:108782097218:key/a57d8168-759a-4422-994b-4149b4eba250");
    for (const char* setting : {"Engine", "EngineVersion", "Port", "DBSubnetGroupName", "DBClusterParameterGroupName",
                                "VpcSecurityGroupIds", "DeletionProtection", "CopyTagsToSnapshot", "Tags",
                                "ServerlessV2ScalingConfiguration", "BackupRetentionPeriod", "PreferredBackupWindow"}) {
      EXPECT_TRUE(parameters.isMember(setting)) << setting;
    }
    EXPECT_TRUE(parameters["DeletionProtection"].asBool());
    EXPECT_GE(parameters["BackupRetentionPeriod"].asInt(), 7);
    EXPECT_GE(parameters["ServerlessV2ScalingConfiguration"]["MinCapacity"].asDouble(), 0.5);
  }
}

TEST_F(FourClusters, StopAndStartTheirThirteenServices) {
  std::set<std::string> stopped;
  std::set<std::string> started;
  for (const Action* action : OfKind(kStopService)) stopped.insert(action->target.identifier);
  for (const Action* action : OfKind(kStartService)) started.insert(action->target.identifier);
  EXPECT_EQ(stopped.size(), 13U);
  EXPECT_EQ(stopped, started);
}

TEST_F(FourClusters, HaveOnePointOfNoReturnEach) {
  EXPECT_EQ(std::count_if(Plan().actions.begin(), Plan().actions.end(),
                          [](const Action& action) { return action.point_of_no_return; }),
            4);
}

TEST_F(FourClusters, KeepFinalSnapshotsAndAutomatedBackups) {
  for (const Action* retire : OfKind(kRetireCluster)) {
    const JsonValue& parameters = retire->calls.front().parameters;
    EXPECT_FALSE(parameters["SkipFinalSnapshot"].asBool());
    EXPECT_TRUE(parameters["FinalDBSnapshotIdentifier"].isString());
    EXPECT_FALSE(parameters["DeleteAutomatedBackups"].asBool());
    EXPECT_LE(parameters["DBClusterIdentifier"].asString().size(), 63U);
  }
  EXPECT_EQ(OfKind(kRetireCluster).size(), 4U);
}

TEST_F(FourClusters, GiveEqualBytesTwiceAndFromEitherFormOfState) {
  const ActionPlan again = PlanFixture("z360", "state-after-create.show.json");
  EXPECT_EQ(WriteJsonDocument(ToJson(Plan())), WriteJsonDocument(ToJson(again)));
  const ActionPlan raw = PlanFixture("z360", "state-after-create.tfstate.json");
  ASSERT_EQ(raw.actions.size(), Plan().actions.size());
  for (std::size_t i = 0; i < raw.actions.size(); ++i) EXPECT_EQ(raw.actions[i].id, Plan().actions[i].id);
}

TEST_F(FourClusters, NeverShowASecret) {
  for (const std::string& text :
       {WriteJsonDocument(ToJson(Plan())), RenderText(Plan()), RenderMarkdown(Plan()), RenderMermaid(Plan())}) {
    EXPECT_GT(text.size(), 1000U);
    EXPECT_THAT(text, Not(HasSubstr("CANARY")));
  }
}

TEST_F(FourClusters, CanBeReadAgain) {
  const JsonValue json = ToJson(Plan());
  const auto read = ActionPlanFromJson(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(WriteJsonLine(ToJson(*read)), WriteJsonLine(json));
}

TEST_F(FourClusters, LeaveNothingToPlanOnceMoved) {
  const terraform::Document state = test::ReadFixture("z360/state-after-create.show.json");
  std::vector<terraform::Document> existing;
  existing.push_back(ExistingWorld(state));
  const auto worlds = SimulatedWorlds(Plan(), existing);
  ASSERT_TRUE(worlds.ok());
  const auto again = MakePlan(*worlds, test::FixturePolicy("z360"), {.strategy = "", .now = test::kNow});
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(again->actions, IsEmpty());
}

TEST_F(FourClusters, AreTheSameWhenPlannedFromAPlanThatWouldDestroyThem) {
  const ActionPlan plan = PlanFixture("z360", "04-encrypt-flip-staging.json");
  ASSERT_EQ(plan.databases.size(), 4U);
  EXPECT_EQ(plan.actions.size(), Plan().actions.size());
}

// Identifiers are unique in an account and a region, and a document may hold several of both.
TEST(SameName, InTwoRegionsIsTwoDatabases) {
  const auto text = ReadFileBounded(test::FixturePath("z360/state-after-create.show.json"), std::size_t{1} << 26);
  ASSERT_TRUE(text.ok());
  const auto state = ParseJson(*text);
  ASSERT_TRUE(state.ok());
  JsonValue resources(Json::arrayValue);
  for (const JsonValue& module : (*state)["values"]["root_module"]["child_modules"]) {
    for (const JsonValue& resource : module["resources"]) {
      const std::string type = resource["type"].asString();
      const bool cluster = type == "aws_rds_cluster" && resource["values"]["cluster_identifier"] == kBeta;
      const bool member = type == "aws_rds_cluster_instance" && resource["values"]["cluster_identifier"] == kBeta;
      if (!cluster && !member) continue;
      for (const std::string region : {"us-east-1", "eu-west-1"}) {
        std::string one = WriteJsonLine(resource);
        for (std::size_t at = one.find("us-east-1"); at != std::string::npos; at = one.find("us-east-1", at + 1)) {
          one.replace(at, region.size(), region);
        }
        JsonValue moved = ParseJson(one).value();
        moved["name"] = region == "us-east-1" ? "here" : "there";
        moved["address"] = type + "." + moved["name"].asString();
        moved.removeMember("index");
        if (member) moved["values"]["identifier"] = "one-" + region;
        resources.append(moved);
      }
    }
  }
  ASSERT_EQ(resources.size(), 4U);
  const JsonValue both = Object({{"format_version", "1.0"},
                                 {"terraform_version", "1.11.4"},
                                 {"values", Object({{"root_module", Object({{"resources", resources}})}})}});
  std::vector<terraform::Document> documents;
  auto document =
      terraform::ReadDocumentFromMemory(WriteJsonDocument(both), "state", terraform::Interest::Everything());
  ASSERT_TRUE(document.ok()) << document.error().message;
  documents.push_back(std::move(document).value());
  const auto plan = MakePlan(documents, test::FixturePolicy("z360"), {.strategy = "", .now = test::kNow});
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  std::size_t inventories = 0;
  for (const Action& action : plan->actions) {
    if (action.kind != &kRecordInventory) continue;
    ++inventories;
    ASSERT_EQ(action.payload["members"].size(), 1U);
    EXPECT_EQ(action.payload["members"][0], "one-" + action.target.region);
  }
  EXPECT_EQ(inventories, 2U);
}

}  // namespace
}  // namespace tfseal
