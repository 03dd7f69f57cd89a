#include <optional>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// ElastiCache, MemoryDB and DAX.
namespace tfseal {
namespace {

using terraform::Value;

// At rest Redis OSS is not encrypted by default, Valkey is.
IfUnset CacheDefault(const Subject& subject) {
  if (MadeFromACopy(subject, {"global_replication_group_id"})) return IfUnset::kUnknown;  // as the global datastore is
  return subject.At("engine").text() == "valkey" ? IfUnset::kPass : IfUnset::kFail;
}

Judgement ReplicationGroupEncryption(const Subject& subject) {
  return RequireBoolOrDefault(subject, "at_rest_encryption_enabled", true, CacheDefault(subject),
                              "the disks, swap files and backups are readable");
}

Judgement ReplicationGroupCustomerKey(const Subject& subject) {
  IfUnset if_unset = CacheDefault(subject);
  if (if_unset == IfUnset::kFail && LeftToAws(subject, "at_rest_encryption_enabled")) {
    return NotApplicable("not encrypted, so there is no key to judge (at_rest_encryption_enabled)");
  }
  return RequireCustomerKeyIfEncrypted(subject, {"at_rest_encryption_enabled", if_unset}, "kms_key_id",
                                       DefaultKey::kAwsOwned);
}

// In transit neither engine is encrypted by default.
Judgement ReplicationGroupTls(const Subject& subject) {
  const bool as_the_datastore_is = MadeFromACopy(subject, {"global_replication_group_id"});
  Judgement judgement = RequireBoolOrDefault(subject, "transit_encryption_enabled", true,
                                             as_the_datastore_is ? IfUnset::kUnknown : IfUnset::kFail,
                                             "commands and data travel in the clear");
  if (judgement.verdict == Verdict::kPass && subject.At("transit_encryption_mode").text() == "preferred") {
    return Fail("transit_encryption_mode is preferred: clients may connect in the clear", "transit_encryption_mode");
  }
  return judgement;
}

// A cache cluster of its own; nullopt where it is not one that these controls judge.
std::optional<Judgement> NotALoneRedis(const Subject& subject) {
  if (MadeFromACopy(subject, {"replication_group_id"})) {
    return NotApplicable("a member of a replication group, which is judged itself");
  }
  const Value engine = subject.At("engine");
  if (engine.text() == "memcached" || LeftToAws(subject, "engine")) return NotApplicable("memcached keeps nothing");
  if (engine.unknown() || engine.unset()) return UnknownUntilApply("engine");
  return std::nullopt;
}

Judgement DaxTls(const Subject& subject) {
  const Value type = subject.At("cluster_endpoint_encryption_type");
  if (type.unknown()) return UnknownUntilApply("cluster_endpoint_encryption_type");
  if (type.text() == "TLS") return Pass("cluster_endpoint_encryption_type is TLS", "cluster_endpoint_encryption_type");
  return Fail("cluster_endpoint_encryption_type is not TLS: items travel in the clear",
              "cluster_endpoint_encryption_type");
}

constexpr std::string_view kCacheRemedy =
    "at-rest encryption cannot be switched on in place, and Terraform would replace the cache with an empty one: run "
    "`tfseal plan`; new ones can be created encrypted";
constexpr std::string_view kWhyCacheBackups =
    "without automatic snapshots a failed node or a wrong flush loses what is in the cache for good";

}  // namespace

const Control kReplicationGroupEncryption{
    .id = "TFS-ELASTICACHE-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "ElastiCache replication groups are encrypted at rest",
    .types = kNames<"aws_elasticache_replication_group">,
    .reads = kNames<"at_rest_encryption_enabled", "engine", "global_replication_group_id">,
    .evaluate = ReplicationGroupEncryption,
    .why = kWhyEncryption,
    .remedy = kCacheRemedy,
    .basis =
        "Amazon ElastiCache API, AtRestEncryptionEnabled: true by default for Valkey, false for Redis OSS; provider "
        "5.100: forces replacement; NIST SP 800-53 SC-28. Vendor benchmark: AWS Security Hub ElastiCache.4",
};

const Control kReplicationGroupCustomerKey{
    .id = "TFS-ELASTICACHE-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "ElastiCache replication groups are encrypted with a customer-managed key",
    .types = kNames<"aws_elasticache_replication_group">,
    .reads = kNames<"at_rest_encryption_enabled", "kms_key_id", "engine", "global_replication_group_id">,
    .evaluate = ReplicationGroupCustomerKey,
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon ElastiCache API, KmsKeyId: without it a key of the service is used; provider 5.100: adding, changing "
        "or "
        "removing kms_key_id forces replacement. That a key be customer-managed is an organisation's requirement",
};

const Control kReplicationGroupTls{
    .id = "TFS-ELASTICACHE-003",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "ElastiCache replication groups accept encrypted connections only",
    .types = kNames<"aws_elasticache_replication_group">,
    .reads = kNames<"transit_encryption_enabled", "transit_encryption_mode", "global_replication_group_id">,
    .evaluate = ReplicationGroupTls,
    .why = kWhyTls,
    .remedy =
        "from engine 7.0.5 on, set transit_encryption_enabled = true with transit_encryption_mode = \"preferred\", "
        "move "
        "the clients, then \"required\"; older engines are replaced by that, so run `tfseal plan` first",
    .basis =
        "Amazon ElastiCache API, TransitEncryptionEnabled: false by default for all engines; 45 CFR 164.312(e)(2)(ii) "
        "(addressable). Vendor benchmark: AWS Security Hub ElastiCache.5",
};

const Control kReplicationGroupBackupRetention{
    .id = "TFS-ELASTICACHE-004",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kMedium,
    .title = "ElastiCache replication groups keep automatic snapshots long enough",
    .types = kNames<"aws_elasticache_replication_group">,
    .reads = kNames<"snapshot_retention_limit">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "snapshot_retention_limit", 0); },
    .why = kWhyCacheBackups,
    .remedy = "set snapshot_retention_limit to the days the policy asks for (up to 35); it changes in place",
    .basis =
        "Amazon ElastiCache API, SnapshotRetentionLimit: 0 by default, which switches automatic snapshots off; the "
        "number of days is the organisation's",
};

