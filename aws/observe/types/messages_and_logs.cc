#include "aws/observe/types/declarations.h"

// Queues, topics, streams, brokers, logs and trails.
namespace tfseal::observe {
namespace {

constexpr std::string_view kNotFound = "ResourceNotFoundException";

constexpr std::string_view kNoQueue = "AWS.SimpleQueueService.NonExistentQueue QueueDoesNotExist";
constexpr Attribute kQueueAttributes[] = {
    {"arn", "QueueArn"},
    {"kms_master_key_id", "KmsMasterKeyId", "null"},
    {"sqs_managed_sse_enabled", "SqsManagedSseEnabled", kUnknown, As::kEquals, "true"},
    {"policy", "Policy", "null"},
};
constexpr Read kQueueReads[] = {{"sqs", "GetQueueAttributes", "QueueUrl={url|id}; AttributeNames=[All]", "Attributes",
                                 kQueueAttributes, IfNothing::kGone, kNoQueue}};
constexpr Attribute kQueueIdentity[] = {{"id", "."}, {"url", "."}, {"name", ".", kAbsent, As::kAfterLast, "/"}};
constexpr Attribute kPolicy[] = {{"policy", "Policy"}};
constexpr Read kQueuePolicyReads[] = {{"sqs", "GetQueueAttributes", "QueueUrl={queue_url|id}; AttributeNames=[All]",
                                       "Attributes", kPolicy, IfNothing::kGone, kNoQueue, "Policy"}};

constexpr std::string_view kNoTopic = "NotFound NotFoundException";
constexpr Attribute kTopicAttributes[] = {
    {"arn", "TopicArn"}, {"kms_master_key_id", "KmsMasterKeyId", "null"}, {"policy", "Policy", "null"}};
constexpr Read kTopicReads[] = {
    {"sns", "GetTopicAttributes", "TopicArn={arn|id}", "Attributes", kTopicAttributes, IfNothing::kGone, kNoTopic}};
constexpr Attribute kTopicIdentity[] = {
    {"id", "TopicArn"}, {"arn", "TopicArn"}, {"name", "TopicArn", kAbsent, As::kAfterLast, ":"}};
constexpr Read kTopicPolicyReads[] = {
    {"sns", "GetTopicAttributes", "TopicArn={arn|id}", "Attributes", kPolicy, IfNothing::kGone, kNoTopic, "Policy"}};

constexpr Attribute kStreamAttributes[] = {
    {"arn", "StreamARN"}, {"encryption_type", "EncryptionType", "\"NONE\""}, {"kms_key_id", "KeyId", "null"}};
constexpr Read kStreamReads[] = {{"kinesis", "DescribeStreamSummary", "StreamName={name}", "StreamDescriptionSummary",
                                  kStreamAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kStreamIdentity[] = {{"name", "."}};
constexpr Attribute kFirehoseAttributes[] = {
    {"arn", "DeliveryStreamARN"},
    {"server_side_encryption[0].enabled", "DeliveryStreamEncryptionConfiguration.Status", "false", As::kEquals,
     "ENABLED"},
    {"server_side_encryption[0].key_type", "DeliveryStreamEncryptionConfiguration.KeyType", "null"},
    {"server_side_encryption[0].key_arn", "DeliveryStreamEncryptionConfiguration.KeyARN", "null"},
    {"kinesis_source_configuration[0].kinesis_stream_arn", "Source.KinesisStreamSourceDescription.KinesisStreamARN",
     kAbsent},
    {"msk_source_configuration[0].msk_cluster_arn", "Source.MSKSourceDescription.MSKClusterARN", kAbsent},
};
constexpr Read kFirehoseReads[] = {{"firehose", "DescribeDeliveryStream", "DeliveryStreamName={name}",
                                    "DeliveryStreamDescription", kFirehoseAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kVideoAttributes[] = {{"kms_key_id", "KmsKeyId", "null"}};
constexpr Read kVideoReads[] = {{"kinesisvideo", "DescribeStream", "StreamName={name}", "StreamInfo", kVideoAttributes,
                                 IfNothing::kGone, kNotFound}};
constexpr Attribute kVideoIdentity[] = {{"id", "StreamARN"}, {"arn", "StreamARN"}, {"name", "StreamName"}};

constexpr Attribute kKafkaAttributes[] = {
    {"encryption_info[0].encryption_at_rest_kms_key_arn", "EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId", "null"},
    {"encryption_info[0].encryption_in_transit[0].client_broker", "EncryptionInfo.EncryptionInTransit.ClientBroker"},
    {"encryption_info[0].encryption_in_transit[0].in_cluster", "EncryptionInfo.EncryptionInTransit.InCluster"},
    {"broker_node_group_info[0].connectivity_info[0].public_access[0].type",
     "BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type", "null"},
};
constexpr Read kKafkaReads[] = {{"kafka", "DescribeCluster", "ClusterArn={arn|id}", "ClusterInfo", kKafkaAttributes,
                                 IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kKafkaIdentity[] = {{"id", "ClusterArn"}, {"arn", "ClusterArn"}, {"cluster_name", "ClusterName"}};
constexpr Attribute kBrokerAttributes[] = {
    {"encryption_options[0].kms_key_id", "EncryptionOptions.KmsKeyId", "null"},
    {"encryption_options[0].use_aws_owned_key", "EncryptionOptions.UseAwsOwnedKey", "null"},
};
constexpr Read kBrokerReads[] = {
    {"mq", "DescribeBroker", "BrokerId={id}", "", kBrokerAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kBrokerIdentity[] = {{"id", "BrokerId"}, {"arn", "BrokerArn"}, {"broker_name", "BrokerName"}};
constexpr Attribute kEventBusAttributes[] = {{"kms_key_identifier", "KmsKeyIdentifier", "null"}};
constexpr Read kEventBusReads[] = {
    {"events", "DescribeEventBus", "Name={name|id}", "", kEventBusAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kEventBusIdentity[] = {{"id", "Name"}, {"name", "Name"}, {"arn", "Arn"}};

// A prefix finds more than one name; only the exact one counts. It comes first, since the list is sorted.
constexpr Attribute kLogGroupAttributes[] = {{"kms_key_id", "kmsKeyId", "null"},
                                             {"retention_in_days", "retentionInDays", "0"}};
constexpr Read kLogGroupReads[] = {{"logs", "DescribeLogGroups", "logGroupNamePrefix={name|id}",
                                    "logGroups[logGroupName={name|id}]", kLogGroupAttributes, IfNothing::kGone,
                                    kNotFound}};
constexpr Attribute kLogGroupIdentity[] = {
    {"id", "logGroupName"}, {"name", "logGroupName"}, {"arn", "logGroupArn|arn", kAbsent}};

constexpr Attribute kTrailAttributes[] = {
    {"kms_key_id", "KmsKeyId", "null"},
    {"enable_log_file_validation", "LogFileValidationEnabled", "false"},
    {"is_multi_region_trail", "IsMultiRegionTrail", "false"},
};
constexpr Attribute kTrailStatus[] = {{"enable_logging", "IsLogging"}};
constexpr Read kTrailReads[] = {{"cloudtrail", "GetTrail", "Name={arn|name|id}", "Trail", kTrailAttributes,
                                 IfNothing::kGone, "TrailNotFoundException"},
                                {"cloudtrail", "GetTrailStatus", "Name={arn|name|id}", "", kTrailStatus,
                                 IfNothing::kGone, "TrailNotFoundException"}};
constexpr Attribute kTrailIdentity[] = {{"id", "Name"}, {"name", "Name"}, {"arn", "TrailARN"}};
constexpr Attribute kEventStoreAttributes[] = {
    {"kms_key_id", "KmsKeyId", "null"},
    {"retention_period", "RetentionPeriod"},
    {"termination_protection_enabled", "TerminationProtectionEnabled"},
};
constexpr std::string_view kEventStoreTerraformOnly[] = {"retention_in_days"};
constexpr std::string_view kLogGroupTerraformOnly[] = {"retention_period", "skip_destroy"};
constexpr Read kEventStoreReads[] = {{"cloudtrail", "GetEventDataStore", "EventDataStore={arn|id}", "",
                                      kEventStoreAttributes, IfNothing::kGone, "EventDataStoreNotFoundException"}};
constexpr Attribute kEventStoreIdentity[] = {
    {"id", "EventDataStoreArn"}, {"arn", "EventDataStoreArn"}, {"name", "Name"}};

}  // namespace

const ObservedType kSqsQueue{
    .type = "aws_sqs_queue", .listing = {"sqs", "ListQueues", "", "QueueUrls", kQueueIdentity}, .reads = kQueueReads};
const ObservedType kSqsQueuePolicy{.type = "aws_sqs_queue_policy", .reads = kQueuePolicyReads};
const ObservedType kSnsTopic{
    .type = "aws_sns_topic", .listing = {"sns", "ListTopics", "", "Topics", kTopicIdentity}, .reads = kTopicReads};
const ObservedType kSnsTopicPolicy{.type = "aws_sns_topic_policy", .reads = kTopicPolicyReads};
const ObservedType kKinesisStream{.type = "aws_kinesis_stream",
                                  .listing = {"kinesis", "ListStreams", "", "StreamNames", kStreamIdentity},
                                  .reads = kStreamReads};
const ObservedType kFirehoseStream{
    .type = "aws_kinesis_firehose_delivery_stream",
    .listing = {"firehose", "ListDeliveryStreams", "", "DeliveryStreamNames", kStreamIdentity},
    .reads = kFirehoseReads};
const ObservedType kVideoStream{.type = "aws_kinesis_video_stream",
                                .listing = {"kinesisvideo", "ListStreams", "", "StreamInfoList", kVideoIdentity},
                                .reads = kVideoReads};
const ObservedType kMskCluster{.type = "aws_msk_cluster",
                               .listing = {"kafka", "ListClusters", "", "ClusterInfoList", kKafkaIdentity},
                               .reads = kKafkaReads};
const ObservedType kMqBroker{.type = "aws_mq_broker",
                             .listing = {"mq", "ListBrokers", "", "BrokerSummaries", kBrokerIdentity},
                             .reads = kBrokerReads};
const ObservedType kEventBus{.type = "aws_cloudwatch_event_bus",
                             .listing = {"events", "ListEventBuses", "", "EventBuses", kEventBusIdentity},
                             .reads = kEventBusReads};
const ObservedType kLogGroup{.type = "aws_cloudwatch_log_group",
                             .listing = {"logs", "DescribeLogGroups", "", "logGroups", kLogGroupIdentity, true},
                             .reads = kLogGroupReads,
                             .terraform_only = kLogGroupTerraformOnly};
const ObservedType kCloudTrail{
    .type = "aws_cloudtrail",
    .listing = {"cloudtrail", "DescribeTrails", "includeShadowTrails=false", "trailList", kTrailIdentity},
    .reads = kTrailReads};
const ObservedType kEventDataStore{
    .type = "aws_cloudtrail_event_data_store",
    .listing = {"cloudtrail", "ListEventDataStores", "", "EventDataStores", kEventStoreIdentity},
    .reads = kEventStoreReads,
    .terraform_only = kEventStoreTerraformOnly};

}  // namespace tfseal::observe
