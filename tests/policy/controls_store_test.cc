#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "policy/controls/declarations.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {

TEST(StoreControls, JudgeEveryCaseAsTheDomainDoes) {
  const auto cases = StoreControlCases();
  ASSERT_FALSE(cases.empty());
  for (const ControlCase& row : cases) {
    const Judgement judgement = Judge(row);
    EXPECT_EQ(Name(judgement.verdict), Name(row.want)) << Describe(row) << "\n  " << judgement.message;
    EXPECT_FALSE(judgement.message.empty()) << Describe(row);
  }
}

// The reader of a plan keeps only what is declared: a document without anything else must be judged alike.
TEST(StoreControls, ReadNothingThatTheyDoNotDeclare) {
  for (const ControlCase& row : StoreControlCases()) {
    const Control* control = FindControl(row.control);
    ASSERT_NE(control, nullptr) << row.control;
    Estate estate;
    estate.Add({std::string(row.type) + ".it", row.attributes, row.references});
    for (const TestResource& other : row.others) estate.Add(other);
    KeepOnly(&estate.document(), control->reads, {"arn", "key_id", "id", "name", "target_key_id"});
    const Judgement judgement = estate.Judge(row.control, std::string(row.type) + ".it", row.requirements, row.now);
    EXPECT_EQ(Name(judgement.verdict), Name(row.want)) << Describe(row) << "\n  " << judgement.message;
  }
}

// Every fixture secret starts with CANARY.
TEST(StoreControls, NeverTellASecret) {
  for (const ControlCase& row : StoreControlCases()) {
    const Judgement judgement = Judge(row);
    EXPECT_EQ(judgement.message.find("CANARY"), std::string::npos) << judgement.message;
    for (const std::string& offender : judgement.offenders) {
      EXPECT_EQ(offender.find("CANARY"), std::string::npos) << offender;
    }
  }
}

