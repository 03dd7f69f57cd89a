#include <fmt/format.h>

#include <variant>

#include "core/json.h"
#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// OpenSearch, the older Elasticsearch type with the same attributes, and OpenSearch Serverless, whose encryption and
// network policies are JSON texts.
namespace tfseal {
namespace {

using terraform::Value;

Judgement SearchAuditLog(const Subject& subject) {
  const Value options = subject.At("log_publishing_options");
  if (options.unknown()) return UnknownUntilApply("log_publishing_options");
  bool unknown = false;
  for (const Value& option : options.items()) {
    const Value type = option.Get("log_type");
    unknown = unknown || type.unknown();
    if (type.text() != "AUDIT_LOGS") continue;
    if (option.Get("enabled").unknown()) return UnknownUntilApply("log_publishing_options.enabled");
    if (option.Get("enabled").AsBool() != false) return Pass("AUDIT_LOGS are published", "log_publishing_options");
  }
  if (unknown) return UnknownUntilApply("log_publishing_options");
  return Fail("AUDIT_LOGS are not published", "log_publishing_options");
}

Judgement SearchTlsPolicy(const Subject& subject) {
  const std::string_view path = "domain_endpoint_options[0].tls_security_policy";
  const Value policy = subject.At(path);
  if (policy.empty() || LeftToAws(subject, path)) return NotApplicable("AWS's default TLS policy applies");
  if (policy.unknown()) return UnknownUntilApply(path);
  if (policy.text() == "Policy-Min-TLS-1-0-2019-07") {
    return Fail("tls_security_policy still allows TLS 1.0", path);
  }
  return Pass("tls_security_policy does not allow TLS 1.0", path);
}

Judgement SearchKey(const Subject& subject) {
  const std::string_view enabled = "encrypt_at_rest[0].enabled";
  const Value value = subject.At(enabled);
  if (value.unset() || value.AsBool() == false || LeftToAws(subject, enabled)) {
    return Fail("not encrypted, so with no key at all", "encrypt_at_rest");
  }
  return RequireCustomerKey(subject, "encrypt_at_rest[0].kms_key_id",
                            DefaultKeyInBlock(subject, enabled, DefaultKey::kAwsManaged));
}

// The policy as JSON; a judgement instead where it cannot be judged.
std::variant<JsonValue, Judgement> SearchPolicy(const Subject& subject, std::string_view type) {
  if (subject.At("type").unknown()) return UnknownUntilApply("type");
  if (subject.At("type").text() != type) return NotApplicable(fmt::format("not a policy of type {}", type));
  if (subject.At("policy").unknown()) return UnknownUntilApply("policy");
  auto parsed = ParseJson(subject.At("policy").text());
  if (!parsed.ok()) return Fail("policy is not JSON", "policy");
  return std::move(parsed).value();
}

Judgement SearchServerlessKey(const Subject& subject) {
  const auto policy = SearchPolicy(subject, "encryption");
  if (const auto* judgement = std::get_if<Judgement>(&policy)) return *judgement;
  const JsonValue& json = std::get<JsonValue>(policy);
  if (!json.isObject()) return Fail("policy is not a JSON object", "policy");
  if (json.isMember("AWSOwnedKey") && json["AWSOwnedKey"].isBool() && json["AWSOwnedKey"].asBool()) {
    return Fail("AWSOwnedKey is true", "policy");
  }
  if (json.isMember("KmsARN") && json["KmsARN"].isString() && !json["KmsARN"].asString().empty()) {
    if (NamesAwsKey(json["KmsARN"].asString())) return Fail("KmsARN is an alias of AWS", "policy");
    return Pass("the policy names a customer-managed key", "policy");
  }
  return Fail("the policy uses an AWS-owned key", "policy");
}

Judgement SearchServerlessNetwork(const Subject& subject) {
  const auto policy = SearchPolicy(subject, "network");
  if (const auto* judgement = std::get_if<Judgement>(&policy)) return *judgement;
  const JsonValue& json = std::get<JsonValue>(policy);
  if (!json.isArray()) return Fail("policy is not a JSON array", "policy");
  for (const JsonValue& rule : json) {
    if (rule.isObject() && rule["AllowFromPublic"].isBool() && rule["AllowFromPublic"].asBool()) {
      return Fail("AllowFromPublic is true: the endpoint answers the internet", "policy");
    }
  }
  return Pass("AllowFromPublic is not true in any rule", "policy");
}

}  // namespace

const Control kSearchEncryption{
    .id = "TFS-OPENSEARCH-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "OpenSearch and Elasticsearch domains are encrypted at rest",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain">,
    .reads = kNames<"encrypt_at_rest">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBoolOrDefault(subject, "encrypt_at_rest[0].enabled", true, IfUnset::kFail,
                                      "indices, logs and automatic snapshots are readable");
        },
    .why = kWhyEncryption,
    .remedy =
        "on OpenSearch and Elasticsearch 6.7 or later encryption alone can be switched on in place; together with a "
        "kms_key_id, or on older versions, the domain is replaced and its indices are lost: run `tfseal plan`",
    .basis =
        "provider 5.100: encrypt_at_rest; Amazon OpenSearch Service Developer Guide: off by default; NIST SP 800-53 "
        "SC-28. Vendor benchmark: AWS Security Hub Opensearch.1",
};

