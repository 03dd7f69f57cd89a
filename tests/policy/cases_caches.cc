#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
using enum Verdict;

ControlCases CacheCases() {
  constexpr std::string_view kGroup = "aws_elasticache_replication_group";
  constexpr std::string_view kCluster = "aws_elasticache_cluster";
  constexpr std::string_view kServerless = "aws_elasticache_serverless_cache";
  constexpr std::string_view kMemoryDb = "aws_memorydb_cluster";
  constexpr std::string_view kSilent = R"({"node_type": []})";  // the configuration is there, but says nothing about it
  const ControlCases special = {
      {"TFS-ELASTICACHE-001", kGroup, R"({"engine": "redis", "at_rest_encryption_enabled": "<unknown>"})", kFail,
       kSilent},
      {"TFS-ELASTICACHE-001", kGroup, R"({"engine": "valkey", "at_rest_encryption_enabled": "<unknown>"})", kPass,
       kSilent},
      {"TFS-ELASTICACHE-001", kGroup, R"({"at_rest_encryption_enabled": null, "global_replication_group_id": "g"})",
       kUnknown},
      {"TFS-ELASTICACHE-002", kGroup, R"({"engine": "redis", "at_rest_encryption_enabled": "<unknown>"})",
       kNotApplicable, kSilent},
      {"TFS-ELASTICACHE-002", kGroup, R"({"at_rest_encryption_enabled": "false", "kms_key_id": null})", kNotApplicable},
      {"TFS-ELASTICACHE-003", kGroup, R"({"transit_encryption_enabled": true, "transit_encryption_mode": "preferred"})",
       kFail},
      {"TFS-ELASTICACHE-003", kGroup, R"({"engine": "redis", "transit_encryption_enabled": "<unknown>"})", kFail,
       kSilent},
      {"TFS-ELASTICACHE-003", kGroup, R"({"engine": "valkey", "transit_encryption_enabled": "<unknown>"})", kFail,
       kSilent},
      {"TFS-ELASTICACHE-004", kGroup, R"({"snapshot_retention_limit": null})", kFail},
      {"TFS-ELASTICACHE-005", "aws_elasticache_global_replication_group", R"({"at_rest_encryption_enabled": true})",
       kPass},
      {"TFS-ELASTICACHE-005",
       "aws_elasticache_global_replication_group",
       R"({"at_rest_encryption_enabled": "<unknown>", "primary_replication_group_id": "r"})",
       kFail,
       {},
       {{"aws_elasticache_replication_group.r", R"({"id": "r", "at_rest_encryption_enabled": "false"})"}}},
      {"TFS-ELASTICACHE-005", "aws_elasticache_global_replication_group",
       R"({"at_rest_encryption_enabled": "<unknown>"})", kUnknown},
      // As its primary, by the default of the engine.
      {"TFS-ELASTICACHE-005",
       "aws_elasticache_global_replication_group",
       R"({"at_rest_encryption_enabled": "<unknown>", "primary_replication_group_id": "r"})",
       kFail,
       {},
       {{"aws_elasticache_replication_group.r",
         R"({"id": "r", "engine": "redis", "at_rest_encryption_enabled": "<unknown>"})", kSilent}}},
      {"TFS-ELASTICACHE-005",
       "aws_elasticache_global_replication_group",
       R"({"at_rest_encryption_enabled": "<unknown>", "primary_replication_group_id": "r"})",
       kPass,
       {},
       {{"aws_elasticache_replication_group.r",
         R"({"id": "r", "engine": "valkey", "at_rest_encryption_enabled": "<unknown>"})", kSilent}}},
      {"TFS-ELASTICACHE-010", kCluster, R"({"engine": "redis"})", kFail},
      {"TFS-ELASTICACHE-010", kCluster, R"({"engine": "<unknown>"})", kUnknown},
      {"TFS-ELASTICACHE-010", kCluster, R"({"engine": "memcached"})", kNotApplicable},
      {"TFS-ELASTICACHE-010", kCluster, R"({"engine": "redis", "replication_group_id": "r"})", kNotApplicable},
      {"TFS-ELASTICACHE-011", kCluster, R"({"engine": "memcached"})", kNotApplicable},
      {"TFS-ELASTICACHE-011", kCluster, R"({"engine": "redis", "transit_encryption_enabled": true})", kPass},
      {"TFS-ELASTICACHE-011", kCluster, R"({"engine": "redis", "transit_encryption_enabled": null})", kFail},
      {"TFS-ELASTICACHE-011", kCluster, R"({"engine": "redis", "transit_encryption_enabled": "<unknown>"})", kUnknown},
      {"TFS-ELASTICACHE-012", kCluster, R"({"engine": "redis", "snapshot_retention_limit": 7})", kPass},
      {"TFS-ELASTICACHE-012", kCluster, R"({"engine": "redis"})", kFail},
      {"TFS-ELASTICACHE-012", kCluster, R"({"engine": "redis", "snapshot_retention_limit": "<unknown>"})", kUnknown},
      {"TFS-ELASTICACHE-012", kCluster, R"({"engine": "memcached"})", kNotApplicable},
      {"TFS-ELASTICACHE-021", kServerless, R"({"engine": "memcached"})", kFail},
      {"TFS-ELASTICACHE-021", kServerless, R"({"engine": "memcached", "snapshot_retention_limit": 7})", kPass},
      {"TFS-MEMORYDB-003", kMemoryDb, R"({"snapshot_retention_limit": "<unknown>"})", kFail, kSilent},
      {"TFS-DAX-001", "aws_dax_cluster", R"({"server_side_encryption": []})", kFail},
      {"TFS-DAX-002", "aws_dax_cluster", R"({"cluster_endpoint_encryption_type": "TLS"})", kPass},
      {"TFS-DAX-002", "aws_dax_cluster", R"({"cluster_endpoint_encryption_type": "NONE"})", kFail},
      {"TFS-DAX-002", "aws_dax_cluster", R"({"cluster_endpoint_encryption_type": null})", kFail},
      {"TFS-DAX-002", "aws_dax_cluster", R"({"cluster_endpoint_encryption_type": "<unknown>"})", kUnknown},
  };
  return Together({
      special,
      FlagCases("TFS-ELASTICACHE-001", kGroup, R"({"at_rest_encryption_enabled": @})", true, kFail),
      KeyCases("TFS-ELASTICACHE-002", kGroup, R"({"at_rest_encryption_enabled": "true", "kms_key_id": @})",
               "kms_key_id", kNotApplicable),
      FlagCases("TFS-ELASTICACHE-003", kGroup, R"({"transit_encryption_enabled": @})", true, kFail),
      RetentionCases("TFS-ELASTICACHE-004", kGroup, "snapshot_retention_limit"),
      KeyCases("TFS-ELASTICACHE-020", kServerless, R"({"kms_key_id": @})", "kms_key_id", kFail),
      RetentionCases("TFS-ELASTICACHE-021", kServerless, "snapshot_retention_limit"),
      KeyCases("TFS-MEMORYDB-001", kMemoryDb, R"({"kms_key_arn": @})", "kms_key_arn", kFail),
      KeyCases("TFS-MEMORYDB-001", "aws_memorydb_snapshot", R"({"kms_key_arn": @})", "kms_key_arn", kFail),
      FlagCases("TFS-MEMORYDB-002", kMemoryDb, R"({"tls_enabled": @})", true, kPass),
      RetentionCases("TFS-MEMORYDB-003", kMemoryDb, "snapshot_retention_limit"),
      FlagCases("TFS-DAX-001", "aws_dax_cluster", R"({"server_side_encryption": [{"enabled": @}]})", true, kFail),
  });
}

}  // namespace tfseal
