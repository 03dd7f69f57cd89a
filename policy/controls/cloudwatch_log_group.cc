#include <fmt/format.h>

#include "policy/controls/declarations.h"

namespace tfseal {
namespace {

constexpr std::string_view kLogGroupTypes[] = {"aws_cloudwatch_log_group"};
constexpr std::string_view kLogGroupReads[] = {"kms_key_id"};

Judgement JudgeLogGroupEncryption(const Subject&) {
  return Pass("CloudWatch Logs always encrypts, with an AWS-owned key if none is named", "kms_key_id");
}

Judgement JudgeLogGroupKey(const Subject& subject) {
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsOwned);
}

}  // namespace

const Control kLogGroupEncryption{
    .id = "TFS-LOGS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "log groups are encrypted at rest",
    .types = kLogGroupTypes,
    .reads = kLogGroupReads,
    .evaluate = JudgeLogGroupEncryption,
    .why = "CloudWatch Logs always encrypts; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "Amazon CloudWatch Logs: encrypt log data.",
};

const Control kLogGroupCustomerKey{
    .id = "TFS-LOGS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "log groups use a customer-managed key",
    .types = kLogGroupTypes,
    .reads = kLogGroupReads,
    .evaluate = JudgeLogGroupKey,
    .why = "Database and audit logs carry personal data; the AWS-owned key cannot be restricted, audited or withdrawn.",
    .remedy =
        "set kms_key_id; in place, for new log events. The key policy must allow logs.<region>.amazonaws.com first. "
        "The old "
        "key must stay as long as the logs written under it",
    .basis = "Organisation; AWS Config cloudwatch-log-group-encrypted.",
};

}  // namespace tfseal
