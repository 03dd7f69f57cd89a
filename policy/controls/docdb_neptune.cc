#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/restored_clusters.h"

// Amazon DocumentDB and Neptune clusters. storage_encrypted is Optional and not Computed: nobody set it means it is not
// encrypted, unless the cluster is restored from a snapshot that is.
namespace tfseal {
namespace {

// Nobody says so, and it is encrypted if what it is restored from is.
bool EncryptedAsItsSourceIs(const Subject& subject) {
  return subject.At("storage_encrypted").empty() && subject.instance.actions.create &&
         MadeFromACopy(subject, {"snapshot_identifier", "restore_to_point_in_time"});
}

Judgement GraphOrDocumentEncryption(const Subject& subject) {
  const bool graph = subject.instance.type == "aws_neptune_cluster";
  const RestoredCluster kind =
      graph ? RestoredCluster{"aws_neptune_cluster", "kms_key_arn", "aws_neptune_cluster_snapshot"}
            : RestoredCluster{"aws_docdb_cluster", "kms_key_id", "aws_docdb_cluster_snapshot"};
  if (auto restored = RestoredClusterEncryption(subject, kind); restored.has_value()) return *std::move(restored);
  if (EncryptedAsItsSourceIs(subject)) {
    Judgement judgement = UnknownUntilApply("storage_encrypted");
    judgement.message = "storage_encrypted is not set, so it is encrypted if what it is restored from is";
    return judgement;
  }
  return RequireBool(subject, "storage_encrypted", true, IfUnset::kFail,
                     "the volume, its snapshots and its backups are readable");
}

Judgement KeyUnlessACopy(const Subject& subject, std::string_view key) {
  const bool no_key = subject.At(key).empty() || LeftToAws(subject, key);
  const bool copy = MadeFromACopy(subject, {"snapshot_identifier", "restore_to_point_in_time",
                                            "replication_source_identifier", "global_cluster_identifier"});
  if (no_key && copy && (subject.At("storage_encrypted").AsBool() == true || EncryptedAsItsSourceIs(subject))) {
    Judgement judgement = UnknownUntilApply(key);
    judgement.message = std::string(key) + " is not set, so the key is that of what it is made from";
    return judgement;
  }
  return RequireCustomerKeyIfEncrypted(subject, {"storage_encrypted", IfUnset::kFail}, key, DefaultKey::kAwsManaged);
}

constexpr std::string_view kClusterEncryptionRemedy =
    "an existing cluster cannot be encrypted in place, and Terraform would replace it with an empty one: run `tfseal "
    "plan` "
    "for the way that keeps the data; new clusters can be created with storage_encrypted = true, and the line must "
    "then stay";

}  // namespace

const Control kDocdbClusterEncryption{
    .id = "TFS-DOCDB-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "DocumentDB clusters are encrypted at rest",
    .types = kNames<"aws_docdb_cluster">,
    .reads = kNames<TFSEAL_RESTORED_CLUSTER_READS>,
    .evaluate = GraphOrDocumentEncryption,
    .why = kWhyEncryption,
    .remedy = kClusterEncryptionRemedy,
    .basis =
        "provider 5.100: storage_encrypted forces replacement, also when it is left out later; Amazon DocumentDB API: "
        "restores have KmsKeyId and no StorageEncrypted; 45 CFR 164.312(a)(2)(iv) (addressable), NIST SP 800-53 SC-28",
};

const Control kDocdbClusterCustomerKey{
    .id = "TFS-DOCDB-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "DocumentDB clusters are encrypted with a customer-managed key",
    .types = kNames<"aws_docdb_cluster">,
    .reads = kNames<"storage_encrypted", "kms_key_id", "snapshot_identifier", "restore_to_point_in_time",
                    "replication_source_identifier", "global_cluster_identifier">,
    .evaluate = [](const Subject& subject) { return KeyUnlessACopy(subject, "kms_key_id"); },
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon DocumentDB API: without KmsKeyId the key is aws/rds; provider 5.100: kms_key_id forces replacement. "
        "That a key be customer-managed is an organisation's requirement",
};

const Control kDocdbClusterBackupRetention{
    .id = "TFS-DOCDB-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "DocumentDB clusters keep their automatic backups long enough",
    .types = kNames<"aws_docdb_cluster">,
    .reads = kNames<"backup_retention_period">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "backup_retention_period", 1); },
    .why = kWhyBackups,
    .remedy = "set backup_retention_period to the days the policy asks for (1 to 35); it changes in place",
    .basis =
        "Amazon DocumentDB API: 1 to 35 days, 1 by default; NIST SP 800-53 CP-9 asks for backups, the number of days "
        "is the organisation's",
};

const Control kDocdbClusterDeletionProtection{
    .id = "TFS-DOCDB-004",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "DocumentDB clusters are protected against deletion",
    .types = kNames<"aws_docdb_cluster">,
    .reads = kNames<"deletion_protection">,
    .evaluate = [](const Subject& subject) { return RequireDeletionProtection(subject, "deletion_protection"); },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection = true; it changes in place",
    .basis = "provider 5.100: off unless it is set. Vendor benchmark: AWS Security Hub DocumentDB.5",
};

