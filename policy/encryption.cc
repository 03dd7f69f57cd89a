#include "policy/encryption.h"

#include <algorithm>
#include <vector>

#include "policy/judge.h"
#include "policy/world.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

EncryptionFacts Simply(Encryption encryption) {
  return {encryption, {}};
}

EncryptionFacts FromKey(const KeyFacts& key) {
  switch (key.owner) {
    case KeyOwner::kNone:
      return Simply(Encryption::kNone);
    case KeyOwner::kAwsOwned:
      return {Encryption::kAwsOwned, key.key_address};
    case KeyOwner::kAwsManaged:
      return {Encryption::kAwsManaged, key.key_address};
    case KeyOwner::kCustomer:
      return {Encryption::kCustomerManaged, key.key_address};
    case KeyOwner::kUnknown:
      break;
  }
  return Simply(Encryption::kUnknown);
}

// Most stores: a switch and a key. What AWS does when the switch is not set differs by type and, for a state or an
// applied plan, cannot be asked: then the answer is unknown, not a guess.
enum class Unset : std::uint8_t { kNone, kUnknown, kEncrypted };

struct Store {
  std::string_view type;
  std::string_view flag;  // empty: always encrypted
  Unset unset;            // of the flag
  std::string_view key;   // empty: no key can be chosen
  DefaultKey default_key;
};

