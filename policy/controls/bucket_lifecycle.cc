#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/controls/bucket_settings.h"
#include "policy/controls/declarations.h"
#include "policy/controls/names.h"

// What S3 deletes by itself.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr double kNever = 1e6;

// What the rules of one configuration do to every object of the bucket, in days; rules for a part of it are not
// counted.
struct Expiry {
  double current = kNever;     // after which an object expires
  double noncurrent = kNever;  // after which a version that was overwritten or deleted does, with none kept
  bool unknown = false;
};

bool IsForAll(const Value& rule) {
  if (!rule.Get("prefix").text().empty()) return false;
  const Value filter = rule.At("filter[0]");
  return filter.Get("prefix").text().empty() && filter.Get("tag").empty() && filter.Get("and").empty() &&
         filter.Get("object_size_greater_than").AsNumber().value_or(0) <= 0 &&
         filter.Get("object_size_less_than").AsNumber().value_or(0) <= 0;
}

Expiry ExpiryOf(const Value& rules) {
  Expiry expiry;
  expiry.unknown = rules.unknown();
  for (const Value& rule : rules.items()) {
    if (rule.Get("status").text() == "Disabled" || !IsForAll(rule)) continue;
    const Value days = rule.At("expiration[0].days");
    const Value versions = rule.At("noncurrent_version_expiration[0].noncurrent_days");
    const Value kept = rule.At("noncurrent_version_expiration[0].newer_noncurrent_versions");
    expiry.unknown = expiry.unknown || rule.unknown() || rule.Get("status").unknown() || days.unknown() ||
                     versions.unknown() || rule.Get("expiration").unknown() ||
                     rule.At("expiration[0].date").unknown() || rule.Get("filter").unknown() ||
                     rule.At("filter[0]").AnyUnknown();
    if (days.AsNumber().value_or(0) > 0) expiry.current = std::min(expiry.current, *days.AsNumber());
    if (!rule.At("expiration[0].date").text().empty()) expiry.current = 0;  // all that is there on that day
    const bool keeps = kept.unknown() || kept.AsNumber().value_or(0) > 0;
    if (versions.AsNumber().value_or(0) > 0 && !keeps) {
      expiry.noncurrent = std::min(expiry.noncurrent, *versions.AsNumber());
    }
  }
  return expiry;
}

enum class Versions : unsigned char { kUnknown, kKept, kNotKept };

Versions VersionsOf(const Subject& bucket) {
  for (const ResourceInstance* settings : SettingsOf(bucket, "aws_s3_bucket_versioning")) {
    const Value status = bucket.world.AttributesOf(*settings).At("versioning_configuration[0].status");
    if (status.unknown()) return Versions::kUnknown;
    return status.text() == "Enabled" ? Versions::kKept : Versions::kNotKept;
  }
  if (bucket.At("object_lock_enabled").AsBool() == true) return Versions::kKept;
  const Value inside = bucket.At("versioning[0].enabled");
  if (inside.AsBool() == true && !LosesSetting(bucket, "aws_s3_bucket_versioning")) return Versions::kKept;
  return MayBeElsewhere(bucket) ? Versions::kUnknown : Versions::kNotKept;
}

// Days after which nothing is left of an object. Where versions are kept an object that expires becomes one of them.
double GoneAfter(const Expiry& expiry, Versions versions) {
  if (versions != Versions::kKept || expiry.current >= kNever) return expiry.current;
  return expiry.noncurrent >= kNever ? kNever : expiry.current + expiry.noncurrent;
}

