#include <fmt/format.h>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// DynamoDB and Keyspaces: always encrypted; the question is with whose key.
namespace tfseal {
namespace {

using terraform::Value;

Judgement DynamoTableKey(const Subject& subject) {
  const std::string_view enabled = "server_side_encryption[0].enabled";
  const Value block = subject.At("server_side_encryption");
  if (block.empty() || LeftToAws(subject, "server_side_encryption[0]")) {
    return Fail("server_side_encryption is not set, so an AWS-owned key is used", "server_side_encryption");
  }
  if (subject.At(enabled).unknown()) return UnknownUntilApply(enabled);
  if (subject.At(enabled).AsBool() != true) {
    return Fail("server_side_encryption is not enabled, so an AWS-owned key is used", enabled);
  }
  return RequireCustomerKey(subject, "server_side_encryption[0].kms_key_arn",
                            DefaultKeyInBlock(subject, enabled, DefaultKey::kAwsManaged));
}

// Every replica has a key of its own region; a replica that names none does not use the table's.
Judgement DynamoReplicaKeys(const Subject& subject) {
  const Value replicas = subject.At("replica");
  if (replicas.unknown()) return UnknownUntilApply("replica");
  if (replicas.empty()) return NotApplicable("the table has no replicas");
  Judgement judgement = Pass("every replica names a customer-managed key", "replica");
  for (std::size_t i = 0; i < replicas.items().size(); ++i) {
    const std::string prefix = fmt::format("replica[{}].", i);
    Judgement one = RequireCustomerKey(subject, prefix + "kms_key_arn",
                                       DefaultKeyInBlock(subject, prefix + "region_name", DefaultKey::kAwsOwned));
    judgement.obligations.insert(judgement.obligations.end(), one.obligations.begin(), one.obligations.end());
    if (one.verdict == Verdict::kFail) return one;
    if (one.verdict != Verdict::kPass) judgement = one;
  }
  return judgement;
}

Judgement DynamoRecoveryPeriod(const Subject& subject) {
  const std::string_view days = "point_in_time_recovery[0].recovery_period_in_days";
  if (LeftToAws(subject, "point_in_time_recovery[0]") || subject.At("point_in_time_recovery").empty() ||
      subject.At("point_in_time_recovery[0].enabled").AsBool() == false) {
    return NotApplicable("point-in-time recovery is off");
  }
  // AWS keeps 35 days unless told otherwise; 0 is how the provider writes "not told" while recovery is being switched
  // on.
  constexpr double kDefaultDays = 35;
  const bool untold = subject.At(days).AsNumber() == 0 || LeftToAws(subject, days);
  if (untold && subject.requirements.retention_min_days <= kDefaultDays) {
    return Pass("recovery_period_in_days is not set, so AWS keeps 35 days", days);
  }
  return RequireRetention(subject, days, kDefaultDays);
}

Judgement KeyspacesKey(const Subject& subject) {
  const Value type = subject.At("encryption_specification[0].type");
  if (LeftToAws(subject, "encryption_specification[0]") || subject.At("encryption_specification").empty()) {
    return Fail("encryption_specification is not set, so an AWS-owned key is used", "encryption_specification");
  }
  if (type.text() == "AWS_OWNED_KMS_KEY") {
    return Fail("encryption_specification.type is AWS_OWNED_KMS_KEY", "encryption_specification[0].type");
  }
  return RequireCustomerKey(subject, "encryption_specification[0].kms_key_identifier",
                            DefaultKeyInBlock(subject, "encryption_specification[0].type", DefaultKey::kAwsOwned));
}

Judgement KeyspacesPitr(const Subject& subject) {
  const std::string_view path = "point_in_time_recovery[0].status";
  const Value status = subject.At(path);
  if (status.unknown() && !LeftToAws(subject, path)) return UnknownUntilApply(path);
  if (status.text() == "ENABLED") return Pass("point_in_time_recovery is enabled", path);
  return Fail("point_in_time_recovery is not enabled", path);
}

constexpr std::string_view kWhyPitr =
    "without point-in-time recovery there is no way back from a bad write or a bad deployment but an older full backup";

}  // namespace

const Control kDynamoDbCustomerKey{
    .id = "TFS-DYNAMODB-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "DynamoDB tables are encrypted with a customer-managed key",
    .types = kNames<"aws_dynamodb_table">,
    .reads = kNames<"server_side_encryption">,
    .evaluate = DynamoTableKey,
    .why = kWhyCustomerKey,
    .remedy = "add a server_side_encryption block with enabled = true and kms_key_arn; it changes in place",
    .basis =
        "Amazon DynamoDB Developer Guide, encryption at rest: an AWS-owned key by default, aws/dynamodb when it is "
        "enabled without a key. That a key be customer-managed is an organisation's requirement",
};

const Control kDynamoDbReplicaCustomerKey{
    .id = "TFS-DYNAMODB-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "replicas of DynamoDB tables are encrypted with customer-managed keys",
    .types = kNames<"aws_dynamodb_table">,
    .reads = kNames<"replica">,
    .evaluate = DynamoReplicaKeys,
    .why = kWhyCustomerKey,
    .remedy =
        "give every replica block the kms_key_arn of a key in its region. The provider deletes and rebuilds a replica "
        "whose key changes although the plan says update: one region at a time",
    .basis =
        "provider 5.100: replica.kms_key_arn; keys are regional. That a key be customer-managed is an organisation's "
        "requirement",
};

const Control kDynamoDbPitr{
    .id = "TFS-DYNAMODB-003",
    .topic = Topic::kPitr,
    .severity = Severity::kHigh,
    .title = "DynamoDB tables can be restored to a point in time",
    .types = kNames<"aws_dynamodb_table">,
    .reads = kNames<"point_in_time_recovery">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBoolOrDefault(subject, "point_in_time_recovery[0].enabled", true, IfUnset::kFail,
                                      "a bad write cannot be undone");
        },
    .why = kWhyPitr,
    .remedy =
        "add a point_in_time_recovery block with enabled = true; it changes in place, and recovery reaches back to "
        "that "
        "moment only",
    .basis =
        "Amazon DynamoDB Developer Guide: off by default, 1 to 35 days. Vendor benchmark: AWS Security Hub DynamoDB.2",
};

