#include <fmt/format.h>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// Members of Aurora, DocumentDB and Neptune clusters: they have no storage of their own, so they are encrypted, and
// with which key, as their cluster is.
namespace tfseal {
namespace {

Judgement RdsInstancePerformanceInsightsKey(const Subject& subject) {
  const std::string_view enabled = subject.instance.type == "aws_docdb_cluster_instance"
                                       ? "enable_performance_insights"
                                       : "performance_insights_enabled";
  const auto value = subject.At(enabled);
  if (value.unknown() && !LeftToAws(subject, enabled)) {
    // `var.key != null` for a key of the same plan: if it is switched on, the key is that one.
    Judgement judgement = RequireCustomerKey(subject, "performance_insights_kms_key_id", DefaultKey::kAwsManaged);
    return judgement.verdict == Verdict::kPass ? judgement : UnknownUntilApply(enabled);
  }
  if (value.AsBool() != true) return NotApplicable(fmt::format("{} is not true", enabled));
  return RequireCustomerKey(subject, "performance_insights_kms_key_id", DefaultKey::kAwsManaged);
}

// A member has no storage, so a plan that adds one to an unencrypted cluster makes nothing worse: the cluster's finding
// says it all.
Judgement MemberEncryption(const Subject& subject, const Belonging& belonging) {
  const auto clusters = subject.world.Follow(subject.instance, belonging.attribute, belonging.type, belonging.keys);
  for (const terraform::ResourceInstance* cluster : clusters) {
    if (EncryptionOfOwner(subject, *cluster, belonging) == Verdict::kFail) {
      return NotApplicable(fmt::format("{} is not encrypted, and is judged itself", cluster->address));
    }
  }
  return RequireEncryptedLike(subject, "storage_encrypted", belonging);
}

}  // namespace

const Control kRdsClusterInstanceEncryption{
    .id = "TFS-RDS-010",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "members of Aurora clusters are encrypted with their cluster",
    .types = kNames<"aws_rds_cluster_instance">,
    .reads = kNames<"storage_encrypted", "cluster_identifier", "id">,
    .evaluate =
        [](const Subject& subject) {
          return MemberEncryption(
              subject,
              {.attribute = "cluster_identifier", .type = "aws_rds_cluster", .keys = {"id", "cluster_identifier"}});
        },
    .why = kWhyEncryption,
    .remedy = "encrypt the cluster; its members follow. Run `tfseal plan` for the way that keeps the data",
    .basis = "provider 5.100: storage_encrypted of a cluster member is computed; the volume belongs to the cluster",
};

const Control kRdsClusterInstancePublicAccess{
    .id = "TFS-RDS-011",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "members of Aurora clusters have no public address",
    .types = kNames<"aws_rds_cluster_instance">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "set publicly_accessible = false; it changes in place, the DNS name stays",
    .basis =
        "provider 5.100: false unless it is set (the API alone lets the subnets decide). Vendor benchmark: AWS "
        "Security Hub RDS.2",
};

const Control kRdsPerformanceInsightsKey{
    .id = "TFS-RDS-012",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "Performance Insights data is encrypted with a customer-managed key",
    .types = kNames<"aws_rds_cluster", "aws_rds_cluster_instance", "aws_db_instance", "aws_docdb_cluster_instance">,
    .reads = kNames<"performance_insights_enabled", "enable_performance_insights", "performance_insights_kms_key_id">,
    .evaluate = RdsInstancePerformanceInsightsKey,
    .why = "Performance Insights keeps the text of statements, with the values in them, outside the database",
    .remedy =
        "set performance_insights_kms_key_id when Performance Insights is switched on; AWS refuses to change it later, "
        "then switch it off, wait for the data to expire, and on again with the key",
    .basis =
        "Amazon RDS API, PerformanceInsightsKMSKeyId: without it the AWS-managed key is used. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kDocdbClusterInstanceEncryption{
    .id = "TFS-DOCDB-010",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "members of DocumentDB clusters are encrypted with their cluster",
    .types = kNames<"aws_docdb_cluster_instance">,
    .reads = kNames<"storage_encrypted", "cluster_identifier", "id", "snapshot_identifier", "restore_to_point_in_time">,
    .evaluate =
        [](const Subject& subject) {
          return MemberEncryption(subject, {.attribute = "cluster_identifier",
                                            .type = "aws_docdb_cluster",
                                            .keys = {"id", "cluster_identifier"},
                                            .control = &kDocdbClusterEncryption});
        },
    .why = kWhyEncryption,
    .remedy = "encrypt the cluster; its members follow. Run `tfseal plan` for the way that keeps the data",
    .basis = "provider 5.100: storage_encrypted of a cluster member is computed; the volume belongs to the cluster",
};

const Control kNeptuneClusterInstanceEncryption{
    .id = "TFS-NEPTUNE-010",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "members of Neptune clusters are encrypted with their cluster",
    .types = kNames<"aws_neptune_cluster_instance">,
    .reads = kNames<"storage_encrypted", "cluster_identifier", "id", "snapshot_identifier", "restore_to_point_in_time">,
    .evaluate =
        [](const Subject& subject) {
          return MemberEncryption(subject, {.attribute = "cluster_identifier",
                                            .type = "aws_neptune_cluster",
                                            .keys = {"id", "cluster_identifier"},
                                            .control = &kNeptuneClusterEncryption});
        },
    .why = kWhyEncryption,
    .remedy = "encrypt the cluster; its members follow. Run `tfseal plan` for the way that keeps the data",
    .basis = "provider 5.100: storage_encrypted of a cluster member is computed; the volume belongs to the cluster",
};

const Control kNeptuneClusterInstancePublicAccess{
    .id = "TFS-NEPTUNE-011",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "members of Neptune clusters have no public address",
    .types = kNames<"aws_neptune_cluster_instance">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "set publicly_accessible = false",
    .basis = "provider 5.100: publicly_accessible is false unless it is set",
};

}  // namespace tfseal