const Control kGlobalReplicationGroupEncryption{
    .id = "TFS-ELASTICACHE-005",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "ElastiCache global datastores are encrypted at rest",
    .types = kNames<"aws_elasticache_global_replication_group">,
    .reads = kNames<"at_rest_encryption_enabled", "primary_replication_group_id", "id", "replication_group_id",
                    "engine", "global_replication_group_id">,
    .evaluate =
        [](const Subject& subject) {
          return RequireEncryptedLike(subject, "at_rest_encryption_enabled",
                                      {.attribute = "primary_replication_group_id",
                                       .type = "aws_elasticache_replication_group",
                                       .keys = {"id", "replication_group_id"},
                                       .their_switch = "at_rest_encryption_enabled",
                                       .control = &kReplicationGroupEncryption});
        },
    .why = kWhyEncryption,
    .remedy = kCacheRemedy,
    .basis = "Amazon ElastiCache User Guide: a global datastore is encrypted as its primary is",
};

const Control kCacheClusterEncryption{
    .id = "TFS-ELASTICACHE-010",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "single Redis nodes are not used where encryption at rest is needed",
    .types = kNames<"aws_elasticache_cluster">,
    .reads = kNames<"engine", "replication_group_id">,
    .evaluate =
        [](const Subject& subject) {
          if (const auto other = NotALoneRedis(subject); other.has_value()) return *other;
          return Fail("a cache cluster outside a replication group cannot be encrypted at rest", "engine");
        },
    .why = kWhyEncryption,
    .remedy =
        "use an aws_elasticache_replication_group (one node is enough) with at_rest_encryption_enabled; run "
        "`tfseal plan` for the way that carries the data over",
    .basis = "Amazon ElastiCache API: CreateCacheCluster has no encryption at rest, CreateReplicationGroup has",
};

const Control kCacheClusterTls{
    .id = "TFS-ELASTICACHE-011",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "single Redis nodes accept encrypted connections only",
    .types = kNames<"aws_elasticache_cluster">,
    .reads = kNames<"transit_encryption_enabled", "engine", "replication_group_id">,
    .evaluate =
        [](const Subject& subject) {
          if (const auto other = NotALoneRedis(subject); other.has_value()) return *other;
          return RequireBoolOrDefault(subject, "transit_encryption_enabled", true, IfUnset::kFail,
                                      "commands and data travel in the clear");
        },
    .why = kWhyTls,
    .remedy =
        "use an aws_elasticache_replication_group with transit_encryption_enabled; run `tfseal plan` for the way that "
        "carries the data over",
    .basis = "Amazon ElastiCache API, TransitEncryptionEnabled; 45 CFR 164.312(e)(2)(ii) (addressable)",
};

const Control kCacheClusterBackupRetention{
    .id = "TFS-ELASTICACHE-012",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kMedium,
    .title = "single Redis nodes keep automatic snapshots long enough",
    .types = kNames<"aws_elasticache_cluster">,
    .reads = kNames<"snapshot_retention_limit", "engine", "replication_group_id">,
    .evaluate =
        [](const Subject& subject) {
          if (const auto other = NotALoneRedis(subject); other.has_value()) return *other;
          return RequireRetention(subject, "snapshot_retention_limit", 0);
        },
    .why = kWhyCacheBackups,
    .remedy = "set snapshot_retention_limit to the days the policy asks for (up to 35); it changes in place",
    .basis =
        "Amazon ElastiCache API, SnapshotRetentionLimit: 0 by default, Redis only; the number of days is the "
        "organisation's. Vendor benchmark: AWS Security Hub ElastiCache.1",
};

