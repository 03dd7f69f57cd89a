#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

// AWS Backup.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::string_view kLockType = "aws_backup_vault_lock_configuration";
constexpr std::string_view kVaultTypes[] = {"aws_backup_vault"};
constexpr std::string_view kVaultReads[] = {"kms_key_arn"};

Judgement JudgeVaultEncryption(const Subject&) {
  return Pass("AWS Backup always encrypts vaults", "kms_key_arn");
}

Judgement JudgeVaultKey(const Subject& subject) {
  return RequireCustomerKey(subject, "kms_key_arn", DefaultKey::kAwsManaged);
}

constexpr std::string_view kLockTypes[] = {kLockType, "aws_backup_logically_air_gapped_vault"};
constexpr std::string_view kLockReads[] = {"min_retention_days", "changeable_for_days"};

// A lock that becomes immutable weighs more than any number of days.
Judgement JudgeVaultLock(const Subject& subject) {
  constexpr double kImmutable = 1e6;
  const Value days = subject.At("min_retention_days");
  const Value grace = subject.At("changeable_for_days");
  if (days.unknown()) return UnknownUntilApply("min_retention_days");
  const double minimum = days.AsNumber().value_or(0);
  const bool immutable = subject.instance.type != kLockType || grace.unknown() || grace.AsNumber().value_or(0) > 0;
  Judgement judgement = Pass(fmt::format("recovery points are kept for at least {} days, and the lock {} be removed",
                                         minimum, immutable ? "cannot" : "can"),
                             "min_retention_days");
  judgement.strength = minimum + (immutable ? kImmutable : 0) + 1;
  return judgement;
}

constexpr std::string_view kVaultLockReads[] = {"name", "id", "backup_vault_name", "min_retention_days",
                                                "changeable_for_days"};

Judgement JudgeLockOfVault(const Subject& subject) {
  for (const ResourceInstance* lock :
       subject.world.PointingAt(subject.instance, kLockType, "backup_vault_name", {"name", "id"})) {
    return JudgeVaultLock({*lock, subject.world.AttributesOf(*lock), subject.world, subject.requirements});
  }
  Judgement judgement = Pass("the vault has no lock", "lock");
  judgement.strength = 0;
  return judgement;
}

constexpr std::string_view kPlanTypes[] = {"aws_backup_plan"};
constexpr std::string_view kPlanReads[] = {"rule"};

// Days of one lifecycle; nullopt if recovery points are kept until somebody deletes them.
std::optional<double> DaysKept(const Value& lifecycle) {
  const auto days = lifecycle.Get("delete_after").AsNumber();
  return days.has_value() && *days > 0 ? days : std::nullopt;
}

Judgement JudgePlanRetention(const Subject& subject) {
  const Value rules = subject.At("rule");
  if (rules.unknown()) return UnknownUntilApply("rule");
  std::optional<double> least;
  std::vector<std::string> offenders;
  bool unknown = false;
  for (const Value& rule : rules.items()) {
    const Value lifecycle = rule.At("lifecycle[0]");
    if (rule.unknown() || rule.Get("lifecycle").unknown() || lifecycle.Get("delete_after").unknown()) {
      unknown = true;
      continue;
    }
    const auto days = DaysKept(lifecycle);
    if (!days.has_value()) continue;
    least = std::min(least.value_or(*days), *days);
    if (*days < subject.requirements.retention_min_days)
      offenders.push_back(fmt::format("rule {}", rule.Get("rule_name").text()));
  }
  std::sort(offenders.begin(), offenders.end());
  Judgement judgement =
      Pass(least.has_value() ? fmt::format("every rule keeps recovery points for at least {} days", *least)
                             : "recovery points are kept until somebody deletes them",
           "rule");
  if (!offenders.empty()) {
    judgement = Fail(fmt::format("{} keeps recovery points for {} days: at least {} are required", offenders.front(),
                                 *least, subject.requirements.retention_min_days),
                     "rule");
    judgement.offenders = std::move(offenders);
  } else if (unknown) {
    return UnknownUntilApply("rule.lifecycle");
  }
  if (least.has_value()) judgement.strength = *least;
  return judgement;
}

bool IsContinuous(const Value& rules) {
  return std::any_of(rules.items().begin(), rules.items().end(),
                     [](const Value& rule) { return rule.Get("enable_continuous_backup").AsBool() == true; });
}

