#include <fmt/format.h>

#include <limits>

#include "policy/controls/declarations.h"

// CloudTrail, and how long logs are kept.
namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kTrailTypes[] = {"aws_cloudtrail"};
constexpr std::string_view kTrailKeyTypes[] = {"aws_cloudtrail", "aws_cloudtrail_event_data_store"};
constexpr std::string_view kTrailKeyReads[] = {"kms_key_id"};
constexpr std::string_view kTrailLogReads[] = {"enable_log_file_validation", "enable_logging", "is_multi_region_trail"};

Judgement JudgeTrailEncryption(const Subject&) {
  return Pass("CloudTrail always encrypts what it stores, with an AWS-owned key if none is named", "kms_key_id");
}

Judgement JudgeTrailKey(const Subject& subject) {
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsOwned);
}

Judgement JudgeTrailLog(const Subject& subject) {
  Judgement logging = RequireBool(subject, "enable_logging", true, IfUnset::kPass, "the trail records nothing");
  if (logging.verdict != Verdict::kPass) return logging;
  constexpr std::string_view kRegions = "is_multi_region_trail";
  if (subject.world.side() == Side::kAfter && subject.instance.before.Get(kRegions).AsBool() == true &&
      !subject.At(kRegions).unknown() && subject.At(kRegions).AsBool() != true) {
    return Fail("the trail recorded every region and will record one", kRegions);
  }
  return RequireBool(subject, "enable_log_file_validation", true, IfUnset::kFail,
                     "nobody can prove that log files were not changed");
}

constexpr std::string_view kEventStoreTypes[] = {"aws_cloudtrail_event_data_store"};
constexpr std::string_view kEventStoreReads[] = {"termination_protection_enabled"};

Judgement JudgeEventStoreProtection(const Subject& subject) {
  return RequireBool(subject, "termination_protection_enabled", true, IfUnset::kPass,
                     "the audit record can be deleted");
}

constexpr std::string_view kRetainedLogTypes[] = {"aws_cloudwatch_log_group", "aws_cloudtrail_event_data_store"};
constexpr std::string_view kRetainedLogReads[] = {"retention_in_days", "retention_period"};

// Days that a side keeps logs; a log group without a number keeps them for ever.
double DaysOfLogs(const Value& attributes, std::string_view attribute) {
  const double days = attributes.Get(attribute).AsNumber().value_or(0);
  return days > 0 ? days : std::numeric_limits<double>::infinity();
}

// The policy has no number for logs, so what counts is that no log is deleted earlier than promised.
Judgement JudgeLogRetention(const Subject& subject) {
  const bool is_group = subject.instance.type == "aws_cloudwatch_log_group";
  const std::string_view attribute = is_group ? "retention_in_days" : "retention_period";
  if (subject.At(attribute).unknown()) return UnknownUntilApply(attribute);
  const double days = DaysOfLogs(subject.attributes, attribute);
  const std::string now =
      days == std::numeric_limits<double>::infinity() ? "for ever" : fmt::format("for {} days", days);
  if (subject.world.side() == Side::kAfter && subject.instance.before.is_map()) {
    const double before = DaysOfLogs(subject.instance.before, attribute);
    if (days < before) {
      return Fail(fmt::format("logs are kept {}, for longer before: AWS deletes what is older", now), attribute);
    }
  }
  return Pass(fmt::format("logs are kept {}", now), attribute);
}

}  // namespace

const Control kTrailEncryption{
    .id = "TFS-TRAIL-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "audit trails are encrypted at rest",
    .types = kTrailKeyTypes,
    .reads = kTrailKeyReads,
    .evaluate = JudgeTrailEncryption,
    .why = "CloudTrail always encrypts what it stores; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "AWS CloudTrail: log files are encrypted with SSE-S3 if no key is named.",
};

const Control kTrailCustomerKey{
    .id = "TFS-TRAIL-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "audit trails use a customer-managed key",
    .types = kTrailKeyTypes,
    .reads = kTrailKeyReads,
    .evaluate = JudgeTrailKey,
    .why = "With a key of your own, reading the bucket is not enough to read the audit log.",
    .remedy =
        "set kms_key_id of the trail; in place, for new files. The key policy must allow cloudtrail.amazonaws.com "
        "first. The key "
        "of an event data store cannot be removed again",
    .basis = "Vendor benchmark: CIS AWS Foundations; AWS Security Hub CloudTrail.2.",
};

const Control kTrailLog{
    .id = "TFS-TRAIL-003",
    .topic = Topic::kAuditLog,
    .severity = Severity::kHigh,
    .title = "audit trails record and can prove that nothing was changed",
    .types = kTrailTypes,
    .reads = kTrailLogReads,
    .evaluate = JudgeTrailLog,
    .why = "Without validation a changed or deleted log file is not noticed.",
    .remedy = "set enable_logging = true and enable_log_file_validation = true; both are in place",
    .basis = "Vendor benchmark: CIS AWS Foundations; AWS Security Hub CloudTrail.4.",
};

const Control kEventStoreProtection{
    .id = "TFS-TRAIL-004",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "event data stores are protected against deletion",
    .types = kEventStoreTypes,
    .reads = kEventStoreReads,
    .evaluate = JudgeEventStoreProtection,
    .why = "The audit record can be deleted with one call.",
    .remedy = "set termination_protection_enabled = true; in place",
    .basis = "AWS CloudTrail Lake: termination protection.",
};

const Control kLogRetention{
    .id = "TFS-LOGS-003",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "log retention is not shortened",
    .types = kRetainedLogTypes,
    .reads = kRetainedLogReads,
    .evaluate = JudgeLogRetention,
    .why = "Shortening the retention deletes older log events for good, among them the audit logs of databases.",
    .remedy =
        "keep the retention, or export the older events first (CreateExportTask). PCI DSS 10.5.1 asks for twelve "
        "months of audit "
        "logs; HIPAA names no number for logs",
    .basis = "Organisation.",
};

}  // namespace tfseal
