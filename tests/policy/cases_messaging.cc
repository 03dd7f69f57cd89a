#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kQueue = "aws_sqs_queue";
constexpr std::string_view kTopic = "aws_sns_topic";
constexpr std::string_view kStream = "aws_kinesis_stream";
constexpr std::string_view kKafka = "aws_msk_cluster";
constexpr std::string_view kFirehose = "aws_kinesis_firehose_delivery_stream";
constexpr std::string_view kSilent = R"({"name": ["var.name"]})";  // configured, but not what is asked for

}  // namespace

std::vector<ControlCase> MessagingCases() {
  return {
      {"TFS-SQS-001", kQueue, R"({"kms_master_key_id": "alias/data"})", kPass},
      {"TFS-SQS-001", kQueue, R"({"kms_master_key_id": null, "sqs_managed_sse_enabled": "<unknown>"})", kPass, kSilent},
      {"TFS-SQS-001", kQueue, R"({"kms_master_key_id": "", "sqs_managed_sse_enabled": true})", kPass},
      {"TFS-SQS-001", kQueue, R"({"kms_master_key_id": null, "sqs_managed_sse_enabled": false})", kFail},
      {"TFS-SQS-001", kQueue, R"({"kms_master_key_id": "<unknown>", "sqs_managed_sse_enabled": false})", kUnknown},
      {"TFS-SQS-001", kQueue, R"({"sqs_managed_sse_enabled": "<unknown>"})", kUnknown,
       R"({"sqs_managed_sse_enabled": ["aws_x.y.z"]})"},
      {"TFS-SQS-001", kQueue, R"({"sqs_managed_sse_enabled": "<unknown>"})", kUnknown},
      {"TFS-SQS-002", kQueue, R"({"kms_master_key_id": "alias/data"})", kPass},
      {"TFS-SQS-002", kQueue, R"({"kms_master_key_id": "alias/aws/sqs"})", kFail},
      {"TFS-SQS-002", kQueue, R"({"kms_master_key_id": ""})", kFail},
      {"TFS-SQS-002", kQueue, R"({"kms_master_key_id": "<unknown>"})", kUnknown},
      {"TFS-SQS-003", "aws_sqs_queue_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"sqs:SendMessage\"}]}"})",
       kFail},
      {"TFS-SQS-003", "aws_sns_topic_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"SNS:Publish\", \"Condition\": {\"StringEquals\": {\"AWS:SourceOwner\": \"111122223333\"}}}]}"})",
       kPass},
      {"TFS-SQS-003", kQueue, R"({"policy": "<unknown>"})", kNotApplicable, kSilent},
      {"TFS-SQS-003", "aws_sqs_queue_policy", R"({"policy": "<unknown>"})", kUnknown},

      {"TFS-SNS-001", kTopic, R"({"kms_master_key_id": null})", kPass},
      {"TFS-SNS-002", kTopic, R"({"kms_master_key_id": "alias/data"})", kPass},
      {"TFS-SNS-002", kTopic, R"({"kms_master_key_id": null})", kFail},
      {"TFS-SNS-002", kTopic, R"({"kms_master_key_id": "<unknown>"})", kUnknown},

      {"TFS-KINESIS-001", kStream, R"({"encryption_type": "KMS"})", kPass},
      {"TFS-KINESIS-001", kStream, R"({"encryption_type": "NONE"})", kFail},
      {"TFS-KINESIS-001", kStream, R"({})", kFail},
      {"TFS-KINESIS-001", kStream, R"({"encryption_type": "<unknown>"})", kUnknown},
      {"TFS-KINESIS-002", kStream, R"({"encryption_type": "KMS", "kms_key_id": "alias/data"})", kPass},
      {"TFS-KINESIS-002", kStream, R"({"encryption_type": "KMS", "kms_key_id": "alias/aws/kinesis"})", kFail},
      {"TFS-KINESIS-002", kStream, R"({"encryption_type": "NONE"})", kFail},
      {"TFS-KINESIS-002", kStream, R"({"encryption_type": "<unknown>"})", kUnknown},

      {"TFS-FIREHOSE-001", kFirehose, R"({"server_side_encryption": [{"enabled": true}]})", kPass},
      {"TFS-FIREHOSE-001", kFirehose, R"({"server_side_encryption": []})", kFail},
      {"TFS-FIREHOSE-001", kFirehose, R"({"server_side_encryption": [{"enabled": "<unknown>"}]})", kUnknown},
      {"TFS-FIREHOSE-001", kFirehose, R"({"kinesis_source_configuration": [{"role_arn": "r"}]})", kNotApplicable},
      {"TFS-FIREHOSE-002", kFirehose,
       R"({"server_side_encryption": [{"enabled": true, "key_type": "CUSTOMER_MANAGED_CMK", "key_arn": "arn:aws:kms:eu-west-1:1:alias/data"}]})",
       kPass},
      {"TFS-FIREHOSE-002", kFirehose, R"({"server_side_encryption": [{"enabled": true, "key_type": "AWS_OWNED_CMK"}]})",
       kFail},
      {"TFS-FIREHOSE-002", kFirehose, R"({"server_side_encryption": [{"enabled": true, "key_type": "<unknown>"}]})",
       kUnknown},
      {"TFS-FIREHOSE-002", kFirehose, R"({"msk_source_configuration": [{"topic_name": "t"}]})", kNotApplicable},

      {"TFS-MSK-001", kKafka, R"({})", kPass},
      {"TFS-MSK-002", kKafka, R"({"encryption_info": [{"encryption_at_rest_kms_key_arn": "alias/data"}]})", kPass},
      {"TFS-MSK-002", kKafka, R"({"encryption_info": []})", kFail},
      {"TFS-MSK-002", kKafka, R"({"encryption_info": [{"encryption_at_rest_kms_key_arn": "<unknown>"}]})", kUnknown},
      {"TFS-MSK-003", kKafka,
       R"({"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS", "in_cluster": true}]}]})", kPass},
      {"TFS-MSK-003", kKafka, R"({})", kPass},
      {"TFS-MSK-003", kKafka,
       R"({"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS_PLAINTEXT"}]}]})", kFail},
      {"TFS-MSK-003", kKafka,
       R"({"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS", "in_cluster": false}]}]})", kFail},
      {"TFS-MSK-003", kKafka, R"({"encryption_info": [{"encryption_in_transit": [{"client_broker": "<unknown>"}]}]})",
       kUnknown},

      {"TFS-MSK-004", kKafka, R"({"broker_node_group_info": [{"connectivity_info": []}]})", kPass},
      {"TFS-MSK-004", kKafka,
       R"({"broker_node_group_info": [{"connectivity_info": [{"public_access": [{"type": "DISABLED"}]}]}]})", kPass},
      {"TFS-MSK-004", kKafka, R"({"broker_node_group_info": [{"connectivity_info": "<unknown>"}]})", kPass,
       R"({"broker_node_group_info[0].client_subnets": ["var.subnets"]})"},
      {"TFS-MSK-004", kKafka,
       R"({"broker_node_group_info": [{"connectivity_info": [{"public_access": [{"type": "SERVICE_PROVIDED_EIPS"}]}]}]})",
       kFail},
      {"TFS-MSK-004", kKafka,
       R"({"broker_node_group_info": [{"connectivity_info": [{"public_access": [{"type": "<unknown>"}]}]}]})",
       kUnknown},
      {"TFS-MSK-004", kKafka, R"({"broker_node_group_info": "<unknown>"})", kUnknown},

      {"TFS-MQ-001", "aws_mq_broker", R"({})", kPass},
      {"TFS-MQ-002", "aws_mq_broker",
       R"({"encryption_options": [{"kms_key_id": "alias/data", "use_aws_owned_key": false}]})", kPass},
      {"TFS-MQ-002", "aws_mq_broker", R"({"encryption_options": []})", kFail},
      {"TFS-MQ-002", "aws_mq_broker",
       R"({"encryption_options": [{"kms_key_id": "alias/data", "use_aws_owned_key": true}]})", kFail},
      {"TFS-MQ-002", "aws_mq_broker",
       R"({"encryption_options": [{"kms_key_id": "alias/data", "use_aws_owned_key": "<unknown>"}]})", kUnknown},
      {"TFS-MQ-002", "aws_mq_broker", R"({"encryption_options": [{"kms_key_id": "<unknown>"}]})", kUnknown},

      {"TFS-LOGS-001", "aws_cloudwatch_log_group", R"({"kms_key_id": null})", kPass},
      {"TFS-LOGS-002", "aws_cloudwatch_log_group", R"({"kms_key_id": "alias/data"})", kPass},
      {"TFS-LOGS-002", "aws_cloudwatch_log_group", R"({"kms_key_id": ""})", kFail},
      {"TFS-LOGS-002", "aws_cloudwatch_log_group", R"({"kms_key_id": "<unknown>"})", kUnknown},
  };
}

}  // namespace tfseal