TEST(StoreControls, NameTheContainerAndTheSetting) {
  Estate estate;
  estate.Add(
      {"aws_ecs_task_definition.it",
       R"({"container_definitions": "[{\"name\": \"app\", \"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"CANARY-1\"}, {\"name\": \"API_TOKEN\", \"value\": \"CANARY-2\"}]}]"})"});
  const Judgement judgement = estate.Judge("TFS-ECS-001", "aws_ecs_task_definition.it");
  EXPECT_EQ(judgement.offenders, (std::vector<std::string>{"app/API_TOKEN", "app/DB_PASSWORD"}));
}

TEST(StoreControls, AParameterThatWasSecureIsNotMadePlain) {
  Estate estate;
  estate.Add({"aws_ssm_parameter.it", R"({"name": "/app/x", "type": "String", "value": "harmless"})"},
             R"({"name": "/app/x", "type": "SecureString"})");
  EXPECT_EQ(estate.Judge("TFS-SSM-001", "aws_ssm_parameter.it").verdict, Verdict::kFail);
}

TEST(AllControlsTogether, HaveIdsOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const Control* control : AllControls()) EXPECT_TRUE(ids.insert(control->id).second) << control->id;
}

struct ChangeCase {
  std::string_view control;
  std::string_view type;
  std::string_view before;
  std::string_view after;
  Verdict want;
};

// What has no number in the policy is judged against what was.
TEST(StoreControls, JudgeChangesAgainstWhatWas) {
  constexpr ChangeCase kCases[] = {
      {"TFS-IAM-001", "aws_iam_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}]}"})",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:DeleteSecret\", \"Resource\": \"*\"}]}"})",
       Verdict::kFail},
      {"TFS-IAM-001", "aws_iam_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:DeleteSecret\", \"Resource\": \"*\"}]}"})",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"arn:aws:secretsmanager:x:1:secret:a\"}]}"})",
       Verdict::kPass},
      {"TFS-KMS-004", "aws_kms_grant", R"({"operations": ["Decrypt"]})",
       R"({"operations": ["Decrypt", "CreateGrant"]})", Verdict::kFail},
      {"TFS-KMS-004", "aws_kms_grant", R"({"operations": ["Decrypt", "CreateGrant"]})",
       R"({"operations": ["Decrypt"]})", Verdict::kPass},
      {"TFS-KMS-004", "aws_kms_grant", R"({"operations": ["Encrypt"]})", R"({"operations": ["Decrypt"]})",
       Verdict::kFail},
      {"TFS-KMS-004", "aws_kms_grant",
       R"({"operations": ["Decrypt"], "constraints": [{"encryption_context_equals": {"service": "orders"}}]})",
       R"({"operations": ["Decrypt"], "constraints": []})", Verdict::kFail},
      {"TFS-KMS-004", "aws_kms_grant",
       R"({"operations": ["Decrypt"], "constraints": [{"encryption_context_equals": {"service": "orders"}}]})",
       R"({"operations": ["Decrypt"], "constraints": "<unknown>"})", Verdict::kUnknown},
      {"TFS-KMS-004", "aws_kms_grant",
       R"({"operations": ["Decrypt"], "constraints": [{"encryption_context_equals": {"service": "orders"}}]})",
       R"({"operations": ["Decrypt"], "constraints": [{"encryption_context_equals": {"service": "orders", "a": "b"}}]})",
       Verdict::kPass},
      // AWS began to encrypt new queues by itself in October 2022; an older provider does not record whether it does.
      {"TFS-SQS-001", "aws_sqs_queue", R"({"kms_master_key_id": ""})", R"({"kms_master_key_id": ""})",
       Verdict::kUnknown},
      {"TFS-SQS-001", "aws_sqs_queue", R"({"kms_master_key_id": null, "sqs_managed_sse_enabled": null})",
       R"({"kms_master_key_id": null, "sqs_managed_sse_enabled": null})", Verdict::kUnknown},
      {"TFS-SQS-001", "aws_sqs_queue", R"({"kms_master_key_id": "", "sqs_managed_sse_enabled": true})",
       R"({"kms_master_key_id": "", "sqs_managed_sse_enabled": true})", Verdict::kPass},
      {"TFS-LOGS-003", "aws_cloudwatch_log_group", R"({"retention_in_days": 0})", R"({"retention_in_days": 3653})",
       Verdict::kFail},
      {"TFS-LOGS-003", "aws_cloudwatch_log_group", R"({"retention_in_days": 30})", R"({"retention_in_days": 0})",
       Verdict::kPass},
      {"TFS-FORCE-001", "aws_s3_bucket", R"({"force_destroy": false})", R"({"force_destroy": true})", Verdict::kFail},
      {"TFS-KEY-002", "aws_lambda_function", R"({"kms_key_arn": "arn:aws:kms:eu-west-1:1:alias/data"})",
       R"({"kms_key_arn": ""})", Verdict::kFail},
      {"TFS-BACKUP-007", "aws_backup_plan", R"({"rule": [{"enable_continuous_backup": true}]})",
       R"({"rule": [{"enable_continuous_backup": false}]})", Verdict::kFail},
      {"TFS-BACKUP-009", "aws_backup_plan", R"j({"rule": [{"rule_name": "a", "schedule": "cron(0 5 * * ? *)"}]})j",
       R"j({"rule": [{"rule_name": "a", "schedule": "cron(0 5 ? * SUN *)"}]})j", Verdict::kFail},
      {"TFS-BACKUP-009", "aws_backup_plan", R"j({"rule": [{"rule_name": "a", "schedule": "cron(0 5 * * ? *)"}]})j",
       R"j({"rule": [{"rule_name": "b", "schedule": "cron(30 * * * ? *)"}]})j", Verdict::kPass},
      {"TFS-BACKUP-009", "aws_backup_plan", R"({"rule": [{"rule_name": "a", "copy_action": [{}]}]})",
       R"({"rule": [{"rule_name": "a", "copy_action": []}]})", Verdict::kFail},
      {"TFS-BACKUP-009", "aws_backup_plan", R"({"rule": [{"rule_name": "a"}]})",
       R"({"rule": [{"rule_name": "a", "schedule": "<unknown>"}]})", Verdict::kUnknown},
      {"TFS-ELASTICACHE-006", "aws_elasticache_replication_group", R"({"auth_token": "CANARY-of-sixteen"})",
       R"({"auth_token": null, "user_group_ids": []})", Verdict::kFail},
      {"TFS-ELASTICACHE-006", "aws_elasticache_replication_group", R"({"auth_token": "CANARY-of-sixteen"})",
       R"({"auth_token": null, "user_group_ids": ["app"]})", Verdict::kPass},
      {"TFS-ELASTICACHE-006", "aws_elasticache_replication_group", R"({"auth_token": null})", R"({"auth_token": null})",
       Verdict::kNotApplicable},
      {"TFS-FORCE-002", "aws_db_instance", R"({"delete_automated_backups": false})",
       R"({"delete_automated_backups": true})", Verdict::kFail},
      {"TFS-FORCE-002", "aws_db_instance", R"({"delete_automated_backups": true})",
       R"({"delete_automated_backups": true})", Verdict::kPass},
      {"TFS-FORCE-002", "aws_rds_cluster", R"({"delete_automated_backups": false})",
       R"({"delete_automated_backups": "<unknown>"})", Verdict::kUnknown},
      {"TFS-FORCE-002", "aws_cognito_user_pool", R"({"deletion_protection": "ACTIVE"})",
       R"({"deletion_protection": "INACTIVE"})", Verdict::kFail},
      {"TFS-FORCE-002", "aws_memorydb_cluster", R"({"final_snapshot_name": "last"})",
       R"({"final_snapshot_name": null})", Verdict::kFail},
      {"TFS-FORCE-002", "aws_fsx_windows_file_system", R"({"skip_final_backup": true})",
       R"({"skip_final_backup": false})", Verdict::kPass},
      {"TFS-TRAIL-003", "aws_cloudtrail", R"({"is_multi_region_trail": true, "enable_log_file_validation": true})",
       R"({"is_multi_region_trail": false, "enable_log_file_validation": true})", Verdict::kFail},
      {"TFS-IAM-001", "aws_iam_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"arn:aws:secretsmanager:x:1:secret:a\"}]}"})",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}]}"})",
       Verdict::kFail},
      {"TFS-LB-001", "aws_lb_listener", R"({"protocol": "HTTPS"})", R"({"protocol": "HTTP"})", Verdict::kFail},
  };
  for (const ChangeCase& row : kCases) {
    Estate estate;
    const std::string address = std::string(row.type) + ".it";
    estate.Add({address, row.after}, row.before);
    EXPECT_EQ(Name(estate.Judge(row.control, address).verdict), Name(row.want)) << row.control << " " << row.after;
  }
}

