#pragma once

#include <vector>

#include "policy/control.h"

namespace tfseal {

// Whether an aws_db_instance, a snapshot of it (aws_db_snapshot) or a copy of that (aws_db_snapshot_copy) is encrypted.
// Before apply a snapshot, a copy, a replica and a restored database do not say so themselves: then it is followed to
// what they are made from, a few steps deep.
Judgement DbEncryption(const Subject& subject);

// The databases of this document that an aws_db_instance is recovered from (restore_to_point_in_time), with their key.
std::vector<const terraform::ResourceInstance*> DbsRecovered(const Subject& subject);

// The same as DbEncryption() for an aws_db_cluster_snapshot and an aws_rds_cluster_snapshot_copy.
Judgement ClusterSnapshotEncryption(const Subject& subject);

// What they look at, for the `reads` of the controls that call them.
#define TFSEAL_DB_LINEAGE_READS                                                                                     \
  "storage_encrypted", "encrypted", "kms_key_id", "identifier", "id", "arn", "replicate_source_db",                 \
      "snapshot_identifier", "restore_to_point_in_time", "db_instance_identifier", "source_db_snapshot_identifier", \
      "db_snapshot_arn", "db_snapshot_identifier", "target_db_snapshot_identifier"
#define TFSEAL_CLUSTER_SNAPSHOT_READS                                                            \
  "storage_encrypted", "kms_key_id", "db_cluster_identifier", "cluster_identifier", "id", "arn", \
      "source_db_cluster_snapshot_identifier", "db_cluster_snapshot_arn", "db_cluster_snapshot_identifier"

}  // namespace tfseal
