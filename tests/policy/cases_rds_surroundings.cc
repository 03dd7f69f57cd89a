#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kGroup = "aws_db_parameter_group";
constexpr std::string_view kClusterGroup = "aws_rds_cluster_parameter_group";

ControlCases SnapshotCases() {
  constexpr std::string_view kInstance = "aws_db_snapshot";
  constexpr std::string_view kCluster = "aws_db_cluster_snapshot";
  constexpr std::string_view kCopy = "aws_db_snapshot_copy";
  constexpr std::string_view kClusterCopy = "aws_rds_cluster_snapshot_copy";
  return {
      {"TFS-RDS-040", kInstance, R"({"encrypted": true})", kPass},
      {"TFS-RDS-040",
       kInstance,
       R"({"encrypted": "<unknown>", "db_instance_identifier": "a"})",
       kPass,
       {},
       {{"aws_db_instance.a", R"({"identifier": "a", "storage_encrypted": true})"}}},
      {"TFS-RDS-040",
       kInstance,
       R"({"encrypted": "<unknown>", "db_instance_identifier": "a"})",
       kFail,
       {},
       {{"aws_db_instance.a", R"({"identifier": "a", "storage_encrypted": false})"}}},
      {"TFS-RDS-040", kInstance, R"({"encrypted": false})", kFail},
      {"TFS-RDS-040", kInstance, R"({"encrypted": "<unknown>", "db_instance_identifier": "a"})", kUnknown},

      {"TFS-RDS-041",
       kCluster,
       R"({"storage_encrypted": "<unknown>", "db_cluster_identifier": "a"})",
       kPass,
       {},
       {{"aws_rds_cluster.a", R"({"cluster_identifier": "a", "storage_encrypted": true})"}}},
      {"TFS-RDS-041", kCluster, R"({"storage_encrypted": false})", kFail},
      {"TFS-RDS-041", kCluster, R"({"storage_encrypted": "<unknown>"})", kUnknown},

      {"TFS-RDS-042", kCopy, R"({"encrypted": "<unknown>", "kms_key_id": "<unknown>"})", kPass},
      {"TFS-RDS-042",
       kCopy,
       R"({"encrypted": "<unknown>", "source_db_snapshot_identifier": "s"})",
       kFail,
       {},
       {{"aws_db_snapshot.s", R"({"id": "s", "encrypted": false})"}}},
      {"TFS-RDS-042", kCopy, R"({"encrypted": "<unknown>", "source_db_snapshot_identifier": "s"})", kUnknown},
      {"TFS-RDS-042", kCopy, R"({"encrypted": true})", kPass},

      {"TFS-RDS-043", kClusterCopy, R"({"storage_encrypted": "<unknown>", "kms_key_id": "alias/ours"})", kPass},
      {"TFS-RDS-043",
       kClusterCopy,
       R"({"storage_encrypted": "<unknown>", "kms_key_id": "alias/ours", "source_db_cluster_snapshot_identifier": "s"})",
       kFail,
       {},
       {{"aws_db_cluster_snapshot.s", R"({"id": "s", "storage_encrypted": false})"}}},
      {"TFS-RDS-043", kClusterCopy, R"({"storage_encrypted": "<unknown>"})", kUnknown},
      // What a plan makes at once is followed to the database: nothing of it is known to be encrypted by itself.
      {"TFS-RDS-040",
       kInstance,
       R"({"encrypted": "<unknown>", "db_instance_identifier": "a"})",
       kFail,
       {},
       {{"aws_db_instance.a", R"({"identifier": "a", "storage_encrypted": null, "snapshot_identifier": "<unknown>"})",
         R"({"engine": []})"}}},
      {"TFS-RDS-042",
       kCopy,
       R"({"encrypted": "<unknown>", "source_db_snapshot_identifier": "s"})",
       kFail,
       {},
       {{"aws_db_snapshot.s", R"({"id": "s", "encrypted": "<unknown>", "db_instance_identifier": "a"})"},
        {"aws_db_instance.a", R"({"identifier": "a", "storage_encrypted": false})"}}},
      {"TFS-RDS-043",
       kClusterCopy,
       R"({"storage_encrypted": "<unknown>", "kms_key_id": "alias/ours", "source_db_cluster_snapshot_identifier": "s"})",
       kFail,
       {},
       {{"aws_db_cluster_snapshot.s", R"({"id": "s", "db_cluster_identifier": "c"})"},
        {"aws_rds_cluster.c", R"({"id": "c", "storage_encrypted": false})"}}},
      {"TFS-RDS-044",
       kCopy,
       R"({"encrypted": "<unknown>", "source_db_snapshot_identifier": "s"})",
       kNotApplicable,
       {},
       {{"aws_db_snapshot.s", R"({"id": "s", "encrypted": false})"}}},
      // Snapshots and databases made from each other: a document may hold a circle.
      {"TFS-RDS-040",
       kInstance,
       R"({"id": "s", "encrypted": "<unknown>", "db_instance_identifier": "a"})",
       kUnknown,
       {},
       {{"aws_db_instance.a", R"({"identifier": "a", "storage_encrypted": null, "snapshot_identifier": "s"})"}}},

      {"TFS-RDS-044", kCopy, R"({"encrypted": "<unknown>", "kms_key_id": "alias/ours"})", kPass},
      {"TFS-RDS-044", kClusterCopy, R"({"kms_key_id": "alias/aws/rds"})", kFail},
      {"TFS-RDS-044", kCopy, R"({"encrypted": true, "kms_key_id": null})", kUnknown},
      {"TFS-RDS-044", kCopy, R"({"encrypted": false})", kNotApplicable},

      {"TFS-RDS-045", kInstance, R"({"shared_accounts": null})", kPass},
      {"TFS-RDS-045", kCluster, R"({"shared_accounts": ["111122223333"]})", kPass},
      {"TFS-RDS-045", kCopy, R"({"shared_accounts": ["111122223333", "all"]})", kFail},
      {"TFS-RDS-045", kClusterCopy, R"({"shared_accounts": ["<unknown>", "all"]})", kFail},
      {"TFS-RDS-045", kInstance, R"({"shared_accounts": ["<unknown>"]})", kUnknown},
      {"TFS-RDS-045", kInstance, R"({"shared_accounts": "<unknown>"})", kUnknown},

      {"TFS-RDS-046",
       "aws_db_instance_automated_backups_replication",
       R"({"kms_key_id": null, "source_db_instance_arn": "arn:db"})",
       kNotApplicable,
       {},
       {{"aws_db_instance.a", R"({"arn": "arn:db", "storage_encrypted": false})"}}},
      {"TFS-RDS-046",
       "aws_db_instance_automated_backups_replication",
       R"({"kms_key_id": null, "source_db_instance_arn": "arn:db"})",
       kNotApplicable,
       {},
       {{"aws_db_instance.a", R"({"arn": "arn:db", "storage_encrypted": null})"}}},
  };
}