struct SelectionCase {
  std::string_view what;
  std::string_view before;
  std::string_view after;
  std::string_view other;  // a second selection on the side after; may be empty
  Verdict want;
};

// What a selection gives up counts unless another one has it.
TEST(StoreControls, JudgeWhatIsNoLongerBackedUp) {
  constexpr std::string_view kBoth = R"({"resources": ["arn:a", "arn:b"]})";
  constexpr std::string_view kTwoTags =
      R"({"selection_tag": [{"key": "t", "value": "1"}, {"key": "t", "value": "2"}]})";
  constexpr std::string_view kOneTag = R"({"selection_tag": [{"key": "t", "value": "1"}]})";
  constexpr SelectionCase kCases[] = {
      {"the same", kBoth, kBoth, "", Verdict::kPass},
      {"a resource less", kBoth, R"({"resources": ["arn:a"]})", "", Verdict::kFail},
      {"a resource elsewhere", kBoth, R"({"resources": ["arn:a"]})", R"({"resources": ["arn:b"]})", Verdict::kPass},
      {"a pattern for both", kBoth, R"({"resources": ["arn:*"]})", "", Verdict::kPass},
      {"not known yet", kBoth, R"({"resources": "<unknown>"})", "", Verdict::kUnknown},
      {"one not known yet", kBoth, R"({"resources": ["arn:a", "<unknown>"]})", "", Verdict::kUnknown},
      {"left out now", kBoth, R"({"resources": ["arn:a", "arn:b"], "not_resources": ["arn:b"]})", "", Verdict::kFail},
      {"a tag less", kTwoTags, kOneTag, "", Verdict::kFail},
      {"a tag more", kOneTag, kTwoTags, "", Verdict::kPass},
      {"another tag that is not known yet", kTwoTags,
       R"({"selection_tag": [{"key": "t", "value": "1"}, {"key": "u", "value": "<unknown>"}]})", "", Verdict::kFail},
      {"this tag, not known yet", kTwoTags,
       R"({"selection_tag": [{"key": "t", "value": "1"}, {"key": "t", "value": "<unknown>"}]})", "", Verdict::kUnknown},
      {"resources that are not known yet have no tags", kTwoTags, kOneTag, R"({"resources": "<unknown>"})",
       Verdict::kFail},
      {"a condition more", kOneTag,
       R"({"selection_tag": [{"key": "t", "value": "1"}], "condition": [{"string_equals": [{"key": "k", "value": "v"}]}]})",
       "", Verdict::kFail},
      {"a condition less", R"({"resources": ["*"], "condition": [{"string_equals": [{"key": "k", "value": "v"}]}]})",
       R"({"resources": ["*"]})", "", Verdict::kPass},
      {"everything by tags of everything", R"({"resources": ["*"]})", kOneTag, "", Verdict::kFail},
  };
  for (const SelectionCase& row : kCases) {
    Estate estate;
    estate.Add({"aws_backup_selection.it", row.after}, row.before);
    if (!row.other.empty()) estate.Add({"aws_backup_selection.other", row.other});
    EXPECT_EQ(Name(estate.Judge("TFS-BACKUP-008", "aws_backup_selection.it").verdict), Name(row.want)) << row.what;
  }
}

