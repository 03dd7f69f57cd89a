#include "policy/gate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "terraform/read.h"

namespace tfseal {
namespace {

using terraform::Document;

// One entry of resource_changes.
std::string Change(std::string_view type, std::string_view actions, std::string_view before, std::string_view after,
                   std::string_view more = "", std::string_view unknown = "{}") {
  return fmt::format(R"({{"address":"{0}.x","mode":"managed","type":"{0}","name":"x",{5}"change":{{"actions":{1},)"
                     R"("before":{2},"after":{3},"after_unknown":{4}}}}})",
                     type, actions, before, after, unknown, more);
}

std::string Plan(const std::string& changes, std::string_view more = "") {
  return fmt::format(R"({{"format_version":"1.2","terraform_version":"1.11.4",{}"resource_changes":[{}]}})", more,
                     changes);
}

struct Gated {
  std::unique_ptr<Document> plan;
  GateReport report;
};

// Judged with an empty `require`, so that only what is destroyed or partial decides, unless the policy says otherwise.
Gated GateOf(const std::string& json, PolicyFile policy = {}) {
  auto read = terraform::ReadDocumentFromMemory(json, "plan.json", GateInterest());
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message) << "\n" << json;
  Gated gated;
  gated.plan = std::make_unique<Document>(std::move(read).value());
  gated.report = Gate(*gated.plan, policy, 1'800'000'000);
  return gated;
}

PolicyFile Requiring(std::set<Topic> topics) {
  PolicyFile policy;
  policy.defaults.requirements.require = std::move(topics);
  return policy;
}

struct LossCase {
  const char* name;
  std::string change;
  const char* cls;  // "" : nothing is destroyed
};

class Loss : public testing::TestWithParam<LossCase> {};

TEST_P(Loss, IsListedWithItsClass) {
  const Gated gated = GateOf(Plan(GetParam().change), Requiring({}));
  const std::string_view cls = GetParam().cls;
  if (cls.empty()) {
    EXPECT_TRUE(gated.report.destroys.empty());
    EXPECT_NE(gated.report.verdict, GateVerdict::kDeny);
    return;
  }
  ASSERT_EQ(gated.report.destroys.size(), 1U);
  EXPECT_EQ(gated.report.destroys[0].cls, cls);
  EXPECT_FALSE(gated.report.destroys[0].reason.empty());
  EXPECT_EQ(gated.report.verdict, GateVerdict::kDeny);
}

constexpr const char* kReplace = R"(["delete","create"])";
constexpr const char* kReplaceCreateFirst = R"(["create","delete"])";
constexpr const char* kDelete = R"(["delete"])";

INSTANTIATE_TEST_SUITE_P(
    Changes, Loss,
    testing::Values(
        LossCase{"cluster_replaced", Change("aws_rds_cluster", kReplace, R"({"id":"a"})", R"({"id":"a"})"),
                 "replace_data_loss"},
        LossCase{"cluster_replaced_create_first", Change("aws_rds_cluster", kReplaceCreateFirst, "{}", "{}"),
                 "replace_data_loss"},
        LossCase{"cluster_tainted",
                 Change("aws_rds_cluster", kReplace, "{}", "{}", R"("action_reason":"replace_because_tainted",)"),
                 "replace_data_loss"},
        LossCase{"cluster_deleted", Change("aws_docdb_cluster", kDelete, "{}", "null"), "delete_data_loss"},
        LossCase{"deposed_cluster", Change("aws_rds_cluster", kDelete, "{}", "null", R"("deposed":"0badc0de",)"),
                 "delete_data_loss"},
        LossCase{
            "protected_cluster",
            Change("aws_rds_cluster", kDelete, R"({"deletion_protection":true,"skip_final_snapshot":false})", "null"),
            "delete_data_loss"},
        LossCase{"global_member", Change("aws_rds_cluster_instance", kDelete, "{}", "null"), ""},
        LossCase{"instance", Change("aws_db_instance", kDelete, R"({"replicate_source_db":""})", "null"),
                 "delete_data_loss"},
        LossCase{"read_replica", Change("aws_db_instance", kDelete, R"({"replicate_source_db":"main"})", "null"), ""},
        LossCase{"key", Change("aws_kms_key", kDelete, "{}", "null"), "key_loss"},
        LossCase{"key_replaced", Change("aws_kms_key", kReplace, "{}", "{}"), "key_loss"},
        LossCase{"replica_key", Change("aws_kms_replica_key", kDelete, "{}", "null"), ""},
        LossCase{"secret", Change("aws_secretsmanager_secret", kReplace, "{}", "{}"), "secret_loss"},
        LossCase{"secret_version", Change("aws_secretsmanager_secret_version", kReplace, "{}", "{}"), ""},
        LossCase{"secure_parameter", Change("aws_ssm_parameter", kDelete, R"({"type":"SecureString"})", "null"),
                 "secret_loss"},
        LossCase{"plain_parameter", Change("aws_ssm_parameter", kDelete, R"({"type":"String"})", "null"), ""},
        LossCase{"vault", Change("aws_backup_vault", kReplace, "{}", "{}"), "recovery_point_loss"},
        LossCase{"snapshot_copy", Change("aws_db_snapshot_copy", kDelete, "{}", "null"), "recovery_point_loss"},
        LossCase{"log_group", Change("aws_cloudwatch_log_group", kDelete, R"({"skip_destroy":false})", "null"),
                 "delete_data_loss"},
        LossCase{"log_group_kept_in_aws",
                 Change("aws_cloudwatch_log_group", kDelete, R"({"skip_destroy":true})", "null"), ""},
        LossCase{"memcached", Change("aws_elasticache_cluster", kReplace, R"({"engine":"memcached"})", "{}"), ""},
        LossCase{"redis", Change("aws_elasticache_cluster", kReplace, R"({"engine":"redis"})", "{}"),
                 "replace_data_loss"},
        LossCase{"task_definition", Change("aws_ecs_task_definition", kReplace, "{}", "{}"), ""},
        LossCase{"queue", Change("aws_sqs_queue", kDelete, "{}", "null"), ""},
        LossCase{"forgotten", Change("aws_dynamodb_table", R"(["forget"])", "{}", "null"), ""},
        LossCase{"created_and_forgotten", Change("aws_dynamodb_table", R"(["create","forget"])", "{}", "{}"), ""},
        LossCase{"moved", Change("aws_kms_key", R"(["no-op"])", "{}", "{}", R"("previous_address":"aws_kms_key.y",)"),
                 ""},
        LossCase{"replica_rebuilt",
                 Change("aws_dynamodb_table", R"(["update"])",
                        R"({"replica":[{"region_name":"eu-west-1","kms_key_arn":"a"}]})",
                        R"({"replica":[{"region_name":"eu-west-1","kms_key_arn":"b"}]})"),
                 "destructive_update"},
        LossCase{"replica_key_filled_in",
                 Change("aws_dynamodb_table", R"(["update"])",
                        R"({"replica":[{"region_name":"eu-west-1","kms_key_arn":""}]})",
                        R"({"replica":[{"region_name":"eu-west-1","kms_key_arn":""}],"tags":{}})"),
                 ""},
        LossCase{"image_of_an_instance", Change("aws_ami_from_instance", kDelete, "{}", "null"), "recovery_point_loss"},
        LossCase{"image_copy", Change("aws_ami_copy", kReplace, "{}", "{}"), "recovery_point_loss"},
        LossCase{"keyspace", Change("aws_keyspaces_keyspace", kDelete, "{}", "null"), "delete_data_loss"},
        LossCase{"simpledb", Change("aws_simpledb_domain", kDelete, "{}", "null"), "delete_data_loss"},
        LossCase{"lightsail_bucket", Change("aws_lightsail_bucket", kReplace, "{}", "{}"), "replace_data_loss"},
        LossCase{"directory", Change("aws_directory_service_directory", kDelete, R"({"type":"MicrosoftAD"})", "null"),
                 "delete_data_loss"},
        LossCase{"directory_connector",
                 Change("aws_directory_service_directory", kDelete, R"({"type":"ADConnector"})", "null"), ""},
        LossCase{"table_bucket", Change("aws_s3tables_table_bucket", kReplace, "{}", "{}"), "replace_data_loss"},
        LossCase{"measures_expire_sooner",
                 Change("aws_timestreamwrite_table", R"(["update"])",
                        R"({"retention_properties":[{"magnetic_store_retention_period_in_days":730}]})",
                        R"({"retention_properties":[{"magnetic_store_retention_period_in_days":365}]})"),
                 "destructive_update"},
        LossCase{"measures_kept_longer",
                 Change("aws_timestreamwrite_table", R"(["update"])",
                        R"({"retention_properties":[{"magnetic_store_retention_period_in_days":365}]})",
                        R"({"retention_properties":[{"magnetic_store_retention_period_in_days":730}]})"),
                 ""},
        LossCase{"unlisted_type", Change("aws_security_group", kReplace, "{}", "{}"), ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Gate, NamesTheAttributeThatForcesTheReplacementAndWhatWouldNotHaveSavedTheData) {
  const Gated gated = GateOf(
      R"({"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance",
      "name":"x","action_reason":"replace_because_cannot_update","change":{"actions":["delete","create"],
      "before":{"storage_encrypted":true,"skip_final_snapshot":true,"delete_automated_backups":true,"deletion_protection":false},
      "after":{"storage_encrypted":null},"after_unknown":{},"replace_paths":[["storage_encrypted"]]}}]})");
  ASSERT_EQ(gated.report.destroys.size(), 1U);
  const Destroyed& destroyed = gated.report.destroys[0];
  EXPECT_EQ(destroyed.paths, std::vector<std::string>{"storage_encrypted"});
  EXPECT_NE(destroyed.reason.view().find("left out of the configuration"), std::string::npos)
      << destroyed.reason.view();
  EXPECT_EQ(destroyed.protections.size(), 3U);
  EXPECT_NE(destroyed.remedy.view().find("tfseal plan plan.json"), std::string::npos);
}

TEST(Gate, APartialOrDeferredPlanIsNeverAllowed) {
  EXPECT_EQ(GateOf(Plan("")).report.verdict, GateVerdict::kAllow);
  EXPECT_EQ(GateOf(Plan("", R"("complete":false,)")).report.verdict, GateVerdict::kReview);
  EXPECT_EQ(GateOf(Plan("", R"("deferred_changes":[{"reason":"resource_config_unknown","resource_change":{}}],)"))
                .report.verdict,
            GateVerdict::kReview);
}

TEST(Gate, AnErroredPlanIsUnusableAndStillNamesWhatItWouldDestroy) {
  const Gated gated = GateOf(Plan(Change("aws_rds_cluster", kReplace, "{}", "{}"), R"("errored":true,)"));
  EXPECT_EQ(gated.report.verdict, GateVerdict::kUnusable);
  EXPECT_EQ(gated.report.destroys.size(), 1U);
}

TEST(Gate, AStateIsNotAPlan) {
  const Gated gated = GateOf(R"({"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}})");
  EXPECT_EQ(gated.report.verdict, GateVerdict::kUnusable);
}