ControlCases ParameterGroupCases() {
  return {
      {"TFS-RDS-070", kGroup, R"({"family": "postgres14", "parameter": [{"name": "rds.force_ssl", "value": "1"}]})",
       kPass},
      {"TFS-RDS-070", kGroup, R"({"family": "postgres16", "parameter": [{"name": "rds.force_ssl", "value": "0"}]})",
       kFail},
      {"TFS-RDS-070", kGroup, R"({"family": "postgres15", "parameter": []})", kPass},
      {"TFS-RDS-070", kGroup, R"({"family": "postgres14", "parameter": [{"name": "log_connections", "value": "1"}]})",
       kFail},
      {"TFS-RDS-070", kGroup, R"({"family": "postgres9.6"})", kFail},
      {"TFS-RDS-070", kGroup,
       R"({"family": "mysql8.0", "parameter": [{"name": "require_secure_transport", "value": "ON"}]})", kPass},
      {"TFS-RDS-070", kGroup, R"({"family": "mysql8.0", "parameter": []})", kFail},
      {"TFS-RDS-070", kGroup, R"({"family": "mysql5.6", "parameter": []})", kNotApplicable},
      {"TFS-RDS-070", kGroup, R"({"family": "mariadb10.4", "parameter": []})", kNotApplicable},
      {"TFS-RDS-070", kGroup, R"({"family": "mariadb10.11", "parameter": []})", kFail},
      {"TFS-RDS-070", kGroup, R"({"family": "mariadb11.8", "parameter": []})", kPass},
      {"TFS-RDS-070", kGroup,
       R"({"family": "sqlserver-se-15.0", "parameter": [{"name": "rds.force_ssl", "value": "1"}]})", kPass},
      {"TFS-RDS-070", kGroup, R"({"family": "oracle-ee-19", "parameter": []})", kNotApplicable},
      {"TFS-RDS-070", kGroup, R"({"family": "aurora-postgresql16", "parameter": []})", kNotApplicable},
      {"TFS-RDS-070", kGroup, R"({"family": "<unknown>"})", kUnknown},
      {"TFS-RDS-070", kGroup, R"({"family": "postgres14", "parameter": "<unknown>"})", kUnknown},
      {"TFS-RDS-070", kGroup,
       R"({"family": "postgres14", "parameter": [{"name": "rds.force_ssl", "value": "<unknown>"}]})", kUnknown},
      {"TFS-RDS-070", kGroup, R"({"family": "postgres14", "parameter": [{"name": "<unknown>", "value": "1"}]})",
       kUnknown},
      {"TFS-RDS-070", kClusterGroup, R"({"family": "aurora-postgresql16", "parameter": []})", kFail},
      {"TFS-RDS-070", kClusterGroup, R"({"family": "aurora-postgresql17", "parameter": []})", kPass},
      {"TFS-RDS-070", kClusterGroup,
       R"({"family": "aurora-mysql8.0", "parameter": [{"name": "require_secure_transport", "value": "OFF"}]})", kFail},
      {"TFS-RDS-070", kClusterGroup, R"({"family": "aurora5.6", "parameter": []})", kNotApplicable},

      {"TFS-DOCDB-020", "aws_docdb_cluster_parameter_group", R"({"family": "docdb5.0", "parameter": []})", kPass},
      {"TFS-DOCDB-020", "aws_docdb_cluster_parameter_group",
       R"({"family": "docdb5.0", "parameter": [{"name": "tls", "value": "tls1.3+"}]})", kPass},
      {"TFS-DOCDB-020", "aws_docdb_cluster_parameter_group",
       R"({"family": "docdb5.0", "parameter": [{"name": "tls", "value": "disabled"}]})", kFail},
      {"TFS-DOCDB-020", "aws_docdb_cluster_parameter_group", R"({"family": "docdb5.0", "parameter": "<unknown>"})",
       kUnknown},
      {"TFS-NEPTUNE-020", "aws_neptune_cluster_parameter_group", R"({"family": "neptune1.3", "parameter": []})", kPass},
      {"TFS-NEPTUNE-020", "aws_neptune_cluster_parameter_group",
       R"({"family": "neptune1.3", "parameter": [{"name": "neptune_enforce_ssl", "value": "0"}]})", kFail},
      {"TFS-NEPTUNE-020", "aws_neptune_cluster_parameter_group", R"({"family": "<unknown>"})", kUnknown},
      {"TFS-REDSHIFT-020", "aws_redshift_parameter_group",
       R"({"family": "redshift-1.0", "parameter": [{"name": "require_ssl", "value": "true"}]})", kPass},
      {"TFS-REDSHIFT-020", "aws_redshift_parameter_group", R"({"family": "redshift-1.0", "parameter": []})", kFail},
      {"TFS-REDSHIFT-020", "aws_redshift_parameter_group", R"({"family": "redshift-2.0", "parameter": []})", kPass},
      {"TFS-REDSHIFT-020", "aws_redshift_parameter_group", R"({"family": "<unknown>"})", kUnknown},
  };
}

}  // namespace