const Control kDocdbClusterFinalSnapshot{
    .id = "TFS-DOCDB-005",
    .topic = Topic::kFinalSnapshot,
    .severity = Severity::kMedium,
    .title = "DocumentDB clusters leave a final snapshot",
    .types = kNames<"aws_docdb_cluster">,
    .reads = kNames<"skip_final_snapshot", "final_snapshot_identifier">,
    .evaluate =
        [](const Subject& subject) {
          return RequireFinalSnapshot(subject, "skip_final_snapshot", "final_snapshot_identifier");
        },
    .why = kWhyFinalSnapshot,
    .remedy = "set skip_final_snapshot = false and a final_snapshot_identifier that is not taken",
    .basis =
        "provider 5.100: a destroy takes a snapshot only with skip_final_snapshot = false and a free "
        "final_snapshot_identifier",
};

const Control kDocdbClusterAuditLog{
    .id = "TFS-DOCDB-006",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "DocumentDB clusters send their logs to CloudWatch",
    .types = kNames<"aws_docdb_cluster">,
    .reads = kNames<"enabled_cloudwatch_logs_exports">,
    .evaluate = [](const Subject& subject) { return RequireLogExports(subject, "enabled_cloudwatch_logs_exports"); },
    .why = kWhyAuditLog,
    .remedy =
        "set enabled_cloudwatch_logs_exports = [\"audit\", \"profiler\"] and audit_logs = enabled in the parameter "
        "group; both change in place",
    .basis =
        "Amazon DocumentDB Developer Guide, auditing; 45 CFR 164.312(b) (audit controls). Vendor benchmark: AWS "
        "Security Hub DocumentDB.4",
};

const Control kDocdbGlobalClusterEncryption{
    .id = "TFS-DOCDB-007",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "DocumentDB global clusters are encrypted at rest",
    .types = kNames<"aws_docdb_global_cluster">,
    .reads = kNames<"storage_encrypted", "source_db_cluster_identifier", "arn", "id", "snapshot_identifier",
                    "restore_to_point_in_time">,
    .evaluate =
        [](const Subject& subject) {
          return RequireEncryptedLike(subject, "storage_encrypted",
                                      {.attribute = "source_db_cluster_identifier",
                                       .type = "aws_docdb_cluster",
                                       .keys = {"arn", "id"},
                                       .control = &kDocdbClusterEncryption});
        },
    .why = kWhyEncryption,
    .remedy =
        "a global cluster cannot be encrypted in place: run `tfseal plan` for its clusters, then build the global "
        "cluster from the encrypted one",
    .basis =
        "provider 5.100: storage_encrypted forces replacement; it follows source_db_cluster_identifier where that is "
        "set; NIST SP 800-53 SC-28",
};

const Control kDocdbClusterSnapshotEncryption{
    .id = "TFS-DOCDB-008",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "snapshots of DocumentDB clusters are encrypted",
    .types = kNames<"aws_docdb_cluster_snapshot">,
    .reads = kNames<"storage_encrypted", "db_cluster_identifier", "cluster_identifier", "id", "snapshot_identifier",
                    "restore_to_point_in_time">,
    .evaluate =
        [](const Subject& subject) {
          return RequireEncryptedLike(subject, "storage_encrypted",
                                      {.attribute = "db_cluster_identifier",
                                       .type = "aws_docdb_cluster",
                                       .keys = {"cluster_identifier", "id"},
                                       .control = &kDocdbClusterEncryption});
        },
    .why = kWhyEncryption,
    .remedy = "a snapshot cannot be encrypted: encrypt the cluster (run `tfseal plan`) and take a new one",
    .basis = "Amazon DocumentDB Developer Guide: a snapshot is encrypted as its cluster is",
};

const Control kDocdbElasticCustomerKey{
    .id = "TFS-DOCDB-030",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "DocumentDB elastic clusters are encrypted with a customer-managed key",
    .types = kNames<"aws_docdbelastic_cluster">,
    .reads = kNames<"kms_key_id">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged); },
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon DocumentDB elastic clusters API, CreateCluster.kmsKeyId: always encrypted, with the account's default "
        "key if none is named. That a key be customer-managed is an organisation's requirement",
};

const Control kDocdbElasticBackupRetention{
    .id = "TFS-DOCDB-031",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "DocumentDB elastic clusters keep their automatic snapshots long enough",
    .types = kNames<"aws_docdbelastic_cluster">,
    .reads = kNames<"backup_retention_period">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "backup_retention_period", 1); },
    .why = kWhyBackups,
    .remedy = "set backup_retention_period to the days the policy asks for (1 to 35)",
    .basis = "Amazon DocumentDB elastic clusters: 1 day by default; the number of days is the organisation's",
};

const Control kNeptuneClusterEncryption{
    .id = "TFS-NEPTUNE-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Neptune clusters are encrypted at rest",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<TFSEAL_RESTORED_CLUSTER_READS>,
    .evaluate = GraphOrDocumentEncryption,
    .why = kWhyEncryption,
    .remedy = kClusterEncryptionRemedy,
    .basis =
        "provider 5.100: storage_encrypted is false unless set and forces replacement, also when it is left out later; "
        "Amazon Neptune API: restores have KmsKeyId and no StorageEncrypted; 45 CFR 164.312(a)(2)(iv) (addressable), "
        "NIST SP 800-53 SC-28",
};