// Buckets of logs and of scratch files are meant to empty themselves, so the change is judged and not the state.
Judgement JudgeExpiry(const Subject& subject) {
  const Expiry expiry = ExpiryOf(subject.At("rule"));
  const ResourceInstance* bucket = nullptr;
  for (const ResourceInstance* each :
       subject.world.Follow(subject.instance, "bucket", "aws_s3_bucket", {"id", "bucket", "arn"})) {
    bucket = each;
  }
  const bool is_new = bucket != nullptr && !bucket->has_before() && subject.instance.actions.create;
  if (expiry.unknown) return is_new ? Pass("the bucket is new", "rule") : UnknownUntilApply("rule");
  const Versions versions = bucket == nullptr ? Versions::kUnknown : VersionsOf(On(subject, *bucket));
  const double days = GoneAfter(expiry, versions);
  Judgement judgement =
      Pass(days >= kNever ? "no rule deletes every object" : fmt::format("every object is deleted after {} days", days),
           "rule");
  judgement.strength = days;
  const bool is_change =
      subject.world.side() == Side::kAfter && (subject.instance.before.is_map() || subject.instance.actions.create);
  if (days >= kNever || !is_change || is_new) return judgement;
  const double before = GoneAfter(ExpiryOf(subject.instance.before.Get("rule")), versions);
  if (days >= before) return judgement;
  if (versions == Versions::kUnknown) {
    Judgement unknown = UnknownUntilApply("rule");
    unknown.message =
        fmt::format("every object expires after {} days; whether versions are kept is not in this document", days);
    return unknown;
  }
  if (days < subject.requirements.retention_min_days) {
    Judgement failed =
        Fail(fmt::format("every object is deleted after {} days: S3 begins with what is older", days), "rule");
    failed.strength = days;
    return failed;
  }
  if (before < kNever) return judgement;  // the gate says what was before
  Judgement unknown = UnknownUntilApply("rule");
  unknown.message = fmt::format("S3 will delete every object that is older than {} days, where it deleted none", days);
  return unknown;
}

Judgement JudgeVersionExpiry(const Subject& subject) {
  const Expiry expiry = ExpiryOf(subject.At("rule"));
  if (expiry.unknown) return UnknownUntilApply("rule");
  if (expiry.noncurrent >= kNever) return NotApplicable("no rule deletes the earlier versions of every object");
  Judgement judgement = expiry.noncurrent < subject.requirements.retention_min_days
                            ? Fail(fmt::format("earlier versions are deleted after {} days: at least {} are required",
                                               expiry.noncurrent, subject.requirements.retention_min_days),
                                   "rule")
                            : Pass(fmt::format("earlier versions are kept for {} days", expiry.noncurrent), "rule");
  judgement.strength = expiry.noncurrent;
  return judgement;
}

}  // namespace

const Control kBucketExpiry{
    .id = "TFS-S3-011",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kCritical,
    .title = "lifecycle rules do not begin to delete every object of a bucket",
    .types = kNames<"aws_s3_bucket_lifecycle_configuration">,
    .reads = kNames<"rule", "bucket", "id", "arn", "versioning_configuration", "versioning", "object_lock_enabled">,
    .evaluate = JudgeExpiry,
    .why =
        "A rule without a filter applies to what is already there: within a day or two everything older is gone, and "
        "the plan shows one setting that is added or updated.",
    .remedy =
        "give the rule a filter, or raise the days. Where the objects are really to go, keep versions of them until "
        "that was seen to be right",
    .basis =
        "Amazon S3 User Guide: lifecycle rules apply to existing objects; organisation (backup.retention_days.min).",
};

const Control kBucketVersionExpiry{
    .id = "TFS-S3-012",
    .topic = Topic::kPitr,
    .severity = Severity::kMedium,
    .title = "earlier versions of objects are kept long enough",
    .types = kNames<"aws_s3_bucket_lifecycle_configuration">,
    .reads = kNames<"rule">,
    .evaluate = JudgeVersionExpiry,
    .why = "Versions that go after a day are no way back from a mistake that somebody finds on Monday.",
    .remedy = "raise noncurrent_days, or keep some versions with newer_noncurrent_versions",
    .basis = "Organisation (backup.retention_days.min); Amazon S3 versioning.",
};

}  // namespace tfseal
