#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/controls/bucket_settings.h"
#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kSseType = "aws_s3_bucket_server_side_encryption_configuration";
constexpr std::string_view kVersioningType = "aws_s3_bucket_versioning";
constexpr std::string_view kPublicAccessBlockType = "aws_s3_bucket_public_access_block";
constexpr std::string_view kObjectLockType = "aws_s3_bucket_object_lock_configuration";
constexpr std::string_view kSseKey = "rule[0].apply_server_side_encryption_by_default[0].kms_master_key_id";
constexpr std::string_view kSseAlgorithm = "rule[0].apply_server_side_encryption_by_default[0].sse_algorithm";

constexpr std::string_view kBucketEncryptionTypes[] = {"aws_s3_bucket", kSseType};
constexpr std::string_view kBucketEncryptionReads[] = {"bucket"};

Judgement JudgeBucketEncryption(const Subject&) {
  return Pass("S3 encrypts every new object, with SSE-S3 if nothing else is set");
}

constexpr std::string_view kBucketKeyReads[] = {"rule", "bucket", "id", "arn", "server_side_encryption_configuration"};

Judgement JudgeDefaultEncryptionKey(const Subject& subject, const std::string& prefix) {
  const std::string algorithm_path = prefix + std::string(kSseAlgorithm);
  const std::string key_path = prefix + std::string(kSseKey);
  const Value algorithm = subject.At(algorithm_path);
  if (algorithm.unknown()) return UnknownUntilApply(algorithm_path);
  if (algorithm.empty()) return Fail("objects are encrypted with SSE-S3, an AWS-owned key", algorithm_path);
  if (algorithm.text() == "AES256")
    return Fail("sse_algorithm is AES256: objects are encrypted with an AWS-owned key", algorithm_path);
  return RequireCustomerKey(subject, key_path, DefaultKey::kAwsManaged);
}

Judgement JudgeBucketKey(const Subject& subject) {
  if (subject.instance.type == kSseType) return JudgeDefaultEncryptionKey(subject, "");
  for (const ResourceInstance* settings : SettingsOf(subject, kSseType)) {
    Judgement judgement = JudgeDefaultEncryptionKey(On(subject, *settings), "");
    judgement.message = fmt::format("{}: {}", settings->address, judgement.message);
    for (Obligation& obligation : judgement.obligations) obligation.attribute = "default encryption";
    return judgement;
  }
  constexpr std::string_view kInline = "server_side_encryption_configuration";
  const Value block = subject.At(kInline);
  if (block.unknown() || LosesSetting(subject, kSseType)) {
    const bool written = block.unknown() && !LeftToProvider(subject, std::string(kInline) + "[0]");
    if (written || MayBeElsewhere(subject)) return UnknownUntilApply(kInline);
    return Fail("no default encryption is configured: objects are encrypted with SSE-S3, an AWS-owned key", kInline);
  }
  return JudgeDefaultEncryptionKey(subject, std::string(kInline) + "[0].");
}

constexpr std::string_view kVersioningTypes[] = {"aws_s3_bucket", kVersioningType};
constexpr std::string_view kVersioningReads[] = {"versioning_configuration", "versioning", "bucket", "id", "arn",
                                                 "object_lock_enabled"};

Judgement JudgeVersioningSetting(const Subject& subject) {
  constexpr std::string_view kStatus = "versioning_configuration[0].status";
  const Value status = subject.At(kStatus);
  if (status.unknown()) return UnknownUntilApply(kStatus);
  if (status.text() == "Enabled") return Pass("versioning is enabled", kStatus);
  return Fail("versioning is not enabled: what is overwritten or deleted is gone", kStatus);
}

Judgement JudgeVersioning(const Subject& subject) {
  if (subject.instance.type == kVersioningType) return JudgeVersioningSetting(subject);
  for (const ResourceInstance* settings : SettingsOf(subject, kVersioningType)) {
    return JudgeVersioningSetting(On(subject, *settings));
  }
  if (subject.At("object_lock_enabled").AsBool() == true) {
    return Pass("object lock keeps versioning enabled, which cannot be suspended", "object_lock_enabled");
  }
  constexpr std::string_view kEnabled = "versioning[0].enabled";
  const Value block = subject.At("versioning");
  if (block.unknown() || block.empty() || LosesSetting(subject, kVersioningType)) {
    const bool written = block.unknown() && !LeftToProvider(subject, kEnabled);
    if (written || MayBeElsewhere(subject)) return UnknownUntilApply(kEnabled);
    return Fail("versioning is not configured: what is overwritten or deleted is gone", "versioning");
  }
  return RequireBool(subject, kEnabled, true, IfUnset::kFail, "what is overwritten or deleted is gone");
}