const Control kNeptuneClusterCustomerKey{
    .id = "TFS-NEPTUNE-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Neptune clusters are encrypted with a customer-managed key",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<"storage_encrypted", "kms_key_arn", "snapshot_identifier", "restore_to_point_in_time",
                    "replication_source_identifier", "global_cluster_identifier">,
    .evaluate = [](const Subject& subject) { return KeyUnlessACopy(subject, "kms_key_arn"); },
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon Neptune API: without KmsKeyId the key is aws/rds; provider 5.100: kms_key_arn forces replacement. That "
        "a key be customer-managed is an organisation's requirement",
};

const Control kNeptuneClusterBackupRetention{
    .id = "TFS-NEPTUNE-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "Neptune clusters keep their automatic backups long enough",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<"backup_retention_period">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "backup_retention_period", 1); },
    .why = kWhyBackups,
    .remedy = "set backup_retention_period to the days the policy asks for (1 to 35); it changes in place",
    .basis =
        "Amazon Neptune API: 1 to 35 days, 1 by default; NIST SP 800-53 CP-9 asks for backups, the number of days is "
        "the organisation's",
};

const Control kNeptuneClusterDeletionProtection{
    .id = "TFS-NEPTUNE-004",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "Neptune clusters are protected against deletion",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<"deletion_protection">,
    .evaluate = [](const Subject& subject) { return RequireDeletionProtection(subject, "deletion_protection"); },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection = true; it changes in place",
    .basis = "provider 5.100: off unless it is set. Vendor benchmark: AWS Security Hub Neptune.4",
};

const Control kNeptuneClusterFinalSnapshot{
    .id = "TFS-NEPTUNE-005",
    .topic = Topic::kFinalSnapshot,
    .severity = Severity::kMedium,
    .title = "Neptune clusters leave a final snapshot",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<"skip_final_snapshot", "final_snapshot_identifier">,
    .evaluate =
        [](const Subject& subject) {
          return RequireFinalSnapshot(subject, "skip_final_snapshot", "final_snapshot_identifier");
        },
    .why = kWhyFinalSnapshot,
    .remedy = "set skip_final_snapshot = false and a final_snapshot_identifier that is not taken",
    .basis =
        "provider 5.100: a destroy takes a snapshot only with skip_final_snapshot = false and a free "
        "final_snapshot_identifier",
};

const Control kNeptuneClusterIamAuth{
    .id = "TFS-NEPTUNE-006",
    .topic = Topic::kIamAuth,
    .severity = Severity::kMedium,
    .title = "Neptune clusters ask for IAM authentication",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<"iam_database_authentication_enabled">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "iam_database_authentication_enabled", true, IfUnset::kFail,
                             "whoever reaches the port reads and writes the graph");
        },
    .why = "Neptune knows no passwords: without IAM authentication nobody has to say who they are",
    .remedy =
        "set iam_database_authentication_enabled = true; it changes in place, requests must be signed from then on",
    .basis =
        "Amazon Neptune API: off by default. Vendor benchmark: AWS Config neptune-cluster-iam-database-authentication",
};

const Control kNeptuneClusterAuditLog{
    .id = "TFS-NEPTUNE-007",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "Neptune clusters send their logs to CloudWatch",
    .types = kNames<"aws_neptune_cluster">,
    .reads = kNames<"enable_cloudwatch_logs_exports">,
    .evaluate = [](const Subject& subject) { return RequireLogExports(subject, "enable_cloudwatch_logs_exports"); },
    .why = kWhyAuditLog,
    .remedy =
        "set enable_cloudwatch_logs_exports = [\"audit\"] and neptune_enable_audit_log = 1 in the parameter group; "
        "both change in place",
    .basis =
        "Amazon Neptune User Guide, audit logs; 45 CFR 164.312(b) (audit controls). Vendor benchmark: AWS Security "
        "Hub Neptune.2",
};

const Control kNeptuneClusterSnapshotEncryption{
    .id = "TFS-NEPTUNE-008",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "snapshots of Neptune clusters are encrypted",
    .types = kNames<"aws_neptune_cluster_snapshot">,
    .reads = kNames<"storage_encrypted", "db_cluster_identifier", "cluster_identifier", "id", "snapshot_identifier",
                    "restore_to_point_in_time">,
    .evaluate =
        [](const Subject& subject) {
          return RequireEncryptedLike(subject, "storage_encrypted",
                                      {.attribute = "db_cluster_identifier",
                                       .type = "aws_neptune_cluster",
                                       .keys = {"cluster_identifier", "id"},
                                       .control = &kNeptuneClusterEncryption});
        },
    .why = kWhyEncryption,
    .remedy = "a snapshot cannot be encrypted: encrypt the cluster (run `tfseal plan`) and take a new one",
    .basis = "Amazon Neptune User Guide: a snapshot is encrypted as its cluster is",
};

}  // namespace tfseal
