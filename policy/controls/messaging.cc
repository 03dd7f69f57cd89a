#include <fmt/format.h>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

// Queues, topics and streams.
namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kQueueTypes[] = {"aws_sqs_queue"};
constexpr std::string_view kQueueReads[] = {"kms_master_key_id", "sqs_managed_sse_enabled"};

Judgement JudgeQueueEncryption(const Subject& subject) {
  const Value key = subject.At("kms_master_key_id");
  if (key.known() && !key.empty()) return Pass("kms_master_key_id names a key", "kms_master_key_id");
  const Value managed = subject.At("sqs_managed_sse_enabled");
  if (managed.AsBool() == false) {
    if (key.unknown()) return UnknownUntilApply("kms_master_key_id");
    return Fail("sqs_managed_sse_enabled is false and kms_master_key_id names no key: messages are stored in clear",
                "sqs_managed_sse_enabled");
  }
  if (managed.unknown()) {
    const Origin& origin = subject.world.OriginOf(subject.instance, "sqs_managed_sse_enabled");
    if (!origin.LeftToProvider()) return UnknownUntilApply("sqs_managed_sse_enabled");
  }
  const bool is_new = subject.instance.actions.create && subject.world.side() == Side::kAfter;
  if (managed.AsBool() != true && !is_new && key.empty()) {
    Judgement judgement = UnknownUntilApply("sqs_managed_sse_enabled");
    judgement.message = "sqs_managed_sse_enabled is not recorded: SSE-SQS is on in queues made since October 2022 only";
    judgement.remedy = "refresh the state with a provider that records it, or set sqs_managed_sse_enabled = true";
    return judgement;
  }
  return Pass(managed.AsBool() == true ? "SSE-SQS is on" : "SSE-SQS is on, as by default", "sqs_managed_sse_enabled");
}

Judgement JudgeQueueKey(const Subject& subject) {
  return RequireCustomerKey(subject, "kms_master_key_id", DefaultKey::kAwsOwned);
}

constexpr std::string_view kTopicTypes[] = {"aws_sns_topic"};
constexpr std::string_view kTopicReads[] = {"kms_master_key_id"};

Judgement JudgeTopicEncryption(const Subject& subject) {
  const Value key = subject.At("kms_master_key_id");
  if (key.unknown() || !key.empty()) return Pass("kms_master_key_id names a key", "kms_master_key_id");
  return Pass("Amazon SNS stores messages on encrypted disks; without kms_master_key_id nothing more",
              "kms_master_key_id");
}

Judgement JudgeTopicKey(const Subject& subject) {
  return RequireCustomerKey(subject, "kms_master_key_id", DefaultKey::kAwsOwned);
}

constexpr std::string_view kMessagingPolicyTypes[] = {"aws_sqs_queue", "aws_sqs_queue_policy", "aws_sns_topic",
                                                      "aws_sns_topic_policy"};
constexpr std::string_view kMessagingPolicyReads[] = {"policy", "queue_url", "url", "arn", "id"};

Judgement JudgeMessagingPolicy(const Subject& subject) {
  const std::string_view type = subject.instance.type;
  if ((type == "aws_sqs_queue" && HasPolicyResource(subject, "aws_sqs_queue_policy", "queue_url")) ||
      (type == "aws_sns_topic" && HasPolicyResource(subject, "aws_sns_topic_policy", "arn"))) {
    return NotApplicable("the policy is set by a resource of its own");
  }
  return RequireClosedPolicy(subject, "policy", "the access policy");
}

constexpr std::string_view kStreamTypes[] = {"aws_kinesis_stream"};
constexpr std::string_view kStreamReads[] = {"encryption_type", "kms_key_id"};

Judgement JudgeStreamEncryption(const Subject& subject) {
  const Value type = subject.At("encryption_type");
  if (type.unknown()) return UnknownUntilApply("encryption_type");
  if (type.text() == "KMS") return Pass("encryption_type is KMS", "encryption_type");
  return Fail("encryption_type is NONE: records are stored in clear", "encryption_type");
}

Judgement JudgeStreamKey(const Subject& subject) {
  const Value type = subject.At("encryption_type");
  if (type.unknown()) return UnknownUntilApply("encryption_type");
  if (type.text() != "KMS") return Fail("encryption_type is NONE: no key is used", "encryption_type");
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
}