TEST(Gate, AWaivedDestructionStaysListedAndIsReviewed) {
  PolicyFile policy = Requiring({});
  Waiver waiver;
  waiver.control = "data_loss";
  waiver.address = "aws_rds_cluster.x";
  waiver.expires = 1'900'000'000;
  policy.waivers.push_back(waiver);
  const Gated gated = GateOf(Plan(Change("aws_rds_cluster", kDelete, "{}", "null")), std::move(policy));
  EXPECT_EQ(gated.report.destroys.size(), 1U);
  EXPECT_EQ(gated.report.verdict, GateVerdict::kReview);
}

// Judged before and after: caused is deny, inherited is review, healed is allow.
struct CauseCase {
  const char* name;
  const char* actions;
  const char* before;
  const char* after;
  GateVerdict verdict;
};

class Causes : public testing::TestWithParam<CauseCase> {};

TEST_P(Causes, DecideBetweenDenyReviewAndAllow) {
  const CauseCase& c = GetParam();
  const Gated gated =
      GateOf(Plan(Change("aws_rds_cluster", c.actions, c.before, c.after)), Requiring({Topic::kBackupRetention}));
  EXPECT_EQ(gated.report.verdict, c.verdict);
}

constexpr const char* kKeeps1 = R"({"engine":"aurora-postgresql","backup_retention_period":1})";
constexpr const char* kKeeps5 = R"({"engine":"aurora-postgresql","backup_retention_period":5})";
constexpr const char* kKeeps14 = R"({"engine":"aurora-postgresql","backup_retention_period":14})";
constexpr const char* kKeeps35 = R"({"engine":"aurora-postgresql","backup_retention_period":35})";