// Sources: domain.md sections 1 and 8; the "Encryption at rest" pages of the services.
constexpr Store kStores[] = {
    {"aws_athena_database", "encryption_configuration", Unset::kNone, "encryption_configuration[0].kms_key",
     DefaultKey::kAwsOwned},
    {"aws_backup_vault", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_cloudtrail", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsOwned},
    {"aws_cloudtrail_event_data_store", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsOwned},
    {"aws_cloudwatch_log_group", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsOwned},
    {"aws_codeartifact_domain", "", Unset::kEncrypted, "encryption_key", DefaultKey::kAwsManaged},
    {"aws_codebuild_project", "", Unset::kEncrypted, "encryption_key", DefaultKey::kAwsManaged},
    {"aws_codecommit_repository", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_dax_cluster", "server_side_encryption[0].enabled", Unset::kNone, "", DefaultKey::kAwsOwned},
    {"aws_db_cluster_snapshot", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_db_instance", "storage_encrypted", Unset::kNone, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_db_instance_automated_backups_replication", "", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_db_snapshot", "encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_db_snapshot_copy", "encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_dms_endpoint", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_dms_replication_instance", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_docdb_cluster", "storage_encrypted", Unset::kNone, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_docdb_cluster_instance", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_docdb_cluster_snapshot", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_docdbelastic_cluster", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsOwned},
    {"aws_dsql_cluster", "", Unset::kEncrypted, "kms_encryption_key", DefaultKey::kAwsOwned},
    {"aws_dynamodb_table_replica", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsOwned},
    {"aws_ebs_snapshot", "encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_ebs_snapshot_copy", "encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_ebs_snapshot_import", "encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_ebs_volume", "encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_efs_file_system", "encrypted", Unset::kNone, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_eks_cluster", "encryption_config", Unset::kNone, "encryption_config[0].provider[0].key_arn",
     DefaultKey::kAwsOwned},
    {"aws_elasticache_replication_group", "at_rest_encryption_enabled", Unset::kNone, "kms_key_id",
     DefaultKey::kAwsOwned},
    {"aws_elasticache_serverless_cache", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsOwned},
    {"aws_elasticsearch_domain", "encrypt_at_rest[0].enabled", Unset::kNone, "encrypt_at_rest[0].kms_key_id",
     DefaultKey::kAwsManaged},
    {"aws_fsx_lustre_file_system", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_fsx_ontap_file_system", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_fsx_openzfs_file_system", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_fsx_windows_file_system", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_keyspaces_table", "", Unset::kEncrypted, "encryption_specification[0].kms_key_identifier",
     DefaultKey::kAwsOwned},
    {"aws_kinesis_video_stream", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_lambda_function", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_memorydb_cluster", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsOwned},
    {"aws_memorydb_snapshot", "", Unset::kEncrypted, "kms_key_arn", DefaultKey::kAwsOwned},
    {"aws_msk_cluster", "", Unset::kEncrypted, "encryption_info[0].encryption_at_rest_kms_key_arn",
     DefaultKey::kAwsManaged},
    {"aws_msk_serverless_cluster", "", Unset::kEncrypted, "", DefaultKey::kAwsOwned},
    {"aws_mwaa_environment", "", Unset::kEncrypted, "kms_key", DefaultKey::kAwsOwned},
    {"aws_neptune_cluster", "storage_encrypted", Unset::kNone, "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_neptune_cluster_instance", "storage_encrypted", Unset::kUnknown, "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_neptune_cluster_snapshot", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_neptunegraph_graph", "", Unset::kEncrypted, "kms_key_identifier", DefaultKey::kAwsOwned},
    {"aws_opensearch_domain", "encrypt_at_rest[0].enabled", Unset::kNone, "encrypt_at_rest[0].kms_key_id",
     DefaultKey::kAwsManaged},
    {"aws_qldb_ledger", "", Unset::kEncrypted, "kms_key", DefaultKey::kAwsOwned},
    {"aws_rds_cluster", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_rds_cluster_instance", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_rds_cluster_snapshot_copy", "storage_encrypted", Unset::kUnknown, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_rds_global_cluster", "storage_encrypted", Unset::kUnknown, "", DefaultKey::kAwsManaged},
    {"aws_redshift_cluster", "encrypted", Unset::kNone, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_redshiftserverless_namespace", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsOwned},
    {"aws_sagemaker_notebook_instance", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_secretsmanager_secret", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_sns_topic", "", Unset::kNone, "kms_master_key_id", DefaultKey::kNone},
    {"aws_timestreaminfluxdb_db_instance", "", Unset::kEncrypted, "", DefaultKey::kAwsOwned},
    {"aws_timestreamwrite_database", "", Unset::kEncrypted, "kms_key_id", DefaultKey::kAwsManaged},
};

static_assert(std::is_sorted(std::begin(kStores), std::end(kStores),
                             [](const Store& a, const Store& b) { return a.type < b.type; }));

// A block that is the switch: there or not.
bool IsBlockFlag(std::string_view flag) {
  return flag.starts_with("encryption_config");
}

EncryptionFacts KeyOf(const Subject& subject, const Store& store) {
  if (!store.key.empty()) return FromKey(ClassifyKey(subject, store.key, store.default_key));
  return Simply(store.default_key == DefaultKey::kAwsManaged ? Encryption::kUnknown : Encryption::kAwsOwned);
}

EncryptionFacts OfStore(const Subject& subject, const Store& store) {
  if (store.flag.empty()) return KeyOf(subject, store);
  const Value flag = subject.At(store.flag);
  if (flag.unknown()) {
    // Computed and not configured for Aurora: AWS decides by the day the cluster is made (domain.md section 0.11).
    return Simply(Encryption::kUnknown);
  }
  if (IsBlockFlag(store.flag)) return flag.empty() ? Simply(Encryption::kNone) : KeyOf(subject, store);
  if (flag.empty()) {
    if (store.unset == Unset::kEncrypted) return KeyOf(subject, store);
    return Simply(store.unset == Unset::kNone ? Encryption::kNone : Encryption::kUnknown);
  }
  const auto on = flag.AsBool();
  if (!on) return Simply(Encryption::kUnknown);
  return *on ? KeyOf(subject, store) : Simply(Encryption::kNone);
}

EncryptionFacts OfDynamodbTable(const Subject& subject) {
  const Value block = subject.At("server_side_encryption");
  if (block.unknown()) return Simply(Encryption::kUnknown);
  if (block.empty()) return Simply(Encryption::kAwsOwned);
  const Value enabled = subject.At("server_side_encryption[0].enabled");
  if (enabled.unknown()) return Simply(Encryption::kUnknown);
  if (enabled.AsBool() != true) return Simply(Encryption::kAwsOwned);
  return FromKey(ClassifyKey(subject, "server_side_encryption[0].kms_key_arn", DefaultKey::kAwsManaged));
}

EncryptionFacts OfQueue(const Subject& subject) {
  const Value key = subject.At("kms_master_key_id");
  if (!key.empty()) return FromKey(ClassifyKey(subject, "kms_master_key_id", DefaultKey::kNone));
  const Value managed = subject.At("sqs_managed_sse_enabled");
  if (managed.AsBool() == true) return Simply(Encryption::kAwsOwned);
  return Simply(managed.AsBool() == false ? Encryption::kNone : Encryption::kUnknown);
}

EncryptionFacts OfStream(const Subject& subject) {
  const Value type = subject.At("encryption_type");
  if (type.unknown()) return Simply(Encryption::kUnknown);
  if (type.text() != "KMS") return Simply(Encryption::kNone);
  return FromKey(ClassifyKey(subject, "kms_key_id", DefaultKey::kAwsManaged));
}

EncryptionFacts OfBroker(const Subject& subject) {
  const Value aws_owned = subject.At("encryption_options[0].use_aws_owned_key");
  if (aws_owned.unknown()) return Simply(Encryption::kUnknown);
  if (aws_owned.AsBool() == true) return Simply(Encryption::kAwsOwned);
  return FromKey(ClassifyKey(subject, "encryption_options[0].kms_key_id", DefaultKey::kAwsOwned));
}

EncryptionFacts OfRepository(const Subject& subject) {
  const Value block = subject.At("encryption_configuration");
  if (block.unknown()) return Simply(Encryption::kUnknown);
  const Value type = subject.At("encryption_configuration[0].encryption_type");
  if (type.unknown()) return Simply(Encryption::kUnknown);
  if (type.empty() || type.text() == "AES256") return Simply(Encryption::kAwsOwned);
  return FromKey(ClassifyKey(subject, "encryption_configuration[0].kms_key", DefaultKey::kAwsManaged));
}

EncryptionFacts OfParameter(const Subject& subject) {
  const Value type = subject.At("type");
  if (type.unknown()) return Simply(Encryption::kUnknown);
  if (type.text() != "SecureString") return Simply(Encryption::kNone);
  return FromKey(ClassifyKey(subject, "key_id", DefaultKey::kAwsManaged));
}

EncryptionFacts OfFirehose(const Subject& subject) {
  for (const char* source : {"kinesis_source_configuration", "msk_source_configuration"}) {
    if (!subject.At(source).empty()) return Simply(Encryption::kNotApplicable);
  }
  const Value block = subject.At("server_side_encryption");
  const Value enabled = subject.At("server_side_encryption[0].enabled");
  if (block.unknown() || enabled.unknown()) return Simply(Encryption::kUnknown);
  if (enabled.AsBool() != true) return Simply(Encryption::kNone);
  if (subject.At("server_side_encryption[0].key_type").text() != "CUSTOMER_MANAGED_CMK") {
    return Simply(Encryption::kAwsOwned);
  }
  return FromKey(ClassifyKey(subject, "server_side_encryption[0].key_arn", DefaultKey::kAwsOwned));
}

// The `rule` blocks of a bucket's encryption, inline or in a resource of its own; every bucket has SSE-S3 since 2023.
EncryptionFacts OfBucketRule(const Subject& subject, const std::string& rule) {
  const std::string defaults = rule + "[0].apply_server_side_encryption_by_default";
  if (subject.At(rule).unknown() || subject.At(defaults).unknown()) return Simply(Encryption::kUnknown);
  const Value algorithm = subject.At(defaults + "[0].sse_algorithm");
  if (algorithm.unknown()) return Simply(Encryption::kUnknown);
  if (!algorithm.text().starts_with("aws:kms")) return Simply(Encryption::kAwsOwned);
  return FromKey(ClassifyKey(subject, defaults + "[0].kms_master_key_id", DefaultKey::kAwsManaged));
}

EncryptionFacts OfBucket(const Subject& subject) {
  const auto settings = subject.world.PointingAt(subject.instance, "aws_s3_bucket_server_side_encryption_configuration",
                                                 "bucket", {"id", "bucket"});
  if (!settings.empty()) {
    const ResourceInstance& setting = *settings.front();
    return OfBucketRule(
        Subject{setting, subject.world.AttributesOf(setting), subject.world, subject.requirements, subject.now},
        "rule");
  }
  const Value inline_block = subject.At("server_side_encryption_configuration");
  if (!inline_block.unknown() && !inline_block.empty()) {
    return OfBucketRule(subject, "server_side_encryption_configuration[0].rule");
  }
  // Unknown here means computed: nobody configured anything, so what AWS sets by itself will be there.
  return Simply(Encryption::kAwsOwned);
}

// An instance is as well encrypted as its worst volume.
EncryptionFacts OfDevices(const Subject& subject, const std::vector<std::string>& blocks, const std::string& within) {
  EncryptionFacts worst = Simply(Encryption::kNotApplicable);
  const auto rank = [](Encryption encryption) {
    constexpr Encryption kWorstFirst[] = {
        Encryption::kNone,       Encryption::kUnknown,         Encryption::kAwsOwned,
        Encryption::kAwsManaged, Encryption::kCustomerManaged, Encryption::kNotApplicable};
    return std::find(std::begin(kWorstFirst), std::end(kWorstFirst), encryption) - std::begin(kWorstFirst);
  };
  const auto consider = [&](const EncryptionFacts& facts) {
    if (rank(facts.encryption) < rank(worst.encryption)) worst = facts;
  };
  for (const std::string& block : blocks) {
    const Value devices = subject.At(block);
    if (devices.unknown()) consider(Simply(Encryption::kUnknown));
    for (std::size_t i = 0; i < devices.items().size(); ++i) {
      const std::string path = block + "[" + std::to_string(i) + "]" + within;
      const Value on = subject.At(path + ".encrypted");
      if (on.AsBool() == true) {
        consider(FromKey(ClassifyKey(subject, path + ".kms_key_id", DefaultKey::kAwsManaged)));
      } else {
        // Unset: the account's default decides, which no plan tells.
        consider(Simply(on.AsBool() == false ? Encryption::kNone : Encryption::kUnknown));
      }
    }
  }
  return worst;
}

EncryptionFacts OfInstance(const Subject& subject) {
  return OfDevices(subject, {"root_block_device", "ebs_block_device"}, "");
}

EncryptionFacts OfLaunchTemplate(const Subject& subject) {
  return OfDevices(subject, {"block_device_mappings"}, ".ebs[0]");
}

struct Special {
  std::string_view type;
  EncryptionFacts (*of)(const Subject& subject);
};

constexpr Special kSpecials[] = {
    {"aws_dynamodb_table", OfDynamodbTable},
    {"aws_ecr_repository", OfRepository},
    {"aws_instance", OfInstance},
    {"aws_kinesis_firehose_delivery_stream", OfFirehose},
    {"aws_kinesis_stream", OfStream},
    {"aws_launch_configuration", OfInstance},
    {"aws_launch_template", OfLaunchTemplate},
    {"aws_mq_broker", OfBroker},
    {"aws_s3_bucket", OfBucket},
    {"aws_s3_bucket_server_side_encryption_configuration",
     [](const Subject& subject) { return OfBucketRule(subject, "rule"); }},
    {"aws_spot_instance_request", OfInstance},
    {"aws_sqs_queue", OfQueue},
    {"aws_ssm_parameter", OfParameter},
};

}  // namespace

std::string_view Name(Encryption encryption) {
  switch (encryption) {
    case Encryption::kNone:
      return "none";
    case Encryption::kAwsOwned:
      return "aws_owned";
    case Encryption::kAwsManaged:
      return "aws_managed";
    case Encryption::kCustomerManaged:
      return "customer_managed";
    case Encryption::kNotApplicable:
      return "not_applicable";
    case Encryption::kUnknown:
      break;
  }
  return "unknown";
}

EncryptionFacts EncryptionOf(const Subject& subject) {
  const std::string_view type = subject.instance.type;
  const auto* store = std::lower_bound(std::begin(kStores), std::end(kStores), type,
                                       [](const Store& entry, std::string_view wanted) { return entry.type < wanted; });
  if (store != std::end(kStores) && store->type == type) return OfStore(subject, *store);
  for (const Special& special : kSpecials) {
    if (special.type == type) return special.of(subject);
  }
  return Simply(Encryption::kNotApplicable);
}

}  // namespace tfseal
