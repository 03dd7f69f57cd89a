#include "aws/observe/permission.h"

#include <fmt/format.h>

namespace tfseal::observe {
namespace {

struct Prefix {
  std::string_view service;
  std::string_view prefix;
};
// Services whose actions have another name than their API.
constexpr Prefix kPrefixes[] = {
    {"amp", "aps"},
    {"docdb", "rds"},
    {"efs", "elasticfilesystem"},
    {"elbv2", "elasticloadbalancing"},
    {"emr", "elasticmapreduce"},
    {"keyspaces", "cassandra"},
    {"kinesisanalyticsv2", "kinesisanalytics"},
    {"mwaa", "airflow"},
    {"neptune", "rds"},
    {"opensearch", "es"},
    {"opensearchserverless", "aoss"},
    {"resourcegroupstaggingapi", "tag"},
    {"s3control", "s3"},
    {"service-quotas", "servicequotas"},
    {"sso-admin", "sso"},
    {"stepfunctions", "states"},
};

struct Exception {
  std::string_view service;
  std::string_view operation;
  std::string_view action;
};
constexpr Exception kExceptions[] = {
    {"apigateway", "GetStage", "apigateway:GET"},
    {"apigatewayv2", "GetStage", "apigateway:GET"},
    {"keyspaces", "GetTable", "cassandra:Select"},
    {"s3", "CopyObject", "s3:PutObject"},
    {"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    {"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"s3", "GetBucketReplication", "s3:GetReplicationConfiguration"},
    {"s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    {"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    {"s3", "HeadBucket", "s3:ListBucket"},
    {"s3", "HeadObject", "s3:GetObject"},
    {"s3", "ListBuckets", "s3:ListAllMyBuckets"},
    {"s3", "ListObjectsV2", "s3:ListBucket"},
    {"s3", "PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3", "PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"},
    {"s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"},
};

}  // namespace

std::string ActionOf(std::string_view service, std::string_view operation) {
  for (const Exception& exception : kExceptions) {
    if (exception.service == service && exception.operation == operation) return std::string(exception.action);
  }
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.service == service) return fmt::format("{}:{}", prefix.prefix, operation);
  }
  return fmt::format("{}:{}", service, operation);
}

}  // namespace tfseal::observe