INSTANTIATE_TEST_SUITE_P(
    Retention, Causes,
    testing::Values(CauseCase{"created_in_breach", R"(["create"])", "null", kKeeps1, GateVerdict::kDeny},
                    CauseCase{"created_in_order", R"(["create"])", "null", kKeeps35, GateVerdict::kAllow},
                    CauseCase{"inherited", R"(["no-op"])", kKeeps1, kKeeps1, GateVerdict::kReview},
                    CauseCase{"weakened", R"(["update"])", kKeeps35, kKeeps1, GateVerdict::kDeny},
                    CauseCase{"worsened", R"(["update"])", kKeeps5, kKeeps1, GateVerdict::kDeny},
                    CauseCase{"improved_not_enough", R"(["update"])", kKeeps1, kKeeps5, GateVerdict::kReview},
                    CauseCase{"healed", R"(["update"])", kKeeps1, kKeeps35, GateVerdict::kAllow},
                    CauseCase{"lowered_but_enough", R"(["update"])", kKeeps35, kKeeps14, GateVerdict::kAllow}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Gate, WhatIsNotRequiredIsAdvice) {
  const Gated gated =
      GateOf(Plan(Change("aws_rds_cluster", R"(["create"])", "null", kKeeps1)), Requiring({Topic::kTls}));
  EXPECT_EQ(gated.report.verdict, GateVerdict::kAllow);
  EXPECT_FALSE(gated.report.findings.empty());
  for (const Finding& finding : gated.report.findings) EXPECT_FALSE(finding.required) << finding.control.view();
}

TEST(Gate, AnUnknownRequiredControlIsReviewed) {
  const Gated gated =
      GateOf(Plan(Change("aws_rds_cluster", R"(["create"])", "null", R"({"engine":"aurora-postgresql"})", "",
                         R"({"backup_retention_period":true})")),
             Requiring({Topic::kBackupRetention}));
  EXPECT_EQ(gated.report.verdict, GateVerdict::kReview);
}

TEST(Gate, AnObjectOfWhichNothingIsKnownIsReviewed) {
  const Gated gated =
      GateOf(Plan(Change("aws_rds_cluster", R"(["create"])", "null", R"({"storage_encrypted":true})", "", "true")),
             Requiring({}));
  EXPECT_EQ(gated.report.verdict, GateVerdict::kReview);
}

// "Nothing found" about a plan that somebody took the changes out of would be worse than no answer.
TEST(Gate, APlanWithoutItsChangesIsUnusable) {
  const std::string planned =
      R"("planned_values":{"root_module":{"child_modules":[{"address":"module.db","resources":[{"address":)"
      R"("module.db.aws_rds_cluster.c","mode":"managed","type":"aws_rds_cluster","name":"c","values":)"
      R"({"storage_encrypted":false}}]}]}},)";
  const Gated trimmed = GateOf(Plan("", planned), Requiring({}));
  EXPECT_EQ(trimmed.report.verdict, GateVerdict::kUnusable);
  EXPECT_NE(trimmed.report.unusable_because.find("planned_values"), std::string::npos);
  // Nothing changes: what is there is judged.
  const std::string prior =
      R"("prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_rds_cluster.c",)"
      R"("mode":"managed","type":"aws_rds_cluster","name":"c","values":{"storage_encrypted":false}}]}}},)";
  const Gated refresh = GateOf(Plan("", planned + prior), Requiring({Topic::kEncryption}));
  EXPECT_EQ(refresh.report.verdict, GateVerdict::kReview);
  EXPECT_EQ(GateOf(Plan("", R"("planned_values":{"root_module":{}},)"), Requiring({})).report.verdict,
            GateVerdict::kAllow);
}

// What tfseal does not know cannot be called harmless.
TEST(Gate, WhatIsDestroyedUnjudgedIsSaid) {
  const std::string changes = Change("awscc_rds_db_cluster", R"(["delete"])", "{}", "null") + "," +
                              Change("google_sql_database_instance", R"(["delete","create"])", "{}", "{}") + "," +
                              Change("null_resource", R"(["create"])", "null", "{}");
  const Gated gated = GateOf(Plan(changes), Requiring({}));
  ASSERT_EQ(gated.report.notes.size(), 1U);
  EXPECT_EQ(gated.report.notes[0],
            "destroyed, but not judged, because tfseal does not know their types: awscc_rds_db_cluster, "
            "google_sql_database_instance");
}

// Else a plan could take the tag away by which it would be denied.
TEST(Gate, AMoveToAnEnvironmentThatAsksForLessIsReviewed) {
  const auto policy = [] {
    PolicyFile made = Requiring({});
    Environment& production = made.environments.emplace_back();
    production.name = "prod";
    production.match.tags = {{"Environment", "production"}};
    production.requirements.require = {Topic::kDeletionProtection};
    return made;
  };
  const auto plan = [](std::string_view tag) {
    return Plan(Change("aws_rds_cluster", R"(["update"])",
                       R"({"deletion_protection":true,"tags_all":{"Environment":"production"}})",
                       fmt::format(R"({{"deletion_protection":false,"tags_all":{{"Environment":"{}"}}}})", tag)));
  };
  EXPECT_EQ(GateOf(plan("production"), policy()).report.verdict, GateVerdict::kDeny);
  EXPECT_EQ(GateOf(plan("dev"), policy()).report.verdict, GateVerdict::kReview);
}

// The one that is forgotten was not encrypted either; the one that is made in its place is new all the same.
TEST(Gate, WhatIsMadeInPlaceOfAForgottenOneIsJudgedAsNew) {
  const Gated gated = GateOf(Plan(Change("aws_rds_cluster", R"(["create","forget"])", R"({"storage_encrypted":false})",
                                         R"({"storage_encrypted":false})")),
                             Requiring({Topic::kEncryption}));
  EXPECT_EQ(gated.report.verdict, GateVerdict::kDeny);
}

// A letter of an attribute's name that flips on the way must not turn into "not set", which can pass.
TEST(Gate, AnAttributeThatIsLostOnThePlannedSideIsReviewed) {
  const Gated whole = GateOf(
      Plan(Change("aws_rds_cluster", R"(["update"])", R"({"engine":"aurora-postgresql","skip_final_snapshot":false})",
                  R"({"engine":"aurora-postgresql","skip_final_snapshot":false})")),
      Requiring({}));
  EXPECT_EQ(whole.report.verdict, GateVerdict::kAllow);
  const Gated lost = GateOf(
      Plan(Change("aws_rds_cluster", R"(["update"])", R"({"engine":"aurora-postgresql","skip_final_snapshot":false})",
                  R"({"engine":"aurora-postgresql","skip_fibal_snapshot":true})")),
      Requiring({}));
  EXPECT_EQ(lost.report.verdict, GateVerdict::kReview);
}

TEST(Gate, AContainerDefinitionWithANameThatEcsDoesNotKnowIsNoPass) {
  for (const auto& [key, verdict] : {std::pair{"environment", GateVerdict::kDeny},
                                     {"ENVIRONMENT", GateVerdict::kDeny},
                                     {"envirPnment", GateVerdict::kReview}}) {
    const std::string after = fmt::format(
        R"({{"container_definitions":"[{{\"name\":\"app\",\"{}\":[{{\"name\":\"DB_PASSWORD\",\"value\":\"CANARY-1\"}}]}}]"}})",
        key);
    const Gated gated = GateOf(Plan(Change("aws_ecs_task_definition", R"(["create"])", "null", after)),
                               Requiring({Topic::kPlaintextSecret}));
    EXPECT_EQ(gated.report.verdict, verdict) << key;
  }
}

constexpr std::string_view kBucketPolicy = "aws_s3_bucket_policy";
constexpr std::string_view kRefusing =
    R"({"bucket":"b","policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",)"
    R"(\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"})";
