#include <fmt/format.h>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// Amazon Redshift clusters (encrypted changes in place, both ways) and Redshift Serverless (always encrypted).
namespace tfseal {
namespace {

Judgement RedshiftAuditLog(const Subject& subject) {
  const auto loggings = subject.world.PointingAt(subject.instance, "aws_redshift_logging", "cluster_identifier",
                                                 {"id", "cluster_identifier"});
  if (!loggings.empty()) return Pass(fmt::format("{} sends its audit log", loggings.front()->address));
  const bool left_to_aws = LeftToAws(subject, "logging[0]");
  if (subject.At("logging").empty() || left_to_aws) return Fail("no audit log is sent anywhere", "logging");
  return RequireBool(subject, "logging[0].enable", true, IfUnset::kFail, "no audit log is sent anywhere");
}

Judgement RedshiftCustomerKey(const Subject& subject) {
  const bool no_key = subject.At("kms_key_id").empty() || LeftToAws(subject, "kms_key_id");
  if (no_key && MadeFromACopy(subject, {"snapshot_identifier", "snapshot_arn"}) &&
      subject.At("encrypted").AsBool() == true) {
    Judgement judgement = UnknownUntilApply("kms_key_id");
    judgement.message = "kms_key_id is not set, so the key may be that of the snapshot";
    return judgement;
  }
  if (subject.At("encrypted").unset() || subject.At("encrypted").AsBool() == false) {
    return Fail("not encrypted, so with no key at all", "encrypted");
  }
  return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged);
}

// The admin password that Redshift keeps in Secrets Manager.
Judgement RedshiftSecretKey(const Subject& subject) {
  const bool serverless = subject.instance.type == "aws_redshiftserverless_namespace";
  const std::string_view managed = serverless ? "manage_admin_password" : "manage_master_password";
  if (subject.At(managed).unknown()) return UnknownUntilApply(managed);
  if (subject.At(managed).AsBool() != true) return NotApplicable("Redshift does not manage the admin password");
  return RequireCustomerKey(subject,
                            serverless ? "admin_password_secret_kms_key_id" : "master_password_secret_kms_key_id",
                            DefaultKey::kAwsManaged);
}

Judgement RedshiftWorkgroupTls(const Subject& subject) {
  const terraform::Value parameters = subject.At("config_parameter");
  if (parameters.unknown()) return UnknownUntilApply("config_parameter");
  for (const terraform::Value& parameter : parameters.items()) {
    if (parameter.Get("parameter_key").text() != "require_ssl") continue;
    const terraform::Value value = parameter.Get("parameter_value");
    if (value.unknown()) return UnknownUntilApply("config_parameter.require_ssl");
    return value.AsBool() == true ? Pass("require_ssl is true", "config_parameter")
                                  : Fail("require_ssl is off: clients may connect in the clear", "config_parameter");
  }
  if (subject.instance.actions.create) {
    return Pass("require_ssl is not set, and is on in new workgroups", "config_parameter");
  }
  Judgement judgement = UnknownUntilApply("config_parameter");
  judgement.message = "require_ssl is not set: it is on in workgroups made since 2025, off in older ones";
  return judgement;
}

}  // namespace

const Control kRedshiftEncryption{
    .id = "TFS-REDSHIFT-001",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "Redshift clusters are encrypted at rest",
    .types = kNames<"aws_redshift_cluster">,
    .reads = kNames<"encrypted">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "encrypted", true, IfUnset::kFail, "the blocks and the snapshots are readable");
        },
    .why = "without encryption at rest, whoever gets at the storage or a snapshot reads the data",
    .remedy =
        "encrypted = true changes in place; Redshift moves the data to encrypted nodes and the cluster is read-only "
        "for "
        "part of that time: run `tfseal plan` for the window and the snapshot before it",
    .basis =
        "Amazon Redshift Management Guide, changing encryption; provider 5.100: false unless it is set; 45 CFR "
        "164.312(a)(2)(iv) (addressable), NIST SP 800-53 SC-28",
};

const Control kRedshiftCustomerKey{
    .id = "TFS-REDSHIFT-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Redshift clusters are encrypted with a customer-managed key",
    .types = kNames<"aws_redshift_cluster">,
    .reads = kNames<"encrypted", "kms_key_id", "snapshot_identifier", "snapshot_arn">,
    .evaluate = RedshiftCustomerKey,
    .why = kWhyCustomerKey,
    .remedy =
        "set kms_key_id to the ARN of a customer-managed key; Redshift moves the data in place, read-only for part of "
        "that time",
    .basis =
        "Amazon Redshift API, CreateCluster.KmsKeyId: without it the key is aws/redshift. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kRedshiftBackupRetention{
    .id = "TFS-REDSHIFT-003",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "Redshift clusters keep their automatic snapshots long enough",
    .types = kNames<"aws_redshift_cluster">,
    .reads = kNames<"automated_snapshot_retention_period">,
    .evaluate =
        [](const Subject& subject) { return RequireRetention(subject, "automated_snapshot_retention_period", 1); },
    .why = kWhyBackups,
    .remedy = "set automated_snapshot_retention_period to the days the policy asks for (up to 35); it changes in place",
    .basis =
        "Amazon Redshift API: 1 day by default, 0 switches automatic snapshots off; the number of days is the "
        "organisation's. Vendor benchmark: AWS Security Hub Redshift.3",
};

