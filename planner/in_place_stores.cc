#include <algorithm>

#include "planner/existing_world.h"
#include "planner/in_place.h"
#include "planner/parameters.h"
#include "planner/service_grants.h"
#include "planner/store_recipes.h"

namespace tfseal {
namespace {

using terraform::Value;

constexpr int kTableRecoveryDays = 35;  // the longest that DynamoDB keeps, and its default
constexpr int kCacheRetentionMax = 35;

bool WantsKey(const Finding& finding) {
  return finding.topic == Topic::kEncryption || finding.topic == Topic::kCustomerKey;
}

bool KeyInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic != Topic::kKeyRotation) return false;
  const Value& attributes = changes.attributes();
  const Value spec = attributes.Get("customer_master_key_spec");
  if (!spec.unset() && spec.text() != "SYMMETRIC_DEFAULT") return false;
  const int longest = changes.requirements().rotation_max_period_days;
  JsonValue payload = Object({{"key", Text(attributes.Get("arn").text())}});
  if (longest > 0) payload["period_days"] = longest;
  const std::string id =
      changes.draft().Add(kEnableKeyRotation, changes.target(), payload, changes.place(), {}, {MotiveOf(finding)});
  changes.draft().AddPostcondition(
      id, {"control", finding.control, finding.address, finding.control + " passes on " + finding.address});
  changes.Planned(id);
  return true;
}

bool TableInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (WantsKey(finding)) {
    const KeyChoice key = changes.Key(finding);
    JsonValue block(Json::arrayValue);
    block.append(Object({{"enabled", true}, {"kms_key_arn", key.key}}));
    changes.Change(kModifyTable, finding, "SSESpecification",
                   Object({{"Enabled", true}, {"SSEType", "KMS"}, {"KMSMasterKeyId", key.key}}),
                   "server_side_encryption", block);
    changes.Needs(kModifyTable, key.needs);
    return true;
  }
  if (finding.topic == Topic::kDeletionProtection) {
    changes.Change(kModifyTable, finding, "DeletionProtectionEnabled", true, "deletion_protection_enabled", true);
    return true;
  }
  if (finding.topic == Topic::kPitr || finding.topic == Topic::kBackupRetention) {
    JsonValue block(Json::arrayValue);
    block.append(Object({{"enabled", true}, {"recovery_period_in_days", kTableRecoveryDays}}));
    changes.Change(kEnablePointInTimeRecovery, finding, "PointInTimeRecoverySpecification",
                   Object({{"PointInTimeRecoveryEnabled", true}, {"RecoveryPeriodInDays", kTableRecoveryDays}}),
                   "point_in_time_recovery", block);
    return true;
  }
  return false;
}

// The policies of a queue or a topic: its own, and of the resource that sets it.
std::vector<std::string_view> PoliciesOf(const InPlaceChanges& changes, std::string_view type, const char* attribute,
                                         std::string_view name) {
  std::vector<std::string_view> policies = {changes.attributes().Get("policy").text()};
  if (name.empty()) return policies;
  for (const terraform::ResourceInstance* setting : changes.site().world->Where(type, attribute, name)) {
    policies.push_back(setting->after.Get("policy").text());
  }
  return policies;
}

void CopyNumber(InPlaceChanges& changes, const ActionKind& kind, const char* attribute, const char* field) {
  if (const auto number = changes.attributes().Get(attribute).AsNumber()) {
    changes.Extra(kind, field, static_cast<int>(*number));
  }
}

bool QueueInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (!WantsKey(finding)) return false;
  const KeyChoice key = changes.Key(finding);
  changes.Change(kSetQueueAttributes, finding, "Attributes", Object({{"KmsMasterKeyId", key.key}}), "kms_master_key_id",
                 key.key);
  const Value url = changes.attributes().Get("url");
  changes.Extra(kSetQueueAttributes, "queue_url",
                Text(url.empty() ? changes.attributes().Get("id").text() : url.text()));
  CopyNumber(changes, kSetQueueAttributes, "message_retention_seconds", "drain_seconds");
  changes.Needs(kSetQueueAttributes, key.needs);
  changes.Needs(kSetQueueAttributes, GrantToServicesOf(changes, finding, key,
                                                       PoliciesOf(changes, "aws_sqs_queue_policy", "queue_url",
                                                                  changes.attributes().Get("url").text())));
  return true;
}