struct ExpiryCase {
  std::string_view what;
  std::string_view before;  // of the rules; empty: there were none
  std::string_view after;
  std::string_view versioning;  // status of it
  Verdict want;
};

// A rule for the whole bucket applies to what is there already.
TEST(StoreControls, JudgeWhatALifecycleRuleBeginsToDelete) {
  constexpr std::string_view kWeek = R"([{"status": "Enabled", "expiration": [{"days": 7}]}])";
  constexpr std::string_view kDay =
      R"([{"status": "Enabled", "filter": [{"prefix": ""}], "expiration": [{"days": 1}]}])";
  constexpr std::string_view kDayOfAll =
      R"([{"status": "Enabled", "expiration": [{"days": 1}], "noncurrent_version_expiration": [{"noncurrent_days": 1}]}])";
  constexpr std::string_view kDayOfSome =
      R"([{"status": "Enabled", "filter": [{"prefix": "tmp/"}], "expiration": [{"days": 1}]},
          {"status": "Enabled", "filter": [{"tag": [{"key": "a", "value": "b"}]}], "expiration": [{"days": 1}]}])";
  constexpr ExpiryCase kCases[] = {
      {"all after a day", "", kDay, "Suspended", Verdict::kFail},
      {"all after a day instead of a week", kWeek, kDay, "Suspended", Verdict::kFail},
      {"all after a day, as before", kDay, kDay, "Suspended", Verdict::kPass},
      {"all after a week", "", kWeek, "Suspended", Verdict::kUnknown},
      {"all after a week instead of a day", kDay, kWeek, "Suspended", Verdict::kPass},
      {"some after a day", "", kDayOfSome, "Suspended", Verdict::kPass},
      {"not in force", "", R"([{"status": "Disabled", "expiration": [{"days": 1}]}])", "Suspended", Verdict::kPass},
      {"on a day", "", R"([{"status": "Enabled", "expiration": [{"date": "2027-01-01T00:00:00Z"}]}])", "Suspended",
       Verdict::kFail},
      {"what expires becomes a version", "", kDay, "Enabled", Verdict::kPass},
      {"versions go as well", "", kDayOfAll, "Enabled", Verdict::kFail},
      {"nobody knows of versions", "", kDay, "<unknown>", Verdict::kUnknown},
  };
  for (const ExpiryCase& row : kCases) {
    Estate estate;
    constexpr std::string_view kBucket = R"({"bucket": "b", "id": "b"})";
    const std::string versioning =
        fmt::format(R"({{"bucket": "b", "versioning_configuration": [{{"status": "{}"}}]}})", row.versioning);
    const std::string before = fmt::format(R"({{"bucket": "b", "rule": {}}})", row.before);
    const std::string after = fmt::format(R"({{"bucket": "b", "rule": {}}})", row.after);
    estate.Add({"aws_s3_bucket.b", kBucket}, kBucket);
    estate.Add({"aws_s3_bucket_versioning.b", versioning}, R"({"bucket": "b"})");
    estate.Add({"aws_s3_bucket_lifecycle_configuration.it", after}, row.before.empty() ? std::string() : before);
    EXPECT_EQ(Name(estate.Judge("TFS-S3-011", "aws_s3_bucket_lifecycle_configuration.it").verdict), Name(row.want))
        << row.what;
  }
  Estate anew;
  anew.Add({"aws_s3_bucket.b", R"({"bucket": "b"})"});
  const std::string rules = fmt::format(R"({{"bucket": "b", "rule": {}}})", kDay);
  anew.Add({"aws_s3_bucket_lifecycle_configuration.it", rules});
  EXPECT_EQ(anew.Judge("TFS-S3-011", "aws_s3_bucket_lifecycle_configuration.it").verdict, Verdict::kPass);
}

