#include <fmt/format.h>

#include <deque>
#include <string>

#include "core/json.h"
#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kBucket = "aws_s3_bucket";
constexpr std::string_view kSse = "aws_s3_bucket_server_side_encryption_configuration";
constexpr std::string_view kLifecycle = "aws_s3_bucket_lifecycle_configuration";
constexpr std::string_view kReplication = "aws_s3_bucket_replication_configuration";
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

// Statements of a policy of the bucket "b", and whether they refuse what comes without TLS.
struct Statements {
  std::string_view json;
  Verdict want;
};
constexpr Statements kStatements[] = {
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["s3:*"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws-us-gov:s3:::b", "arn:aws-us-gov:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": false}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"boolifexists": {"AWS:securetransport": ["false"]}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/a/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/?"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws-cn:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": ["s3:Get*", "s3:Put*"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": {"Service": "*"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])",
     kFail},
    {R"([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Null": {"aws:SecureTransport": "true"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}])",
     kFail},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}])",
     kPass},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"StringEquals": {"aws:SecureTransport": "false"}}}])",
     kUnknown},
    {R"([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"StringNotEquals": {"aws:SecureTransport": "true"}}}])",
     kUnknown},
};

std::string PolicyOf(std::string_view bucket, std::string_view statements) {
  const std::string policy = fmt::format(R"({{"Version": "2012-10-17", "Statement": {}}})", statements);
  return fmt::format(R"({{"bucket": {}, "policy": {}}})", bucket, WriteJsonLine(JsonValue(policy)));
}

ControlCases TlsCases() {
  constexpr std::string_view kPolicy = "aws_s3_bucket_policy";
  constexpr std::string_view kTls = "TFS-S3-009";
  constexpr std::string_view kTlsKept = "TFS-S3-010";
  static const std::deque<std::string> kTexts = [] {
    std::deque<std::string> texts;
    for (const Statements& each : kStatements) texts.push_back(PolicyOf("\"b\"", each.json));
    return texts;
  }();
  static const std::string kRefusing = PolicyOf("\"<unknown>\"", kStatements[0].json);
  static const std::string kOfAnyBucket = PolicyOf("\"<unknown>\"", kStatements[2].json);
  static const TestResource kPolicyOfIt{"aws_s3_bucket_policy.p", kRefusing, kOfTheBucket};
  static const TestResource kSomebodys{"aws_s3_bucket_policy.p", kRefusing,
                                       R"({"bucket": ["terraform_data.x.output"]})"};
  ControlCases cases = {
      // Whose bucket is known only after apply.
      {kTls, kPolicy, kRefusing, kUnknown},
      {kTls, kPolicy, kOfAnyBucket, kPass},
      {kTls, kPolicy, R"({"bucket": "b", "policy": "<unknown>"})", kUnknown, R"({"policy": ["aws_s3_bucket.b.arn"]})"},
      {kTls, kPolicy, R"({"bucket": "b", "policy": "no JSON"})", kUnknown},
      {kTls, kPolicy, R"({"bucket": "b", "policy": "{}"})", kFail},
      // A bucket with a policy of its own, with none, with one that may be its, and with one that is written in it.
      {kTls, kBucket, kFresh, kNotApplicable, kSilent, {kPolicyOfIt}},
      {kTls, kBucket, kFresh, kFail, kSilent},
      {kTls, kBucket, kFresh, kUnknown, kSilent, {kSomebodys}},
      {kTls, kBucket, R"({"bucket": "b", "policy": "<unknown>"})", kUnknown, R"({"policy": ["aws_x.y.json"]})"},
      {kTls, kBucket, R"({"bucket": "b", "policy": ""})", kFail},
      {kTlsKept, kBucket, kFresh, kPass, kSilent},
      {kTlsKept, kBucket, kFresh, kPass, kSilent, {kPolicyOfIt}},
      {kTlsKept, kBucket, kFresh, kNotApplicable, kSilent, {kSomebodys}},
      {kTlsKept, kPolicy, R"({"bucket": "b", "policy": "<unknown>"})", kNotApplicable},
  };
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    cases.push_back({kTls, kPolicy, kTexts[i], kStatements[i].want});
    cases.push_back({kTls, kBucket, kTexts[i], kStatements[i].want});
  }
  return cases;
}