const Control kDynamoDbBackupRetention{
    .id = "TFS-DYNAMODB-004",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kMedium,
    .title = "point-in-time recovery of DynamoDB tables reaches back far enough",
    .types = kNames<"aws_dynamodb_table">,
    .reads = kNames<"point_in_time_recovery">,
    .evaluate = DynamoRecoveryPeriod,
    .why = kWhyBackups,
    .remedy = "set recovery_period_in_days to the days the policy asks for (up to 35); it changes in place",
    .basis = "Amazon DynamoDB API, RecoveryPeriodInDays: 35 by default; the number of days is the organisation's",
};

const Control kDynamoDbDeletionProtection{
    .id = "TFS-DYNAMODB-005",
    .topic = Topic::kDeletionProtection,
    .severity = Severity::kHigh,
    .title = "DynamoDB tables are protected against deletion",
    .types = kNames<"aws_dynamodb_table">,
    .reads = kNames<"deletion_protection_enabled">,
    .evaluate =
        [](const Subject& subject) { return RequireDeletionProtection(subject, "deletion_protection_enabled"); },
    .why = kWhyDeletionProtection,
    .remedy = "set deletion_protection_enabled = true; it changes in place",
    .basis = "Amazon DynamoDB API: off by default. Vendor benchmark: AWS Security Hub DynamoDB.6",
};

const Control kDynamoDbTableReplicaCustomerKey{
    .id = "TFS-DYNAMODB-010",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "table replicas managed on their own are encrypted with a customer-managed key",
    .types = kNames<"aws_dynamodb_table_replica">,
    .reads = kNames<"kms_key_arn">,
    .evaluate =
        [](const Subject& subject) { return RequireCustomerKey(subject, "kms_key_arn", DefaultKey::kAwsOwned); },
    .why = kWhyCustomerKey,
    .remedy = "give the replica the kms_key_arn of a key in its region; it is rebuilt by that, so one region at a time",
    .basis =
        "provider 5.100: kms_key_arn forces replacement; keys are regional. That a key be customer-managed is an "
        "organisation's requirement",
};

const Control kDynamoDbTableReplicaPitr{
    .id = "TFS-DYNAMODB-011",
    .topic = Topic::kPitr,
    .severity = Severity::kMedium,
    .title = "table replicas managed on their own can be restored to a point in time",
    .types = kNames<"aws_dynamodb_table_replica">,
    .reads = kNames<"point_in_time_recovery">,
    .evaluate =
        [](const Subject& subject) {
          return RequireBoolOrDefault(subject, "point_in_time_recovery", true, IfUnset::kFail,
                                      "a bad write cannot be undone in this region");
        },
    .why = kWhyPitr,
    .remedy = "set point_in_time_recovery = true; it changes in place",
    .basis = "Amazon DynamoDB Developer Guide: point-in-time recovery is a setting of each replica, off by default",
};

const Control kKeyspacesCustomerKey{
    .id = "TFS-KEYSPACES-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "Keyspaces tables are encrypted with a customer-managed key",
    .types = kNames<"aws_keyspaces_table">,
    .reads = kNames<"encryption_specification">,
    .evaluate = KeyspacesKey,
    .why = kWhyCustomerKey,
    .remedy =
        "add an encryption_specification block with type = \"CUSTOMER_MANAGED_KMS_KEY\" and kms_key_identifier; it "
        "changes in place",
    .basis =
        "Amazon Keyspaces Developer Guide: always encrypted, with an AWS-owned key by default. That a key be "
        "customer-managed is an organisation's requirement",
};

const Control kKeyspacesPitr{
    .id = "TFS-KEYSPACES-002",
    .topic = Topic::kPitr,
    .severity = Severity::kHigh,
    .title = "Keyspaces tables can be restored to a point in time",
    .types = kNames<"aws_keyspaces_table">,
    .reads = kNames<"point_in_time_recovery">,
    .evaluate = KeyspacesPitr,
    .why = kWhyPitr,
    .remedy = "add a point_in_time_recovery block with status = \"ENABLED\"; it changes in place",
    .basis = "Amazon Keyspaces Developer Guide: off by default, 35 days when on",
};

}  // namespace tfseal