bool TopicInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (!WantsKey(finding)) return false;
  const KeyChoice key = changes.Key(finding);
  changes.Change(kSetTopicAttributes, finding, "AttributeName", "KmsMasterKeyId", "kms_master_key_id", key.key);
  changes.Change(kSetTopicAttributes, finding, "AttributeValue", key.key, "kms_master_key_id", key.key);
  changes.Extra(kSetTopicAttributes, "topic_arn", Text(changes.attributes().Get("arn").text()));
  changes.Needs(kSetTopicAttributes, key.needs);
  changes.Needs(kSetTopicAttributes, GrantToServicesOf(changes, finding, key,
                                                       PoliciesOf(changes, "aws_sns_topic_policy", "arn",
                                                                  changes.attributes().Get("arn").text())));
  return true;
}

bool StreamInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (!WantsKey(finding)) return false;
  const KeyChoice key = changes.Key(finding);
  changes.Change(kStartStreamEncryption, finding, "EncryptionType", "KMS", "encryption_type", "KMS");
  changes.Change(kStartStreamEncryption, finding, "KeyId", key.key, "kms_key_id", key.key);
  CopyNumber(changes, kStartStreamEncryption, "retention_period", "retention_hours");
  changes.Needs(kStartStreamEncryption, key.needs);
  return true;
}

bool LogGroupInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (!WantsKey(finding)) return false;
  const KeyChoice key = changes.Key(finding);
  const std::string grant =
      GrantToService(changes, finding, key, "logs." + changes.target().region + ".amazonaws.com", "");
  changes.Change(kSetLogGroupKey, finding, "kmsKeyId", key.key, "kms_key_id", key.key);
  CopyNumber(changes, kSetLogGroupKey, "retention_in_days", "retention_days");
  changes.Needs(kSetLogGroupKey, {grant});
  return true;
}

bool TrailInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (WantsKey(finding)) {
    const KeyChoice key = changes.Key(finding);
    const std::string grant = GrantToService(changes, finding, key, "cloudtrail.amazonaws.com",
                                             std::string(changes.attributes().Get("arn").text()));
    changes.Change(kUpdateTrail, finding, "KmsKeyId", key.key, "kms_key_id", key.key);
    changes.Needs(kUpdateTrail, {grant});
    return true;
  }
  if (finding.topic != Topic::kAuditLog) return false;
  const std::string attribute = JudgementBehind(changes.site(), finding).attribute;
  if (attribute == "enable_log_file_validation") {
    changes.Change(kUpdateTrail, finding, "EnableLogFileValidation", true, "enable_log_file_validation", true);
    return true;
  }
  if (attribute == "is_multi_region_trail") {
    changes.Change(kUpdateTrail, finding, "IsMultiRegionTrail", true, "is_multi_region_trail", true);
    return true;
  }
  return false;
}

bool SecretInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (!WantsKey(finding)) return false;
  const KeyChoice key = changes.Key(finding);
  changes.Change(kSetSecretKey, finding, "KmsKeyId", key.key, "kms_key_id", key.key);
  changes.Extra(kSetSecretKey, "secret", Text(changes.attributes().Get("arn").text()));
  changes.Needs(kSetSecretKey, key.needs);
  return true;
}

bool WarehouseInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (WantsKey(finding)) {
    const KeyChoice key = changes.Key(finding);
    const std::string snapshot = changes.target().identifier + "-tfseal-before";
    const std::string taken =
        changes.draft().Add(kSnapshotWarehouse, changes.target(), Object({{"snapshot", Text(snapshot)}}),
                            changes.place(), {}, {MotiveOf(finding)});
    changes.Change(kModifyWarehouse, finding, "Encrypted", true, "encrypted", true);
    changes.Change(kModifyWarehouse, finding, "KmsKeyId", key.key, "kms_key_id", key.key);
    changes.Needs(kModifyWarehouse, key.needs);
    changes.Needs(kModifyWarehouse, {taken});
    return true;
  }
  if (finding.topic == Topic::kBackupRetention) {
    const int days = std::max(1, changes.requirements().retention_min_days);
    if (days > kCacheRetentionMax) return false;
    changes.Change(kModifyWarehouse, finding, "AutomatedSnapshotRetentionPeriod", days,
                   "automated_snapshot_retention_period", days);
    return true;
  }
  if (finding.topic == Topic::kPublicAccess) {
    changes.Change(kModifyWarehouse, finding, "PubliclyAccessible", false, "publicly_accessible", false);
    return true;
  }
  if (finding.topic == Topic::kFinalSnapshot) {
    changes.Argument(finding, "skip_final_snapshot", false);
    if (changes.attributes().Get("final_snapshot_identifier").empty()) {
      changes.Argument(finding, "final_snapshot_identifier", Text(changes.target().identifier + "-final"));
    }
    return true;
  }
  return false;
}