constexpr std::string_view kAccessBlockTypes[] = {kPublicAccessBlockType, "aws_s3_account_public_access_block"};
constexpr std::string_view kAccessBlockReads[] = {"block_public_acls", "block_public_policy", "ignore_public_acls",
                                                  "restrict_public_buckets"};

Judgement JudgeAccessBlock(const Subject& subject) {
  Judgement judgement = Pass("all four public access settings are on");
  int on = 0;
  bool unknown = false;
  for (const std::string_view setting : kAccessBlockReads) {
    const Value value = subject.At(setting);
    if (value.unknown()) {
      unknown = true;
    } else if (value.AsBool() == true) {
      ++on;
    } else {
      judgement.offenders.emplace_back(setting);
    }
  }
  judgement.strength = on;
  if (!judgement.offenders.empty()) {
    judgement.verdict = Verdict::kFail;
    judgement.attribute = judgement.offenders.front();
    judgement.message = fmt::format("{} is off", fmt::join(judgement.offenders, ", "));
  } else if (unknown) {
    judgement.verdict = Verdict::kUnknown;
    judgement.message = "a public access setting is known only after apply";
  }
  return judgement;
}

constexpr std::string_view kBucketAccessTypes[] = {"aws_s3_bucket"};
constexpr std::string_view kBucketAccessReads[] = {
    "bucket", "id", "arn", "block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"};

// AWS blocks public access to buckets made since April 2023 without being asked, so a bucket without settings of its
// own passes; losing them does not.
Judgement JudgeBucketAccessBlock(const Subject& subject) {
  double strength = 0;
  for (const ResourceInstance* settings : SettingsOf(subject, kPublicAccessBlockType)) {
    for (const std::string_view setting : kAccessBlockReads) {
      const bool is_open = subject.world.AttributesOf(*settings).Get(setting).unknown();
      if (is_open && settings->before.Get(setting).AsBool() == true) return UnknownUntilApply(setting);
    }
    strength = std::max(strength, JudgeAccessBlock(On(subject, *settings)).strength.value_or(0));
  }
  Judgement judgement = strength > 0 ? Pass(fmt::format("{} of 4 public access settings are on", strength))
                                     : Pass("the bucket has no public access settings of its own");
  judgement.strength = strength;
  return judgement;
}

constexpr std::string_view kBucketGrantTypes[] = {"aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_bucket_policy"};
constexpr std::string_view kBucketGrantReads[] = {"acl", "policy", "access_control_policy", "grant", "bucket",
                                                  "id",  "arn"};

bool IsPublicGroup(std::string_view uri) {
  return uri.ends_with("/groups/global/AllUsers") || uri.ends_with("/groups/global/AuthenticatedUsers");
}

// The grants of an ACL, one by one; nullopt if none of them is for everybody.
std::optional<Judgement> JudgeGrants(const Subject& subject, std::string_view attribute, const Value& grants,
                                     std::string_view uri_path) {
  if (grants.unknown() && !LeftToProvider(subject, std::string(attribute) + "[0]")) return UnknownUntilApply(attribute);
  std::optional<Judgement> worst;
  for (const Value& grant : grants.items()) {
    const Value uri = grant.At(uri_path);
    if (IsPublicGroup(uri.text())) return Fail("the ACL grants access to everybody", attribute);
    if (grant.unknown() || uri.unknown()) worst = UnknownUntilApply(attribute);
  }
  return worst;
}

