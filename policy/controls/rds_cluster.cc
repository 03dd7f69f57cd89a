#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/restored_clusters.h"

// aws_rds_cluster: Aurora and Multi-AZ DB clusters. storage_encrypted is Optional and Computed: what nobody sets is for
// AWS to decide, which for Aurora clusters created since 18 February 2026 means encrypted with an AWS-owned key.
namespace tfseal {
namespace {

// The sources from which a new cluster takes what its configuration does not say.
bool RdsClusterIsACopy(const Subject& subject) {
  return MadeFromACopy(subject, {"snapshot_identifier", "restore_to_point_in_time", "replication_source_identifier",
                                 "global_cluster_identifier"});
}

Judgement RdsClusterEncryption(const Subject& subject) {
  constexpr RestoredCluster kRestored{"aws_rds_cluster", "kms_key_id", "aws_db_cluster_snapshot"};
  if (auto restored = RestoredClusterEncryption(subject, kRestored); restored.has_value()) return *std::move(restored);
  return RequireBool(subject, "storage_encrypted", true, IfUnset::kUnknown,
                     "the volume, its snapshots and its backups are readable");
}

Judgement RdsClusterCustomerKey(const Subject& subject) {
  // Without a key of its own a copy keeps the key of what it was copied from.
  if (RdsClusterIsACopy(subject) && (LeftToAws(subject, "kms_key_id") || subject.At("kms_key_id").empty())) {
    if (subject.At("storage_encrypted").AsBool() == false) return NotApplicable("not encrypted");
    Judgement judgement = UnknownUntilApply("kms_key_id");
    judgement.message = "kms_key_id is not set, so the key is that of the cluster or snapshot it is made from";
    return judgement;
  }
  return RequireCustomerKeyIfEncrypted(subject, {"storage_encrypted", IfUnset::kUnknown}, "kms_key_id",
                                       DefaultKey::kAwsManaged);
}

Judgement RdsClusterRetention(const Subject& subject) {
  return RequireRetention(subject, "backup_retention_period", RdsClusterIsACopy(subject) ? -1 : 1);
}

Judgement RdsSecretCustomerKey(const Subject& subject) {
  if (subject.At("manage_master_user_password").unknown()) return UnknownUntilApply("manage_master_user_password");
  if (subject.At("manage_master_user_password").AsBool() != true) {
    return NotApplicable("RDS does not manage the master password");
  }
  return RequireCustomerKey(subject, "master_user_secret_kms_key_id", DefaultKey::kAwsManaged);
}

}  // namespace

const Control kRdsClusterEncryption{
    .id = "TFS-RDS-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Aurora and Multi-AZ clusters are encrypted at rest",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<TFSEAL_RESTORED_CLUSTER_READS>,
    .evaluate = RdsClusterEncryption,
    .why = kWhyEncryption,
    .remedy =
        "an existing cluster cannot be encrypted in place, and Terraform would replace it with an empty one: run "
        "`tfseal plan` for the way that keeps the data; new clusters can be created with storage_encrypted = true",
    .basis =
        "AWS Aurora User Guide, Overview.Encryption; provider 5.100: storage_encrypted forces replacement; Amazon RDS "
        "API: "
        "RestoreDBClusterFromSnapshot and RestoreDBClusterToPointInTime have KmsKeyId and no StorageEncrypted; 45 CFR "
        "164.312(a)(2)(iv) (addressable), NIST SP 800-53 SC-28",
};

const Control kRdsClusterCustomerKey{
    .id = "TFS-RDS-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Aurora and Multi-AZ clusters are encrypted with a customer-managed key",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"storage_encrypted", "kms_key_id", "snapshot_identifier", "restore_to_point_in_time",
                    "replication_source_identifier", "global_cluster_identifier">,
    .evaluate = RdsClusterCustomerKey,
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "AWS Aurora User Guide, Overview.Encryption: without KmsKeyId the key is aws/rds; provider 5.100: kms_key_id "
        "forces replacement. That a key be customer-managed is an organisation's requirement",
};

const Control kRdsClusterBackupRetention{
    .id = "TFS-RDS-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "Aurora and Multi-AZ clusters keep their automatic backups long enough",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"backup_retention_period", "snapshot_identifier", "restore_to_point_in_time",
                    "replication_source_identifier", "global_cluster_identifier">,
    .evaluate = RdsClusterRetention,
    .why = kWhyBackups,
    .remedy = "set backup_retention_period to the days the policy asks for (1 to 35); it changes in place",
    .basis =
        "AWS Aurora User Guide, Aurora.Managing.Backups: 1 to 35 days, 1 by default; NIST SP 800-53 CP-9 asks for "
        "backups, the number of days is the organisation's",
};

const Control kRdsClusterDeletionProtection{
    .id = "TFS-RDS-004",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "Aurora and Multi-AZ clusters are protected against deletion",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"deletion_protection">,
    .evaluate = [](const Subject& subject) { return RequireDeletionProtection(subject, "deletion_protection"); },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection = true; it changes in place",
    .basis =
        "Amazon RDS API, CreateDBCluster.DeletionProtection: off by default. Vendor benchmark: AWS Security Hub RDS.7",
};

const Control kRdsClusterFinalSnapshot{
    .id = "TFS-RDS-005",
    .topic = Topic::kFinalSnapshot,
    .severity = Severity::kMedium,
    .title = "Aurora and Multi-AZ clusters leave a final snapshot",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"skip_final_snapshot", "final_snapshot_identifier">,
    .evaluate =
        [](const Subject& subject) {
          return RequireFinalSnapshot(subject, "skip_final_snapshot", "final_snapshot_identifier");
        },
    .why = kWhyFinalSnapshot,
    .remedy = "set skip_final_snapshot = false and a final_snapshot_identifier that is not taken",
    .basis =
        "provider 5.100: a destroy takes a snapshot only with skip_final_snapshot = false and a free "
        "final_snapshot_identifier, and removes the automatic backups by default",
};

const Control kRdsClusterIamAuth{
    .id = "TFS-RDS-006",
    .topic = Topic::kIamAuth,
    .severity = Severity::kMedium,
    .title = "Aurora and Multi-AZ clusters accept IAM authentication",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"iam_database_authentication_enabled">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "iam_database_authentication_enabled", true, IfUnset::kFail,
                             "only passwords open the database");
        },
    .why = kWhyIamAuth,
    .remedy =
        "set iam_database_authentication_enabled = true; it changes in place, users need the rds_iam role (or the "
        "AWSAuthenticationPlugin) besides",
    .basis =
        "Amazon RDS API, CreateDBCluster.EnableIAMDatabaseAuthentication: off by default; a cluster restored by the "
        "provider does not take it over. Vendor benchmark: AWS Security Hub RDS.12",
};