bool CacheInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic == Topic::kFinalSnapshot) {
    changes.Argument(finding, "final_snapshot_identifier", Text(changes.target().identifier + "-final"));
    return true;
  }
  if (finding.topic != Topic::kBackupRetention) return MoveCache(changes, finding);
  const int days = std::max(1, changes.requirements().retention_min_days);
  if (days > kCacheRetentionMax) return false;
  changes.Change(kModifyCache, finding, "SnapshotRetentionLimit", days, "snapshot_retention_limit", days);
  return true;
}

// The settings of a bucket are resources of their own, and controls judge both. The bucket's finding plans the change,
// and the settings resource, where there is one, shows it.
bool BucketPlansIt(const InPlaceChanges& changes, const Finding& finding, std::string_view bucket) {
  const auto& failing = changes.site().failing;
  return std::any_of(failing.begin(), failing.end(), [&](const Finding& other) {
    if (other.topic != finding.topic || other.type != "aws_s3_bucket") return false;
    const terraform::ResourceInstance* instance = changes.site().world->At(other.address);
    return instance != nullptr && instance->after.Get("bucket").text() == bucket;
  });
}

// The address of the bucket's settings resource: the existing one, or the one to be written.
std::string SettingsAddress(const InPlaceChanges& changes, std::string_view type, std::string_view bucket) {
  for (const terraform::ResourceInstance* settings : changes.site().world->Where(type, "bucket", bucket)) {
    return std::string(settings->address);
  }
  std::string address = changes.target().address;
  constexpr std::string_view kBucket = "aws_s3_bucket";
  return address.replace(address.rfind(kBucket), kBucket.size(), type);
}

// The setting is for new objects. Which of the others need the key, and what copying them costs, is for their owner.
void RewriteObjects(InPlaceChanges& changes, const Finding& finding, const std::string& bucket, const KeyChoice& key) {
  const std::string name = key.key.isString() ? key.key.asString() : "of this plan";
  changes.draft().Add(
      kManual, changes.target(),
      Object({{"recipe", "R-S3 objects"},
              {"reason", Text("objects that are in " + bucket +
                              " already stay as they are, and what copying them costs is for their owner to say")},
              {"steps",
               Texts({"list what is not under the key: S3 Inventory of " + bucket +
                          " with all versions and the field EncryptionStatus, or an S3 Batch Operations manifest",
                      "copy the current versions onto themselves: S3 Batch Operations, operation Copy, encryption "
                      "aws:kms with the key " +
                          name + ", bucket key on; above 5 GB by multipart copy",
                      "with versioning each copy is a new version: the old one stays under the old key, or in clear, "
                      "until a lifecycle rule removes it; a locked one cannot be removed",
                      "keep the old key while an object, version, replica or backup has it"})}}),
      changes.place(), key.needs, {MotiveOf(finding)});
}

bool BucketEncryptionInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (!WantsKey(finding)) return false;
  const std::string bucket(changes.attributes().Get("bucket").text());
  if (bucket.empty()) return false;
  if (changes.instance().type != "aws_s3_bucket" && BucketPlansIt(changes, finding, bucket)) return true;
  const KeyChoice key = changes.Key(finding);
  JsonValue api_rules(Json::arrayValue);
  api_rules.append(Object(
      {{"ApplyServerSideEncryptionByDefault", Object({{"SSEAlgorithm", "aws:kms"}, {"KMSMasterKeyID", key.key}})},
       {"BucketKeyEnabled", true}}));
  JsonValue defaults(Json::arrayValue);
  defaults.append(Object({{"sse_algorithm", "aws:kms"}, {"kms_master_key_id", key.key}}));
  JsonValue rules(Json::arrayValue);
  rules.append(Object({{"apply_server_side_encryption_by_default", defaults}, {"bucket_key_enabled", true}}));
  changes.Change(kSetBucketEncryption, finding, "ServerSideEncryptionConfiguration", Object({{"Rules", api_rules}}),
                 "rule", rules);
  changes.Extra(kSetBucketEncryption, "bucket", Text(bucket));
  changes.Needs(kSetBucketEncryption, key.needs);
  RewriteObjects(changes, finding, bucket, key);
  if (changes.instance().type == "aws_s3_bucket") {
    changes.Change(kSetBucketEncryption, finding, "ServerSideEncryptionConfiguration", Object({{"Rules", api_rules}}),
                   "bucket", Text(bucket));
    changes.Extra(kSetBucketEncryption, "creates",
                  Text(SettingsAddress(changes, "aws_s3_bucket_server_side_encryption_configuration", bucket)));
  }
  return true;
}

