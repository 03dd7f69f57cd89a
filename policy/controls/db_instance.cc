#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/rds_lineage.h"
#include "policy/location.h"

// aws_db_instance: databases of their own, read replicas (replicate_source_db) and restored ones. storage_encrypted is
// Optional and not Computed, so null is "not encrypted" for a database that starts empty.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

bool DbIsReplica(const Subject& subject) {
  return !subject.At("replicate_source_db").empty();
}

bool DbIsRestored(const Subject& subject) {
  return MadeFromACopy(subject, {"snapshot_identifier", "restore_to_point_in_time"});
}

// The databases that a replica copies. An ARN of another region names a database that may be in this document too.
std::vector<const ResourceInstance*> DbSourcesOf(const Subject& subject) {
  return subject.world.Follow(subject.instance, "replicate_source_db", "aws_db_instance", {"identifier", "arn", "id"});
}

// A replica has no backups, protection or final snapshot to answer for: its source has.
Judgement DbNotForReplicas(std::string_view what) {
  return NotApplicable(fmt::format("a read replica: {} is its source's duty", what));
}

// A key is of one region, so a replica in another one than its source does not have the source's. Without one of its
// own RDS refuses the replica, or takes AWS's key.
bool DbCopiesFromElsewhere(const Subject& subject) {
  const std::string_view source = RegionInArn(subject.At("replicate_source_db").text());
  const terraform::Document& document = subject.world.document();
  const std::string_view here = RegionOf(document, subject.instance);
  if (!source.empty()) return source != here;  // also where nobody can tell in which region the replica is
  const auto sources = DbSourcesOf(subject);
  return std::any_of(sources.begin(), sources.end(), [&](const ResourceInstance* other) {
    const std::string_view there = RegionOf(document, *other);
    return !here.empty() && !there.empty() && here != there;
  });
}

Judgement DbInstanceCustomerKeyAt(const Subject& subject, int depth) {
  const bool no_key = subject.At("kms_key_id").empty() || LeftToAws(subject, "kms_key_id");
  const bool off = subject.At("storage_encrypted").AsBool() == false;
  const bool replica = DbIsReplica(subject);
  if (!off && subject.instance.actions.create && !replica && DbIsRestored(subject) &&
      DbEncryption(subject).verdict == Verdict::kUnknown) {
    Judgement judgement = UnknownUntilApply("kms_key_id");
    judgement.message = "a restore has the key of what it is restored from, which is not in this document";
    return judgement;
  }
  if (no_key && !off && replica && DbCopiesFromElsewhere(subject)) {
    Judgement judgement = UnknownUntilApply("kms_key_id");
    judgement.message = "kms_key_id is not set, and a replica in another region cannot use its source's key";
    judgement.remedy = "set kms_key_id to a customer-managed key of the replica's region";
    return judgement;
  }
  if (no_key && !off && (replica || DbIsRestored(subject))) {
    constexpr int kDeepestChain = 16;  // RDS allows far fewer; a document may even hold a circle
    if (!replica && DbEncryption(subject).verdict == Verdict::kFail) {
      return NotApplicable("not encrypted, as what it is restored from");
    }
    // A replica in the same region, and what is restored to a point in time, have the key of their source.
    for (const ResourceInstance* source : replica ? DbSourcesOf(subject) : DbsRecovered(subject)) {
      if (depth == kDeepestChain) break;
      const Subject theirs{*source, subject.world.AttributesOf(*source), subject.world, subject.requirements};
      Judgement judgement = DbInstanceCustomerKeyAt(theirs, depth + 1);
      judgement.message = fmt::format("as its source {}: {}", source->address, judgement.message);
      return judgement;
    }
    Judgement judgement = UnknownUntilApply("kms_key_id");
    judgement.message =
        replica ? "kms_key_id is not set, so the replica uses its source's key, and that is not in this document"
                : "kms_key_id is not set, so the key is that of what it is restored from";
    return judgement;
  }
  return RequireCustomerKeyIfEncrypted(subject, {"storage_encrypted", IfUnset::kFail}, "kms_key_id",
                                       DefaultKey::kAwsManaged);
}