constexpr std::string_view kAnswering =
    R"({"bucket":"b","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},)"
    R"(\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"})";

TEST(Gate, ARefusalOfRequestsWithoutTlsIsNotTakenAway) {
  for (const std::string& change : {Change(kBucketPolicy, R"(["update"])", kRefusing, kAnswering),
                                    Change(kBucketPolicy, R"(["delete"])", kRefusing, "null")}) {
    const Gated gated = GateOf(Plan(change), Requiring({Topic::kTls}));
    EXPECT_EQ(gated.report.verdict, GateVerdict::kDeny) << change;
    ASSERT_FALSE(gated.report.findings.empty()) << change;
    EXPECT_EQ(gated.report.findings.front().control, "TFS-S3-010") << change;
    EXPECT_EQ(GateOf(Plan(change), Requiring({})).report.verdict, GateVerdict::kAllow) << change;
  }
}

// The provider sets what it managed back to AWS's default: no key of one's own, no encryption, no record.
TEST(Gate, ASettingOfTheAccountThatGoesIsNotKept) {
  constexpr std::string_view kKeyArn = R"({"key_arn":"arn:aws:kms:eu-west-1:111122223333:key/k"})";
  constexpr std::string_view kCatalog =
      R"({"data_catalog_encryption_settings":[{"encryption_at_rest":[{"catalog_encryption_mode":"SSE-KMS"}],)"
      R"("connection_password_encryption":[{"return_connection_password_encrypted":true}]}]})";
  constexpr std::string_view kTrail = R"({"name":"t","enable_logging":true,"enable_log_file_validation":true})";
  const std::string keys = R"({"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","change":{)"
                           R"("actions":["no-op"],"before":{"arn":"arn:aws:kms:eu-west-1:111122223333:key/k"},)"
                           R"("after":{"arn":"arn:aws:kms:eu-west-1:111122223333:key/k"},"after_unknown":{}}},)";
  EXPECT_EQ(
      GateOf(Plan(keys + Change("aws_ebs_default_kms_key", kDelete, kKeyArn, "null")), Requiring({Topic::kCustomerKey}))
          .report.verdict,
      GateVerdict::kDeny);
  EXPECT_EQ(GateOf(Plan(Change("aws_glue_data_catalog_encryption_settings", kDelete, kCatalog, "null")),
                   Requiring({Topic::kEncryption}))
                .report.verdict,
            GateVerdict::kDeny);
  EXPECT_EQ(
      GateOf(Plan(Change("aws_ebs_snapshot_block_public_access", kDelete, R"({"state":"block-all-sharing"})", "null")),
             Requiring({Topic::kPublicAccess}))
          .report.verdict,
      GateVerdict::kDeny);
  // The provider leaves this one in place when it goes.
  EXPECT_EQ(
      GateOf(Plan(Change("aws_ec2_image_block_public_access", kDelete, R"({"state":"block-new-sharing"})", "null")),
             Requiring({Topic::kPublicAccess}))
          .report.verdict,
      GateVerdict::kAllow);
  const std::string trail = Change("aws_cloudtrail", kDelete, kTrail, "null");
  EXPECT_EQ(GateOf(Plan(trail), Requiring({Topic::kAuditLog})).report.verdict, GateVerdict::kDeny);
  EXPECT_EQ(GateOf(Plan(trail), Requiring({Topic::kEncryption, Topic::kCustomerKey})).report.verdict,
            GateVerdict::kAllow);
  // Another one records as well as it did.
  std::string other = Change("aws_cloudtrail", R"(["create"])", "null", kTrail);
  other.replace(other.find("aws_cloudtrail.x"), 16, "aws_cloudtrail.y");
  other.replace(other.find(R"("name":"x")"), 10, R"("name":"y")");
  EXPECT_EQ(GateOf(Plan(trail + "," + other), Requiring({Topic::kAuditLog})).report.verdict, GateVerdict::kAllow);
}

