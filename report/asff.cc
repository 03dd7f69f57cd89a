// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
#include <fmt/format.h>

#include "report/clean.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

// What Security Hub calls a resource type; what it has no name for is "Other".
struct ResourceName {
  std::string_view terraform;
  std::string_view asff;
};
constexpr ResourceName kResourceNames[] = {
    {"aws_rds_cluster", "AwsRdsDbCluster"},
    {"aws_db_instance", "AwsRdsDbInstance"},
    {"aws_rds_cluster_instance", "AwsRdsDbInstance"},
    {"aws_db_snapshot", "AwsRdsDbSnapshot"},
    {"aws_db_cluster_snapshot", "AwsRdsDbClusterSnapshot"},
    {"aws_dynamodb_table", "AwsDynamoDbTable"},
    {"aws_s3_bucket", "AwsS3Bucket"},
    {"aws_kms_key", "AwsKmsKey"},
    {"aws_secretsmanager_secret", "AwsSecretsManagerSecret"},
    {"aws_sqs_queue", "AwsSqsQueue"},
    {"aws_sns_topic", "AwsSnsTopic"},
    {"aws_efs_file_system", "AwsEfsFileSystem"},
    {"aws_ebs_volume", "AwsEc2Volume"},
    {"aws_instance", "AwsEc2Instance"},
    {"aws_redshift_cluster", "AwsRedshiftCluster"},
    {"aws_opensearch_domain", "AwsOpenSearchServiceDomain"},
    {"aws_elasticsearch_domain", "AwsElasticsearchDomain"},
    {"aws_cloudtrail", "AwsCloudTrailTrail"},
    {"aws_lambda_function", "AwsLambdaFunction"},
    {"aws_ecs_task_definition", "AwsEcsTaskDefinition"},
    {"aws_ecr_repository", "AwsEcrRepository"},
    {"aws_backup_vault", "AwsBackupBackupVault"},
    {"aws_backup_plan", "AwsBackupBackupPlan"},
    {"aws_kinesis_stream", "AwsKinesisStream"},
    {"aws_msk_cluster", "AwsMskCluster"},
};

std::string_view AsffType(std::string_view type) {
  for (const ResourceName& name : kResourceNames) {
    if (name.terraform == type) return name.asff;
  }
  return "Other";
}

std::string_view Label(const Check& check) {
  constexpr std::string_view kLabels[] = {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
  const bool presses = check.standing == Standing::kFails || check.standing == Standing::kUndecided;
  return presses ? kLabels[static_cast<int>(check.severity)] : kLabels[0];
}

// What is not known is a warning, whoever waived it: only what passed has passed.
std::string_view Compliance(const Check& check) {
  if (check.standing == Standing::kPasses) return "PASSED";
  return check.verdict == Verdict::kFail ? "FAILED" : "WARNING";
}

// Security Hub takes 256, 1,024, 512 and 2,048 characters. A text must not be empty.
std::string Text(std::string_view text, std::size_t characters_max) {
  return text.empty() ? "-" : Shortened(text, characters_max);
}

JsonValue FindingJson(const Assessment& assessment, const Check& check) {
  const std::string account = assessment.account.empty() ? "000000000000" : assessment.account;
  const std::string region = assessment.region.empty() ? "us-east-1" : assessment.region;
  const std::string_view partition = region.starts_with("cn-")       ? "aws-cn"
                                     : region.starts_with("us-gov-") ? "aws-us-gov"
                                                                     : "aws";
  JsonValue json(Json::objectValue);
  json["SchemaVersion"] = "2018-10-08";
  json["Id"] = fmt::format("tfseal/{}/{}/{}", account, region, check.fingerprint);
  json["ProductArn"] = fmt::format("arn:{0}:securityhub:{1}:{2}:product/{2}/default", partition, region, account);
  json["ProductName"] = "tfseal";
  json["GeneratorId"] = "tfseal/" + check.rule;
  json["AwsAccountId"] = account;
  json["Region"] = region;
  json["Types"].append("Software and Configuration Checks/AWS Security Best Practices");
  json["CreatedAt"] = Timestamp(assessment.now);
  json["UpdatedAt"] = Timestamp(assessment.now);
  json["Severity"]["Label"] = Json(Label(check));
  json["Title"] = Text(fmt::format("{} {}", check.rule, assessment.RuleOf(check).title), 256);
  json["Description"] = Text(fmt::format("{}: {}", check.address, Statement(check)), 1'024);
  if (!check.remedy.empty()) json["Remediation"]["Recommendation"]["Text"] = Text(check.remedy, 512);
  JsonValue& fields = json["ProductFields"];
  fields["tfseal/standing"] = Json(Name(check.standing));
  fields["tfseal/verdict"] = Json(tfseal::Name(check.verdict));
  fields["tfseal/topic"] = Json(tfseal::Name(check.topic));
  fields["tfseal/environment"] = Json(check.EnvironmentName());
  if (!check.place.file.empty()) {
    fields["tfseal/source"] = Text(fmt::format("{}:{}", check.place.file, check.place.line), 1'024);
  }
  if (!check.waiver.empty()) fields["tfseal/waiver"] = Text(check.waiver, 1'024);
  JsonValue resource(Json::objectValue);
  resource["Type"] = Json(AsffType(check.type));
  resource["Id"] = Text(check.address, 512);
  resource["Partition"] = Json(partition);
  resource["Region"] = region;
  resource["Details"]["Other"]["terraform_type"] = Text(check.type, 1'024);
  json["Resources"].append(resource);
  json["Compliance"]["Status"] = Json(Compliance(check));
  json["Workflow"]["Status"] = check.standing == Standing::kWaived   ? "SUPPRESSED"
                               : check.standing == Standing::kPasses ? "RESOLVED"
                                                                     : "NEW";
  json["RecordState"] = "ACTIVE";
  return json;
}

}  // namespace

std::string Asff(const Assessment& assessment) {
  JsonArray array;
  for (const Check& check : assessment.checks) array.Add(FindingJson(assessment, check));
  return array.Finish();
}

}  // namespace tfseal::report