const Control kRedshiftFinalSnapshot{
    .id = "TFS-REDSHIFT-004",
    .topic = Topic::kFinalSnapshot,
    .severity = Severity::kMedium,
    .title = "Redshift clusters leave a final snapshot",
    .types = kNames<"aws_redshift_cluster">,
    .reads = kNames<"skip_final_snapshot", "final_snapshot_identifier">,
    .evaluate =
        [](const Subject& subject) {
          return RequireFinalSnapshot(subject, "skip_final_snapshot", "final_snapshot_identifier");
        },
    .why = kWhyFinalSnapshot,
    .remedy = "set skip_final_snapshot = false and a final_snapshot_identifier that is not taken",
    .basis =
        "provider 5.100: a destroy takes a snapshot only with skip_final_snapshot = false and a "
        "final_snapshot_identifier",
};

const Control kRedshiftPublicAccess{
    .id = "TFS-REDSHIFT-005",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "Redshift clusters have no public address",
    .types = kNames<"aws_redshift_cluster">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kUnknown, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "set publicly_accessible = false; it changes in place",
    .basis =
        "provider 5.100: true unless it is set, from version 6 on false. Vendor benchmark: AWS Security Hub Redshift.1",
};

const Control kRedshiftAuditLog{
    .id = "TFS-REDSHIFT-006",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "Redshift clusters send their audit log",
    .types = kNames<"aws_redshift_cluster">,
    .reads = kNames<"logging", "id", "cluster_identifier">,
    .evaluate = RedshiftAuditLog,
    .why = kWhyAuditLog,
    .remedy = "add an aws_redshift_logging resource for the cluster; nothing is interrupted",
    .basis =
        "Amazon Redshift Management Guide, audit logging: off by default; 45 CFR 164.312(b) (audit controls). Vendor "
        "benchmark: AWS Security Hub Redshift.4",
};

const Control kRedshiftSecretCustomerKey{
    .id = "TFS-REDSHIFT-007",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "admin passwords that Redshift manages are encrypted with a customer-managed key",
    .types = kNames<"aws_redshift_cluster", "aws_redshiftserverless_namespace">,
    .reads = kNames<"manage_master_password", "master_password_secret_kms_key_id", "manage_admin_password",
                    "admin_password_secret_kms_key_id">,
    .evaluate = RedshiftSecretKey,
    .why = kWhyCustomerKey,
    .remedy =
        "set master_password_secret_kms_key_id (serverless: admin_password_secret_kms_key_id); it changes in place",
    .basis =
        "Amazon Redshift API, MasterPasswordSecretKmsKeyId: without it the secret uses the account's default key. That "
        "a key be customer-managed is an organisation's requirement",
};

const Control kRedshiftSnapshotCopyGrantKey{
    .id = "TFS-REDSHIFT-008",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Redshift snapshots copied to another region are encrypted with a customer-managed key",
    .types = kNames<"aws_redshift_snapshot_copy_grant">,
    .reads = kNames<"kms_key_id">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsManaged); },
    .why = kWhyCustomerKey,
    .remedy = "set kms_key_id to a customer-managed key of the region the snapshots go to",
    .basis =
        "Amazon Redshift API, CreateSnapshotCopyGrant.KmsKeyId: without it the default key. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kRedshiftServerlessCustomerKey{
    .id = "TFS-REDSHIFT-030",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Redshift Serverless namespaces are encrypted with a customer-managed key",
    .types = kNames<"aws_redshiftserverless_namespace">,
    .reads = kNames<"kms_key_id">,
    .evaluate = [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_id", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = "set kms_key_id to the ARN of a customer-managed key; it changes in place",
    .basis =
        "Amazon Redshift Serverless: always encrypted, with an AWS-owned key if none is named. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kRedshiftServerlessAuditLog{
    .id = "TFS-REDSHIFT-031",
    .topic = Topic::kAuditLog,
    .severity = Severity::kMedium,
    .title = "Redshift Serverless namespaces send their logs to CloudWatch",
    .types = kNames<"aws_redshiftserverless_namespace">,
    .reads = kNames<"log_exports">,
    .evaluate = [](const Subject& subject) { return RequireLogExports(subject, "log_exports"); },
    .why = kWhyAuditLog,
    .remedy = "set log_exports = [\"userlog\", \"connectionlog\", \"useractivitylog\"]; it changes in place",
    .basis = "Amazon Redshift Serverless API, CreateNamespace.logExports; 45 CFR 164.312(b) (audit controls)",
};

const Control kRedshiftServerlessPublicAccess{
    .id = "TFS-REDSHIFT-032",
    .topic = Topic::kPublicAccess,
    .severity = Severity::kHigh,
    .title = "Redshift Serverless workgroups have no public address",
    .types = kNames<"aws_redshiftserverless_workgroup">,
    .reads = kNames<"publicly_accessible">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBool(subject, "publicly_accessible", false, IfUnset::kPass, "it gets a public address");
        },
    .why = kWhyPublicAccess,
    .remedy = "set publicly_accessible = false; it changes in place",
    .basis = "provider 5.100: false unless it is set",
};

const Control kRedshiftServerlessTls{
    .id = "TFS-REDSHIFT-033",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "Redshift Serverless workgroups refuse unencrypted connections",
    .types = kNames<"aws_redshiftserverless_workgroup">,
    .reads = kNames<"config_parameter">,
    .evaluate = RedshiftWorkgroupTls,
    .why = kWhyTls,
    .remedy = "add a config_parameter block with parameter_key = \"require_ssl\" and parameter_value = \"true\"",
    .basis =
        "Amazon Redshift Management Guide: require_ssl is true by default in workgroups made since January 2025; 45 "
        "CFR "
        "164.312(e)(2)(ii) (addressable)",
};

}  // namespace tfseal
