#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kBucket = "aws_s3_bucket";
constexpr std::string_view kSse = "aws_s3_bucket_server_side_encryption_configuration";
constexpr std::string_view kSilent = R"({"bucket": ["var.name"]})";  // configured, but not what is asked for
constexpr std::string_view kOfTheBucket = R"({"bucket": ["aws_s3_bucket.it.id", "aws_s3_bucket.it"]})";
constexpr std::string_view kFresh =
    R"({"bucket": "b", "id": "<unknown>", "versioning": "<unknown>", "policy": "<unknown>",
    "acl": "<unknown>", "object_lock_enabled": "<unknown>", "server_side_encryption_configuration": "<unknown>"})";
constexpr TestResource kSseKms{
    "aws_s3_bucket_server_side_encryption_configuration.s",
    R"({"bucket": "<unknown>", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms",
        "kms_master_key_id": "alias/lumen/storage"}]}]})",
    kOfTheBucket};
constexpr TestResource kSseS3{
    "aws_s3_bucket_server_side_encryption_configuration.s",
    R"({"bucket": "<unknown>", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]})",
    kOfTheBucket};
constexpr TestResource kVersioned{"aws_s3_bucket_versioning.v",
                                  R"({"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]})",
                                  kOfTheBucket};
constexpr TestResource kSuspended{"aws_s3_bucket_versioning.v",
                                  R"({"bucket": "b", "versioning_configuration": [{"status": "Suspended"}]})",
                                  kOfTheBucket};

}  // namespace

std::vector<ControlCase> BucketCases() {
  return {
      {"TFS-S3-001", kBucket, kFresh, kPass},
      {"TFS-S3-001", kSse, R"({"rule": []})", kPass},

      {"TFS-S3-002", kBucket, kFresh, kPass, kSilent, {kSseKms}},
      {"TFS-S3-002", kBucket, kFresh, kFail, kSilent, {kSseS3}},
      {"TFS-S3-002", kBucket, kFresh, kFail, kSilent},
      {"TFS-S3-002", kBucket, R"({"bucket": "b", "server_side_encryption_configuration": []})", kFail},
      {"TFS-S3-002", kBucket,
       R"({"bucket": "b", "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "alias/x"}]}]}]})",
       kPass},
      {"TFS-S3-002", kBucket, kFresh, kUnknown, R"({"server_side_encryption_configuration": ["aws_x.y.rules"]})"},
      {"TFS-S3-002", kSse,
       R"({"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": null}]}]})",
       kFail},
      {"TFS-S3-002", kSse,
       R"({"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "<unknown>"}]}]})",
       kUnknown},
      {"TFS-S3-002", kSse,
       R"({"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "<unknown>"}]}]})", kUnknown},

      {"TFS-S3-003", kBucket, kFresh, kPass, kSilent, {kVersioned}},
      {"TFS-S3-003", kBucket, kFresh, kFail, kSilent, {kSuspended}},
      {"TFS-S3-003", kBucket, kFresh, kFail, kSilent},
      {"TFS-S3-003", kBucket, R"({"bucket": "b", "versioning": [{"enabled": true}]})", kPass},
      {"TFS-S3-003", kBucket, R"({"bucket": "b", "versioning": [{"enabled": false}]})", kFail},
      {"TFS-S3-003", kBucket, R"({"bucket": "b", "object_lock_enabled": true, "versioning": "<unknown>"})", kPass},
      {"TFS-S3-003", "aws_s3_bucket_versioning", R"({"versioning_configuration": [{"status": "<unknown>"}]})",
       kUnknown},

      {"TFS-S3-004", "aws_s3_bucket_public_access_block",
       R"({"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true})",
       kPass},
      {"TFS-S3-004", "aws_s3_bucket_public_access_block",
       R"({"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true})", kFail},
      {"TFS-S3-004", "aws_s3_account_public_access_block",
       R"({"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": "<unknown>"})",
       kUnknown},

      {"TFS-S3-005", kBucket, kFresh, kNotApplicable, kSilent},
      {"TFS-S3-005", kBucket, R"({"acl": "public-read"})", kFail},
      {"TFS-S3-005", "aws_s3_bucket_acl", R"({"acl": "private"})", kPass},
      {"TFS-S3-005", "aws_s3_bucket_acl", R"({"acl": "public-read-write"})", kFail},
      {"TFS-S3-005", "aws_s3_bucket_acl",
       R"({"access_control_policy": [{"grant": [{"grantee": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}]}]})",
       kFail},
      {"TFS-S3-005", "aws_s3_bucket_acl",
       R"({"access_control_policy": [{"grant": [{"grantee": [{"uri": "<unknown>"}]}]}]})", kUnknown},
      {"TFS-S3-005", kBucket, R"({"grant": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]})", kFail},
      {"TFS-S3-005", kBucket, R"({"grant": [{"uri": "<unknown>"}]})", kUnknown},
      {"TFS-S3-005", kBucket, R"({"acl": "<unknown>"})", kUnknown, R"({"acl": ["aws_x.y.acl"]})"},
      {"TFS-S3-005", "aws_s3_bucket_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}}]}"})",
       kPass},
      {"TFS-S3-005", "aws_s3_bucket_policy",
       R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\"}]}"})",
       kFail},
      {"TFS-S3-005", "aws_s3_bucket_policy", R"({"policy": "<unknown>"})", kUnknown,
       R"({"policy": ["aws_s3_bucket.b.arn"]})"},

      {"TFS-S3-006", kBucket, kFresh, kPass, kSilent},
      {"TFS-S3-007", "aws_s3_bucket_object_lock_configuration",
       R"({"rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 365}]}]})", kPass},
      {"TFS-S3-007", "aws_s3_bucket_object_lock_configuration",
       R"({"rule": [{"default_retention": [{"mode": "<unknown>", "days": 365}]}]})", kUnknown},
      {"TFS-S3-008", kBucket, R"({"object_lock_enabled": true})", kPass},
      {"TFS-S3-008", kBucket, kFresh, kNotApplicable, kSilent},
  };
}

}  // namespace tfseal