ControlCases SettingsCases() {
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

      {"TFS-S3-011", kLifecycle,
       R"({"rule": [{"status": "Enabled", "filter": [{"prefix": "tmp/"}], "expiration": [{"days": 1}]}]})", kPass},
      {"TFS-S3-011", kLifecycle, R"({"rule": "<unknown>"})", kUnknown},
      {"TFS-S3-012", kLifecycle,
       R"({"rule": [{"status": "Enabled", "noncurrent_version_expiration": [{"noncurrent_days": 30}]}]})", kPass},
      {"TFS-S3-012", kLifecycle,
       R"({"rule": [{"status": "Enabled", "filter": [{"prefix": ""}], "noncurrent_version_expiration": [{"noncurrent_days": 1}]}]})",
       kFail},
      {"TFS-S3-012", kLifecycle,
       R"({"rule": [{"status": "Enabled", "noncurrent_version_expiration": [{"noncurrent_days": 1, "newer_noncurrent_versions": 3}]}]})",
       kNotApplicable},
      {"TFS-S3-012", kLifecycle,
       R"({"rule": [{"status": "Enabled", "filter": [{"prefix": "tmp/"}], "noncurrent_version_expiration": [{"noncurrent_days": 1}]}]})",
       kNotApplicable},
      {"TFS-S3-012", kLifecycle,
       R"({"rule": [{"status": "Enabled", "noncurrent_version_expiration": [{"noncurrent_days": "<unknown>"}]}]})",
       kUnknown},

      {"TFS-S3-013", kReplication,
       R"({"rule": [{"status": "Enabled", "destination": [{"encryption_configuration": [{"replica_kms_key_id": "arn:aws:kms:eu-west-1:123456789012:alias/ours"}]}]}]})",
       kPass},
      {"TFS-S3-013", kReplication,
       R"({"rule": [{"status": "Enabled", "destination": [{"encryption_configuration": [{"replica_kms_key_id": "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3"}]}]}]})",
       kFail},
      {"TFS-S3-013", kReplication,
       R"({"rule": [{"status": "Enabled", "destination": [{"encryption_configuration": "<unknown>"}]}]})", kUnknown},
      {"TFS-S3-013", kReplication, R"({"rule": [{"status": "<unknown>"}]})", kUnknown},
      {"TFS-S3-013", kReplication, R"({"rule": [{"status": "Disabled", "destination": [{}]}]})", kNotApplicable},
      // Nothing says which key the objects of the bucket have.
      {"TFS-S3-013", kReplication, R"({"bucket": "b", "rule": [{"status": "Enabled", "destination": [{}]}]})",
       kUnknown},
      {"TFS-S3-013",
       kReplication,
       R"({"bucket": "b", "rule": [{"status": "Enabled", "destination": [{}]}]})",
       kFail,
       {},
       {{"aws_s3_bucket.b", R"({"id": "b", "bucket": "b"})"},
        {"aws_s3_bucket_server_side_encryption_configuration.b",
         R"({"bucket": "b", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "alias/ours"}]}]})"}}},
      {"TFS-S3-013",
       kReplication,
       R"({"bucket": "b", "rule": [{"status": "Enabled", "destination": [{}]}]})",
       kNotApplicable,
       {},
       {{"aws_s3_bucket.b", R"({"id": "b", "bucket": "b"})"},
        {"aws_s3_bucket_server_side_encryption_configuration.b",
         R"({"bucket": "b", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]})"}}},
  };
}

}  // namespace

std::vector<ControlCase> BucketCases() {
  return Together({TlsCases(), SettingsCases()});
}

}  // namespace tfseal
