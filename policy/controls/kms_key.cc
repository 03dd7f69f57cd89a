#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

constexpr int kDefaultRotationDays = 365;  // AWS's own where rotation_period_in_days is not set

constexpr std::string_view kRotatingTypes[] = {"aws_kms_key"};
constexpr std::string_view kRotationReads[] = {"enable_key_rotation",      "rotation_period_in_days", "key_usage",
                                               "customer_master_key_spec", "custom_key_store_id",     "xks_key_id"};

// Only symmetric encryption keys whose material KMS made can rotate by themselves.
bool CanRotate(const Subject& subject, std::string* why_not) {
  const std::string_view usage = subject.At("key_usage").text();
  const std::string_view spec = subject.At("customer_master_key_spec").text();
  if (!usage.empty() && usage != "ENCRYPT_DECRYPT") {
    *why_not = fmt::format("key_usage is {}: such keys cannot rotate automatically", usage);
  } else if (!spec.empty() && spec != "SYMMETRIC_DEFAULT") {
    *why_not = fmt::format("customer_master_key_spec is {}: such keys cannot rotate automatically", spec);
  } else if (!subject.At("custom_key_store_id").empty() || !subject.At("xks_key_id").empty()) {
    *why_not = "keys of a custom key store cannot rotate automatically";
  }
  return why_not->empty();
}

Judgement JudgeKeyRotation(const Subject& subject) {
  if (!subject.requirements.rotation_required) return NotApplicable("the policy does not ask for key rotation");
  std::string why_not;
  if (!CanRotate(subject, &why_not)) return NotApplicable(why_not);
  Judgement enabled = RequireBool(subject, "enable_key_rotation", true, IfUnset::kFail, "the key never rotates");
  if (enabled.verdict == Verdict::kFail) enabled.strength = 0;
  if (enabled.verdict != Verdict::kPass) return enabled;
  const terraform::Value period = subject.At("rotation_period_in_days");
  const int most = subject.requirements.rotation_max_period_days;
  double days = kDefaultRotationDays;
  if (period.unknown()) {
    const Origin& origin = subject.world.OriginOf(subject.instance, "rotation_period_in_days");
    if (most > 0 && !origin.LeftToProvider()) return UnknownUntilApply("rotation_period_in_days");
  } else if (const auto number = period.AsNumber(); number.has_value() && *number > 0) {
    days = *number;
  }
  Judgement judgement = Pass(fmt::format("the key rotates every {} days", days), "enable_key_rotation");
  if (most > 0 && days > most) {
    judgement = Fail(fmt::format("the key rotates every {} days, at most {} are allowed", days, most),
                     "rotation_period_in_days");
  }
  judgement.strength = 1.0 / days;
  return judgement;
}

constexpr std::string_view kKeyStateTypes[] = {"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key",
                                               "aws_kms_replica_external_key"};
constexpr std::string_view kKeyStateReads[] = {"is_enabled", "enabled", "key_state"};

Judgement JudgeKeyState(const Subject& subject) {
  const std::string_view state = subject.At("key_state").text();
  if (state == "PendingDeletion" || state == "PendingReplicaDeletion") {
    return Fail(fmt::format("key_state is {}: nothing under this key can be read, and soon never again", state),
                "key_state");
  }
  const std::string_view attribute = subject.instance.type == "aws_kms_key" ? "is_enabled" : "enabled";
  return RequireBool(subject, attribute, true, IfUnset::kPass, "nothing under a disabled key can be read or written");
}

constexpr std::string_view kKeyPolicyTypes[] = {"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key",
                                                "aws_kms_replica_external_key", "aws_kms_key_policy"};
constexpr std::string_view kKeyPolicyReads[] = {"policy", "key_id", "id", "arn"};

Judgement JudgeKeyPolicy(const Subject& subject) {
  if (subject.instance.type != "aws_kms_key_policy" && HasPolicyResource(subject, "aws_kms_key_policy", "key_id")) {
    return NotApplicable("the policy is set by aws_kms_key_policy");
  }
  Judgement judgement = RequireClosedPolicy(subject, "policy", "the key policy");
  if (judgement.verdict != Verdict::kNotApplicable) return judgement;
  return Pass("policy is not set: AWS's default key policy, for this account only", "policy");
}

constexpr std::string_view kGrantTypes[] = {"aws_kms_grant"};
constexpr std::string_view kGrantReads[] = {"grantee_principal", "operations", "constraints"};

// What the grant allows now and did not before.
std::vector<std::string> AddedOperations(const terraform::Value& before, const terraform::Value& now) {
  std::vector<std::string> added;
  for (const terraform::Value& operation : now.items()) {
    const auto is_same = [&](const terraform::Value& other) { return other.text() == operation.text(); };
    if (std::none_of(before.items().begin(), before.items().end(), is_same)) added.emplace_back(operation.text());
  }
  std::sort(added.begin(), added.end());
  return added;
}