// Canned, or of grants that are written out; nullopt if it is for everybody in no way.
std::optional<Judgement> JudgeAcl(const Subject& subject) {
  const Value acl = subject.At("acl");
  if (acl.text().starts_with("public-") || acl.text() == "authenticated-read") {
    return Fail(fmt::format("acl is {}", acl.text()), "acl");
  }
  const auto granted = subject.instance.type == "aws_s3_bucket"
                           ? JudgeGrants(subject, "grant", subject.At("grant"), "uri")
                           : JudgeGrants(subject, "access_control_policy", subject.At("access_control_policy[0].grant"),
                                         "grantee[0].uri");
  if (granted.has_value()) return granted;
  if (acl.unknown() && !LeftToProvider(subject, "acl")) return UnknownUntilApply("acl");
  return std::nullopt;
}

Judgement JudgeBucketGrant(const Subject& subject) {
  const auto acl = JudgeAcl(subject);
  if (acl.has_value() && acl->verdict == Verdict::kFail) return *acl;
  if (subject.instance.type == "aws_s3_bucket_acl") {
    return acl.value_or(Pass("the ACL grants nothing to everybody", "acl"));
  }
  if (subject.instance.type == "aws_s3_bucket" && HasPolicyResource(subject, "aws_s3_bucket_policy", "bucket")) {
    return acl.value_or(NotApplicable("the policy is set by aws_s3_bucket_policy"));
  }
  Judgement policy = RequireClosedPolicy(subject, "policy", "the bucket policy");
  return policy.verdict == Verdict::kFail ? policy : acl.value_or(std::move(policy));
}

constexpr std::string_view kObjectLockTypes[] = {kObjectLockType};
constexpr std::string_view kObjectLockReads[] = {"rule"};

// Modes weigh more than any number of days: COMPLIANCE cannot be lifted by anybody, GOVERNANCE by whoever may.
Judgement JudgeObjectLock(const Subject& subject) {
  constexpr double kMode = 1e6;
  const Value mode = subject.At("rule[0].default_retention[0].mode");
  const Value days = subject.At("rule[0].default_retention[0].days");
  const Value years = subject.At("rule[0].default_retention[0].years");
  if (mode.unknown() || days.unknown() || years.unknown()) return UnknownUntilApply("rule");
  const double length = days.AsNumber().value_or(0) + 365 * years.AsNumber().value_or(0);
  Judgement judgement = Pass("objects are not locked unless each one asks for it", "rule");
  judgement.strength = 0;
  if (!mode.empty()) {
    judgement.message = fmt::format("objects are locked in {} mode for {} days", mode.text(), length);
    judgement.strength = (mode.text() == "COMPLIANCE" ? 2 * kMode : kMode) + length;
  }
  return judgement;
}

constexpr std::string_view kBucketLockTypes[] = {"aws_s3_bucket"};
constexpr std::string_view kBucketLockReads[] = {"bucket", "id", "arn", "rule", "object_lock_enabled"};

Judgement JudgeBucketLock(const Subject& subject) {
  const auto settings = SettingsOf(subject, kObjectLockType);
  if (!settings.empty()) {
    Judgement judgement = JudgeObjectLock(On(subject, *settings.front()));
    judgement.attribute = "object lock configuration";
    if (judgement.strength.has_value()) *judgement.strength += 1;
    return judgement;
  }
  if (subject.At("object_lock_enabled").unknown()) return NotApplicable("object lock is not configured");
  const bool enabled = subject.At("object_lock_enabled").AsBool() == true;
  Judgement judgement = Pass(enabled ? "object lock is on, without a default retention" : "object lock is off");
  judgement.attribute = "object_lock_enabled";
  judgement.strength = enabled ? 1 : 0;
  return judgement;
}

}  // namespace

const Control kBucketEncryption{
    .id = "TFS-S3-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "S3 objects are encrypted at rest",
    .types = kBucketEncryptionTypes,
    .reads = kBucketEncryptionReads,
    .evaluate = JudgeBucketEncryption,
    .why = "S3 encrypts every object written since January 2023; this cannot fail. Older objects may still be plain.",
    .remedy =
        "nothing to do for new objects. Old ones are encrypted by copying them over themselves (S3 Batch Operations)",
    .basis = "Amazon S3: default encryption with SSE-S3 since 5 January 2023.",
};