const Control kRdsClusterAuditLog{
    .id = "TFS-RDS-007",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "Aurora and Multi-AZ clusters send their logs to CloudWatch",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"enabled_cloudwatch_logs_exports">,
    .evaluate = [](const Subject& subject) { return RequireLogExports(subject, "enabled_cloudwatch_logs_exports"); },
    .why = kWhyAuditLog,
    .remedy =
        "set enabled_cloudwatch_logs_exports = [\"postgresql\"], or [\"audit\", \"error\"] for MySQL; it changes in "
        "place",
    .basis =
        "AWS Aurora User Guide, log exports; 45 CFR 164.312(b) (audit controls). Vendor benchmark: AWS Security Hub "
        "RDS.34, RDS.37",
};

const Control kRdsMasterSecretCustomerKey{
    .id = "TFS-RDS-008",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "master passwords that RDS manages are encrypted with a customer-managed key",
    .types = kNames<"aws_rds_cluster", "aws_db_instance">,
    .reads = kNames<"manage_master_user_password", "master_user_secret_kms_key_id">,
    .evaluate = RdsSecretCustomerKey,
    .why = kWhyCustomerKey,
    .remedy =
        "set master_user_secret_kms_key_id when the managed password is switched on; RDS refuses to change it later, "
        "then switch management off and on again with the key",
    .basis =
        "Amazon RDS API, MasterUserSecretKmsKeyId: without it the secret uses aws/secretsmanager. That a key be "
        "customer-managed is an organisation's requirement",
};

}  // namespace tfseal