// How many entries of an encryption context a use of the grant has to have.
std::size_t Constraints(const terraform::Value& constraints) {
  std::size_t entries = 0;
  for (const terraform::Value& constraint : constraints.items()) {
    for (const std::string_view kind : {"encryption_context_equals", "encryption_context_subset"}) {
      entries += constraint.Get(kind).members().size();
    }
  }
  return entries;
}

// A grant is made anew for every change, so a wider one shows as a replacement that allows more.
Judgement JudgeGrant(const Subject& subject) {
  const terraform::Value operations = subject.At("operations");
  if (operations.unknown() || operations.AnyUnknown()) return UnknownUntilApply("operations");
  if (subject.At("grantee_principal").text() == "*") return Fail("grantee_principal is everybody", "grantee_principal");
  const std::size_t now = operations.items().size();
  Judgement judgement = Pass(fmt::format("the grant allows {} operations", now), "operations");
  judgement.strength = -static_cast<double>(now);
  if (subject.world.side() != Side::kAfter || !subject.instance.before.is_map()) return judgement;
  const auto added = AddedOperations(subject.instance.before.Get("operations"), operations);
  const terraform::Value constraints = subject.At("constraints");
  const std::size_t were = Constraints(subject.instance.before.Get("constraints"));
  if (!added.empty()) {
    judgement = Fail(fmt::format("the grant is widened: it now allows {}", fmt::join(added, ", ")), "operations");
    judgement.offenders = added;
  } else if (constraints.unknown()) {
    if (were > 0) judgement = UnknownUntilApply("constraints");
  } else if (Constraints(constraints) < were) {
    judgement = Fail("the grant is widened: it no longer asks for all of its encryption context", "constraints");
  }
  judgement.strength = -static_cast<double>(now);
  return judgement;
}

}  // namespace

const Control kKmsKeyRotation{
    .id = "TFS-KMS-001",
    .topic = Topic::kKeyRotation,
    .severity = Severity::kMedium,
    .title = "KMS keys rotate automatically",
    .types = kRotatingTypes,
    .reads = kRotationReads,
    .evaluate = JudgeKeyRotation,
    .why = "Key material that never changes protects everything ever written with it: one leak opens all of it.",
    .remedy =
        "set enable_key_rotation = true (and rotation_period_in_days where the policy sets a limit). Rotation keeps "
        "the "
        "key's ARN and all old material, re-encrypts nothing and interrupts nothing",
    .basis =
        "Vendor benchmark: CIS AWS Foundations, AWS Config cmk-backing-key-rotation-enabled. The period is the "
        "organisation's "
        "choice (PCI DSS 3.7.4 asks for an owner-defined cryptoperiod); KMS allows 90 to 2560 days, default 365.",
};

const Control kKmsKeyState{
    .id = "TFS-KMS-002",
    .topic = Topic::kKeyState,
    .severity = Severity::kCritical,
    .title = "KMS keys are enabled and not scheduled for deletion",
    .types = kKeyStateTypes,
    .reads = kKeyStateReads,
    .evaluate = JudgeKeyState,
    .why =
        "Data under a disabled key cannot be read; a database that loses its key stops and, after seven days, is lost "
        "but for "
        "backups under the same key. Deletion of a key is final.",
    .remedy =
        "enable the key again (is_enabled = true), or cancel its deletion: aws kms cancel-key-deletion, then aws kms "
        "enable-key",
    .basis =
        "KMS key states; RDS inaccessible-encryption-credentials-recoverable. Same as AWS Config "
        "kms-cmk-not-scheduled-for-deletion.",
};

const Control kKmsKeyPolicy{
    .id = "TFS-KMS-003",
    .topic = Topic::kKeyAccess,
    .severity = Severity::kCritical,
    .title = "KMS key policies do not allow every AWS account",
    .types = kKeyPolicyTypes,
    .reads = kKeyPolicyReads,
    .evaluate = JudgeKeyPolicy,
    .why = "A key policy with Principal \"*\" and no condition on the caller lets any AWS account use the key.",
    .remedy =
        "name the principals, or bind the statement with kms:CallerAccount or aws:PrincipalOrgID. kms:ViaService alone "
        "is not "
        "enough: other accounts come through the same service. Keep the statement for your own account's root, without "
        "it "
        "nobody can manage the key",
    .basis = "KMS key policies; same as AWS Security Hub KMS.5.",
};

const Control kKmsGrant{
    .id = "TFS-KMS-004",
    .topic = Topic::kKeyAccess,
    .severity = Severity::kHigh,
    .title = "KMS grants are not widened",
    .types = kGrantTypes,
    .reads = kGrantReads,
    .evaluate = JudgeGrant,
    .why =
        "A grant gives a principal use of a key past the key policy; more operations than before deserve a decision.",
    .remedy = "keep the operations the grantee needs, or make a second grant for the new purpose",
    .basis = "KMS grants; organisation.",
};

}  // namespace tfseal
