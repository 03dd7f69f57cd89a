#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
using enum Verdict;

ControlCases OtherDatabaseCases() {
  constexpr std::string_view kEndpoint = "aws_dms_endpoint";
  constexpr std::string_view kLightsail = "aws_lightsail_database";
  const ControlCases special = {
      // AWS encrypts these whatever is configured, so there is nothing to fail and nothing to be unknown.
      {"TFS-STORE-001", "aws_dynamodb_table", "{}", kPass},
      {"TFS-STORE-001", "aws_memorydb_cluster", R"({"kms_key_arn": "<unknown>"})", kPass},
      {"TFS-DMS-003", kEndpoint, R"({"engine_name": "postgres", "ssl_mode": "verify-full"})", kPass},
      {"TFS-DMS-003", kEndpoint, R"({"engine_name": "postgres", "ssl_mode": "none"})", kFail},
      {"TFS-DMS-003", kEndpoint, R"({"engine_name": "mysql", "ssl_mode": "<unknown>"})", kFail,
       R"({"engine_name": []})"},
      {"TFS-DMS-003", kEndpoint, R"({"engine_name": "mysql", "ssl_mode": "<unknown>"})", kUnknown},
      {"TFS-DMS-003", kEndpoint, R"({"engine_name": "<unknown>"})", kUnknown},
      {"TFS-DMS-003", kEndpoint, R"({"engine_name": "s3", "ssl_mode": "none"})", kNotApplicable},
      {"TFS-LIGHTSAIL-001", kLightsail, R"({"backup_retention_enabled": true})", kPass},
      {"TFS-LIGHTSAIL-001", kLightsail, R"({"backup_retention_enabled": null})", kPass},
      {"TFS-LIGHTSAIL-001", kLightsail, R"({"backup_retention_enabled": false})", kFail},
      {"TFS-LIGHTSAIL-001",
       kLightsail,
       R"({"backup_retention_enabled": true})",
       kFail,
       {},
       {},
       {.retention_min_days = 35}},
      {"TFS-LIGHTSAIL-001", kLightsail, R"({"backup_retention_enabled": "<unknown>"})", kUnknown},
  };
  return Together({
      special,
      KeyCases("TFS-TIMESTREAM-001", "aws_timestreamwrite_database", R"({"kms_key_id": @})", "kms_key_id", kFail),
      FlagCases("TFS-TIMESTREAM-002", "aws_timestreaminfluxdb_db_instance", R"({"publicly_accessible": @})", false,
                kPass),
      KeyCases("TFS-QLDB-001", "aws_qldb_ledger", R"({"kms_key": @})", "kms_key", kFail),
      FlagCases("TFS-QLDB-002", "aws_qldb_ledger", R"({"deletion_protection": @})", true, kPass),
      KeyCases("TFS-DSQL-001", "aws_dsql_cluster", R"({"kms_encryption_key": @})", "kms_encryption_key", kFail),
      FlagCases("TFS-DSQL-002", "aws_dsql_cluster", R"({"deletion_protection_enabled": @})", true, kFail),
      KeyCases("TFS-DMS-001", "aws_dms_replication_instance", R"({"kms_key_arn": @})", "kms_key_arn", kFail),
      FlagCases("TFS-DMS-002", "aws_dms_replication_instance", R"({"publicly_accessible": @})", false, kPass),
      KeyCases("TFS-DMS-004", kEndpoint, R"({"kms_key_arn": @})", "kms_key_arn", kFail),
      KeyCases("TFS-DMS-005", "aws_dms_replication_config", R"({"compute_config": [{"kms_key_id": @}]})",
               "compute_config[0].kms_key_id", kFail),
      FinalSnapshotCases("TFS-LIGHTSAIL-002", kLightsail, "final_snapshot_name"),
      FlagCases("TFS-LIGHTSAIL-003", kLightsail, R"({"publicly_accessible": @})", false, kPass),
  });
}

}  // namespace tfseal
