#include "aws/observe/types/declarations.h"

// Resource policies that are resources of their own, of what has no other setting that a control looks at.
namespace tfseal::observe {
namespace {

constexpr std::string_view kNoPolicy = "PolicyNotFoundException ResourceNotFoundException";

constexpr Attribute kPolicy[] = {{"policy", "Policy"}};
constexpr Read kTablePolicyReads[] = {
    {"dynamodb", "GetResourcePolicy", "ResourceArn={resource_arn|id}", "", kPolicy, IfNothing::kGone, kNoPolicy}};
// Answers with an empty text where there is none.
constexpr Read kStreamPolicyReads[] = {{"kinesis", "GetResourcePolicy", "ResourceARN={resource_arn|id}", "", kPolicy,
                                        IfNothing::kGone, kNoPolicy, "Policy"}};
constexpr Read kKafkaPolicyReads[] = {
    {"kafka", "GetClusterPolicy", "ClusterArn={cluster_arn|id}", "", kPolicy, IfNothing::kGone, "NotFoundException"}};

constexpr Read kFileSystemPolicyReads[] = {{"efs", "DescribeFileSystemPolicy", "FileSystemId={file_system_id|id}", "",
                                            kPolicy, IfNothing::kGone, "PolicyNotFound FileSystemNotFound"}};

constexpr Attribute kRegistryPolicy[] = {{"policy", "policyText"}};
constexpr Read kRegistryPolicyReads[] = {
    {"ecr", "GetRegistryPolicy", "", "", kRegistryPolicy, IfNothing::kGone, "RegistryPolicyNotFoundException"}};

constexpr Attribute kCatalogPolicy[] = {{"policy", "PolicyInJson"}};
constexpr Read kCatalogPolicyReads[] = {
    {"glue", "GetResourcePolicy", "", "", kCatalogPolicy, IfNothing::kGone, "EntityNotFoundException"}};

constexpr Attribute kLogPolicy[] = {{"policy_document", "policyDocument"}};
constexpr Read kLogPolicyReads[] = {
    {"logs", "DescribeResourcePolicies", "", "resourcePolicies[policyName={policy_name|id}]", kLogPolicy}};

constexpr Attribute kAccessPointName[] = {{"bucket", "Bucket"}};
constexpr Attribute kAccessPointPolicy[] = {{"policy", "Policy", "null"}};
constexpr std::string_view kAccessPoint = "AccountId={account_id}; Name={name}";
constexpr Read kAccessPointReads[] = {
    {"s3control", "GetAccessPoint", kAccessPoint, "", kAccessPointName, IfNothing::kGone, "NoSuchAccessPoint"},
    {"s3control", "GetAccessPointPolicy", kAccessPoint, "", kAccessPointPolicy, IfNothing::kDefaults,
     "NoSuchAccessPointPolicy"}};

constexpr Attribute kTableBucketPolicy[] = {{"resource_policy", "resourcePolicy"}};
constexpr Read kTableBucketPolicyReads[] = {{"s3tables", "GetTableBucketPolicy", "tableBucketARN={table_bucket_arn}",
                                             "", kTableBucketPolicy, IfNothing::kGone, "NotFoundException"}};
constexpr Read kIcebergTablePolicyReads[] = {{"s3tables", "GetTablePolicy",
                                              "tableBucketARN={table_bucket_arn}; namespace={namespace}; name={name}",
                                              "", kTableBucketPolicy, IfNothing::kGone, "NotFoundException"}};

}  // namespace

const ObservedType kDynamoDbPolicy{.type = "aws_dynamodb_resource_policy", .reads = kTablePolicyReads};
const ObservedType kKinesisPolicy{.type = "aws_kinesis_resource_policy", .reads = kStreamPolicyReads};
const ObservedType kMskClusterPolicy{.type = "aws_msk_cluster_policy", .reads = kKafkaPolicyReads};
const ObservedType kEfsPolicy{.type = "aws_efs_file_system_policy", .reads = kFileSystemPolicyReads};
const ObservedType kEcrRegistryPolicy{.type = "aws_ecr_registry_policy", .reads = kRegistryPolicyReads};
const ObservedType kGluePolicy{.type = "aws_glue_resource_policy", .reads = kCatalogPolicyReads};
const ObservedType kLogPolicyOfItsOwn{.type = "aws_cloudwatch_log_resource_policy", .reads = kLogPolicyReads};
const ObservedType kS3AccessPoint{.type = "aws_s3_access_point", .reads = kAccessPointReads};
const ObservedType kTableBucketPolicyOfItsOwn{.type = "aws_s3tables_table_bucket_policy",
                                              .reads = kTableBucketPolicyReads};
const ObservedType kIcebergTablePolicy{.type = "aws_s3tables_table_policy", .reads = kIcebergTablePolicyReads};

}  // namespace tfseal::observe
