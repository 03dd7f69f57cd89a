#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
using enum Verdict;

ControlCases DynamoDbCases() {
  constexpr std::string_view kTable = "aws_dynamodb_table";
  constexpr std::string_view kKeyspaces = "aws_keyspaces_table";
  constexpr std::string_view kSilent = R"({"hash_key": []})";  // the configuration is there, but says nothing about it
  constexpr TestResource kNewKey{"aws_kms_key.k", R"({"arn": "<unknown>"})", "{}"};
  const ControlCases special = {
      // Encrypted always, so enabled = false only means with a key that AWS owns.
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": []})", kFail},
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": [{"enabled": false}]})", kFail},
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": "<unknown>"})", kFail, kSilent},
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": "<unknown>"})", kUnknown},
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": [{"enabled": "<unknown>"}]})", kUnknown},
      // What a `dynamic` block sets is not in the configuration that Terraform records.
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": [{"enabled": true, "kms_key_arn": "<unknown>"}]})",
       kUnknown, kSilent},
      {"TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": [{"enabled": true, "kms_key_arn": "<unknown>"}]})",
       kFail, R"({"server_side_encryption[0].enabled": []})"},

      {"TFS-DYNAMODB-002", kTable, R"({"replica": [{"region_name": "eu-west-1", "kms_key_arn": "alias/ours"}]})",
       kPass},
      {"TFS-DYNAMODB-002",
       kTable,
       R"({"replica": [{"region_name": "eu-west-1", "kms_key_arn": "<unknown>"}]})",
       kPass,
       R"({"replica[0].region_name": [], "replica[0].kms_key_arn": ["aws_kms_key.k.arn", "aws_kms_key.k"]})",
       {kNewKey}},
      {"TFS-DYNAMODB-002", kTable,
       R"({"replica": [{"region_name": "a", "kms_key_arn": "alias/ours"}, {"region_name": "b", "kms_key_arn": ""}]})",
       kFail},
      {"TFS-DYNAMODB-002", kTable, R"({"replica": [{"region_name": "a", "kms_key_arn": "<unknown>"}]})", kUnknown},
      {"TFS-DYNAMODB-002", kTable, R"({"replica": "<unknown>"})", kUnknown},
      {"TFS-DYNAMODB-002", kTable, R"({"replica": []})", kNotApplicable},

      {"TFS-DYNAMODB-003", kTable, R"({"point_in_time_recovery": "<unknown>"})", kFail, kSilent},
      {"TFS-DYNAMODB-004", kTable, R"({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 35}]})",
       kPass},
      {"TFS-DYNAMODB-004", kTable, R"({"point_in_time_recovery": [{"enabled": true}]})", kPass},
      {"TFS-DYNAMODB-004", kTable, R"({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 0}]})",
       kPass},
      {"TFS-DYNAMODB-004", kTable,
       R"({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": "<unknown>"}]})", kPass,
       R"({"point_in_time_recovery[0].enabled": []})"},
      {"TFS-DYNAMODB-004", kTable, R"({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 3}]})",
       kFail},
      {"TFS-DYNAMODB-004", kTable,
       R"({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": "<unknown>"}]})", kUnknown},
      {"TFS-DYNAMODB-004", kTable, R"({"point_in_time_recovery": [{"enabled": false}]})", kNotApplicable},

      {"TFS-KEYSPACES-001", kKeyspaces, R"({"encryption_specification": []})", kFail},
      {"TFS-KEYSPACES-001", kKeyspaces, R"({"encryption_specification": [{"type": "AWS_OWNED_KMS_KEY"}]})", kFail},
      {"TFS-KEYSPACES-001", kKeyspaces, R"({"encryption_specification": "<unknown>"})", kFail, kSilent},
      {"TFS-KEYSPACES-001", kKeyspaces, R"({"encryption_specification": "<unknown>"})", kUnknown},
      {"TFS-KEYSPACES-002", kKeyspaces, R"({"point_in_time_recovery": [{"status": "ENABLED"}]})", kPass},
      {"TFS-KEYSPACES-002", kKeyspaces, R"({"point_in_time_recovery": [{"status": "DISABLED"}]})", kFail},
      {"TFS-KEYSPACES-002", kKeyspaces, R"({"point_in_time_recovery": "<unknown>"})", kFail, kSilent},
      {"TFS-KEYSPACES-002", kKeyspaces, R"({"point_in_time_recovery": [{"status": "<unknown>"}]})", kUnknown},
  };
  return Together({
      special,
      KeyCases("TFS-DYNAMODB-001", kTable, R"({"server_side_encryption": [{"enabled": true, "kms_key_arn": @}]})",
               "server_side_encryption[0].kms_key_arn", kFail),
      FlagCases("TFS-DYNAMODB-003", kTable, R"({"point_in_time_recovery": [{"enabled": @}]})", true, kFail),
      FlagCases("TFS-DYNAMODB-005", kTable, R"({"deletion_protection_enabled": @})", true, kFail),
      KeyCases("TFS-DYNAMODB-010", "aws_dynamodb_table_replica", R"({"kms_key_arn": @})", "kms_key_arn", kFail),
      FlagCases("TFS-DYNAMODB-011", "aws_dynamodb_table_replica", R"({"point_in_time_recovery": @})", true, kFail),
      KeyCases("TFS-KEYSPACES-001", kKeyspaces,
               R"({"encryption_specification": [{"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_identifier": @}]})",
               "encryption_specification[0].kms_key_identifier", kFail),
  });
}

}  // namespace tfseal