constexpr std::string_view kFirehoseTypes[] = {"aws_kinesis_firehose_delivery_stream"};
constexpr std::string_view kFirehoseReads[] = {"server_side_encryption", "kinesis_source_configuration",
                                               "msk_source_configuration"};

// A stream that reads from Kinesis or Kafka keeps the data there and cannot have encryption of its own.
bool HasSource(const Subject& subject) {
  return !subject.At("kinesis_source_configuration").empty() || !subject.At("msk_source_configuration").empty();
}

Judgement JudgeFirehoseEncryption(const Subject& subject) {
  if (HasSource(subject)) return NotApplicable("data stays in the source stream, which has its own encryption");
  return RequireBool(subject, "server_side_encryption[0].enabled", true, IfUnset::kFail,
                     "buffered records are stored in clear");
}

Judgement JudgeFirehoseKey(const Subject& subject) {
  const Judgement encryption = JudgeFirehoseEncryption(subject);
  if (encryption.verdict != Verdict::kPass) return encryption;
  const Value type = subject.At("server_side_encryption[0].key_type");
  if (type.unknown()) return UnknownUntilApply("server_side_encryption[0].key_type");
  if (type.text() != "CUSTOMER_MANAGED_CMK")
    return Fail("key_type is AWS_OWNED_CMK", "server_side_encryption[0].key_type");
  return RequireCustomerKey(subject, "server_side_encryption[0].key_arn", DefaultKey::kNone);
}

constexpr std::string_view kKafkaTypes[] = {"aws_msk_cluster"};
constexpr std::string_view kKafkaReads[] = {"encryption_info"};

Judgement JudgeKafkaEncryption(const Subject&) {
  return Pass("Amazon MSK always encrypts its volumes", "encryption_info");
}

Judgement JudgeKafkaKey(const Subject& subject) {
  return RequireCustomerKey(subject, "encryption_info[0].encryption_at_rest_kms_key_arn", DefaultKey::kAwsManaged);
}

Judgement JudgeKafkaTls(const Subject& subject) {
  constexpr std::string_view kClients = "encryption_info[0].encryption_in_transit[0].client_broker";
  constexpr std::string_view kBrokers = "encryption_info[0].encryption_in_transit[0].in_cluster";
  const Value clients = subject.At(kClients);
  if (clients.unknown()) return UnknownUntilApply(kClients);
  if (!clients.empty() && clients.text() != "TLS") {
    return Fail("client_broker is not TLS: clients may connect in clear", kClients);
  }
  return RequireBool(subject, kBrokers, true, IfUnset::kPass, "brokers talk to each other in clear");
}

constexpr std::string_view kKafkaNetworkReads[] = {"broker_node_group_info"};

// AWS keeps brokers private unless it is asked; the provider leaves the whole block to AWS where it is not written.
Judgement JudgeKafkaPublicAccess(const Subject& subject) {
  constexpr std::string_view kConnectivity = "broker_node_group_info[0].connectivity_info";
  constexpr std::string_view kAccess = "broker_node_group_info[0].connectivity_info[0].public_access[0].type";
  const Value access = subject.At(kAccess);
  if (access.unknown()) {
    const bool silent = subject.At(kConnectivity).unknown() &&
                        LeftToProvider(subject, std::string(kConnectivity) + "[0]") &&
                        subject.world.OriginOf(subject.instance, "broker_node_group_info[0].client_subnets").configured;
    if (!silent) return UnknownUntilApply(kAccess);
  } else if (!access.empty() && access.text() != "DISABLED") {
    return Fail(fmt::format("public_access is {}: brokers can be reached from the internet", access.text()), kAccess);
  }
  return Pass("brokers have no public addresses", kAccess);
}

constexpr std::string_view kBrokerTypes[] = {"aws_mq_broker"};
constexpr std::string_view kBrokerReads[] = {"encryption_options"};

Judgement JudgeBrokerEncryption(const Subject&) {
  return Pass("Amazon MQ always encrypts, with an AWS-owned key if none is named");
}