TEST(Gate, ASelectionOfBackupsIsNotTakenAwayUnlessAnotherHasIt) {
  constexpr std::string_view kSelection = "aws_backup_selection";
  constexpr std::string_view kOrders = R"({"id":"s","plan_id":"p","resources":["arn:orders"],"selection_tag":[]})";
  const std::set<Topic> asked = {Topic::kBackupRetention};
  const std::string gone = Change(kSelection, kDelete, kOrders, "null");
  const Gated gated = GateOf(Plan(gone), Requiring(asked));
  EXPECT_EQ(gated.report.verdict, GateVerdict::kDeny);
  ASSERT_FALSE(gated.report.findings.empty());
  EXPECT_EQ(gated.report.findings.front().control, "TFS-BACKUP-008");
  EXPECT_EQ(GateOf(Plan(gone), Requiring({})).report.verdict, GateVerdict::kAllow);
  const auto with = [&](std::string_view attributes, std::string_view unknown = "{}") {
    std::string other = Change(kSelection, R"(["create"])", "null", attributes, "", unknown);
    other.replace(other.find("aws_backup_selection.x"), 22, "aws_backup_selection.y");
    other.replace(other.find(R"("name":"x")"), 10, R"("name":"y")");
    return GateOf(Plan(gone + "," + other), Requiring(asked)).report.verdict;
  };
  EXPECT_EQ(with(kOrders), GateVerdict::kAllow);
  EXPECT_EQ(with(R"({"resources":["arn:users"],"selection_tag":[]})"), GateVerdict::kDeny);
  EXPECT_EQ(with(R"({"selection_tag":[]})", R"({"resources":true})"), GateVerdict::kReview);
  // What goes itself needs no backups any more.
  const std::string table =
      R"({"address":"aws_dynamodb_table.o","mode":"managed","type":"aws_dynamodb_table","name":"o","change":)"
      R"({"actions":["delete"],"before":{"arn":"arn:orders"},"after":null,"after_unknown":{}}},)";
  for (const Finding& finding : GateOf(Plan(table + gone), Requiring(asked)).report.findings) {
    EXPECT_NE(finding.control, "TFS-BACKUP-008");
  }
}