const Control kServerlessCacheCustomerKey{
    .id = "TFS-ELASTICACHE-020",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "ElastiCache serverless caches are encrypted with a customer-managed key",
    .types = kNames<"aws_elasticache_serverless_cache">,
    .reads = kNames<"kms_key_id">,
    .evaluate = [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon ElastiCache API, CreateServerlessCache.KmsKeyId: always encrypted, with a key of the service if none "
        "is "
        "named. That a key be customer-managed is an organisation's requirement",
};

const Control kServerlessCacheBackupRetention{
    .id = "TFS-ELASTICACHE-021",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kMedium,
    .title = "ElastiCache serverless caches keep automatic snapshots long enough",
    .types = kNames<"aws_elasticache_serverless_cache">,
    .reads = kNames<"snapshot_retention_limit">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "snapshot_retention_limit", 0); },
    .why = kWhyCacheBackups,
    .remedy = "set snapshot_retention_limit to the days the policy asks for (up to 35); it changes in place",
    .basis =
        "Amazon ElastiCache API, CreateServerlessCache.SnapshotRetentionLimit: for Valkey, Redis OSS and, other than "
        "for "
        "nodes, Memcached; the number of days is the organisation's",
};

const Control kMemoryDbCustomerKey{
    .id = "TFS-MEMORYDB-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "MemoryDB clusters and snapshots are encrypted with a customer-managed key",
    .types = kNames<"aws_memorydb_cluster", "aws_memorydb_snapshot">,
    .reads = kNames<"kms_key_arn">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_arn", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = kReplaceToChangeKey,
    .basis =
        "Amazon MemoryDB Developer Guide: always encrypted at rest, with an AWS-owned key if none is named. That a key "
        "be customer-managed is an organisation's requirement",
};

const Control kMemoryDbTls{
    .id = "TFS-MEMORYDB-002",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "MemoryDB clusters accept encrypted connections only",
    .types = kNames<"aws_memorydb_cluster">,
    .reads = kNames<"tls_enabled">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "tls_enabled", true, IfUnset::kPass, "commands and data travel in the clear");
        },
    .why = kWhyTls,
    .remedy =
        "tls_enabled forces replacement: restore a snapshot into a new cluster with TLS and move the clients; run "
        "`tfseal plan` first",
    .basis = "provider 5.100: tls_enabled is true unless it is set; 45 CFR 164.312(e)(2)(ii) (addressable)",
};

const Control kMemoryDbBackupRetention{
    .id = "TFS-MEMORYDB-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "MemoryDB clusters keep automatic snapshots long enough",
    .types = kNames<"aws_memorydb_cluster">,
    .reads = kNames<"snapshot_retention_limit">,
    .evaluate = [](const Subject& subject) { return RequireRetention(subject, "snapshot_retention_limit", 0); },
    .why = kWhyBackups,
    .remedy = "set snapshot_retention_limit to the days the policy asks for (up to 35); it changes in place",
    .basis =
        "Amazon MemoryDB API, SnapshotRetentionLimit: 0 switches automatic snapshots off; the number of days is the "
        "organisation's",
};

const Control kDaxEncryption{
    .id = "TFS-DAX-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "DAX clusters are encrypted at rest",
    .types = kNames<"aws_dax_cluster">,
    .reads = kNames<"server_side_encryption">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBoolOrDefault(subject, "server_side_encryption[0].enabled", true, IfUnset::kFail,
                                      "items on the nodes' disks are readable");
        },
    .why = "without encryption at rest, whoever gets at a node's disk reads the items cached there",
    .remedy =
        "encryption cannot be switched on in place; Terraform replaces the cluster, which holds nothing but a cache: "
        "plan it for a quiet hour",
    .basis = "Amazon DAX API, SSESpecification: off by default; NIST SP 800-53 SC-28",
};

const Control kDaxTls{
    .id = "TFS-DAX-002",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "DAX clusters accept encrypted connections only",
    .types = kNames<"aws_dax_cluster">,
    .reads = kNames<"cluster_endpoint_encryption_type">,
    .evaluate = DaxTls,
    .why = kWhyTls,
    .remedy =
        "set cluster_endpoint_encryption_type = \"TLS\"; Terraform replaces the cluster, which holds nothing but a "
        "cache",
    .basis = "Amazon DAX API, ClusterEndpointEncryptionType: NONE by default; 45 CFR 164.312(e)(2)(ii) (addressable)",
};

}  // namespace tfseal