// The provider sends use_aws_owned_key, which is true unless it is set, beside the key.
Judgement JudgeBrokerKey(const Subject& subject) {
  constexpr std::string_view kAwsOwned = "encryption_options[0].use_aws_owned_key";
  const Value aws_owned = subject.At(kAwsOwned);
  if (aws_owned.unknown()) return UnknownUntilApply(kAwsOwned);
  if (aws_owned.AsBool() == true) return Fail("use_aws_owned_key is true: an AWS-owned key", kAwsOwned);
  return RequireCustomerKey(subject, "encryption_options[0].kms_key_id", DefaultKey::kAwsOwned);
}

}  // namespace

const Control kQueueEncryption{
    .id = "TFS-SQS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "SQS queues are encrypted at rest",
    .types = kQueueTypes,
    .reads = kQueueReads,
    .evaluate = JudgeQueueEncryption,
    .why = "A queue with both kinds of encryption switched off stores message bodies in clear.",
    .remedy =
        "remove sqs_managed_sse_enabled = false, or set kms_master_key_id. Both are in place and apply to new "
        "messages",
    .basis = "Amazon SQS: SSE-SQS is the default of new queues; AWS Security Hub SQS.1.",
};

const Control kQueueCustomerKey{
    .id = "TFS-SQS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "SQS queues use a customer-managed key",
    .types = kQueueTypes,
    .reads = kQueueReads,
    .evaluate = JudgeQueueKey,
    .why = "SSE-SQS and alias/aws/sqs cannot be restricted, audited or withdrawn.",
    .remedy =
        "set kms_master_key_id to a key or alias of your own. Services that send to the queue (SNS, S3, EventBridge) "
        "need "
        "kms:GenerateDataKey and kms:Decrypt in the key policy first, or their messages are lost",
    .basis = "Organisation.",
};

const Control kTopicEncryption{
    .id = "TFS-SNS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kLow,
    .title = "SNS topics are encrypted at rest",
    .types = kTopicTypes,
    .reads = kTopicReads,
    .evaluate = JudgeTopicEncryption,
    .why =
        "Amazon SNS stores messages on encrypted disks for the minutes it keeps them; whether a key of your own is "
        "used is "
        "judged by TFS-SNS-002.",
    .remedy = "nothing to do here; set kms_master_key_id for a key of your own",
    .basis = "Amazon SNS: data encryption.",
};

const Control kTopicCustomerKey{
    .id = "TFS-SNS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "SNS topics use a customer-managed key",
    .types = kTopicTypes,
    .reads = kTopicReads,
    .evaluate = JudgeTopicKey,
    .why = "Without a key of your own, access to messages at rest cannot be restricted, audited or withdrawn.",
    .remedy =
        "set kms_master_key_id to a key or alias of your own. Publishing services (CloudWatch alarms, S3, RDS events) "
        "need "
        "kms:GenerateDataKey and kms:Decrypt in the key policy first: alias/aws/sns cannot give it to them",
    .basis = "Organisation; AWS Security Hub SNS.1 (any key).",
};

const Control kMessagingPolicy{
    .id = "TFS-SQS-003",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "queue and topic policies do not allow everybody",
    .types = kMessagingPolicyTypes,
    .reads = kMessagingPolicyReads,
    .evaluate = JudgeMessagingPolicy,
    .why = "Allow for Principal \"*\" without a condition on the caller lets anyone read or send messages.",
    .remedy = "name the principals, or bind the statement with aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID",
    .basis = "Vendor benchmark: AWS Security Hub SQS.3.",
};

const Control kStreamEncryption{
    .id = "TFS-KINESIS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Kinesis streams are encrypted at rest",
    .types = kStreamTypes,
    .reads = kStreamReads,
    .evaluate = JudgeStreamEncryption,
    .why = "Without server-side encryption records are stored in clear.",
    .remedy =
        "set encryption_type = \"KMS\" and kms_key_id; in place, for new records. Producers need kms:GenerateDataKey, "
        "consumers kms:Decrypt first",
    .basis = "Vendor benchmark: AWS Security Hub Kinesis.1.",
};

