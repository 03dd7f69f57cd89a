#pragma once

#include <optional>
#include <string_view>

#include "policy/control.h"

namespace tfseal {

// How a type of cluster says what it is restored from.
struct RestoredCluster {
  std::string_view type;
  std::string_view key;            // "kms_key_id"
  std::string_view snapshot_type;  // "aws_db_cluster_snapshot"
};

// Whether a cluster that this plan restores will be encrypted. No restore has a parameter for storage_encrypted, so
// that the configuration asks for it counts for nothing: a snapshot is encrypted on the way if a key is named, and what
// is restored to a point in time is as its source, for which a key is refused if it is not encrypted. nullopt if it is
// not restored, is there already, or says itself that it is not encrypted.
std::optional<Judgement> RestoredClusterEncryption(const Subject& subject, const RestoredCluster& cluster);

// What it looks at, for the `reads` of the controls that call it.
#define TFSEAL_RESTORED_CLUSTER_READS                                                                               \
  "storage_encrypted", "snapshot_identifier", "restore_to_point_in_time", "kms_key_id", "kms_key_arn", "id", "arn", \
      "cluster_identifier", "db_cluster_identifier", "db_cluster_snapshot_arn", "db_cluster_snapshot_identifier"

}  // namespace tfseal
