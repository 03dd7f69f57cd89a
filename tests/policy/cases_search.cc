#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
using enum Verdict;

ControlCases SearchCases() {
  constexpr std::string_view kDomain = "aws_opensearch_domain";
  constexpr std::string_view kOlder = "aws_elasticsearch_domain";
  constexpr std::string_view kPolicy = "aws_opensearchserverless_security_policy";
  constexpr std::string_view kSilent =
      R"({"domain_name": []})";  // the configuration is there, but says nothing about it
  const ControlCases special = {
      {"TFS-OPENSEARCH-001", kDomain, R"({"encrypt_at_rest": "<unknown>"})", kFail, kSilent},
      {"TFS-OPENSEARCH-002", kDomain, R"({"encrypt_at_rest": [{"enabled": false}]})", kFail},
      {"TFS-OPENSEARCH-002", kDomain, R"({"encrypt_at_rest": "<unknown>"})", kFail, kSilent},
      {"TFS-OPENSEARCH-002", kDomain, R"({"encrypt_at_rest": [{"enabled": true, "kms_key_id": "<unknown>"}]})",
       kUnknown, kSilent},
      {"TFS-OPENSEARCH-005", kDomain,
       R"({"domain_endpoint_options": [{"tls_security_policy": "Policy-Min-TLS-1-2-PFS-2023-10"}]})", kPass},
      {"TFS-OPENSEARCH-005", kOlder,
       R"({"domain_endpoint_options": [{"tls_security_policy": "Policy-Min-TLS-1-0-2019-07"}]})", kFail},
      {"TFS-OPENSEARCH-005", kDomain, R"({"domain_endpoint_options": [{"tls_security_policy": "<unknown>"}]})",
       kUnknown},
      {"TFS-OPENSEARCH-005", kDomain, R"({"domain_endpoint_options": "<unknown>"})", kNotApplicable, kSilent},
      {"TFS-OPENSEARCH-006", kDomain, R"({"log_publishing_options": [{"log_type": "AUDIT_LOGS", "enabled": true}]})",
       kPass},
      {"TFS-OPENSEARCH-006", kDomain, R"({"log_publishing_options": [{"log_type": "AUDIT_LOGS", "enabled": false}]})",
       kFail},
      {"TFS-OPENSEARCH-006", kOlder, R"({"log_publishing_options": [{"log_type": "INDEX_SLOW_LOGS"}]})", kFail},
      {"TFS-OPENSEARCH-006", kDomain, R"({"log_publishing_options": []})", kFail},
      {"TFS-OPENSEARCH-006", kDomain, R"({"log_publishing_options": "<unknown>"})", kUnknown},
      {"TFS-OPENSEARCH-020", kPolicy,
       R"({"type": "encryption", "policy": "{\"KmsARN\":\"arn:aws:kms:eu-west-1:1:key/a\"}"})", kPass},
      {"TFS-OPENSEARCH-020", kPolicy, R"({"type": "encryption", "policy": "{\"AWSOwnedKey\":true}"})", kFail},
      {"TFS-OPENSEARCH-020", kPolicy,
       R"({"type": "encryption", "policy": "{\"AWSOwnedKey\":true,\"KmsARN\":\"arn:aws:kms:eu-west-1:1:key/a\"}"})",
       kFail},
      {"TFS-OPENSEARCH-020", kPolicy,
       R"({"type": "encryption", "policy": "{\"KmsARN\":\"arn:aws:kms:eu-west-1:1:alias/aws/aoss\"}"})", kFail},
      {"TFS-OPENSEARCH-020", kPolicy, R"({"type": "encryption", "policy": "[1"})", kFail},
      {"TFS-OPENSEARCH-020", kPolicy, R"({"type": "encryption", "policy": "[]"})", kFail},
      {"TFS-OPENSEARCH-020", kPolicy, R"({"type": "encryption", "policy": "<unknown>"})", kUnknown},
      {"TFS-OPENSEARCH-020", kPolicy, R"({"type": "network", "policy": "[]"})", kNotApplicable},
      {"TFS-OPENSEARCH-021", kPolicy, R"({"type": "network", "policy": "[{\"AllowFromPublic\":false}]"})", kPass},
      {"TFS-OPENSEARCH-021", kPolicy, R"({"type": "network", "policy": "[{\"AllowFromPublic\":true}]"})", kFail},
      {"TFS-OPENSEARCH-021", kPolicy, R"({"type": "network", "policy": "[1, \"x\"]"})", kPass},
      {"TFS-OPENSEARCH-021", kPolicy, R"({"type": "network", "policy": "<unknown>"})", kUnknown},
      {"TFS-OPENSEARCH-021", kPolicy, R"({"type": "encryption", "policy": "{}"})", kNotApplicable},
  };
  return Together({
      special,
      FlagCases("TFS-OPENSEARCH-001", kDomain, R"({"encrypt_at_rest": [{"enabled": @}]})", true, kFail),
      FlagCases("TFS-OPENSEARCH-001", kOlder, R"({"encrypt_at_rest": [{"enabled": @}]})", true, kFail),
      KeyCases("TFS-OPENSEARCH-002", kDomain, R"({"encrypt_at_rest": [{"enabled": true, "kms_key_id": @}]})",
               "encrypt_at_rest[0].kms_key_id", kFail),
      FlagCases("TFS-OPENSEARCH-003", kDomain, R"({"node_to_node_encryption": [{"enabled": @}]})", true, kFail),
      FlagCases("TFS-OPENSEARCH-004", kDomain, R"({"domain_endpoint_options": [{"enforce_https": @}]})", true, kFail),
  });
}

}  // namespace tfseal
