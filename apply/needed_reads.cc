#include "apply/needed_reads.h"

namespace tfseal {
namespace {

// DocumentDB and Neptune have the operations of RDS, and its permissions.
constexpr std::string_view kDatabases = "rds docdb neptune";

constexpr NeededRead kReads[] = {
    {"application-autoscaling", "DescribeScalableTargets", "application-autoscaling ecs"},
    {"application-autoscaling", "DescribeScalingPolicies", "application-autoscaling"},
    {"cloudtrail", "GetTrail", "cloudtrail"},
    {"cloudtrail", "LookupEvents", "cloudtrail secretsmanager"},
    {"cloudwatch", "GetMetricStatistics", "elasticache kafka"},
    {"dynamodb", "DescribeContinuousBackups", "dynamodb"},
    {"dynamodb", "DescribeTable", "dynamodb"},
    {"ec2", "DescribeInstanceStatus", "ec2"},
    {"ec2", "DescribeInstanceTypes", "ec2"},
    {"ec2", "DescribeInstances", "ec2"},
    {"ec2", "DescribeSecurityGroups", "ec2 rds docdb neptune"},
    {"ec2", "DescribeSnapshots", "ec2"},
    {"ec2", "DescribeSubnets", kDatabases},
    {"ec2", "DescribeVolumes", "ec2"},
    {"ecs", "DescribeServices", "ecs"},
    {"ecs", "DescribeTaskDefinition", "ecs"},
    {"ecs", "DescribeTasks", "ecs"},
    {"ecs", "ListClusters", "ecs"},
    {"ecs", "ListServices", "ecs"},
    {"ecs", "ListTaskDefinitions", "ecs"},
    {"ecs", "ListTasks", "ecs"},
    {"elasticache", "DescribeCacheClusters", "elasticache"},
    {"elasticache", "DescribeReplicationGroups", "elasticache"},
    {"elasticache", "DescribeSnapshots", "elasticache"},
    {"events", "ListRuleNamesByTarget", "ecs"},
    {"events", "ListRules", "ecs"},
    {"events", "ListTargetsByRule", "ecs"},
    {"iam", "GetPolicy", "iam ecs secretsmanager"},
    {"iam", "GetPolicyVersion", "iam ecs secretsmanager"},
    {"iam", "GetRole", "iam ecs secretsmanager"},
    {"iam", "GetRolePolicy", "iam ecs secretsmanager"},
    {"iam", "ListAttachedRolePolicies", "iam ecs secretsmanager"},
    {"iam", "ListRolePolicies", "iam ecs secretsmanager"},
    {"kafka", "DescribeReplicator", "kafka"},
    {"kafka", "ListClustersV2", "kafka"},
    {"kafka", "ListReplicators", "kafka"},
    {"kinesis", "DescribeStreamSummary", "kinesis"},
    {"kms", "DescribeKey", "kms rds docdb neptune secretsmanager opensearch elasticache kafka"},
    {"kms", "GetKeyPolicy", "kms rds docdb neptune secretsmanager"},
    {"kms", "GetKeyRotationStatus", "kms"},
    {"kms", "ListAliases", "kms"},
    {"kms", "ListKeys", "kms"},
    {"kms", "ListResourceTags", "kms"},
    {"logs", "DescribeLogGroups", "logs"},
    {"logs", "FilterLogEvents", "ecs"},
    {"opensearch", "DescribeDomain", "opensearch"},
    {"opensearch", "DescribeDryRunProgress", "opensearch"},
    {"rds", "DescribeAccountAttributes", kDatabases},
    {"rds", "DescribeBlueGreenDeployments", "rds"},
    {"rds", "DescribeDBClusterEndpoints", kDatabases},
    {"rds", "DescribeDBClusterSnapshots", kDatabases},
    {"rds", "DescribeDBClusters", kDatabases},
    {"rds", "DescribeDBEngineVersions", kDatabases},
    {"rds", "DescribeDBInstances", kDatabases},
    {"rds", "DescribeDBProxyTargets", "rds"},
    {"rds", "DescribeDBSnapshots", kDatabases},
    {"rds", "DescribeDBSubnetGroups", kDatabases},
    {"rds", "DescribeGlobalClusters", kDatabases},
    {"rds", "ListTagsForResource", kDatabases},
    {"redshift", "DescribeClusterSnapshots", "redshift"},
    {"redshift", "DescribeClusters", "redshift"},
    {"s3", "GetBucketEncryption", "s3"},
    {"s3", "GetBucketPolicyStatus", "s3"},
    {"s3", "GetBucketVersioning", "s3"},
    {"s3", "GetBucketWebsite", "s3"},
    {"s3", "GetPublicAccessBlock", "s3"},
    {"secretsmanager", "DescribeSecret", "secretsmanager rds docdb neptune"},
    {"secretsmanager", "GetResourcePolicy", "secretsmanager"},
    {"secretsmanager", "GetSecretValue", "secretsmanager", true},
    {"sns", "GetTopicAttributes", "sns"},
    {"sqs", "GetQueueAttributes", "sqs"},
    {"sts", "GetCallerIdentity", "rds docdb neptune ecs secretsmanager kms"},
};

}  // namespace

std::span<const NeededRead> ReadsOfHandlers() {
  return kReads;
}

}  // namespace tfseal
