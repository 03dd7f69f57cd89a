#include "policy/resource_catalogue.h"

#include <algorithm>

namespace tfseal {
namespace {

constexpr auto kData = Holds::kData;
constexpr auto kKey = Holds::kKey;
constexpr auto kSecret = Holds::kSecret;
constexpr auto kPoints = Holds::kRecoveryPoints;
constexpr auto kNone = Holds::kNothing;

// A type that holds nothing is listed only if it protects something, has revisions, or is joined to by controls.
// Not data on purpose: cluster instances and read replicas (their cluster or source holds it), queues, brokers and DAX
// (transient), aliases, grants, IAM, alarms.
constexpr ResourceType kTypes[] = {
    {"aws_acmpca_certificate_authority", kKey, {}, {}, false, {}, {}},
    {"aws_ami_copy", kPoints, {}, {}, false, "encrypted", "kms_key_id"},
    {"aws_ami_from_instance", kPoints, {}, {}, false, {}, {}},
    {"aws_backup_logically_air_gapped_vault", kPoints, {}, {}, false, {}, {}},
    {"aws_backup_plan", kNone, {}, {}, false, {}, {}},
    {"aws_backup_selection", kNone, "aws_backup_plan", "plan_id", false, {}, {}},
    {"aws_backup_vault", kPoints, {}, {}, false, {}, "kms_key_arn"},
    {"aws_backup_vault_lock_configuration", kNone, "aws_backup_vault", "backup_vault_name", false, {}, {}},
    {"aws_backup_vault_policy", kNone, "aws_backup_vault", "backup_vault_name", false, {}, {}},
    {"aws_cloudhsm_v2_cluster", kKey, {}, {}, false, {}, {}},
    {"aws_cloudsearch_domain", kData, {}, {}, false, {}, {}},
    {"aws_cloudtrail", kNone, "account", {}, false, {}, {}},
    {"aws_cloudtrail_event_data_store", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_cloudwatch_log_group", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_codeartifact_repository", kData, {}, {}, false, {}, {}},
    {"aws_codecommit_repository", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_cognito_user_pool", kData, {}, {}, false, {}, {}},
    {"aws_db_cluster_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_db_instance", kData, {}, {}, false, "storage_encrypted", "kms_key_id"},
    {"aws_db_instance_automated_backups_replication", kPoints, {}, {}, false, {}, "kms_key_id"},
    {"aws_db_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_db_snapshot_copy", kPoints, {}, {}, false, {}, "kms_key_id"},
    {"aws_directory_service_directory", kData, {}, {}, false, {}, {}},
    {"aws_docdb_cluster", kData, {}, {}, false, "storage_encrypted", "kms_key_id"},
    {"aws_docdb_cluster_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_docdbelastic_cluster", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_dsql_cluster", kData, {}, {}, false, {}, "kms_encryption_key"},
    {"aws_dynamodb_table", kData, {}, {}, false, {}, {}},
    {"aws_dynamodb_table_replica", kNone, {}, {}, false, {}, "kms_key_arn"},
    {"aws_ebs_default_kms_key", kNone, "account", {}, false, {}, {}},
    {"aws_ebs_encryption_by_default", kNone, "account", {}, false, {}, {}},
    {"aws_ebs_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_ebs_snapshot_block_public_access", kNone, "account", {}, false, {}, {}},
    {"aws_ebs_snapshot_copy", kPoints, {}, {}, false, "encrypted", "kms_key_id"},
    {"aws_ebs_snapshot_import", kPoints, {}, {}, false, "encrypted", "kms_key_id"},
    {"aws_ebs_volume", kData, {}, {}, false, "encrypted", "kms_key_id"},
    {"aws_ecr_repository", kData, {}, {}, false, "encryption_configuration", "kms_key"},
    {"aws_ecrpublic_repository", kData, {}, {}, false, {}, {}},
    {"aws_ecs_task_definition", kNone, {}, {}, true, {}, {}},
    {"aws_efs_backup_policy", kNone, "aws_efs_file_system", "file_system_id", false, {}, {}},
    {"aws_efs_file_system", kData, {}, {}, false, "encrypted", "kms_key_id"},
    {"aws_elasticache_cluster", kData, {}, {}, false, {}, {}},
    {"aws_elasticache_replication_group", kData, {}, {}, false, "at_rest_encryption_enabled", "kms_key_id"},
    {"aws_elasticache_serverless_cache", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_elasticsearch_domain", kData, {}, {}, false, "encrypt_at_rest", "kms_key_id"},
    {"aws_fsx_backup", kPoints, {}, {}, false, {}, {}},
    {"aws_fsx_lustre_file_system", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_fsx_ontap_file_system", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_fsx_ontap_volume", kData, {}, {}, false, {}, {}},
    {"aws_fsx_openzfs_file_system", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_fsx_openzfs_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_fsx_openzfs_volume", kData, {}, {}, false, {}, {}},
    {"aws_fsx_windows_file_system", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_glacier_vault", kData, {}, {}, false, {}, {}},
    {"aws_glacier_vault_lock", kNone, "aws_glacier_vault", "vault_name", false, {}, {}},
    {"aws_glue_data_catalog_encryption_settings", kNone, "account", {}, false, {}, {}},
    {"aws_iam_access_key", kNone, {}, {}, false, {}, {}},
    {"aws_iam_group_policy_attachment", kNone, {}, {}, false, {}, {}},
    {"aws_iam_policy_attachment", kNone, {}, {}, false, {}, {}},
    {"aws_iam_role_policy_attachment", kNone, {}, {}, false, {}, {}},
    {"aws_iam_user_policy_attachment", kNone, {}, {}, false, {}, {}},
    {"aws_instance", kNone, {}, {}, false, {}, {}},
    {"aws_keyspaces_keyspace", kData, {}, {}, false, {}, {}},
    {"aws_keyspaces_table", kData, {}, {}, false, {}, "kms_key_identifier"},
    {"aws_kinesis_stream", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_kinesis_video_stream", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_kms_alias", kNone, {}, {}, false, {}, {}},
    {"aws_kms_custom_key_store", kKey, {}, {}, false, {}, {}},
    {"aws_kms_external_key", kKey, {}, {}, false, {}, {}},
    {"aws_kms_key", kKey, {}, {}, false, {}, {}},
    {"aws_kms_replica_key", kNone, {}, {}, false, {}, {}},
    {"aws_launch_configuration", kNone, {}, {}, true, {}, {}},
    {"aws_launch_template", kNone, {}, {}, true, {}, {}},
    {"aws_lightsail_bucket", kData, {}, {}, false, {}, {}},
    {"aws_lightsail_database", kData, {}, {}, false, {}, {}},
    {"aws_lightsail_disk", kData, {}, {}, false, {}, {}},
    {"aws_media_store_container", kData, {}, {}, false, {}, {}},
    {"aws_memorydb_acl", kNone, {}, {}, false, {}, {}},
    {"aws_memorydb_cluster", kData, {}, {}, false, {}, "kms_key_arn"},
    {"aws_memorydb_snapshot", kPoints, {}, {}, false, {}, "kms_key_arn"},
    {"aws_msk_cluster", kData, {}, {}, false, {}, "encryption_at_rest_kms_key_arn"},
    {"aws_msk_serverless_cluster", kData, {}, {}, false, {}, {}},
    {"aws_neptune_cluster", kData, {}, {}, false, "storage_encrypted", "kms_key_arn"},
    {"aws_neptune_cluster_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_neptunegraph_graph", kData, {}, {}, false, {}, "kms_key_identifier"},
    {"aws_opensearch_domain", kData, {}, {}, false, "encrypt_at_rest", "kms_key_id"},
    {"aws_opensearchserverless_collection", kData, {}, {}, false, {}, {}},
    {"aws_paymentcryptography_key", kKey, {}, {}, false, {}, {}},
    {"aws_prometheus_workspace", kData, {}, {}, false, {}, "kms_key_arn"},
    {"aws_qldb_ledger", kData, {}, {}, false, {}, "kms_key"},
    {"aws_rds_cluster", kData, {}, {}, false, "storage_encrypted", "kms_key_id"},
    {"aws_rds_cluster_instance", kNone, {}, {}, false, {}, {}},
    {"aws_rds_cluster_snapshot_copy", kPoints, {}, {}, false, {}, "kms_key_id"},
    {"aws_rds_global_cluster", kNone, {}, {}, false, "storage_encrypted", {}},
    {"aws_redshift_cluster", kData, {}, {}, false, "encrypted", "kms_key_id"},
    {"aws_redshift_cluster_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_redshift_logging", kNone, {}, {}, false, {}, {}},
    {"aws_redshiftserverless_namespace", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_redshiftserverless_snapshot", kPoints, {}, {}, false, {}, {}},
    {"aws_s3_account_public_access_block", kNone, "account", {}, false, {}, {}},
    {"aws_s3_bucket", kData, {}, {}, false, {}, {}},
    {"aws_s3_bucket_object_lock_configuration", kNone, "aws_s3_bucket", "bucket", false, {}, {}},
    {"aws_s3_bucket_policy", kNone, "aws_s3_bucket", "bucket", false, {}, {}},
    {"aws_s3_bucket_public_access_block", kNone, "aws_s3_bucket", "bucket", false, {}, {}},
    {"aws_s3_bucket_server_side_encryption_configuration", kNone, "aws_s3_bucket", "bucket", false, {}, {}},
    {"aws_s3_bucket_versioning", kNone, "aws_s3_bucket", "bucket", false, {}, {}},
    {"aws_s3_directory_bucket", kData, {}, {}, false, {}, {}},
    {"aws_s3control_bucket", kData, {}, {}, false, {}, {}},
    {"aws_s3tables_table", kData, {}, {}, false, {}, {}},
    {"aws_s3tables_table_bucket", kData, {}, {}, false, {}, {}},
    {"aws_secretsmanager_secret", kSecret, {}, {}, false, {}, "kms_key_id"},
    {"aws_secretsmanager_secret_policy", kNone, {}, {}, false, {}, {}},
    {"aws_secretsmanager_secret_rotation", kNone, "aws_secretsmanager_secret", "secret_id", false, {}, {}},
    {"aws_secretsmanager_secret_version", kNone, {}, {}, true, {}, {}},
    {"aws_simpledb_domain", kData, {}, {}, false, {}, {}},
    {"aws_ssm_parameter", kNone, {}, {}, false, {}, "key_id"},
    {"aws_storagegateway_cached_iscsi_volume", kData, {}, {}, false, {}, "kms_key"},
    {"aws_storagegateway_stored_iscsi_volume", kData, {}, {}, false, {}, "kms_key"},
    {"aws_timestreaminfluxdb_db_instance", kData, {}, {}, false, {}, {}},
    {"aws_timestreamwrite_database", kData, {}, {}, false, {}, "kms_key_id"},
    {"aws_timestreamwrite_table", kData, {}, {}, false, {}, {}},
    {"aws_workspaces_workspace", kData, {}, {}, false, {}, "volume_encryption_key"},
};

static_assert(std::is_sorted(std::begin(kTypes), std::end(kTypes),
                             [](const ResourceType& a, const ResourceType& b) { return a.type < b.type; }));

}  // namespace

std::span<const ResourceType> ResourceTypes() {
  return kTypes;
}

const ResourceType* FindResourceType(std::string_view type) {
  const auto* found =
      std::lower_bound(std::begin(kTypes), std::end(kTypes), type,
                       [](const ResourceType& entry, std::string_view wanted) { return entry.type < wanted; });
  return found != std::end(kTypes) && found->type == type ? found : nullptr;
}

}  // namespace tfseal