const Control kBucketCustomerKey{
    .id = "TFS-S3-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "buckets encrypt new objects with a customer-managed key",
    .types = kBucketEncryptionTypes,
    .reads = kBucketKeyReads,
    .evaluate = JudgeBucketKey,
    .why = "With SSE-S3 or aws/s3 whoever may read the object may decrypt it; nobody can withdraw the key.",
    .remedy =
        "add aws_s3_bucket_server_side_encryption_configuration with sse_algorithm = \"aws:kms\", kms_master_key_id "
        "and "
        "bucket_key_enabled = true. It applies to objects written afterwards. Targets of load balancer logs can only "
        "have "
        "SSE-S3: waive those",
    .basis = "Organisation; vendor benchmark: AWS Security Hub S3.17.",
};

const Control kBucketVersioning{
    .id = "TFS-S3-003",
    .topic = Topic::kPitr,
    .severity = Severity::kMedium,
    .title = "buckets keep earlier versions of objects",
    .types = kVersioningTypes,
    .reads = kVersioningReads,
    .evaluate = JudgeVersioning,
    .why = "Without versioning an overwritten or deleted object cannot be brought back.",
    .remedy = "add aws_s3_bucket_versioning with status = \"Enabled\", and a lifecycle rule for old versions",
    .basis = "Amazon S3 versioning; organisation.",
};

const Control kAccessBlock{
    .id = "TFS-S3-004",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "S3 public access blocks are complete",
    .types = kAccessBlockTypes,
    .reads = kAccessBlockReads,
    .evaluate = JudgeAccessBlock,
    .why = "Each of the four settings closes another way in which one ACL or policy can open the bucket to the world.",
    .remedy =
        "set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true. Serve "
        "public "
        "content through CloudFront with origin access control",
    .basis = "Vendor benchmark: CIS AWS Foundations; AWS Security Hub S3.8.",
};

const Control kBucketGrant{
    .id = "TFS-S3-005",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kCritical,
    .title = "bucket policies and ACLs do not allow everybody",
    .types = kBucketGrantTypes,
    .reads = kBucketGrantReads,
    .evaluate = JudgeBucketGrant,
    .why =
        "A public ACL, or Allow for Principal \"*\" without a condition on the caller, opens the bucket to the world.",
    .remedy =
        "name the principals, or bind the statement with aws:PrincipalOrgID, aws:SourceVpce or aws:SourceArn. A Deny "
        "for "
        "everybody is fine",
    .basis = "Vendor benchmark: AWS Security Hub S3.2 and S3.3.",
};

const Control kBucketAccessBlock{
    .id = "TFS-S3-006",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "buckets do not lose their public access block",
    .types = kBucketAccessTypes,
    .reads = kBucketAccessReads,
    .evaluate = JudgeBucketAccessBlock,
    .why = "Deleting the block takes effect at once, for every policy and ACL that it kept closed.",
    .remedy = "keep aws_s3_bucket_public_access_block for the bucket",
    .basis = "Vendor benchmark: CIS AWS Foundations; AWS Security Hub S3.8.",
    .lowering_fails = true,
};

const Control kObjectLock{
    .id = "TFS-S3-007",
    .topic = Topic::kObjectLock,
    .severity = Severity::kHigh,
    .title = "object lock is not weakened",
    .types = kObjectLockTypes,
    .reads = kObjectLockReads,
    .evaluate = JudgeObjectLock,
    .why =
        "Objects written after the change are locked for less time or less strictly: evidence and backups can be "
        "deleted.",
    .remedy = "keep mode and retention, or lower them on a bucket for new data only. Lengthening is always possible",
    .basis = "Organisation; Amazon S3 Object Lock.",
    .lowering_fails = true,
};

const Control kBucketLock{
    .id = "TFS-S3-008",
    .topic = Topic::kObjectLock,
    .severity = Severity::kHigh,
    .title = "buckets do not lose their object lock",
    .types = kBucketLockTypes,
    .reads = kBucketLockReads,
    .evaluate = JudgeBucketLock,
    .why = "Without the default retention new objects can be deleted and overwritten.",
    .remedy = "keep aws_s3_bucket_object_lock_configuration for the bucket",
    .basis = "Organisation; Amazon S3 Object Lock.",
    .lowering_fails = true,
};

}  // namespace tfseal