Judgement DbInstanceCustomerKey(const Subject& subject) {
  return DbInstanceCustomerKeyAt(subject, 0);
}

Judgement DbInstanceRetention(const Subject& subject) {
  if (DbIsReplica(subject)) return DbNotForReplicas("keeping backups");
  return RequireRetention(subject, "backup_retention_period", DbIsRestored(subject) ? -1 : 0);
}

Judgement DbInstancePitr(const Subject& subject) {
  if (DbIsReplica(subject)) return DbNotForReplicas("point-in-time recovery");
  if (!DbIsRestored(subject) && LeftToAws(subject, "backup_retention_period")) {
    return Fail("backup_retention_period is not set, so there are no automatic backups", "backup_retention_period");
  }
  return RequireAtLeast(subject, "backup_retention_period", 1,
                        DbIsRestored(subject) ? IfUnset::kUnknown : IfUnset::kFail, "days");
}

// IAM authentication exists for these only.
bool DbEngineHasIamAuth(std::string_view engine) {
  return engine.starts_with("mysql") || engine.starts_with("mariadb") || engine.starts_with("postgres") ||
         engine.starts_with("aurora");
}

Judgement DbInstanceIamAuth(const Subject& subject) {
  Judgement judgement = RequireBool(subject, "iam_database_authentication_enabled", true, IfUnset::kFail,
                                    "only passwords open the database");
  if (judgement.verdict == Verdict::kPass) return judgement;
  std::string_view engine = subject.At("engine").text();
  for (const ResourceInstance* source : DbSourcesOf(subject)) {
    if (engine.empty()) engine = subject.world.AttributesOf(*source).At("engine").text();
  }
  if (engine.empty()) return UnknownUntilApply("engine");
  if (DbEngineHasIamAuth(engine)) return judgement;
  return NotApplicable("its engine has no IAM authentication");
}

Judgement DbInstanceAuditLog(const Subject& subject) {
  if (subject.At("engine").text().starts_with("custom-")) return NotApplicable("RDS Custom exports no logs");
  return RequireLogExports(subject, "enabled_cloudwatch_logs_exports");
}

}  // namespace

const Control kDbInstanceEncryption{
    .id = "TFS-RDS-020",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "RDS databases are encrypted at rest",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<TFSEAL_DB_LINEAGE_READS>,
    .evaluate = DbEncryption,
    .why = kWhyEncryption,
    .remedy =
        "an existing database cannot be encrypted in place, and Terraform would replace it with an empty one: run "
        "`tfseal plan` for the way that keeps the data; new databases can be created with storage_encrypted = true, "
        "and the line must then stay",
    .basis =
        "AWS RDS User Guide, Overview.Encryption; provider 5.100: storage_encrypted forces replacement, also when it "
        "is left out later; 45 CFR 164.312(a)(2)(iv) (addressable), NIST SP 800-53 SC-28",
};

const Control kDbInstanceCustomerKey{
    .id = "TFS-RDS-021",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "RDS databases are encrypted with a customer-managed key",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<TFSEAL_DB_LINEAGE_READS, "availability_zone", "region">,
    .evaluate = DbInstanceCustomerKey,
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon RDS API: without KmsKeyId the key is aws/rds; a replica in the same region and what is restored have "
        "the key of their source; provider 5.100: kms_key_id forces replacement. That a key be customer-managed is an "
        "organisation's requirement",
};

const Control kDbInstanceBackupRetention{
    .id = "TFS-RDS-022",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "RDS databases keep their automatic backups long enough",
    .types = kNames<"aws_db_instance">,
    .reads =
        kNames<"backup_retention_period", "replicate_source_db", "snapshot_identifier", "restore_to_point_in_time">,
    .evaluate = DbInstanceRetention,
    .why = kWhyBackups,
    .remedy =
        "set backup_retention_period to the days the policy asks for (up to 35); it changes in place, from 0 with a "
        "short pause of I/O",
    .basis =
        "Amazon RDS API: 0 to 35 days, 0 switches automatic backups off; NIST SP 800-53 CP-9 asks for backups, the "
        "number of days is the organisation's",
};

