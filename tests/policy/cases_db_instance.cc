#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kDb = "aws_db_instance";
constexpr std::string_view kNothingSet = R"({"engine": ["var.engine"]})";  // the configuration is there, but silent
constexpr TestResource kKey{"aws_kms_key.db", R"({"arn": "arn:aws:kms:eu-west-1:111122223333:key/0d1c"})"};
constexpr TestResource kEncryptedSource{"aws_db_instance.source",
                                        R"({"identifier": "orders", "engine": "postgres", "storage_encrypted": true,
        "kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/0d1c"})"};
constexpr TestResource kPlainSource{"aws_db_instance.source",
                                    R"({"identifier": "orders", "engine": "oracle-ee", "storage_encrypted": null})"};
constexpr TestResource kPlainSnapshot{"aws_db_snapshot.s", R"({"id": "nightly", "encrypted": false})"};
constexpr TestResource kEncryptedSnapshot{"aws_db_snapshot.s", R"({"id": "nightly", "encrypted": true})"};
}  // namespace

std::vector<ControlCase> DbInstanceCases() {
  return {
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": true})", kPass},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": true, "snapshot_identifier": "<unknown>"})", kPass, kNothingSet},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": false})", kFail},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": null})", kFail},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": null, "snapshot_identifier": "<unknown>"})", kFail, kNothingSet},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": "<unknown>"})", kUnknown},
      // A read replica is encrypted exactly if its source is.
      {"TFS-RDS-020",
       kDb,
       R"({"storage_encrypted": null, "replicate_source_db": "orders"})",
       kPass,
       {},
       {kEncryptedSource}},
      {"TFS-RDS-020",
       kDb,
       R"({"storage_encrypted": null, "replicate_source_db": "<unknown>"})",
       kPass,
       R"({"replicate_source_db": ["aws_db_instance.source.identifier", "aws_db_instance.source"]})",
       {kEncryptedSource}},
      {"TFS-RDS-020",
       kDb,
       R"({"storage_encrypted": null, "replicate_source_db": "orders"})",
       kFail,
       {},
       {kPlainSource}},
      {"TFS-RDS-020",
       kDb,
       R"({"storage_encrypted": true, "replicate_source_db": "orders"})",
       kFail,
       {},
       {kPlainSource}},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": null, "replicate_source_db": "elsewhere"})", kUnknown},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": true, "replicate_source_db": "elsewhere"})", kPass},
      // So is a database restored from a snapshot.
      {"TFS-RDS-020",
       kDb,
       R"({"storage_encrypted": null, "snapshot_identifier": "nightly"})",
       kPass,
       {},
       {kEncryptedSnapshot}},
      {"TFS-RDS-020",
       kDb,
       R"({"storage_encrypted": true, "snapshot_identifier": "nightly"})",
       kFail,
       {},
       {kPlainSnapshot}},
      {"TFS-RDS-020", kDb, R"({"storage_encrypted": null, "snapshot_identifier": "rds:elsewhere"})", kUnknown},
      {"TFS-RDS-020", kDb, R"({"restore_to_point_in_time": [{"source_db_instance_identifier": "a"}]})", kUnknown},

      {"TFS-RDS-021",
       kDb,
       R"({"storage_encrypted": true, "kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/0d1c"})",
       kPass,
       {},
       {kKey}},
      {"TFS-RDS-021", kDb,
       R"({"storage_encrypted": true, "kms_key_id": "arn:aws:kms:eu-west-1:111122223333:alias/db"})", kPass},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": true, "kms_key_id": "<unknown>"})", kFail, kNothingSet},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": true, "kms_key_id": ""})", kFail},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": true, "kms_key_id": "<unknown>"})", kUnknown,
       R"({"kms_key_id": ["module.elsewhere.key"]})"},
      {"TFS-RDS-021",
       kDb,
       R"({"storage_encrypted": true, "kms_key_id": "<unknown>", "replicate_source_db": "orders"})",
       kPass,
       kNothingSet,
       {kEncryptedSource, kKey}},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": true, "kms_key_id": "<unknown>", "replicate_source_db": "else"})",
       kUnknown, kNothingSet},
      {"TFS-RDS-021",
       kDb,
       R"({"kms_key_id": null, "replicate_source_db": "orders"})",
       kNotApplicable,
       {},
       {kPlainSource}},
      // A circle of replicas must end.
      {"TFS-RDS-021",
       kDb,
       R"({"identifier": "a", "replicate_source_db": "b"})",
       kUnknown,
       {},
       {{"aws_db_instance.b", R"({"identifier": "b", "replicate_source_db": "a"})"}}},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": true, "snapshot_identifier": "nightly"})", kUnknown},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": null, "kms_key_id": null})", kNotApplicable},
      {"TFS-RDS-021", kDb, R"({"storage_encrypted": false})", kNotApplicable},

      {"TFS-RDS-022", kDb, R"({"backup_retention_period": 7})", kPass},
      {"TFS-RDS-022", kDb, R"({"backup_retention_period": 0})", kFail},
      {"TFS-RDS-022", kDb, R"({"backup_retention_period": "<unknown>"})", kFail, kNothingSet},
      {"TFS-RDS-022", kDb, R"({"backup_retention_period": "<unknown>"})", kUnknown},
      {"TFS-RDS-022", kDb, R"({"backup_retention_period": "<unknown>", "snapshot_identifier": "s"})", kUnknown,
       kNothingSet},
      {"TFS-RDS-022", kDb, R"({"backup_retention_period": 0, "replicate_source_db": "orders"})", kNotApplicable},

      {"TFS-RDS-023", kDb, R"({"backup_retention_period": 1})", kPass},
      {"TFS-RDS-023", kDb, R"({"backup_retention_period": 0})", kFail},
      {"TFS-RDS-023", kDb, R"({"backup_retention_period": "<unknown>"})", kUnknown},
      {"TFS-RDS-023", kDb, R"({"backup_retention_period": 0, "replicate_source_db": "orders"})", kNotApplicable},

      {"TFS-RDS-024", kDb, R"({"deletion_protection": true})", kPass},
      {"TFS-RDS-024", kDb, R"({"deletion_protection": null})", kFail},
      {"TFS-RDS-024", kDb, R"({"deletion_protection": "<unknown>"})", kUnknown},
      {"TFS-RDS-024", kDb, R"({"deletion_protection": false, "replicate_source_db": "orders"})", kNotApplicable},

      {"TFS-RDS-025", kDb, R"({"skip_final_snapshot": false, "final_snapshot_identifier": "f"})", kPass},
      {"TFS-RDS-025", kDb, R"({"skip_final_snapshot": true})", kFail},
      {"TFS-RDS-025", kDb, R"({"skip_final_snapshot": "<unknown>"})", kUnknown},
      {"TFS-RDS-025", kDb, R"({"skip_final_snapshot": true, "replicate_source_db": "orders"})", kNotApplicable},

      {"TFS-RDS-026", kDb, R"({"iam_database_authentication_enabled": true, "engine": "mysql"})", kPass},
      {"TFS-RDS-026", kDb, R"({"iam_database_authentication_enabled": false, "engine": "postgres"})", kFail},
      {"TFS-RDS-026",
       kDb,
       R"({"engine": "<unknown>", "replicate_source_db": "orders"})",
       kFail,
       {},
       {kEncryptedSource}},
      {"TFS-RDS-026", kDb, R"({"engine": "<unknown>", "replicate_source_db": "elsewhere"})", kUnknown},
      {"TFS-RDS-026", kDb, R"({"iam_database_authentication_enabled": "<unknown>", "engine": "mariadb"})", kUnknown},
      {"TFS-RDS-026", kDb, R"({"iam_database_authentication_enabled": null, "engine": "sqlserver-se"})",
       kNotApplicable},

      {"TFS-RDS-027", kDb, R"({"enabled_cloudwatch_logs_exports": ["audit"], "engine": "mysql"})", kPass},
      {"TFS-RDS-027", kDb, R"({"enabled_cloudwatch_logs_exports": null, "engine": "postgres"})", kFail},
      {"TFS-RDS-027", kDb, R"({"enabled_cloudwatch_logs_exports": "<unknown>"})", kUnknown},
      {"TFS-RDS-027", kDb, R"({"engine": "custom-oracle-ee"})", kNotApplicable},

      {"TFS-RDS-028", kDb, R"({"publicly_accessible": false})", kPass},
      {"TFS-RDS-028", kDb, R"({})", kPass},
      {"TFS-RDS-028", kDb, R"({"publicly_accessible": true})", kFail},
      {"TFS-RDS-028", kDb, R"({"publicly_accessible": "true"})", kFail},
      {"TFS-RDS-028", kDb, R"({"publicly_accessible": "<unknown>"})", kUnknown},
  };
}

}  // namespace tfseal
