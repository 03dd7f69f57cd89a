#include "planner/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planner/action_kind.h"
#include "tests/planner/plan_cases.h"

namespace tfseal {
namespace {

using test::PlanFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<const Action*> OfKind(const ActionPlan& plan, const ActionKind& kind) {
  std::vector<const Action*> found;
  for (const Action& action : plan.actions) {
    if (action.kind == &kind) found.push_back(&action);
  }
  return found;
}

std::size_t First(const ActionPlan& plan, const ActionKind& kind) {
  const auto found = std::find_if(plan.actions.begin(), plan.actions.end(),
                                  [&kind](const Action& action) { return action.kind == &kind; });
  EXPECT_NE(found, plan.actions.end()) << kind.name;
  return static_cast<std::size_t>(found - plan.actions.begin());
}

Result<ActionPlan> PlanState(const std::string& golden, const std::string& policy, const std::string& strategy = "") {
  const std::string path = std::string(TFSEAL_SOURCE_DIR) + "/tests/golden/" + golden + "/state.json";
  std::vector<terraform::Document> documents;
  auto document = terraform::ReadDocument(path, terraform::Interest::Everything());
  EXPECT_TRUE(document.ok());
  documents.push_back(std::move(document).value());
  return MakePlan(documents, test::PolicyOf(policy), {.strategy = strategy, .now = test::kNow});
}

constexpr const char* kEncrypt = "version: 1\ndefaults:\n  require: [encryption, customer_key]\n";

TEST(Instance, IsEncryptedInTheCopyOfItsSnapshotAndNeverInTheRestore) {
  const ActionPlan plan = PlanFixture("everything", "state-after-create.show.json");
  EXPECT_LT(First(plan, kProveQuiescence), First(plan, kSnapshotInstance));
  EXPECT_LT(First(plan, kSnapshotInstance), First(plan, kCopyInstanceSnapshot));
  EXPECT_LT(First(plan, kCopyInstanceSnapshot), First(plan, kRestoreInstance));
  EXPECT_LT(First(plan, kRestoreInstance), First(plan, kCreateReadReplica));
  EXPECT_LT(First(plan, kCreateReadReplica), First(plan, kRenameInstance));
  for (const Action* copy : OfKind(plan, kCopyInstanceSnapshot)) {
    EXPECT_THAT(copy->calls[0].parameters["KmsKeyId"].asString(), HasSubstr(":key/"));
  }
  for (const Action* restore : OfKind(plan, kRestoreInstance)) {
    const JsonValue& parameters = restore->calls[0].parameters;
    EXPECT_FALSE(parameters.isMember("KmsKeyId"));
    EXPECT_FALSE(parameters["PubliclyAccessible"].asBool());
    EXPECT_TRUE(parameters["DeletionProtection"].asBool());
  }
}

// The plan of "everything" if its instances had volumes of gp3.
ActionPlan PlanWithGp3(const std::string& iops, const std::string& throughput) {
  std::string state = ReadFileBounded(test::FixturePath("everything/state-after-create.show.json"), 1 << 24).value();
  const auto replace = [&state](const std::string& from, const std::string& to) {
    std::size_t count = 0;
    for (std::size_t at = state.find(from); at != std::string::npos; at = state.find(from, at + to.size()), ++count) {
      state.replace(at, from.size(), to);
    }
    EXPECT_GE(count, 4U) << from;
  };
  replace("\"iops\":0,", "\"iops\":" + iops + ",");
  replace("\"storage_throughput\":0,\"storage_type\":\"gp2\"",
          "\"storage_throughput\":" + throughput + ",\"storage_type\":\"gp3\"");
  std::vector<terraform::Document> documents;
  documents.push_back(
      terraform::ReadDocumentFromMemory(state, "state.json", terraform::Interest::Everything()).value());
  return MakePlan(documents, test::FixturePolicy("everything"), {.strategy = "", .now = test::kNow}).value();
}

TEST(Instance, IsNotAskedForWhatASmallVolumeHasAnyhow) {
  for (const ActionKind* kind : {&kRestoreInstance, &kCreateReadReplica}) {
    const ActionPlan small = PlanWithGp3("3000", "125");
    ASSERT_FALSE(OfKind(small, *kind).empty());
    for (const Action* action : OfKind(small, *kind)) {
      const JsonValue& parameters = action->calls[0].parameters;
      EXPECT_EQ(parameters["StorageType"], "gp3");
      EXPECT_FALSE(parameters.isMember("Iops"));
      EXPECT_FALSE(parameters.isMember("StorageThroughput"));
    }
    const ActionPlan fast = PlanWithGp3("12000", "500");
    for (const Action* action : OfKind(fast, *kind)) {
      EXPECT_EQ(action->calls[0].parameters["Iops"], 12000);
      EXPECT_EQ(action->calls[0].parameters["StorageThroughput"], 500);
    }
  }
}

TEST(Instance, ItsReplicaIsGivenTheWindowsThatItsCreationDoesNotTake) {
  const ActionPlan plan = PlanFixture("everything", "state-after-create.show.json");
  for (const Action* made : OfKind(plan, kCreateReadReplica)) {
    const JsonValue& replica = made->payload["new_instance"];
    const auto finishes = OfKind(plan, kFinishInstance);
    const auto finish = std::find_if(finishes.begin(), finishes.end(), [&replica](const Action* action) {
      return action->payload["new_instance"] == replica;
    });
    ASSERT_NE(finish, finishes.end()) << replica.asString();
    EXPECT_THAT((*finish)->needs, ElementsAre(made->id));
    for (const char* setting : {"BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow"}) {
      EXPECT_FALSE(made->calls[0].parameters.isMember(setting)) << setting;
      EXPECT_TRUE((*finish)->calls[0].parameters.isMember(setting)) << setting;
    }
    const auto compared = OfKind(plan, kValidateCopy);
    EXPECT_TRUE(std::any_of(compared.begin(), compared.end(), [&](const Action* action) {
      return std::count(action->needs.begin(), action->needs.end(), (*finish)->id) == 1;
    }));
  }
}

std::vector<const Action*> PasswordsPassedOn(const ActionPlan& plan) {
  std::vector<const Action*> found = OfKind(plan, kManual);
  std::erase_if(found, [](const Action* action) {
    return action->payload["recipe"].asString().find("password") == std::string::npos;
  });
  return found;
}

TEST(Password, InTheCareOfRdsIsPassedOnByAPersonBeforeTheNamesAreSwapped) {
  const ActionPlan plan = PlanFixture("clinical-trial", "prod-05-kms-key-change-replace.json");
  const auto passed = PasswordsPassedOn(plan);
  ASSERT_EQ(passed.size(), 1U);
  EXPECT_THAT(passed[0]->needs, ElementsAre(OfKind(plan, kValidateCopy).at(0)->id));
  EXPECT_EQ(passed[0]->approvals, 1);
  EXPECT_THAT(passed[0]->payload["steps"][0].asString(), HasSubstr("clinical-trial-prod-encrypted"));
  const auto fences = OfKind(plan, kFenceDatabase);
  EXPECT_THAT(fences.back()->needs, ElementsAre(passed[0]->id));
  EXPECT_EQ(fences.back()->payload["round"], "again");
  EXPECT_EQ(OfKind(plan, kFinishCluster).at(0)->calls[0].parameters["ManageMasterUserPassword"], true);

  EXPECT_THAT(PasswordsPassedOn(PlanFixture("everything", "state-after-create.show.json")), IsEmpty());
}

TEST(Instance, IsReconciledByStateSurgeryTogetherWithItsReplicas) {
  const ActionPlan plan = PlanFixture("everything", "state-after-create.show.json");
  std::vector<std::string> addresses;
  for (const Action* action : OfKind(plan, kReconcileTerraform)) {
    const bool database = action->target.type == "aws_db_instance";
    if (database && action->payload["recipe"] == "T3") addresses.push_back(action->target.address);
  }
  EXPECT_THAT(addresses, ::testing::UnorderedElementsAre("aws_db_instance.bad", "aws_db_instance.replica[0]",
                                                         "aws_db_instance.replica[1]"));
}

TEST(Strategy, IsTakenWherePossible) {
  const auto plan = PlanState("synthetic-blue-green", kEncrypt, "blue-green");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_THAT(OfKind(*plan, kRestoreCluster), IsEmpty());
  const auto created = OfKind(*plan, kCreateBlueGreen);
  ASSERT_EQ(created.size(), 1U);
  EXPECT_THAT(created[0]->calls[0].parameters["TargetResourceConfigurations"][0]["TargetKmsKeyId"].asString(),
              HasSubstr(":key/"));
  EXPECT_EQ(created[0]->preconditions[0].check, "blue_green_takes_a_key");
}

TEST(Strategy, IsRefusedWithTheReason) {
  for (const char* strategy : {"logical-replication", "dms"}) {
    const auto plan = PlanState("synthetic-blue-green", kEncrypt, strategy);
    ASSERT_FALSE(plan.ok());
    EXPECT_EQ(plan.error().code, ErrorCode::kUsage);
    EXPECT_THAT(plan.error().message, HasSubstr("aws_rds_cluster.orders"));
  }
  const auto documents = PlanState("synthetic-documents-and-graphs", kEncrypt, "blue-green");
  ASSERT_FALSE(documents.ok());
  EXPECT_THAT(documents.error().message, HasSubstr("no blue/green deployments"));
  EXPECT_FALSE(PlanState("synthetic-blue-green", kEncrypt, "magic").ok());
}

TEST(Strategy, IsExplainedForEveryDatabase) {
  const auto plan = PlanState("synthetic-documents-and-graphs", kEncrypt);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  ASSERT_EQ(plan->databases.size(), 2U);
  for (const PlannedDatabase& database : plan->databases) {
    ASSERT_EQ(database.considered.size(), 4U);
    EXPECT_EQ(
        std::count_if(database.considered.begin(), database.considered.end(), [](const auto& s) { return s.chosen; }),
        1);
    for (const ConsideredStrategy& strategy : database.considered) EXPECT_FALSE(strategy.reasons.empty());
  }
}

TEST(ClusterRestore, TakesTheKeyForEveryEngine) {
  const auto plan = PlanState("synthetic-documents-and-graphs", kEncrypt);
  ASSERT_TRUE(plan.ok());
  std::vector<std::string> services;
  for (const Action* restore : OfKind(*plan, kRestoreCluster)) {
    services.push_back(restore->calls[0].service);
    EXPECT_THAT(restore->calls[0].parameters["KmsKeyId"].asString(), HasSubstr(":key/"));
  }
  EXPECT_THAT(services, ::testing::UnorderedElementsAre("docdb", "neptune"));
}

TEST(SecretInTheEnvironment, MovesInTwoRevisionsWithAWatchBetween) {
  const ActionPlan plan = PlanFixture("pazpaz", "state-after-phase1.show.json");
  EXPECT_TRUE(plan.complete());
  EXPECT_LT(First(plan, kSealExposedValue), First(plan, kCreateSecret));
  EXPECT_LT(First(plan, kGrantSecretAccess), First(plan, kRegisterTaskDefinition));
  const auto revisions = OfKind(plan, kRegisterTaskDefinition);
  ASSERT_EQ(revisions.size(), 2U);
  EXPECT_EQ(revisions[0]->payload["mode"], "dual");
  EXPECT_EQ(revisions[0]->payload["keep"][0], "ENCRYPTION_MASTER_KEY");
  EXPECT_FALSE(revisions[0]->payload["references"].isMember("ENCRYPTION_MASTER_KEY"));
  EXPECT_EQ(revisions[1]->payload["mode"], "final");
  EXPECT_TRUE(revisions[1]->payload["references"].isMember("ENCRYPTION_MASTER_KEY"));
  const auto watches = OfKind(plan, kWatchService);
  ASSERT_EQ(watches.size(), 2U);
  EXPECT_EQ(watches[0]->payload["hours"].asInt(), 24);
  EXPECT_THAT(revisions[1]->needs, ::testing::Contains(watches[0]->id));
  EXPECT_LT(First(plan, kRotateExposedValue), First(plan, kDeregisterTaskDefinitions));
}

TEST(SecretInTheEnvironment, UsesTheSecretThatIsThereAlready) {
  const ActionPlan plan = PlanFixture("pazpaz", "state-after-phase2.show.json");
  EXPECT_TRUE(plan.complete());
  const auto secrets = OfKind(plan, kCreateSecret);
  ASSERT_EQ(secrets.size(), 1U);
  EXPECT_TRUE(secrets[0]->payload["existing"].asString().starts_with("arn:aws:secretsmanager:"));
  for (const ApiCall& call : secrets[0]->calls) EXPECT_TRUE(call.read_only) << call.operation;
  EXPECT_EQ(OfKind(plan, kRegisterTaskDefinition).size(), 2U);
}

// The container names the secret in a variable: the application fetches it with the task role, and is not given it.
TEST(SecretInTheEnvironment, FollowsTheWayTheApplicationReadsIt) {
  const ActionPlan plan = PlanFixture("pazpaz", "state-after-phase2.show.json");
  const auto revisions = OfKind(plan, kRegisterTaskDefinition);
  ASSERT_EQ(revisions.size(), 2U);
  EXPECT_EQ(revisions[1]->payload["environment"]["SECRETS_MANAGER_KEY_NAME"], "pazpaz/encryption-key-v1");
  EXPECT_EQ(revisions[1]->payload["remove"][0], "ENCRYPTION_MASTER_KEY");
  EXPECT_TRUE(revisions[1]->payload["references"].empty());
  EXPECT_THAT(OfKind(plan, kCreateExecutionRole), IsEmpty());
  EXPECT_EQ(OfKind(plan, kGrantSecretAccess)[0]->payload["role"], "PazPazECSTaskRole");
  const auto watches = OfKind(plan, kWatchService);
  EXPECT_EQ(watches[0]->payload["log_group"], "/aws/ecs/pazpaz-api-production");
  EXPECT_EQ(watches[0]->payload["fallback_lines"][0], "aws_unavailable_using_env_fallback");
}

// Secrets Manager takes 32 to 64 characters.
TEST(SecretInTheEnvironment, HasATokenThatSecretsManagerTakes) {
  const ActionPlan plan = PlanFixture("pazpaz", "state-after-phase1.show.json");
  const std::string token = OfKind(plan, kCreateSecret)[0]->payload["token"].asString();
  EXPECT_GE(token.size(), 32U);
  EXPECT_LE(token.size(), 64U);
}

TEST(TerraformPlan, ThatChangesAKeyBecomesTheWayThatKeepsTheData) {
  const ActionPlan plan = PlanFixture("clinical-trial", "prod-05-kms-key-change-replace.json");
  ASSERT_EQ(plan.databases.size(), 1U);
  EXPECT_EQ(plan.databases[0].key_reason, "the Terraform plan names it");
  EXPECT_EQ(OfKind(plan, kRestoreCluster).size(), 1U);
}

TEST(TerraformPlan, ThatOnlyNamesTheSameKeyOtherwiseMovesNothing) {
  for (const char* file : {"14-alias-arn.json", "16-encryption-line-dropped.json"}) {
    const ActionPlan plan = PlanFixture("compliant", file);
    EXPECT_THAT(plan.actions, IsEmpty()) << file;
    EXPECT_FALSE(plan.notes.empty()) << file;
  }
}

// What an action sets is not to be kept as it is.
TEST(TerraformPlan, ThatWeakensWhatThisPlanSetsIsToldTheSameValue) {
  for (const char* file : {"dev-03-storage-key-unset.json", "prod-03-retention-35-to-3.json"}) {
    std::vector<terraform::Document> documents;
    documents.push_back(test::ReadFixture(std::string("clinical-trial/") + file));
    const auto made = MakePlan(documents, test::PolicyOf("version: 1\n"), {.strategy = "", .now = test::kNow});
    ASSERT_TRUE(made.ok()) << made.error().message;
    const ActionPlan& plan = *made;
    std::string notes;
    for (const std::string& note : plan.notes) notes += note + "\n";
    const bool sets = std::string_view(file).starts_with("dev");
    for (const char* value :
         {"backup_retention_period = ", "deletion_protection = true", "skip_final_snapshot = false"}) {
      EXPECT_EQ(notes.find(std::string("): write ") + value) != std::string::npos, sets) << file << notes;
    }
    EXPECT_EQ(notes.find("keep the argument as it is") == std::string::npos, sets) << file << notes;
  }
}

TEST(TerraformPlan, WhoseKeyDoesNotExistYetSaysWhatToApplyFirst) {
  const ActionPlan plan = PlanFixture("clinical-trial", "prod-10-unknown-key-replace.json");
  EXPECT_FALSE(plan.complete());
  ASSERT_EQ(plan.unresolved.size(), 1U);
  EXPECT_THAT(plan.unresolved[0].reason, HasSubstr("apply -target="));
  EXPECT_EQ(OfKind(plan, kManual).size(), 1U);
}

TEST(TerraformPlan, OfWhatIsNotThereYetOnlyChangesTheConfiguration) {
  const ActionPlan plan = PlanFixture("z360", "01-create.json");
  EXPECT_TRUE(plan.complete());
  EXPECT_EQ(OfKind(plan, kEditConfiguration).size(), 4U);
  EXPECT_THAT(plan.databases, IsEmpty());
}

TEST(SeveralDocuments, BecomeOnePlanInAnyOrder) {
  const auto documents = [](bool turned) {
    std::vector<std::string> files = {"clinical-trial/dev-03-storage-key-unset.json",
                                      "clinical-trial/prod-05-kms-key-change-replace.json"};
    if (turned) std::reverse(files.begin(), files.end());
    std::vector<terraform::Document> read;
    for (const std::string& file : files) read.push_back(test::ReadFixture(file));
    return read;
  };
  const PolicyFile policy = test::FixturePolicy("clinical-trial");
  const auto one = MakePlan(documents(false), policy, {.strategy = "", .now = test::kNow});
  const auto other = MakePlan(documents(true), policy, {.strategy = "", .now = test::kNow});
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(WriteJsonDocument(ToJson(*one)), WriteJsonDocument(ToJson(*other)));
  EXPECT_EQ(one->inputs.size(), 2U);
  std::vector<std::string> environments;
  for (const PlannedDatabase& database : one->databases) environments.push_back(database.environment);
  EXPECT_THAT(environments, ElementsAre("dev", "prod"));
}

TEST(Waves, WaitForApprovalsAndSoakOfTheOnesBefore) {
  const ActionPlan plan = PlanFixture("z360", "state-after-create.show.json");
  const auto opened = OfKind(plan, kOpenWave);
  const auto soaked = OfKind(plan, kSoak);
  ASSERT_EQ(opened.size(), 3U);
  ASSERT_EQ(soaked.size(), 2U);
  EXPECT_THAT(opened[1]->needs, ElementsAre(soaked[0]->id));
  EXPECT_THAT(opened[2]->needs, ::testing::UnorderedElementsAre(soaked[0]->id, soaked[1]->id));
  for (const Action* open : opened) EXPECT_GE(open->approvals, 1);
}

TEST(Poll, NeverTakesATimeoutForAFailure) {
  const ActionPlan plan = PlanFixture("z360", "state-after-create.show.json");
  std::size_t polls = 0;
  for (const Action& action : plan.actions) {
    if (!action.poll) continue;
    ++polls;
    EXPECT_EQ(ToJson(action)["poll"]["at_deadline"], "still_running");
    EXPECT_GT(action.poll->deadline_seconds, action.poll->interval_seconds);
    EXPECT_FALSE(action.poll->success.empty());
  }
  EXPECT_GT(polls, 50U);
}

}  // namespace
}  // namespace tfseal