const Control kDbInstancePitr{
    .id = "TFS-RDS-023",
    .topic = Topic::kPitr,
    .severity = Severity::kHigh,
    .title = "RDS databases can be restored to a point in time",
    .types = kNames<"aws_db_instance">,
    .reads =
        kNames<"backup_retention_period", "replicate_source_db", "snapshot_identifier", "restore_to_point_in_time">,
    .evaluate = DbInstancePitr,
    .why = "without automatic backups there is no transaction log to replay, only whatever snapshots somebody took",
    .remedy = "set backup_retention_period to at least 1; it changes in place with a short pause of I/O",
    .basis = "AWS RDS User Guide: point-in-time recovery needs automatic backups, which 0 days switch off",
};

const Control kDbInstanceDeletionProtection{
    .id = "TFS-RDS-024",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "RDS databases are protected against deletion",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<"deletion_protection", "replicate_source_db">,
    .evaluate =
        [](const Subject& subject) {
          if (DbIsReplica(subject)) return DbNotForReplicas("protecting the data");
          return RequireDeletionProtection(subject, "deletion_protection");
        },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection = true; it changes in place. Leaving the line out again switches it off",
    .basis =
        "Amazon RDS API, CreateDBInstance.DeletionProtection: off by default; provider 5.100: true to omitted plans to "
        "switch it off. Vendor benchmark: AWS Security Hub RDS.8",
};

const Control kDbInstanceFinalSnapshot{
    .id = "TFS-RDS-025",
    .topic = Topic::kFinalSnapshot,
    .severity = Severity::kMedium,
    .title = "RDS databases leave a final snapshot",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<"skip_final_snapshot", "final_snapshot_identifier", "replicate_source_db">,
    .evaluate =
        [](const Subject& subject) {
          if (DbIsReplica(subject)) return DbNotForReplicas("the final snapshot");
          return RequireFinalSnapshot(subject, "skip_final_snapshot", "final_snapshot_identifier");
        },
    .why = kWhyFinalSnapshot,
    .remedy = "set skip_final_snapshot = false and a final_snapshot_identifier that is not taken",
    .basis =
        "provider 5.100: a destroy takes a snapshot only with skip_final_snapshot = false and a free "
        "final_snapshot_identifier, and removes the automatic backups by default",
};

const Control kDbInstanceIamAuth{
    .id = "TFS-RDS-026",
    .topic = Topic::kIamAuth,
    .severity = Severity::kMedium,
    .title = "RDS databases accept IAM authentication",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<"iam_database_authentication_enabled", "engine", "replicate_source_db", "identifier", "arn", "id">,
    .evaluate = DbInstanceIamAuth,
    .why = kWhyIamAuth,
    .remedy =
        "set iam_database_authentication_enabled = true; it changes in place, database users need the rds_iam role (or "
        "the AWSAuthenticationPlugin) besides",
    .basis =
        "AWS RDS User Guide: IAM authentication exists for MariaDB, MySQL and PostgreSQL, off by default. Vendor "
        "benchmark: AWS Security Hub RDS.10",
};

const Control kDbInstanceAuditLog{
    .id = "TFS-RDS-027",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "RDS databases send their logs to CloudWatch",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<"enabled_cloudwatch_logs_exports", "engine">,
    .evaluate = DbInstanceAuditLog,
    .why = kWhyAuditLog,
    .remedy =
        "set enabled_cloudwatch_logs_exports = [\"postgresql\"], or [\"audit\", \"error\"] and the like for other "
        "engines; it changes in place",
    .basis =
        "AWS RDS User Guide, log exports; 45 CFR 164.312(b) (audit controls). Vendor benchmark: AWS Security Hub RDS.9",
};

const Control kDbInstancePublicAccess{
    .id = "TFS-RDS-028",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "RDS databases have no public address",
    .types = kNames<"aws_db_instance">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "set publicly_accessible = false; it changes in place, the DNS name stays",
    .basis = "provider 5.100: publicly_accessible is false unless it is set. Vendor benchmark: AWS Security Hub RDS.2",
};

}  // namespace tfseal