bool VersioningInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic != Topic::kPitr) return false;
  const std::string bucket(changes.attributes().Get("bucket").text());
  if (bucket.empty()) return false;
  if (changes.instance().type != "aws_s3_bucket" && BucketPlansIt(changes, finding, bucket)) return true;
  const ActionKind& kind = kEnableBucketVersioning;
  const JsonValue configuration = Object({{"Status", "Enabled"}});
  JsonValue block(Json::arrayValue);
  block.append(Object({{"status", "Enabled"}}));
  changes.Change(kind, finding, "VersioningConfiguration", configuration, "versioning_configuration", block);
  changes.Extra(kind, "bucket", Text(bucket));
  if (changes.instance().type == "aws_s3_bucket") {
    changes.Change(kind, finding, "VersioningConfiguration", configuration, "bucket", Text(bucket));
    changes.Extra(kind, "creates", Text(SettingsAddress(changes, "aws_s3_bucket_versioning", bucket)));
  }
  return true;
}

bool PublicAccessInPlace(InPlaceChanges& changes, const Finding& finding) {
  if (finding.topic != Topic::kPublicAccess) return false;
  constexpr std::pair<const char*, const char*> kBlocks[] = {{"BlockPublicAcls", "block_public_acls"},
                                                             {"IgnorePublicAcls", "ignore_public_acls"},
                                                             {"BlockPublicPolicy", "block_public_policy"},
                                                             {"RestrictPublicBuckets", "restrict_public_buckets"}};
  const std::string bucket(changes.attributes().Get("bucket").text());
  if (changes.instance().type != "aws_s3_bucket" && BucketPlansIt(changes, finding, bucket)) return true;
  JsonValue configuration(Json::objectValue);
  for (const auto& [parameter, attribute] : kBlocks) configuration[parameter] = true;
  for (const auto& [parameter, attribute] : kBlocks) {
    changes.Change(kBlockPublicAccess, finding, "PublicAccessBlockConfiguration", configuration, attribute, true);
  }
  changes.Extra(kBlockPublicAccess, "bucket", Text(bucket));
  if (changes.instance().type == "aws_s3_bucket") {
    changes.Change(kBlockPublicAccess, finding, "PublicAccessBlockConfiguration", configuration, "bucket",
                   Text(bucket));
    changes.Extra(kBlockPublicAccess, "creates",
                  Text(SettingsAddress(changes, "aws_s3_bucket_public_access_block", bucket)));
  }
  return true;
}

struct StorePlanner {
  std::string_view type;
  bool (*plan)(InPlaceChanges&, const Finding&);
};

constexpr StorePlanner kPlanners[] = {
    {"aws_cloudtrail", TrailInPlace},
    {"aws_cloudwatch_log_group", LogGroupInPlace},
    {"aws_dynamodb_table", TableInPlace},
    {"aws_elasticache_replication_group", CacheInPlace},
    {"aws_elasticsearch_domain", EncryptSearchDomain},
    {"aws_kinesis_stream", StreamInPlace},
    {"aws_kms_key", KeyInPlace},
    {"aws_msk_cluster", MoveKafkaCluster},
    {"aws_opensearch_domain", EncryptSearchDomain},
    {"aws_redshift_cluster", WarehouseInPlace},
    {"aws_s3_bucket_public_access_block", PublicAccessInPlace},
    {"aws_s3_bucket_server_side_encryption_configuration", BucketEncryptionInPlace},
    {"aws_s3_bucket_versioning", VersioningInPlace},
    {"aws_secretsmanager_secret", SecretInPlace},
    {"aws_sns_topic", TopicInPlace},
    {"aws_sqs_queue", QueueInPlace},
};

}  // namespace

bool PlanStoreInPlace(InPlaceChanges& changes, const Finding& finding) {
  // Where nobody knows account and region, nobody knows where the key has to be.
  if (WantsKey(finding) && (changes.target().region.empty() || changes.target().account.empty())) return false;
  if (changes.instance().type == "aws_s3_bucket") {
    return BucketEncryptionInPlace(changes, finding) || VersioningInPlace(changes, finding) ||
           PublicAccessInPlace(changes, finding);
  }
  for (const StorePlanner& planner : kPlanners) {
    if (planner.type == changes.instance().type) return planner.plan(changes, finding);
  }
  return false;
}

}  // namespace tfseal