TEST(StoreControls, ABucketWhoseSettingsAreTakenAwayFails) {
  Estate estate;
  estate.Add({"aws_s3_bucket.it", R"({"bucket": "b", "id": "b", "versioning": [{"enabled": true}]})"},
             R"({"bucket": "b", "id": "b", "versioning": [{"enabled": true}]})");
  EXPECT_EQ(estate.Judge("TFS-S3-003", "aws_s3_bucket.it").verdict, Verdict::kPass);
  estate.Add({"aws_s3_bucket_versioning.v", "{}"}, R"({"bucket": "b"})");
  estate.document().resources.back().actions = {};
  estate.document().resources.back().actions.destroy = true;
  estate.document().resources.back().after = terraform::Value::Null();
  EXPECT_EQ(estate.Judge("TFS-S3-003", "aws_s3_bucket.it").verdict, Verdict::kFail);
}

TEST(StoreControls, EveryControlOfTheseSectionsHasAPassingAndADecisiveCase) {
  std::set<std::string_view> covered;
  for (const ControlCase& row : DatabaseControlCases()) covered.insert(row.control);
  for (const ControlCase& row : EnvironmentControlCases()) covered.insert(row.control);
  std::set<std::pair<std::string_view, Verdict>> seen;
  for (const ControlCase& row : StoreControlCases()) {
    seen.insert({row.control, row.want});
    covered.insert(row.control);
  }
  for (const Control* control : AllControls()) EXPECT_TRUE(covered.contains(control->id)) << control->id;
  for (const ControlCase& row : StoreControlCases()) {
    EXPECT_TRUE(seen.contains({row.control, Verdict::kPass})) << row.control;
    // Encryption that AWS does not let anybody switch off, and what is judged as a change only, cannot fail here.
    const Control* control = FindControl(row.control);
    ASSERT_NE(control, nullptr) << row.control;
    const bool cannot_fail =
        control->why.find("cannot fail") != std::string_view::npos || control->lowering_fails ||
        row.control == "TFS-SNS-001" || row.control == "TFS-LOGS-003" || row.control == "TFS-FORCE-001" ||
        row.control == "TFS-KEY-002" || row.control == "TFS-BACKUP-007" || row.control == "TFS-BACKUP-008" ||
        row.control == "TFS-BACKUP-009" || row.control == "TFS-FORCE-002" || row.control == "TFS-S3-011" ||
        row.control == "TFS-ELASTICACHE-006" || row.control == "TFS-IAM-002" || row.control == "TFS-LB-001";
    if (!cannot_fail) {
      EXPECT_TRUE(seen.contains({row.control, Verdict::kFail})) << row.control;
      EXPECT_TRUE(seen.contains({row.control, Verdict::kUnknown})) << row.control;
    }
  }
}

double StrengthOf(std::string_view control, std::string_view type, std::string_view attributes,
                  const std::vector<TestResource>& others = {}) {
  return Judge({control, type, attributes, Verdict::kPass, {}, others}).strength.value_or(-1e9);
}

TEST(StoreControls, StrengthOrdersWhatHasNoNumberInThePolicy) {
  constexpr std::string_view kLock = "aws_s3_bucket_object_lock_configuration";
  const double compliance =
      StrengthOf("TFS-S3-007", kLock, R"({"rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 30}]}]})");
  const double governance =
      StrengthOf("TFS-S3-007", kLock, R"({"rule": [{"default_retention": [{"mode": "GOVERNANCE", "years": 10}]}]})");
  const double shorter =
      StrengthOf("TFS-S3-007", kLock, R"({"rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": 365}]}]})");
  const double nothing = StrengthOf("TFS-S3-007", kLock, R"({"rule": []})");
  EXPECT_GT(compliance, governance);
  EXPECT_GT(governance, shorter);
  EXPECT_GT(shorter, nothing);

  constexpr std::string_view kReading =
      R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"arn:aws:secretsmanager:x:1:secret:a\"}]}"})";
  constexpr std::string_view kDeleting =
      R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:DeleteSecret\", \"Resource\": \"*\"}]}"})";
  EXPECT_GT(StrengthOf("TFS-IAM-001", "aws_iam_policy", kReading),
            StrengthOf("TFS-IAM-001", "aws_iam_policy", kDeleting));

  const TestResource block{
      "aws_s3_bucket_public_access_block.b",
      R"({"bucket": "b", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
                               "restrict_public_buckets": true})"};
  constexpr std::string_view kBucket = R"({"bucket": "b", "id": "b"})";
  EXPECT_GT(StrengthOf("TFS-S3-006", "aws_s3_bucket", kBucket, {block}),
            StrengthOf("TFS-S3-006", "aws_s3_bucket", kBucket));
}

}  // namespace
}  // namespace tfseal
