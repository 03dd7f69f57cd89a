#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
using enum Verdict;

ControlCases RedshiftCases() {
  constexpr std::string_view kCluster = "aws_redshift_cluster";
  constexpr std::string_view kNamespace = "aws_redshiftserverless_namespace";
  constexpr std::string_view kWorkgroup = "aws_redshiftserverless_workgroup";
  const ControlCases special = {
      {"TFS-REDSHIFT-002", kCluster, R"({"encrypted": false, "kms_key_id": null})", kFail},
      {"TFS-REDSHIFT-002", kCluster, R"({"encrypted": true, "snapshot_identifier": "s"})", kUnknown},
      {"TFS-REDSHIFT-006", kCluster, R"({"logging": [{"enable": true}]})", kPass},
      {"TFS-REDSHIFT-006",
       kCluster,
       R"({"id": "dw", "logging": []})",
       kPass,
       {},
       {{"aws_redshift_logging.dw", R"({"cluster_identifier": "dw"})"}}},
      {"TFS-REDSHIFT-006", kCluster, R"({"logging": [{"enable": false}]})", kFail},
      {"TFS-REDSHIFT-006", kCluster, R"({"logging": "<unknown>"})", kFail, R"({"node_type": []})"},
      {"TFS-REDSHIFT-006", kCluster, R"({"logging": [{"enable": "<unknown>"}]})", kUnknown},
      {"TFS-REDSHIFT-007", kCluster,
       R"({"manage_master_password": true, "master_password_secret_kms_key_id": "alias/ours"})", kPass},
      {"TFS-REDSHIFT-007", kNamespace, R"({"manage_admin_password": true})", kFail},
      {"TFS-REDSHIFT-007", kCluster, R"({"manage_master_password": "<unknown>"})", kUnknown},
      {"TFS-REDSHIFT-007", kCluster, R"({"manage_master_password": null})", kNotApplicable},
      {"TFS-REDSHIFT-030", kNamespace, R"({"kms_key_id": "AWS_OWNED_KMS_KEY"})", kFail},
      {"TFS-REDSHIFT-033", kWorkgroup,
       R"({"config_parameter": [{"parameter_key": "require_ssl", "parameter_value": "true"}]})", kPass},
      {"TFS-REDSHIFT-033", kWorkgroup, R"({"config_parameter": []})", kPass},
      {"TFS-REDSHIFT-033", kWorkgroup,
       R"({"config_parameter": [{"parameter_key": "require_ssl", "parameter_value": "false"}]})", kFail},
      {"TFS-REDSHIFT-033", kWorkgroup,
       R"({"config_parameter": [{"parameter_key": "require_ssl", "parameter_value": "<unknown>"}]})", kUnknown},
  };
  return Together({
      special,
      FlagCases("TFS-REDSHIFT-001", kCluster, R"({"encrypted": @})", true, kFail),
      KeyCases("TFS-REDSHIFT-002", kCluster, R"({"encrypted": true, "kms_key_id": @})", "kms_key_id", kFail),
      RetentionCases("TFS-REDSHIFT-003", kCluster, "automated_snapshot_retention_period"),
      FinalSnapshotCases("TFS-REDSHIFT-004", kCluster, "final_snapshot_identifier"),
      FlagCases("TFS-REDSHIFT-005", kCluster, R"({"publicly_accessible": @})", false, kUnknown),
      KeyCases("TFS-REDSHIFT-008", "aws_redshift_snapshot_copy_grant", R"({"kms_key_id": @})", "kms_key_id", kFail),
      KeyCases("TFS-REDSHIFT-030", kNamespace, R"({"kms_key_id": @})", "kms_key_id", kFail),
      LogExportCases("TFS-REDSHIFT-031", kNamespace, "log_exports"),
      FlagCases("TFS-REDSHIFT-032", kWorkgroup, R"({"publicly_accessible": @})", false, kPass),
  });
}

}  // namespace tfseal
