#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"
#include "policy/rotation_schedule.h"

namespace tfseal {
namespace {

constexpr std::string_view kSecretTypes[] = {"aws_secretsmanager_secret"};
constexpr std::string_view kSecretKeyReads[] = {"kms_key_id"};
constexpr std::string_view kRecoveryReads[] = {"recovery_window_in_days"};

Judgement JudgeSecretEncryption(const Subject& subject) {
  const KeyFacts key = ClassifyKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
  return Pass(fmt::format("Secrets Manager always encrypts; {}", key.why), "kms_key_id");
}

Judgement JudgeSecretKey(const Subject& subject) {
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
}

Judgement JudgeRecoveryWindow(const Subject& subject) {
  Judgement judgement = RequireAtLeast(subject, "recovery_window_in_days", 7, IfUnset::kPass, "days");
  if (judgement.verdict == Verdict::kFail) {
    judgement.message = "recovery_window_in_days is 0: deleting the secret destroys its value at once";
  }
  return judgement;
}

constexpr std::string_view kSecretPolicyTypes[] = {"aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"};
constexpr std::string_view kSecretPolicyReads[] = {"policy", "secret_arn", "id", "arn"};

Judgement JudgeSecretPolicy(const Subject& subject) {
  if (subject.instance.type == "aws_secretsmanager_secret" &&
      HasPolicyResource(subject, "aws_secretsmanager_secret_policy", "secret_arn")) {
    return NotApplicable("the policy is set by aws_secretsmanager_secret_policy");
  }
  return RequireClosedPolicy(subject, "policy", "the secret's policy");
}

constexpr std::string_view kSecretRotationTypes[] = {"aws_secretsmanager_secret_rotation"};
constexpr std::string_view kSecretRotationReads[] = {"rotation_rules"};

// "31 days", "36 hours"
std::string Period(int hours) {
  return hours % 24 == 0 ? fmt::format("{} days", hours / 24) : fmt::format("{} hours", hours);
}

Judgement JudgeRotationPeriod(int hours, int most_days, std::string_view attribute) {
  if (most_days > 0 && hours > most_days * 24) {
    return Fail(fmt::format("the secret rotates every {}, at most {} are allowed", Period(hours), most_days),
                attribute);
  }
  return Pass(fmt::format("the secret rotates every {}", Period(hours)), attribute);
}

// AWS takes days or a schedule; where there is a schedule, the days that it shows are computed from it.
Judgement JudgeSecretRotation(const Subject& subject) {
  constexpr std::string_view kDays = "rotation_rules[0].automatically_after_days";
  constexpr std::string_view kSchedule = "rotation_rules[0].schedule_expression";
  if (subject.At("rotation_rules").unknown()) return UnknownUntilApply("rotation_rules");
  const terraform::Value days = subject.At(kDays);
  const terraform::Value schedule = subject.At(kSchedule);
  if (days.unknown() || schedule.unknown()) return UnknownUntilApply("rotation_rules");
  const int most = subject.requirements.rotation_max_period_days;
  if (!schedule.empty()) {
    if (const auto hours = LongestHoursBetweenRotations(schedule.text())) {
      return JudgeRotationPeriod(*hours, most, kSchedule);
    }
    Judgement judgement = UnknownUntilApply(kSchedule);
    judgement.message = "schedule_expression is none of which the longest period can be told";
    return judgement;
  }
  constexpr double kDaysMax = 100'000;
  const auto number = days.AsNumber();
  if (!number.has_value() || *number <= 0) {
    return Fail("rotation_rules name neither days nor a schedule", "rotation_rules");
  }
  return JudgeRotationPeriod(static_cast<int>(std::min(*number, kDaysMax)) * 24, most, kDays);
}

}  // namespace

const Control kSecretEncryption{
    .id = "TFS-SECRET-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Secrets are encrypted at rest",
    .types = kSecretTypes,
    .reads = kSecretKeyReads,
    .evaluate = JudgeSecretEncryption,
    .why = "Secrets Manager encrypts every secret, with aws/secretsmanager if nothing else is named; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "AWS Secrets Manager: secret encryption and decryption.",
};

const Control kSecretCustomerKey{
    .id = "TFS-SECRET-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Secrets are encrypted with a customer-managed key",
    .types = kSecretTypes,
    .reads = kSecretKeyReads,
    .evaluate = JudgeSecretKey,
    .why =
        "Under aws/secretsmanager nobody can restrict, audit or withdraw the key, and no other account can be given "
        "the secret.",
    .remedy =
        "set kms_key_id to the key's ARN. The change is in place; the value is encrypted with the new key from its "
        "next "
        "version on, so put the current value once more. Readers need kms:Decrypt on the new key before that",
    .basis = "Organisation; vendor benchmark: AWS Config secretsmanager-using-cmk.",
};

const Control kSecretRecoveryWindow{
    .id = "TFS-SECRET-003",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "deleted secrets can be recovered for at least seven days",
    .types = kSecretTypes,
    .reads = kRecoveryReads,
    .evaluate = JudgeRecoveryWindow,
    .why = "With recovery_window_in_days = 0 a destroy or a replacement deletes the value without any way back.",
    .remedy =
        "set recovery_window_in_days to 7 or more, or leave it out (30). A name that is still waiting to be deleted is "
        "taken "
        "back with aws secretsmanager restore-secret",
    .basis = "AWS Secrets Manager DeleteSecret: 7 to 30 days, default 30.",
};

const Control kSecretPolicy{
    .id = "TFS-SECRET-004",
    .topic = Topic::kKeyAccess,
    .severity = Severity::kCritical,
    .title = "secret policies do not allow every AWS account",
    .types = kSecretPolicyTypes,
    .reads = kSecretPolicyReads,
    .evaluate = JudgeSecretPolicy,
    .why = "A resource policy with Principal \"*\" and no condition on the caller gives the secret to any AWS account.",
    .remedy =
        "name the principals or bind the statement with aws:PrincipalOrgID or aws:PrincipalAccount; set "
        "block_public_policy "
        "= true",
    .basis = "AWS Secrets Manager: resource-based policies.",
};

const Control kSecretRotation{
    .id = "TFS-SECRET-005",
    .topic = Topic::kKeyRotation,
    .severity = Severity::kLow,
    .title = "Secrets under rotation rotate within the allowed period",
    .types = kSecretRotationTypes,
    .reads = kSecretRotationReads,
    .evaluate = JudgeSecretRotation,
    .why = "A secret that was known once stays usable until it is changed.",
    .remedy =
        "lower rotation_rules.automatically_after_days, or write a schedule_expression whose longest period (a month, "
        "a year) is short enough. Attaching or changing a rotation rotates at once unless "
        "rotate_immediately is false: be sure that all readers fetch the secret anew",
    .basis =
        "Organisation (encryption.rotation.max_period_days); same as AWS Config "
        "secretsmanager-secret-periodic-rotation. AWS Secrets Manager: rotation schedules.",
};

}  // namespace tfseal
