#include <fmt/format.h>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/rds_lineage.h"

// Snapshots, their copies, and backups replicated to another region.
namespace tfseal {
namespace {

constexpr std::string_view kSnapshotRemedy =
    "a snapshot cannot be encrypted: encrypt the database (run `tfseal plan`) and take a new one";

// A copy without a key keeps the key of what it copies.
Judgement SnapshotCopyKey(const Subject& subject) {
  for (const std::string_view encrypted : {"encrypted", "storage_encrypted"}) {
    if (subject.At(encrypted).AsBool() == false) return NotApplicable("the copy is not encrypted");
  }
  if (!subject.At("kms_key_id").empty()) return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kNone);
  const bool cluster = subject.instance.type == "aws_rds_cluster_snapshot_copy";
  const Judgement encryption = cluster ? ClusterSnapshotEncryption(subject) : DbEncryption(subject);
  if (encryption.verdict == Verdict::kFail) return NotApplicable("the copy is not encrypted");
  Judgement judgement = UnknownUntilApply("kms_key_id");
  judgement.message = "kms_key_id is not set, so the copy keeps its source's key";
  return judgement;
}

Judgement ReplicatedBackupsKey(const Subject& subject) {
  const auto sources = subject.world.Follow(subject.instance, "source_db_instance_arn", "aws_db_instance", {"arn"});
  for (const terraform::ResourceInstance* source : sources) {
    const Subject theirs{*source, subject.world.AttributesOf(*source), subject.world, subject.requirements,
                         subject.now};
    if (DbEncryption(theirs).verdict == Verdict::kFail) {
      return NotApplicable(fmt::format("{} is not encrypted", source->address));
    }
  }
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
}

}  // namespace

const Control kDbSnapshotEncryption{
    .id = "TFS-RDS-040",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "snapshots of RDS databases are encrypted",
    .types = kNames<"aws_db_snapshot">,
    .reads = kNames<TFSEAL_DB_LINEAGE_READS>,
    .evaluate = DbEncryption,
    .why = kWhyEncryption,
    .remedy =
        "copy the snapshot with a key (aws_db_snapshot_copy with kms_key_id), or encrypt the database first: run "
        "`tfseal plan`",
    .basis = "AWS RDS User Guide, Overview.Encryption: a snapshot is encrypted as its database is",
};

const Control kDbClusterSnapshotEncryption{
    .id = "TFS-RDS-041",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "snapshots of Aurora and Multi-AZ clusters are encrypted",
    .types = kNames<"aws_db_cluster_snapshot">,
    .reads = kNames<TFSEAL_CLUSTER_SNAPSHOT_READS>,
    .evaluate = ClusterSnapshotEncryption,
    .why = kWhyEncryption,
    .remedy = kSnapshotRemedy,
    .basis = "AWS Aurora User Guide, Overview.Encryption: a snapshot is encrypted as its cluster is",
};

const Control kDbSnapshotCopyEncryption{
    .id = "TFS-RDS-042",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "copies of RDS snapshots are encrypted",
    .types = kNames<"aws_db_snapshot_copy">,
    .reads = kNames<TFSEAL_DB_LINEAGE_READS>,
    .evaluate = DbEncryption,
    .why = kWhyEncryption,
    .remedy = "set kms_key_id: Terraform makes the copy again, encrypted; the source is not touched",
    .basis = "Amazon RDS API, CopyDBSnapshot.KmsKeyId: encrypts the copy of an unencrypted snapshot",
};

const Control kRdsClusterSnapshotCopyEncryption{
    .id = "TFS-RDS-043",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "copies of cluster snapshots are encrypted",
    .types = kNames<"aws_rds_cluster_snapshot_copy">,
    .reads = kNames<TFSEAL_CLUSTER_SNAPSHOT_READS>,
    .evaluate = ClusterSnapshotEncryption,
    .why = kWhyEncryption,
    .remedy = kSnapshotRemedy,
    .basis = "Amazon RDS API, CopyDBClusterSnapshot.KmsKeyId: refused for an unencrypted cluster snapshot",
};

const Control kSnapshotCopyCustomerKey{
    .id = "TFS-RDS-044",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "copies of snapshots are encrypted with a customer-managed key",
    .types = kNames<"aws_db_snapshot_copy", "aws_rds_cluster_snapshot_copy">,
    .reads =
        kNames<TFSEAL_DB_LINEAGE_READS, "db_cluster_identifier", "cluster_identifier",
               "source_db_cluster_snapshot_identifier", "db_cluster_snapshot_arn", "db_cluster_snapshot_identifier">,
    .evaluate = SnapshotCopyKey,
    .why = kWhyCustomerKey,
    .remedy =
        "set kms_key_id to a customer-managed key of the region the copy is made in: Terraform makes the copy again",
    .basis =
        "Amazon RDS API, CopyDBSnapshot: without KmsKeyId the copy keeps its source's key. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kSnapshotPublicAccess{
    .id = "TFS-RDS-045",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kCritical,
    .title = "snapshots are not shared with every AWS account",
    .types =
        kNames<"aws_db_snapshot", "aws_db_cluster_snapshot", "aws_db_snapshot_copy", "aws_rds_cluster_snapshot_copy">,
    .reads = kNames<"shared_accounts">,
    .evaluate = [](const Subject& subject) { return RequireNotSharedWithAll(subject, "shared_accounts"); },
    .why = "anyone with an AWS account can restore a public snapshot and read all of it",
    .remedy = "list the accounts that need the snapshot instead of \"all\"; it changes in place",
    .basis =
        "Amazon RDS API, ModifyDBSnapshotAttribute: \"all\" makes a snapshot public. Vendor benchmark: AWS Security "
        "Hub RDS.1",
};

const Control kReplicatedBackupsCustomerKey{
    .id = "TFS-RDS-046",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "backups replicated to another region are encrypted with a customer-managed key",
    .types = kNames<"aws_db_instance_automated_backups_replication">,
    .reads = kNames<TFSEAL_DB_LINEAGE_READS, "source_db_instance_arn">,
    .evaluate = ReplicatedBackupsKey,
    .why = kWhyCustomerKey,
    .remedy =
        "set kms_key_id to a customer-managed key of the region the backups go to; the replication starts anew, the "
        "database is not touched",
    .basis =
        "Amazon RDS API, StartDBInstanceAutomatedBackupsReplication.KmsKeyId: keys are regional. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kReplicatedBackupsRetention{
    .id = "TFS-RDS-047",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kMedium,
    .title = "backups replicated to another region are kept long enough",
    .types = kNames<"aws_db_instance_automated_backups_replication">,
    .reads = kNames<"retention_period">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "retention_period", 7); },
    .why = kWhyBackups,
    .remedy = "set retention_period to the days the policy asks for (1 to 35)",
    .basis = "provider 5.100: 7 days unless it is set; the number of days is the organisation's",
};

}  // namespace tfseal