const Control kSearchCustomerKey{
    .id = "TFS-OPENSEARCH-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "OpenSearch and Elasticsearch domains are encrypted with a customer-managed key",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain">,
    .reads = kNames<"encrypt_at_rest">,
    .evaluate = SearchKey,
    .why = kWhyCustomerKey,
    .remedy =
        "any change of encrypt_at_rest.kms_key_id replaces the domain and loses its indices: run `tfseal plan` for the "
        "way that keeps them; give new domains the ARN of a customer-managed key",
    .basis =
        "Amazon OpenSearch Service Developer Guide: without a key the AWS-managed key is used; provider 5.100: "
        "kms_key_id forces replacement. That a key be customer-managed is an organisation's requirement",
};

const Control kSearchNodeToNode{
    .id = "TFS-OPENSEARCH-003",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "nodes of OpenSearch and Elasticsearch domains talk to each other encrypted",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain">,
    .reads = kNames<"node_to_node_encryption">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBoolOrDefault(subject, "node_to_node_encryption[0].enabled", true, IfUnset::kFail,
                                      "data travels between the nodes in the clear");
        },
    .why = kWhyTls,
    .remedy =
        "add a node_to_node_encryption block with enabled = true; on OpenSearch and Elasticsearch 6.7 or later it "
        "changes in place, below it replaces the domain",
    .basis =
        "Amazon OpenSearch Service Developer Guide: off by default; 45 CFR 164.312(e)(2)(ii) (addressable). Vendor "
        "benchmark: AWS Security Hub Opensearch.3",
};

const Control kSearchHttps{
    .id = "TFS-OPENSEARCH-004",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "OpenSearch and Elasticsearch domains answer HTTPS only",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain">,
    .reads = kNames<"domain_endpoint_options">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBoolOrDefault(subject, "domain_endpoint_options[0].enforce_https", true, IfUnset::kFail,
                                      "requests in the clear are answered");
        },
    .why = kWhyTls,
    .remedy = "set domain_endpoint_options { enforce_https = true }; it changes in place",
    .basis =
        "Amazon OpenSearch Service API, EnforceHTTPS: off by default; 45 CFR 164.312(e)(2)(ii) (addressable). Vendor "
        "benchmark: AWS Security Hub Opensearch.8",
};

const Control kSearchTlsPolicy{
    .id = "TFS-OPENSEARCH-005",
    .topic = Topic::kTls,
    .severity = Severity::kMedium,
    .title = "OpenSearch and Elasticsearch domains refuse outdated versions of TLS",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain">,
    .reads = kNames<"domain_endpoint_options">,
    .evaluate = SearchTlsPolicy,
    .why = "TLS 1.0 and 1.1 are broken and no longer allowed by most standards",
    .remedy = "set tls_security_policy = \"Policy-Min-TLS-1-2-PFS-2023-10\"; it changes in place",
    .basis = "RFC 8996 deprecates TLS 1.0 and 1.1. Vendor benchmark: AWS Security Hub Opensearch.8",
};

const Control kSearchAuditLog{
    .id = "TFS-OPENSEARCH-006",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "OpenSearch and Elasticsearch domains publish their audit log",
    .types = kNames<"aws_opensearch_domain", "aws_elasticsearch_domain">,
    .reads = kNames<"log_publishing_options">,
    .evaluate = SearchAuditLog,
    .why = "without it nobody can say later who read or changed which index",
    .remedy = "add a log_publishing_options block with log_type = \"AUDIT_LOGS\"; it needs fine-grained access control",
    .basis =
        "Amazon OpenSearch Service Developer Guide, audit logs; 45 CFR 164.312(b) (audit controls). Vendor benchmark: "
        "AWS Security Hub Opensearch.5",
};

const Control kSearchServerlessCustomerKey{
    .id = "TFS-OPENSEARCH-020",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "OpenSearch Serverless encryption policies use a customer-managed key",
    .types = kNames<"aws_opensearchserverless_security_policy">,
    .reads = kNames<"type", "policy">,
    .evaluate = SearchServerlessKey,
    .why = kWhyCustomerKey,
    .remedy =
        "name a key as KmsARN in the policy before the collection is created; the key of an existing collection cannot "
        "be changed",
    .basis =
        "Amazon OpenSearch Serverless Developer Guide: always encrypted, by a policy that names an AWS-owned or a "
        "customer-managed key. That a key be customer-managed is an organisation's requirement",
};

const Control kSearchServerlessPublicAccess{
    .id = "TFS-OPENSEARCH-021",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "OpenSearch Serverless network policies do not open endpoints to the internet",
    .types = kNames<"aws_opensearchserverless_security_policy">,
    .reads = kNames<"type", "policy">,
    .evaluate = SearchServerlessNetwork,
    .why = kWhyPublicAccess,
    .remedy = "set AllowFromPublic to false and list the VPC endpoints as SourceVPCEs",
    .basis = "Amazon OpenSearch Serverless Developer Guide, network access",
};

}  // namespace tfseal
