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
    const Judgement judgement = estate.Judge(row.control, std::string(row.type) + ".it", row.requirements);
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
      R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}]}"})";
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
