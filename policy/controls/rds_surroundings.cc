#include <fmt/format.h>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// What stands around RDS databases: global clusters, proxies, activity streams.
namespace tfseal {
namespace {

using terraform::Value;

Judgement DbProxyIamAuth(const Subject& subject) {
  const Value auth = subject.At("auth");
  if (auth.unknown()) return UnknownUntilApply("auth");
  if (auth.empty()) return Fail("auth is not set", "auth");
  bool unknown = false;
  for (const Value& entry : auth.items()) {
    const Value mode = entry.Get("iam_auth");
    unknown = unknown || mode.unknown();
    if (!mode.unknown() && mode.text() != "REQUIRED" && mode.text() != "ENABLED") {
      return Fail("iam_auth is not REQUIRED: passwords open the proxy", "auth.iam_auth");
    }
  }
  return unknown ? UnknownUntilApply("auth.iam_auth")
                 : Pass("every auth block asks for IAM authentication", "auth.iam_auth");
}

}  // namespace

const Control kRdsGlobalClusterEncryption{
    .id = "TFS-RDS-060",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Aurora global databases are encrypted at rest",
    .types = kNames<"aws_rds_global_cluster">,
    .reads = kNames<"storage_encrypted", "source_db_cluster_identifier", "arn", "id">,
    .evaluate =
        [](const Subject& subject) {
          return RequireEncryptedLike(
              subject, "storage_encrypted",
              {.attribute = "source_db_cluster_identifier", .type = "aws_rds_cluster", .keys = {"arn", "id"}});
        },
    .why = kWhyEncryption,
    .remedy =
        "a global database cannot be encrypted in place: run `tfseal plan` for its clusters, then build the global "
        "database from the encrypted one",
    .basis =
        "provider 5.100: storage_encrypted forces replacement; it follows source_db_cluster_identifier where that is "
        "set; NIST SP 800-53 SC-28",
};

const Control kRdsGlobalClusterDeletionProtection{
    .id = "TFS-RDS-061",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kMedium,
    .title = "Aurora global databases are protected against deletion",
    .types = kNames<"aws_rds_global_cluster">,
    .reads = kNames<"deletion_protection">,
    .evaluate = [](const Subject& subject) { return RequireDeletionProtection(subject, "deletion_protection"); },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection = true; it changes in place",
    .basis = "provider 5.100: off unless it is set",
};

const Control kDbProxyTls{
    .id = "TFS-RDS-062",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "RDS proxies accept encrypted connections only",
    .types = kNames<"aws_db_proxy">,
    .reads = kNames<"require_tls">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "require_tls", true, IfUnset::kFail, "clients may connect in the clear");
        },
    .why = kWhyTls,
    .remedy = "set require_tls = true; it changes in place, clients that do not speak TLS are refused from then on",
    .basis = "Amazon RDS API, CreateDBProxy.RequireTLS: off by default; 45 CFR 164.312(e)(2)(ii) (addressable)",
};

const Control kDbProxyIamAuth{
    .id = "TFS-RDS-063",
    .topic = Topic::kIamAuth,
    .severity = Severity::kMedium,
    .title = "RDS proxies ask for IAM authentication",
    .types = kNames<"aws_db_proxy">,
    .reads = kNames<"auth">,
    .evaluate = DbProxyIamAuth,
    .why = kWhyIamAuth,
    .remedy = "set iam_auth = \"REQUIRED\" in every auth block; clients need rds-db:connect before",
    .basis = "Amazon RDS API, UserAuthConfig.IAMAuth: disabled by default",
};

const Control kRdsActivityStreamCustomerKey{
    .id = "TFS-RDS-064",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "activity streams are encrypted with a customer-managed key",
    .types = kNames<"aws_rds_cluster_activity_stream">,
    .reads = kNames<"kms_key_id">,
    .evaluate = [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kNone); },
    .why = "the stream carries the text of every statement; the key decides who can read it",
    .remedy = "set kms_key_id to a customer-managed key; the stream is stopped and started anew",
    .basis = "Amazon RDS API, StartActivityStream.KmsKeyId",
};

}  // namespace tfseal
