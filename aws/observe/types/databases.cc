#include "aws/observe/types/declarations.h"

// Amazon RDS, Aurora, DocumentDB and Neptune: one API (rds) answers for all of them; the engine tells which is whose.
namespace tfseal::observe {
namespace {

constexpr std::string_view kClusterTerraformOnly[] = {"skip_final_snapshot",       "final_snapshot_identifier",
                                                      "snapshot_identifier",       "restore_to_point_in_time",
                                                      "global_cluster_identifier", "delete_automated_backups"};
constexpr std::string_view kNotFound =
    "DBClusterNotFoundFault DBClusterNotFound DBInstanceNotFound "
    "DBInstanceNotFoundFault";

constexpr Attribute kClusterIdentity[] = {
    {"id", "DBClusterIdentifier"},
    {"cluster_identifier", "DBClusterIdentifier"},
    {"arn", "DBClusterArn"},
    {"tags_all", "TagList", "{}", As::kNameValue, "Key Value"},
};
constexpr Attribute kInstanceIdentity[] = {
    {"id", "DBInstanceIdentifier"},
    {"identifier", "DBInstanceIdentifier"},
    {"arn", "DBInstanceArn"},
    {"tags_all", "TagList", "{}", As::kNameValue, "Key Value"},
};

// --- Aurora and Multi-AZ clusters

constexpr Attribute kRdsClusterAttributes[] = {
    {"arn", "DBClusterArn"},
    {"storage_encrypted", "StorageEncrypted"},
    // Since February 2026 a cluster can be encrypted with a key of AWS: "none", "sse-rds" or "sse-kms".
    {"storage_encrypted", "StorageEncryptionType", kAbsent, As::kDiffers, "none"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"deletion_protection", "DeletionProtection"},
    {"iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"},
    {"enabled_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports", "[]"},
    {"performance_insights_enabled", "PerformanceInsightsEnabled", "null"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId", "null"},
    {"manage_master_user_password", "MasterUserSecret", "null", As::kConstant, "true"},
    {"master_user_secret_kms_key_id", "MasterUserSecret.KmsKeyId", "null"},
    {"replication_source_identifier", "ReplicationSourceIdentifier", "null"},
    // What environments ask for. The version that runs: engine_version may name no more than the major one.
    {"engine", "Engine"},
    {"engine_version_actual", "EngineVersion"},
    {"preferred_backup_window", "PreferredBackupWindow"},
    {"preferred_maintenance_window", "PreferredMaintenanceWindow"},
    {"serverlessv2_scaling_configuration[0].min_capacity", "ServerlessV2ScalingConfiguration.MinCapacity", kAbsent},
    {"serverlessv2_scaling_configuration[0].max_capacity", "ServerlessV2ScalingConfiguration.MaxCapacity", kAbsent},
    {"serverlessv2_scaling_configuration[0].seconds_until_auto_pause",
     "ServerlessV2ScalingConfiguration.SecondsUntilAutoPause", kAbsent},
};
constexpr Read kRdsClusterReads[] = {{"rds", "DescribeDBClusters", "DBClusterIdentifier={cluster_identifier|id}",
                                      "DBClusters[0]", kRdsClusterAttributes, IfNothing::kGone, kNotFound}};

constexpr Attribute kClusterMemberAttributes[] = {
    {"arn", "DBInstanceArn"},
    {"storage_encrypted", "StorageEncrypted"},
    {"cluster_identifier", "DBClusterIdentifier", "null"},
    {"publicly_accessible", "PubliclyAccessible"},
    {"performance_insights_enabled", "PerformanceInsightsEnabled", "false"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId", "null"},
    {"performance_insights_retention_period", "PerformanceInsightsRetentionPeriod", "null"},
    {"monitoring_interval", "MonitoringInterval"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
    {"preferred_maintenance_window", "PreferredMaintenanceWindow"},
};
constexpr Read kClusterMemberReads[] = {{"rds", "DescribeDBInstances", "DBInstanceIdentifier={identifier|id}",
                                         "DBInstances[0]", kClusterMemberAttributes, IfNothing::kGone, kNotFound}};

// --- instances

constexpr std::string_view kInstanceTerraformOnly[] = {
    "skip_final_snapshot",      "final_snapshot_identifier", "snapshot_identifier",   "restore_to_point_in_time",
    "delete_automated_backups", "db_snapshot_arn",           "db_snapshot_identifier"};
constexpr Attribute kDbInstanceAttributes[] = {
    {"arn", "DBInstanceArn"},
    {"identifier", "DBInstanceIdentifier"},
    {"engine", "Engine"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"deletion_protection", "DeletionProtection"},
    {"iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"},
    {"enabled_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports", "[]"},
    {"publicly_accessible", "PubliclyAccessible"},
    {"performance_insights_enabled", "PerformanceInsightsEnabled", "false"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId", "null"},
    {"manage_master_user_password", "MasterUserSecret", "null", As::kConstant, "true"},
    {"master_user_secret_kms_key_id", "MasterUserSecret.KmsKeyId", "null"},
    {"replicate_source_db", "ReadReplicaSourceDBInstanceIdentifier|ReadReplicaSourceDBClusterIdentifier", "null"},
    {"engine_version_actual", "EngineVersion"},
    {"backup_window", "PreferredBackupWindow"},
    {"maintenance_window", "PreferredMaintenanceWindow"},
    {"performance_insights_retention_period", "PerformanceInsightsRetentionPeriod", "null"},
    {"monitoring_interval", "MonitoringInterval", "0"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
};
// A state follows the resource id, whatever the instance is called by now; a plan may only know the name.
constexpr Read kDbInstanceReads[] = {
    {"rds", "DescribeDBInstances",
     "Filters[0].Name=dbi-resource-id; Filters[0].Values=[{resource_id}] || DBInstanceIdentifier={identifier|id}",
     "DBInstances[0]", kDbInstanceAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kDbInstanceIdentity[] = {
    {"id", "DbiResourceId"},
    {"resource_id", "DbiResourceId"},
    {"identifier", "DBInstanceIdentifier"},
    {"arn", "DBInstanceArn"},
    {"tags_all", "TagList", "{}", As::kNameValue, "Key Value"},
};

// --- DocumentDB and Neptune

constexpr Attribute kDocdbClusterAttributes[] = {
    {"arn", "DBClusterArn"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"deletion_protection", "DeletionProtection"},
    {"enabled_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports", "[]"},
    {"replication_source_identifier", "ReplicationSourceIdentifier", "null"},
};
constexpr Read kDocdbClusterReads[] = {{"rds", "DescribeDBClusters", "DBClusterIdentifier={cluster_identifier|id}",
                                        "DBClusters[0]", kDocdbClusterAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kDocdbInstanceAttributes[] = {
    {"arn", "DBInstanceArn"},
    {"storage_encrypted", "StorageEncrypted"},
    {"cluster_identifier", "DBClusterIdentifier", "null"},
    {"enable_performance_insights", "PerformanceInsightsEnabled", "false"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId", "null"},
};
constexpr Read kDocdbInstanceReads[] = {{"rds", "DescribeDBInstances", "DBInstanceIdentifier={identifier|id}",
                                         "DBInstances[0]", kDocdbInstanceAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kNeptuneClusterAttributes[] = {
    {"arn", "DBClusterArn"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_arn", "KmsKeyId", "null"},
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"deletion_protection", "DeletionProtection"},
    {"iam_database_authentication_enabled", "IAMDatabaseAuthenticationEnabled"},
    {"enable_cloudwatch_logs_exports", "EnabledCloudwatchLogsExports", "[]"},
    {"replication_source_identifier", "ReplicationSourceIdentifier", "null"},
};
constexpr Read kNeptuneClusterReads[] = {{"rds", "DescribeDBClusters", "DBClusterIdentifier={cluster_identifier|id}",
                                          "DBClusters[0]", kNeptuneClusterAttributes, IfNothing::kGone, kNotFound}};

// --- what stands around them

constexpr std::string_view kGlobalTerraformOnly[] = {"source_db_cluster_identifier"};
constexpr Attribute kGlobalClusterAttributes[] = {
    {"arn", "GlobalClusterArn"},
    {"storage_encrypted", "StorageEncrypted"},
    {"deletion_protection", "DeletionProtection"},
};
constexpr Read kGlobalClusterReads[] = {
    {"rds", "DescribeGlobalClusters", "GlobalClusterIdentifier={global_cluster_identifier|id}", "GlobalClusters[0]",
     kGlobalClusterAttributes, IfNothing::kGone, "GlobalClusterNotFoundFault GlobalClusterNotFound"}};
constexpr Attribute kGlobalClusterIdentity[] = {{"id", "GlobalClusterIdentifier"},
                                                {"global_cluster_identifier", "GlobalClusterIdentifier"},
                                                {"arn", "GlobalClusterArn"}};

constexpr Attribute kProxyAttributes[] = {
    {"arn", "DBProxyArn"},
    {"require_tls", "RequireTLS"},
    {"auth[].iam_auth", "Auth[].IAMAuth"},
};
constexpr Read kProxyReads[] = {{"rds", "DescribeDBProxies", "DBProxyName={name|id}", "DBProxies[0]", kProxyAttributes,
                                 IfNothing::kGone, "DBProxyNotFoundFault"}};
constexpr Attribute kProxyIdentity[] = {{"id", "DBProxyName"}, {"name", "DBProxyName"}, {"arn", "DBProxyArn"}};

constexpr Attribute kActivityStreamAttributes[] = {{"kms_key_id", "ActivityStreamKmsKeyId", "null"}};
constexpr Read kActivityStreamReads[] = {{"rds", "DescribeDBClusters", "DBClusterIdentifier={resource_arn|id}",
                                          "DBClusters[0]", kActivityStreamAttributes, IfNothing::kGone, kNotFound,
                                          "ActivityStreamKinesisStreamName"}};

// --- snapshots and backups

constexpr Attribute kClusterSnapshotAttributes[] = {
    {"db_cluster_snapshot_arn", "DBClusterSnapshotArn"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"db_cluster_identifier", "DBClusterIdentifier"},
};
constexpr Attribute kClusterSnapshotSharing[] = {
    {"shared_accounts", "DBClusterSnapshotAttributes[AttributeName=restore].AttributeValues", "[]"}};
constexpr std::string_view kNoClusterSnapshot = "DBClusterSnapshotNotFoundFault DBClusterSnapshotNotFound";
constexpr Read kClusterSnapshotReads[] = {
    {"rds", "DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier={db_cluster_snapshot_identifier|id}",
     "DBClusterSnapshots[0]", kClusterSnapshotAttributes, IfNothing::kGone, kNoClusterSnapshot},
    {"rds", "DescribeDBClusterSnapshotAttributes", "DBClusterSnapshotIdentifier={db_cluster_snapshot_identifier|id}",
     "DBClusterSnapshotAttributesResult", kClusterSnapshotSharing, IfNothing::kGone, kNoClusterSnapshot}};
constexpr Attribute kClusterSnapshotIdentity[] = {{"id", "DBClusterSnapshotIdentifier"},
                                                  {"db_cluster_snapshot_identifier", "DBClusterSnapshotIdentifier"},
                                                  {"arn", "DBClusterSnapshotArn"}};
// DocumentDB and Neptune snapshots of the provider have no sharing attribute.
constexpr Read kOtherClusterSnapshotReads[] = {
    {"rds", "DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier={db_cluster_snapshot_identifier|id}",
     "DBClusterSnapshots[0]", kClusterSnapshotAttributes, IfNothing::kGone, kNoClusterSnapshot}};
constexpr Read kClusterSnapshotCopyReads[] = {
    {"rds", "DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier={target_db_cluster_snapshot_identifier|id}",
     "DBClusterSnapshots[0]", kClusterSnapshotAttributes, IfNothing::kGone, kNoClusterSnapshot},
    {"rds", "DescribeDBClusterSnapshotAttributes",
     "DBClusterSnapshotIdentifier={target_db_cluster_snapshot_identifier|id}", "DBClusterSnapshotAttributesResult",
     kClusterSnapshotSharing, IfNothing::kGone, kNoClusterSnapshot}};
constexpr std::string_view kClusterSnapshotCopyTerraformOnly[] = {
    "source_db_cluster_snapshot_identifier", "db_cluster_snapshot_identifier", "db_cluster_snapshot_arn"};

constexpr Attribute kSnapshotAttributes[] = {
    {"db_snapshot_arn", "DBSnapshotArn"},
    {"encrypted", "Encrypted"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"db_instance_identifier", "DBInstanceIdentifier"},
};
constexpr Attribute kSnapshotSharing[] = {
    {"shared_accounts", "DBSnapshotAttributes[AttributeName=restore].AttributeValues", "[]"}};
constexpr std::string_view kNoSnapshot = "DBSnapshotNotFound DBSnapshotNotFoundFault";
// Of a copy the document tells the source as it was given, which may be a name.
constexpr Attribute kSnapshotSource[] = {{"source_db_snapshot_identifier", "SourceDBSnapshotIdentifier", "null"}};
constexpr Read kSnapshotReads[] = {
    {"rds", "DescribeDBSnapshots", "DBSnapshotIdentifier={db_snapshot_identifier|id}", "DBSnapshots[0]",
     kSnapshotAttributes, IfNothing::kGone, kNoSnapshot},
    {"rds", "DescribeDBSnapshots", "DBSnapshotIdentifier={db_snapshot_identifier|id}", "DBSnapshots[0]",
     kSnapshotSource, IfNothing::kGone, kNoSnapshot},
    {"rds", "DescribeDBSnapshotAttributes", "DBSnapshotIdentifier={db_snapshot_identifier|id}",
     "DBSnapshotAttributesResult", kSnapshotSharing, IfNothing::kGone, kNoSnapshot}};
constexpr Attribute kSnapshotIdentity[] = {
    {"id", "DBSnapshotIdentifier"}, {"db_snapshot_identifier", "DBSnapshotIdentifier"}, {"arn", "DBSnapshotArn"}};
constexpr Read kSnapshotCopyReads[] = {
    {"rds", "DescribeDBSnapshots", "DBSnapshotIdentifier={target_db_snapshot_identifier|id}", "DBSnapshots[0]",
     kSnapshotAttributes, IfNothing::kGone, kNoSnapshot},
    {"rds", "DescribeDBSnapshotAttributes", "DBSnapshotIdentifier={target_db_snapshot_identifier|id}",
     "DBSnapshotAttributesResult", kSnapshotSharing, IfNothing::kGone, kNoSnapshot}};
constexpr std::string_view kSnapshotCopyTerraformOnly[] = {"source_db_snapshot_identifier", "db_snapshot_identifier"};

constexpr Attribute kReplicatedBackupsAttributes[] = {
    {"kms_key_id", "KmsKeyId", "null"},
    {"retention_period", "BackupRetentionPeriod"},
    {"source_db_instance_arn", "DBInstanceArn"},
};
constexpr Read kReplicatedBackupsReads[] = {
    {"rds", "DescribeDBInstanceAutomatedBackups", "DBInstanceAutomatedBackupsArn={id}", "DBInstanceAutomatedBackups[0]",
     kReplicatedBackupsAttributes, IfNothing::kGone, "DBInstanceAutomatedBackupNotFound"}};

// --- parameter groups: only what somebody set, as Terraform keeps them

constexpr Attribute kParameters[] = {
    {"parameter[].name", "Parameters[].ParameterName", "[]"},
    {"parameter[].value", "Parameters[].ParameterValue", "null"},
};
constexpr std::string_view kNoGroup = "DBParameterGroupNotFound DBParameterGroupNotFoundFault";
constexpr Attribute kGroupAttributes[] = {{"arn", "DBParameterGroupArn"}, {"family", "DBParameterGroupFamily"}};
constexpr Read kParameterGroupReads[] = {{"rds", "DescribeDBParameterGroups", "DBParameterGroupName={name|id}",
                                          "DBParameterGroups[0]", kGroupAttributes, IfNothing::kGone, kNoGroup},
                                         {"rds", "DescribeDBParameters", "DBParameterGroupName={name|id}; Source=user",
                                          "", kParameters, IfNothing::kGone, kNoGroup}};
constexpr Attribute kGroupIdentity[] = {
    {"id", "DBParameterGroupName"}, {"name", "DBParameterGroupName"}, {"arn", "DBParameterGroupArn"}};
constexpr Attribute kClusterGroupAttributes[] = {{"arn", "DBClusterParameterGroupArn"},
                                                 {"family", "DBParameterGroupFamily"}};
constexpr Read kClusterParameterGroupReads[] = {
    {"rds", "DescribeDBClusterParameterGroups", "DBClusterParameterGroupName={name|id}", "DBClusterParameterGroups[0]",
     kClusterGroupAttributes, IfNothing::kGone, kNoGroup},
    {"rds", "DescribeDBClusterParameters", "DBClusterParameterGroupName={name|id}; Source=user", "", kParameters,
     IfNothing::kGone, kNoGroup}};
constexpr Attribute kClusterGroupIdentity[] = {{"id", "DBClusterParameterGroupName"},
                                               {"name", "DBClusterParameterGroupName"},
                                               {"arn", "DBClusterParameterGroupArn"}};

}  // namespace

const ObservedType kRdsCluster{
    .type = "aws_rds_cluster",
    .listing = {"rds", "DescribeDBClusters", "", "DBClusters[Engine!docdb,neptune]", kClusterIdentity, true},
    .reads = kRdsClusterReads,
    .terraform_only = kClusterTerraformOnly};
const ObservedType kRdsClusterInstance{
    .type = "aws_rds_cluster_instance",
    .listing = {"rds", "DescribeDBInstances", "", "DBInstances[DBClusterIdentifier?][Engine!docdb,neptune]",
                kInstanceIdentity, true},
    .reads = kClusterMemberReads};
const ObservedType kDbInstance{
    .type = "aws_db_instance",
    .listing = {"rds", "DescribeDBInstances", "", "DBInstances[DBClusterIdentifier-]", kDbInstanceIdentity, true},
    .reads = kDbInstanceReads,
    .terraform_only = kInstanceTerraformOnly};
const ObservedType kDocdbCluster{
    .type = "aws_docdb_cluster",
    .listing = {"rds", "DescribeDBClusters", "", "DBClusters[Engine^docdb]", kClusterIdentity, true},
    .reads = kDocdbClusterReads,
    .terraform_only = kClusterTerraformOnly};
const ObservedType kDocdbClusterInstance{
    .type = "aws_docdb_cluster_instance",
    .listing = {"rds", "DescribeDBInstances", "", "DBInstances[Engine^docdb]", kInstanceIdentity, true},
    .reads = kDocdbInstanceReads};
const ObservedType kNeptuneCluster{
    .type = "aws_neptune_cluster",
    .listing = {"rds", "DescribeDBClusters", "", "DBClusters[Engine^neptune]", kClusterIdentity, true},
    .reads = kNeptuneClusterReads,
    .terraform_only = kClusterTerraformOnly};
const ObservedType kNeptuneClusterInstance{
    .type = "aws_neptune_cluster_instance",
    .listing = {"rds", "DescribeDBInstances", "", "DBInstances[Engine^neptune]", kInstanceIdentity, true},
    .reads = kClusterMemberReads};
const ObservedType kRdsGlobalCluster{.type = "aws_rds_global_cluster",
                                     .listing = {"rds", "DescribeGlobalClusters", "",
                                                 "GlobalClusters[Engine!docdb,neptune]", kGlobalClusterIdentity, true},
                                     .reads = kGlobalClusterReads,
                                     .terraform_only = kGlobalTerraformOnly};
const ObservedType kDocdbGlobalCluster{
    .type = "aws_docdb_global_cluster",
    .listing = {"rds", "DescribeGlobalClusters", "", "GlobalClusters[Engine^docdb]", kGlobalClusterIdentity, true},
    .reads = kGlobalClusterReads,
    .terraform_only = kGlobalTerraformOnly};
const ObservedType kNeptuneGlobalCluster{
    .type = "aws_neptune_global_cluster",
    .listing = {"rds", "DescribeGlobalClusters", "", "GlobalClusters[Engine^neptune]", kGlobalClusterIdentity, true},
    .reads = kGlobalClusterReads,
    .terraform_only = kGlobalTerraformOnly};
const ObservedType kDbProxy{.type = "aws_db_proxy",
                            .listing = {"rds", "DescribeDBProxies", "", "DBProxies", kProxyIdentity, true},
                            .reads = kProxyReads};
const ObservedType kRdsClusterActivityStream{.type = "aws_rds_cluster_activity_stream", .reads = kActivityStreamReads};
const ObservedType kDbClusterSnapshot{
    .type = "aws_db_cluster_snapshot",
    .listing = {"rds", "DescribeDBClusterSnapshots", "", "DBClusterSnapshots[Engine!docdb,neptune]",
                kClusterSnapshotIdentity, true},
    .reads = kClusterSnapshotReads};
const ObservedType kDocdbClusterSnapshot{
    .type = "aws_docdb_cluster_snapshot",
    .listing = {"rds", "DescribeDBClusterSnapshots", "", "DBClusterSnapshots[Engine^docdb]", kClusterSnapshotIdentity,
                true},
    .reads = kOtherClusterSnapshotReads};
const ObservedType kNeptuneClusterSnapshot{
    .type = "aws_neptune_cluster_snapshot",
    .listing = {"rds", "DescribeDBClusterSnapshots", "", "DBClusterSnapshots[Engine^neptune]", kClusterSnapshotIdentity,
                true},
    .reads = kOtherClusterSnapshotReads};
const ObservedType kRdsClusterSnapshotCopy{.type = "aws_rds_cluster_snapshot_copy",
                                           .reads = kClusterSnapshotCopyReads,
                                           .terraform_only = kClusterSnapshotCopyTerraformOnly};
const ObservedType kDbSnapshot{.type = "aws_db_snapshot",
                               .listing = {"rds", "DescribeDBSnapshots", "", "DBSnapshots", kSnapshotIdentity, true},
                               .reads = kSnapshotReads};
const ObservedType kDbSnapshotCopy{
    .type = "aws_db_snapshot_copy", .reads = kSnapshotCopyReads, .terraform_only = kSnapshotCopyTerraformOnly};
const ObservedType kReplicatedBackups{.type = "aws_db_instance_automated_backups_replication",
                                      .reads = kReplicatedBackupsReads};
const ObservedType kDbParameterGroup{
    .type = "aws_db_parameter_group",
    .listing = {"rds", "DescribeDBParameterGroups", "", "DBParameterGroups[DBParameterGroupName!default.]",
                kGroupIdentity, true},
    .reads = kParameterGroupReads};
const ObservedType kRdsClusterParameterGroup{
    .type = "aws_rds_cluster_parameter_group",
    .listing = {"rds", "DescribeDBClusterParameterGroups", "",
                "DBClusterParameterGroups[DBClusterParameterGroupName!default.][DBParameterGroupFamily!docdb,neptune]",
                kClusterGroupIdentity, true},
    .reads = kClusterParameterGroupReads};
const ObservedType kDocdbClusterParameterGroup{
    .type = "aws_docdb_cluster_parameter_group",
    .listing = {"rds", "DescribeDBClusterParameterGroups", "",
                "DBClusterParameterGroups[DBClusterParameterGroupName!default.][DBParameterGroupFamily^docdb]",
                kClusterGroupIdentity, true},
    .reads = kClusterParameterGroupReads};
const ObservedType kNeptuneClusterParameterGroup{
    .type = "aws_neptune_cluster_parameter_group",
    .listing = {"rds", "DescribeDBClusterParameterGroups", "",
                "DBClusterParameterGroups[DBClusterParameterGroupName!default.][DBParameterGroupFamily^neptune]",
                kClusterGroupIdentity, true},
    .reads = kClusterParameterGroupReads};

}  // namespace tfseal::observe