// Most plans make snapshots only; giving up continuous backups is what is judged.
Judgement JudgePlanContinuity(const Subject& subject) {
  const Value rules = subject.At("rule");
  if (rules.unknown()) return UnknownUntilApply("rule");
  if (IsContinuous(rules)) return Pass("a rule makes continuous backups", "rule");
  for (const Value& rule : rules.items()) {
    if (rule.unknown() || rule.Get("enable_continuous_backup").unknown()) {
      return UnknownUntilApply("rule.enable_continuous_backup");
    }
  }
  if (subject.world.side() == Side::kAfter && IsContinuous(subject.instance.before.Get("rule"))) {
    return Fail("a rule made continuous backups before and none does any more: no restore to a point in time", "rule");
  }
  return NotApplicable("no rule makes continuous backups");
}

constexpr std::string_view kVaultPolicyTypes[] = {"aws_backup_vault_policy"};
constexpr std::string_view kVaultPolicyReads[] = {"policy"};

Judgement JudgeVaultPolicy(const Subject& subject) {
  return RequireClosedPolicy(subject, "policy", "the vault's access policy");
}

}  // namespace

const Control kVaultEncryption{
    .id = "TFS-BACKUP-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Backup vaults are encrypted at rest",
    .types = kVaultTypes,
    .reads = kVaultReads,
    .evaluate = JudgeVaultEncryption,
    .why =
        "AWS Backup always encrypts vaults; this cannot fail. Recovery points of Aurora, RDS and EBS keep the "
        "encryption of "
        "their source.",
    .remedy = "nothing to do",
    .basis = "AWS Backup: encryption of backups.",
};

const Control kVaultCustomerKey{
    .id = "TFS-BACKUP-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Backup vaults use a customer-managed key",
    .types = kVaultTypes,
    .reads = kVaultReads,
    .evaluate = JudgeVaultKey,
    .why = "Recovery points under aws/backup cannot be copied to another account, and nobody can withdraw the key.",
    .remedy =
        "the key of a vault cannot be changed: Terraform would replace the vault. Make a second vault with "
        "kms_key_arn, point "
        "the plans to it, copy the recovery points that are still needed, and let the old vault run empty",
    .basis = "Organisation.",
};

const Control kVaultLock{
    .id = "TFS-BACKUP-003",
    .topic = Topic::kVaultLock,
    .severity = Severity::kCritical,
    .title = "Backup vault locks are not weakened",
    .types = kLockTypes,
    .reads = kLockReads,
    .evaluate = JudgeVaultLock,
    .why = "A weaker lock, or one that is taken away and made anew, lets recovery points be deleted before their time.",
    .remedy =
        "keep min_retention_days and changeable_for_days. A stronger lock belongs on a second vault, unless the first "
        "may be "
        "without one for a moment",
    .basis = "Organisation; AWS Backup Vault Lock.",
    .lowering_fails = true,
};

const Control kLockOfVault{
    .id = "TFS-BACKUP-004",
    .topic = Topic::kVaultLock,
    .severity = Severity::kCritical,
    .title = "Backup vaults do not lose their lock",
    .types = kVaultTypes,
    .reads = kVaultLockReads,
    .evaluate = JudgeLockOfVault,
    .why = "Without the lock recovery points can be deleted by whoever may delete them.",
    .remedy = "keep aws_backup_vault_lock_configuration for the vault",
    .basis = "Organisation; AWS Backup Vault Lock.",
    .lowering_fails = true,
};

const Control kPlanRetention{
    .id = "TFS-BACKUP-005",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "Backup plans keep recovery points long enough",
    .types = kPlanTypes,
    .reads = kPlanReads,
    .evaluate = JudgePlanRetention,
    .why = "What is older than the retention cannot be restored.",
    .remedy = "raise lifecycle.delete_after in the rule; in place, for recovery points made afterwards",
    .basis = "Organisation (backup.retention_days.min); AWS Config backup-plan-min-frequency-and-min-retention-check.",
};

const Control kPlanContinuity{
    .id = "TFS-BACKUP-007",
    .topic = Topic::kPitr,
    .severity = Severity::kHigh,
    .title = "Backup plans do not give up continuous backups",
    .types = kPlanTypes,
    .reads = kPlanReads,
    .evaluate = JudgePlanContinuity,
    .why = "Without continuous backups only the moments of the snapshots can be restored.",
    .remedy = "keep enable_continuous_backup = true in one rule. One continuous recovery point per database is enough",
    .basis = "AWS Backup: continuous backups and point-in-time recovery.",
};

const Control kVaultPolicy{
    .id = "TFS-BACKUP-006",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kCritical,
    .title = "Backup vault policies do not allow everybody",
    .types = kVaultPolicyTypes,
    .reads = kVaultPolicyReads,
    .evaluate = JudgeVaultPolicy,
    .why = "Allow for Principal \"*\" without a condition on the caller opens the backups to any AWS account.",
    .remedy = "name the accounts, or bind the statement with aws:PrincipalOrgID",
    .basis = "AWS Backup: vault access policies.",
};

}  // namespace tfseal