ControlCases RdsSurroundingsCases() {
  const ControlCases proxies_and_globals = {
      {"TFS-RDS-060", "aws_rds_global_cluster", R"({"storage_encrypted": true})", kPass},
      {"TFS-RDS-060", "aws_rds_global_cluster", R"({"storage_encrypted": false})", kFail},
      {"TFS-RDS-060",
       "aws_rds_global_cluster",
       R"({"storage_encrypted": "<unknown>", "source_db_cluster_identifier": "arn:c"})",
       kFail,
       {},
       {{"aws_rds_cluster.c", R"({"arn": "arn:c", "storage_encrypted": false})"}}},
      {"TFS-RDS-060", "aws_rds_global_cluster", R"({"storage_encrypted": "<unknown>"})", kUnknown},
      {"TFS-RDS-063", "aws_db_proxy", R"({"auth": [{"iam_auth": "REQUIRED"}]})", kPass},
      {"TFS-RDS-063", "aws_db_proxy", R"({"auth": [{"iam_auth": "REQUIRED"}, {"iam_auth": "DISABLED"}]})", kFail},
      {"TFS-RDS-063", "aws_db_proxy", R"({"auth": [{"iam_auth": null}]})", kFail},
      {"TFS-RDS-063", "aws_db_proxy", R"({"auth": [{"iam_auth": "<unknown>"}]})", kUnknown},
  };
  return Together({
      SnapshotCases(),
      ParameterGroupCases(),
      proxies_and_globals,
      KeyCases("TFS-RDS-046", "aws_db_instance_automated_backups_replication", R"({"kms_key_id": @})", "kms_key_id",
               kFail),
      RetentionCases("TFS-RDS-047", "aws_db_instance_automated_backups_replication", "retention_period"),
      FlagCases("TFS-RDS-061", "aws_rds_global_cluster", R"({"deletion_protection": @})", true, kFail),
      FlagCases("TFS-RDS-062", "aws_db_proxy", R"({"require_tls": @})", true, kFail),
      KeyCases("TFS-RDS-064", "aws_rds_cluster_activity_stream", R"({"kms_key_id": @})", "kms_key_id", kFail),
  });
}

}  // namespace tfseal