const Control kStreamCustomerKey{
    .id = "TFS-KINESIS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Kinesis streams use a customer-managed key",
    .types = kStreamTypes,
    .reads = kStreamReads,
    .evaluate = JudgeStreamKey,
    .why = "Under alias/aws/kinesis access to the key cannot be restricted or withdrawn.",
    .remedy = "set kms_key_id to a key or alias of your own; in place, for new records",
    .basis = "Organisation.",
};

const Control kFirehoseEncryption{
    .id = "TFS-FIREHOSE-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kMedium,
    .title = "Firehose streams encrypt what they buffer",
    .types = kFirehoseTypes,
    .reads = kFirehoseReads,
    .evaluate = JudgeFirehoseEncryption,
    .why = "Records wait in the stream until they are delivered.",
    .remedy = "add server_side_encryption { enabled = true }; in place",
    .basis = "Amazon Data Firehose: server-side encryption with direct PUT.",
};

const Control kFirehoseCustomerKey{
    .id = "TFS-FIREHOSE-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "Firehose streams use a customer-managed key",
    .types = kFirehoseTypes,
    .reads = kFirehoseReads,
    .evaluate = JudgeFirehoseKey,
    .why = "The AWS-owned key cannot be restricted, audited or withdrawn.",
    .remedy = "set key_type = \"CUSTOMER_MANAGED_CMK\" and key_arn in server_side_encryption",
    .basis = "Organisation.",
};

const Control kKafkaEncryption{
    .id = "TFS-MSK-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "MSK clusters are encrypted at rest",
    .types = kKafkaTypes,
    .reads = kKafkaReads,
    .evaluate = JudgeKafkaEncryption,
    .why = "Amazon MSK always encrypts its volumes; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "Amazon MSK: encryption at rest.",
};

const Control kKafkaCustomerKey{
    .id = "TFS-MSK-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "MSK clusters use a customer-managed key",
    .types = kKafkaTypes,
    .reads = kKafkaReads,
    .evaluate = JudgeKafkaKey,
    .why = "Under the AWS-managed key access cannot be restricted or withdrawn.",
    .remedy =
        "the key of a cluster cannot be changed: Terraform would replace it and its topics. Make a second cluster with "
        "the "
        "key, replicate the topics, move the clients, then retire the first",
    .basis = "Organisation; Amazon MSK: encryption at rest.",
};

const Control kKafkaTls{
    .id = "TFS-MSK-003",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "MSK clusters talk TLS only",
    .types = kKafkaTypes,
    .reads = kKafkaReads,
    .evaluate = JudgeKafkaTls,
    .why = "Records, and the credentials of clients, travel in clear.",
    .remedy =
        "move the clients to the TLS port, then set client_broker = \"TLS\" (in place). in_cluster cannot be changed "
        "without "
        "replacing the cluster",
    .basis = "Vendor benchmark: AWS Security Hub MSK.1.",
};

const Control kKafkaPublicAccess{
    .id = "TFS-MSK-004",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "MSK brokers are not reachable from the internet",
    .types = kKafkaTypes,
    .reads = kKafkaNetworkReads,
    .evaluate = JudgeKafkaPublicAccess,
    .why = "With public access every broker gets an elastic address: what is left is one mistake in access control.",
    .remedy =
        "leave public_access out, or set its type to DISABLED (in place); reach the brokers over a private network",
    .basis = "Vendor benchmark: AWS Security Hub MSK.4, Prowler kafka_cluster_is_public.",
};

const Control kBrokerEncryption{
    .id = "TFS-MQ-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Amazon MQ brokers are encrypted at rest",
    .types = kBrokerTypes,
    .reads = kBrokerReads,
    .evaluate = JudgeBrokerEncryption,
    .why = "Amazon MQ always encrypts what it stores; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "Amazon MQ: encryption at rest.",
};

const Control kBrokerCustomerKey{
    .id = "TFS-MQ-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "Amazon MQ brokers use a customer-managed key",
    .types = kBrokerTypes,
    .reads = kBrokerReads,
    .evaluate = JudgeBrokerKey,
    .why = "The AWS-owned key cannot be restricted, audited or withdrawn.",
    .remedy =
        "encryption_options is fixed when a broker is made: make a second broker with use_aws_owned_key = false and "
        "kms_key_id, drain the first one, then retire it",
    .basis = "Organisation; Amazon MQ: encryption at rest.",
};

}  // namespace tfseal
