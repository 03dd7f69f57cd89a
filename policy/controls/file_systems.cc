#include <fmt/format.h>

#include "policy/controls/declarations.h"

// EFS and FSx.
namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kEfsTypes[] = {"aws_efs_file_system"};
constexpr std::string_view kEfsReads[] = {"encrypted"};
constexpr std::string_view kEfsKeyReads[] = {"encrypted", "kms_key_id"};

Judgement JudgeEfsEncryption(const Subject& subject) {
  constexpr std::string_view kOtherwise = "files are stored in clear";
  const Value encrypted = subject.At("encrypted");
  if (encrypted.unknown()) {
    const Origin& origin = subject.world.OriginOf(subject.instance, "encrypted");
    if (!origin.LeftToProvider()) return UnknownUntilApply("encrypted");
    return Fail(fmt::format("encrypted is not set: {}", kOtherwise), "encrypted");
  }
  return RequireBool(subject, "encrypted", true, IfUnset::kFail, kOtherwise);
}

Judgement JudgeEfsKey(const Subject& subject) {
  const Judgement encryption = JudgeEfsEncryption(subject);
  if (encryption.verdict == Verdict::kFail) return Fail(encryption.message + "; no key is used", "encrypted");
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
}

constexpr std::string_view kEfsBackupTypes[] = {"aws_efs_backup_policy"};
constexpr std::string_view kEfsBackupReads[] = {"backup_policy"};

Judgement JudgeEfsBackup(const Subject& subject) {
  constexpr std::string_view kStatus = "backup_policy[0].status";
  const Value status = subject.At(kStatus);
  if (status.unknown()) return UnknownUntilApply(kStatus);
  if (status.text() == "ENABLED" || status.text() == "ENABLING") return Pass("automatic backups are on", kStatus);
  return Fail("automatic backups are off", kStatus);
}

constexpr std::string_view kFsxTypes[] = {"aws_fsx_windows_file_system", "aws_fsx_lustre_file_system",
                                          "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system"};
constexpr std::string_view kFsxReads[] = {"kms_key_id"};
constexpr std::string_view kFsxKeyReads[] = {"kms_key_id", "deployment_type"};
constexpr std::string_view kFsxBackupReads[] = {"automatic_backup_retention_days", "deployment_type"};

Judgement JudgeFsxEncryption(const Subject&) {
  return Pass("Amazon FSx always encrypts at rest", "kms_key_id");
}

bool IsScratch(const Subject& subject) {
  return subject.At("deployment_type").text().starts_with("SCRATCH");
}

Judgement JudgeFsxKey(const Subject& subject) {
  if (IsScratch(subject)) return NotApplicable("scratch file systems use a key of FSx and cannot have another");
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
}

// Unset, FSx for Windows keeps backups for seven days and the others make none.
Judgement JudgeFsxBackups(const Subject& subject) {
  constexpr std::string_view kDays = "automatic_backup_retention_days";
  if (IsScratch(subject)) return NotApplicable("scratch file systems have no backups");
  const int wanted = subject.requirements.retention_min_days;
  const Value days = subject.At(kDays);
  bool unset = days.unset();
  if (days.unknown()) {
    const Origin& origin = subject.world.OriginOf(subject.instance, kDays);
    unset = origin.LeftToProvider();
  }
  if (!unset) return RequireAtLeast(subject, kDays, wanted, IfUnset::kFail, "days");
  const int by_default = subject.instance.type == "aws_fsx_windows_file_system" ? 7 : 0;
  Judgement judgement =
      by_default >= wanted
          ? Pass(fmt::format("{} is not set, so {} days are kept", kDays, by_default), kDays)
          : Fail(fmt::format("{} is not set, so {} days are kept: at least {} are required", kDays, by_default, wanted),
                 kDays);
  judgement.strength = by_default;
  return judgement;
}

}  // namespace

const Control kEfsEncryption{
    .id = "TFS-EFS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "EFS file systems are encrypted at rest",
    .types = kEfsTypes,
    .reads = kEfsReads,
    .evaluate = JudgeEfsEncryption,
    .why = "Files and their backups are stored in clear.",
    .remedy =
        "encryption of an existing file system cannot be changed: Terraform would replace it and lose the files. Make "
        "an "
        "encrypted one beside it, copy with AWS DataSync or restore a backup into it, move the mounts, then retire the "
        "old one",
    .basis = "Vendor benchmark: CIS AWS Foundations; AWS Security Hub EFS.1.",
};

const Control kEfsCustomerKey{
    .id = "TFS-EFS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "EFS file systems use a customer-managed key",
    .types = kEfsTypes,
    .reads = kEfsKeyReads,
    .evaluate = JudgeEfsKey,
    .why = "Under aws/elasticfilesystem nobody can restrict or withdraw the key.",
    .remedy =
        "the key of a file system cannot be changed: make one beside it with kms_key_id, copy, move the mounts, then "
        "retire the "
        "old one",
    .basis = "Organisation.",
};

const Control kEfsBackup{
    .id = "TFS-EFS-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kMedium,
    .title = "automatic backups of EFS file systems stay on where they are set",
    .types = kEfsBackupTypes,
    .reads = kEfsBackupReads,
    .evaluate = JudgeEfsBackup,
    .why = "Without backups a deleted or overwritten file is gone.",
    .remedy = "set status = \"ENABLED\", or select the file system in an AWS Backup plan",
    .basis = "Vendor benchmark: AWS Security Hub EFS.2.",
};

const Control kFsxEncryption{
    .id = "TFS-FSX-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "FSx file systems are encrypted at rest",
    .types = kFsxTypes,
    .reads = kFsxReads,
    .evaluate = JudgeFsxEncryption,
    .why = "Amazon FSx always encrypts; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "Amazon FSx: encryption of data at rest.",
};

const Control kFsxCustomerKey{
    .id = "TFS-FSX-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "FSx file systems use a customer-managed key",
    .types = kFsxTypes,
    .reads = kFsxKeyReads,
    .evaluate = JudgeFsxKey,
    .why = "Under aws/fsx nobody can restrict or withdraw the key.",
    .remedy =
        "the key of a file system cannot be changed: restore a backup into a new one with kms_key_id, move the "
        "clients, then "
        "retire the old one",
    .basis = "Organisation.",
};

const Control kFsxBackups{
    .id = "TFS-FSX-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "FSx file systems keep backups long enough",
    .types = kFsxTypes,
    .reads = kFsxBackupReads,
    .evaluate = JudgeFsxBackups,
    .why = "What is older than the retention cannot be restored.",
    .remedy = "raise automatic_backup_retention_days (0 to 90); in place. Lowering it deletes older backups for good",
    .basis = "Organisation (backup.retention_days.min).",
};

}  // namespace tfseal
