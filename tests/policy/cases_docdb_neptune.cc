#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
using enum Verdict;

ControlCases DocdbAndNeptuneCases() {
  constexpr std::string_view kDocdb = "aws_docdb_cluster";
  constexpr std::string_view kNeptune = "aws_neptune_cluster";
  const ControlCases special = {
      {"TFS-DOCDB-001", kDocdb, R"({"storage_encrypted": null, "snapshot_identifier": "nightly"})", kUnknown},
      {"TFS-DOCDB-002", kDocdb, R"({"storage_encrypted": null})", kNotApplicable},
      {"TFS-DOCDB-002", kDocdb, R"({"storage_encrypted": true, "snapshot_identifier": "nightly"})", kUnknown},
      {"TFS-DOCDB-002", kDocdb, R"({"storage_encrypted": null, "snapshot_identifier": "nightly"})", kUnknown},
      {"TFS-DOCDB-002", kDocdb, R"({"storage_encrypted": false, "snapshot_identifier": "nightly"})", kNotApplicable},
      {"TFS-DOCDB-007", "aws_docdb_global_cluster", R"({"storage_encrypted": true})", kPass},
      {"TFS-DOCDB-007",
       "aws_docdb_global_cluster",
       R"({"storage_encrypted": "<unknown>", "source_db_cluster_identifier": "arn:c"})",
       kFail,
       {},
       {{"aws_docdb_cluster.c", R"({"arn": "arn:c", "storage_encrypted": null})"}}},
      {"TFS-DOCDB-007", "aws_docdb_global_cluster", R"({"storage_encrypted": "<unknown>"})", kUnknown},
      {"TFS-DOCDB-008",
       "aws_docdb_cluster_snapshot",
       R"({"storage_encrypted": "<unknown>", "db_cluster_identifier": "d"})",
       kPass,
       {},
       {{"aws_docdb_cluster.d", R"({"cluster_identifier": "d", "storage_encrypted": true})"}}},
      {"TFS-DOCDB-008", "aws_docdb_cluster_snapshot", R"({"storage_encrypted": false})", kFail},
      // As the cluster, which is as what it is restored from: that is not here.
      {"TFS-DOCDB-008",
       "aws_docdb_cluster_snapshot",
       R"({"storage_encrypted": "<unknown>", "db_cluster_identifier": "d"})",
       kUnknown,
       {},
       {{"aws_docdb_cluster.d", R"({"id": "d", "storage_encrypted": null, "snapshot_identifier": "nightly"})"}}},
      {"TFS-DOCDB-010",
       "aws_docdb_cluster_instance",
       R"({"storage_encrypted": "<unknown>", "cluster_identifier": "d"})",
       kUnknown,
       {},
       {{"aws_docdb_cluster.d", R"({"id": "d", "storage_encrypted": null, "snapshot_identifier": "nightly"})"}}},
      {"TFS-DOCDB-008", "aws_docdb_cluster_snapshot", R"({"storage_encrypted": "<unknown>"})", kUnknown},
      {"TFS-NEPTUNE-002", kNeptune, R"({"storage_encrypted": false})", kNotApplicable},
      {"TFS-NEPTUNE-002", kNeptune, R"({"storage_encrypted": true, "replication_source_identifier": "arn:n"})",
       kUnknown},
      {"TFS-NEPTUNE-008", "aws_neptune_cluster_snapshot", R"({"storage_encrypted": true})", kPass},
      {"TFS-NEPTUNE-008",
       "aws_neptune_cluster_snapshot",
       R"({"storage_encrypted": "<unknown>", "db_cluster_identifier": "n"})",
       kFail,
       {},
       {{"aws_neptune_cluster.n", R"({"id": "n", "storage_encrypted": false})"}}},
      {"TFS-NEPTUNE-008", "aws_neptune_cluster_snapshot", R"({"storage_encrypted": "<unknown>"})", kUnknown},
  };
  return Together({
      special,
      FlagCases("TFS-DOCDB-001", kDocdb, R"({"storage_encrypted": @})", true, kFail),
      KeyCases("TFS-DOCDB-002", kDocdb, R"({"storage_encrypted": true, "kms_key_id": @})", "kms_key_id",
               kNotApplicable),
      RetentionCases("TFS-DOCDB-003", kDocdb, "backup_retention_period"),
      FlagCases("TFS-DOCDB-004", kDocdb, R"({"deletion_protection": @})", true, kFail),
      FinalSnapshotCases("TFS-DOCDB-005", kDocdb, "final_snapshot_identifier"),
      LogExportCases("TFS-DOCDB-006", kDocdb, "enabled_cloudwatch_logs_exports"),
      KeyCases("TFS-DOCDB-030", "aws_docdbelastic_cluster", R"({"kms_key_id": @})", "kms_key_id", kFail),
      RetentionCases("TFS-DOCDB-031", "aws_docdbelastic_cluster", "backup_retention_period"),
      FlagCases("TFS-NEPTUNE-001", kNeptune, R"({"storage_encrypted": @})", true, kFail),
      KeyCases("TFS-NEPTUNE-002", kNeptune, R"({"storage_encrypted": true, "kms_key_arn": @})", "kms_key_arn",
               kNotApplicable),
      RetentionCases("TFS-NEPTUNE-003", kNeptune, "backup_retention_period"),
      FlagCases("TFS-NEPTUNE-004", kNeptune, R"({"deletion_protection": @})", true, kFail),
      FinalSnapshotCases("TFS-NEPTUNE-005", kNeptune, "final_snapshot_identifier"),
      FlagCases("TFS-NEPTUNE-006", kNeptune, R"({"iam_database_authentication_enabled": @})", true, kFail),
      LogExportCases("TFS-NEPTUNE-007", kNeptune, "enable_cloudwatch_logs_exports"),
      KeyCases("TFS-NEPTUNE-030", "aws_neptunegraph_graph", R"({"kms_key_identifier": @})", "kms_key_identifier",
               kFail),
      FlagCases("TFS-NEPTUNE-031", "aws_neptunegraph_graph", R"({"public_connectivity": @})", false, kPass),
  });
}

}  // namespace tfseal