TEST(Gate, APolicyThatRefusedNothingMayGo) {
  for (const std::string& change :
       {Change(kBucketPolicy, R"(["delete"])", kAnswering, "null"),
        Change(kBucketPolicy, R"(["delete","create"])", kAnswering, kAnswering),
        Change(kBucketPolicy, R"(["update"])", kAnswering, R"({"bucket":"b"})", "", R"({"policy":true})"),
        Change(kBucketPolicy, R"(["create"])", "null", kAnswering),
        Change("aws_s3_bucket", R"(["create"])", "null", R"({"bucket":"b"})")}) {
    EXPECT_EQ(GateOf(Plan(change), Requiring({Topic::kTls})).report.verdict, GateVerdict::kAllow) << change;
  }
}

TEST(Gate, ABucketThatAnswersWithoutTlsIsDeniedOnlyWhereThatIsAsked) {
  const std::string bucket = Plan(Change("aws_s3_bucket", R"(["create"])", "null", R"({"bucket":"b"})"));
  EXPECT_EQ(GateOf(bucket, Requiring({Topic::kTls})).report.verdict, GateVerdict::kAllow);
  EXPECT_EQ(GateOf(bucket, Requiring({Topic::kTlsOnly})).report.verdict, GateVerdict::kDeny);
}

}  // namespace
}  // namespace tfseal
