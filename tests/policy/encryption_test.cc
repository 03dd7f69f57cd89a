#include "policy/encryption.h"

#include <gtest/gtest.h>

#include "policy/world.h"
#include "terraform/facts.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

// One resource of a state, its attributes as JSON.
std::string StateWith(std::string_view type, std::string_view attributes) {
  return std::string(R"({"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[)") +
         R"({"address":")" + std::string(type) + R"(.b","mode":"managed","name":"b",)" +
         R"("provider_name":"registry.terraform.io/hashicorp/aws","schema_version":0,"type":")" + std::string(type) +
         R"(","values":)" + std::string(attributes) + "}]}}}";
}

std::string EncryptionIn(std::string_view type, std::string_view attributes) {
  const auto document =
      terraform::ReadDocumentFromMemory(StateWith(type, attributes), "state", terraform::Interest::Everything());
  if (!document.ok()) return document.error().message;
  const World world(*document, Side::kAfter);
  const auto& instance = document->resources.at(0);
  const Requirements requirements;
  return std::string(Name(EncryptionOf({instance, instance.after, world, requirements}).encryption));
}

TEST(Encryption, ByTypeAndAttribute) {
  const struct {
    const char* type;
    const char* attributes;
    const char* encryption;
  } cases[] = {
      {"aws_rds_cluster", R"({"storage_encrypted":false})", "none"},
      {"aws_rds_cluster", R"({})", "unknown"},  // Aurora decides by the day the cluster was made
      {"aws_rds_cluster", R"({"storage_encrypted":true,"kms_key_id":"alias/aws/rds"})", "aws_managed"},
      {"aws_rds_cluster", R"({"storage_encrypted":true,"kms_key_id":"alias/db"})", "customer_managed"},
      {"aws_db_instance", R"({})", "none"},  // the provider reads it as false
      {"aws_db_instance", R"({"storage_encrypted":true,"kms_key_id":null})", "aws_managed"},
      {"aws_elasticache_replication_group", R"({"at_rest_encryption_enabled":"true"})", "aws_owned"},
      {"aws_elasticache_replication_group", R"({"at_rest_encryption_enabled":"false"})", "none"},
      {"aws_dynamodb_table", R"({"server_side_encryption":[]})", "aws_owned"},
      {"aws_dynamodb_table", R"({"server_side_encryption":[{"enabled":true}]})", "aws_managed"},
      {"aws_dynamodb_table", R"({"server_side_encryption":[{"enabled":true,"kms_key_arn":"alias/t"}]})",
       "customer_managed"},
      {"aws_s3_bucket", R"({"bucket":"b"})", "aws_owned"},
      {"aws_sqs_queue", R"({"kms_master_key_id":"","sqs_managed_sse_enabled":true})", "aws_owned"},
      {"aws_sqs_queue", R"({"kms_master_key_id":"alias/q"})", "customer_managed"},
      {"aws_sqs_queue", R"({"kms_master_key_id":"","sqs_managed_sse_enabled":false})", "none"},
      {"aws_sns_topic", R"({"kms_master_key_id":null})", "none"},
      {"aws_kinesis_stream", R"({"encryption_type":"NONE"})", "none"},
      {"aws_kinesis_stream", R"({"encryption_type":"KMS","kms_key_id":"alias/aws/kinesis"})", "aws_managed"},
      {"aws_cloudwatch_log_group", R"({"kms_key_id":""})", "aws_owned"},
      {"aws_ecr_repository", R"({"encryption_configuration":[{"encryption_type":"AES256"}]})", "aws_owned"},
      {"aws_kinesis_firehose_delivery_stream", R"({"msk_source_configuration":[{"topic_name":"t"}]})",
       "not_applicable"},
      {"aws_mq_broker", R"({"encryption_options":[{"kms_key_id":"alias/q","use_aws_owned_key":true}]})", "aws_owned"},
      {"aws_mq_broker", R"({"encryption_options":[{"kms_key_id":"alias/q","use_aws_owned_key":false}]})",
       "customer_managed"},
      {"aws_ssm_parameter", R"({"type":"String"})", "none"},
      {"aws_ssm_parameter", R"({"type":"SecureString"})", "aws_managed"},
      {"aws_instance",
       R"({"root_block_device":[{"encrypted":true,"kms_key_id":"alias/v"}],"ebs_block_device":[{"encrypted":false}]})",
       "none"},
      {"aws_opensearch_domain", R"({"encrypt_at_rest":[]})", "none"},
      {"aws_redshift_cluster", R"({"encrypted":true})", "aws_managed"},
      {"aws_kms_key", R"({"enable_key_rotation":true})", "not_applicable"},
      {"aws_vpc", R"({})", "not_applicable"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(EncryptionIn(each.type, each.attributes), each.encryption) << each.type << " " << each.attributes;
  }
}

std::string FactPaths(std::string_view type, std::string_view attributes) {
  const auto document =
      terraform::ReadDocumentFromMemory(StateWith(type, attributes), "state", terraform::Interest::Everything());
  if (!document.ok()) return document.error().message;
  std::string paths;
  for (const terraform::Fact& fact : terraform::FactsOf(document->resources.at(0).after)) {
    paths += (paths.empty() ? "" : " ") + fact.path;
  }
  return paths;
}

TEST(Facts, NameWhatSpeaksOfProtectionWithItsFullPath) {
  EXPECT_EQ(FactPaths("aws_instance", R"({"ami":"x","root_block_device":[{"encrypted":true,"volume_size":8}]})"),
            "root_block_device[0].encrypted");
  EXPECT_EQ(FactPaths("aws_s3_bucket", R"({"versioning":[{"enabled":true,"mfa_delete":false}]})"),
            "versioning[0].enabled versioning[0].mfa_delete");
}

TEST(Facts, NeverHoldSecretsOrFreeText) {
  for (const char* attributes : {
           R"({"master_password":"p"})",
           R"({"secret_string":"p"})",
           R"({"tags":{"encrypted":"p"},"tags_all":{"kms_key_id":"p"}})",
           R"({"environment":[{"variables":{"ENCRYPTION_KEY":"p","kms_key_id":"p"}}]})",
           R"({"user_data":"p","policy":"{\"kms\":1}","container_definitions":"[]"})",
           R"({"encryption_context":{"a":"b"}})",
           R"({"snapshot_options":"free text with blanks"})",
           R"({"encrypted_password":"p"})",
       }) {
    EXPECT_EQ(FactPaths("aws_x", attributes), "") << attributes;
  }
}

}  // namespace
}  // namespace tfseal
