#include "aws/observe/types/declarations.h"

// Tables, caches, warehouses, search and the smaller databases.
namespace tfseal::observe {
namespace {

constexpr std::string_view kNotFound = "ResourceNotFoundException ResourceNotFound";

// --- DynamoDB and Keyspaces

constexpr Attribute kTableAttributes[] = {
    {"arn", "TableArn"},
    {"server_side_encryption[0].enabled", "SSEDescription.Status", "false", As::kEquals, "ENABLED"},
    {"server_side_encryption[0].kms_key_arn", "SSEDescription.KMSMasterKeyArn", "null"},
    {"deletion_protection_enabled", "DeletionProtectionEnabled", "false"},
    {"replica[].region_name", "Replicas[].RegionName", kAbsent},
    {"replica[].kms_key_arn", "Replicas[].KMSMasterKeyId", "null"},
};
// What is on without a number keeps 35 days.
constexpr Attribute kTableBackups[] = {
    {"point_in_time_recovery[0].enabled", "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus", kUnknown,
     As::kEquals, "ENABLED"},
    {"point_in_time_recovery[0].recovery_period_in_days", "PointInTimeRecoveryDescription.RecoveryPeriodInDays", "0"},
};
constexpr Read kTableReads[] = {
    {"dynamodb", "DescribeTable", "TableName={name|id}", "Table", kTableAttributes, IfNothing::kGone, kNotFound},
    {"dynamodb", "DescribeContinuousBackups", "TableName={name|id}", "ContinuousBackupsDescription", kTableBackups,
     IfNothing::kGone, "TableNotFoundException"}};
constexpr Attribute kTableIdentity[] = {{"id", "."}, {"name", "."}};
constexpr Attribute kTableReplicaAttributes[] = {{"kms_key_arn", "SSEDescription.KMSMasterKeyArn", "null"}};
constexpr Attribute kTableReplicaBackups[] = {{"point_in_time_recovery",
                                               "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus", kUnknown,
                                               As::kEquals, "ENABLED"}};
constexpr Read kTableReplicaReads[] = {
    {"dynamodb", "DescribeTable", "TableName={arn}", "Table", kTableReplicaAttributes, IfNothing::kGone, kNotFound},
    {"dynamodb", "DescribeContinuousBackups", "TableName={arn}", "ContinuousBackupsDescription", kTableReplicaBackups,
     IfNothing::kGone, "TableNotFoundException"}};
constexpr Attribute kKeyspacesAttributes[] = {
    {"encryption_specification[0].type", "encryptionSpecification.type", "\"AWS_OWNED_KMS_KEY\""},
    {"encryption_specification[0].kms_key_identifier", "encryptionSpecification.kmsKeyIdentifier", "null"},
    {"point_in_time_recovery[0].status", "pointInTimeRecovery.status", "\"DISABLED\""},
};
constexpr Read kKeyspacesReads[] = {{"keyspaces", "GetTable", "keyspaceName={keyspace_name}; tableName={table_name}",
                                     "", kKeyspacesAttributes, IfNothing::kGone, kNotFound}};

// --- Redshift

constexpr std::string_view kRedshiftTerraformOnly[] = {"skip_final_snapshot", "final_snapshot_identifier",
                                                       "snapshot_identifier", "snapshot_arn"};
constexpr std::string_view kNoWarehouse = "ClusterNotFound ClusterNotFoundFault";
constexpr Attribute kRedshiftAttributes[] = {
    {"encrypted", "Encrypted"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"automated_snapshot_retention_period", "AutomatedSnapshotRetentionPeriod"},
    {"publicly_accessible", "PubliclyAccessible"},
    {"manage_master_password", "MasterPasswordSecretArn", "null", As::kConstant, "true"},
    {"master_password_secret_kms_key_id", "MasterPasswordSecretKmsKeyId", "null"},
};
constexpr Attribute kRedshiftLogging[] = {{"logging[0].enable", "LoggingEnabled", "false"}};
constexpr Read kRedshiftReads[] = {{"redshift", "DescribeClusters", "ClusterIdentifier={cluster_identifier|id}",
                                    "Clusters[0]", kRedshiftAttributes, IfNothing::kGone, kNoWarehouse},
                                   {"redshift", "DescribeLoggingStatus", "ClusterIdentifier={cluster_identifier|id}",
                                    "", kRedshiftLogging, IfNothing::kGone, kNoWarehouse}};
constexpr Attribute kRedshiftIdentity[] = {{"id", "ClusterIdentifier"},
                                           {"cluster_identifier", "ClusterIdentifier"},
                                           {"arn", "ClusterNamespaceArn", kAbsent},
                                           {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"}};
constexpr Attribute kRedshiftLoggingOfItsOwn[] = {{"bucket_name", "BucketName", "null"}};
constexpr Read kRedshiftLoggingReads[] = {{"redshift", "DescribeLoggingStatus",
                                           "ClusterIdentifier={cluster_identifier|id}", "", kRedshiftLoggingOfItsOwn,
                                           IfNothing::kGone, kNoWarehouse, "[LoggingEnabled=true]"}};
constexpr Attribute kRedshiftGroup[] = {{"family", "ParameterGroupFamily"}};
constexpr Attribute kRedshiftParameters[] = {
    {"parameter[].name", "Parameters[].ParameterName", "[]"},
    {"parameter[].value", "Parameters[].ParameterValue", "null"},
};
constexpr std::string_view kNoRedshiftGroup = "ClusterParameterGroupNotFound ClusterParameterGroupNotFoundFault";
constexpr Read kRedshiftGroupReads[] = {
    {"redshift", "DescribeClusterParameterGroups", "ParameterGroupName={name|id}", "ParameterGroups[0]", kRedshiftGroup,
     IfNothing::kGone, kNoRedshiftGroup},
    {"redshift", "DescribeClusterParameters", "ParameterGroupName={name|id}; Source=user", "", kRedshiftParameters,
     IfNothing::kGone, kNoRedshiftGroup}};
constexpr Attribute kRedshiftGroupIdentity[] = {{"id", "ParameterGroupName"}, {"name", "ParameterGroupName"}};
constexpr Attribute kCopyGrant[] = {{"kms_key_id", "KmsKeyId", "null"}};
constexpr Read kCopyGrantReads[] = {{"redshift", "DescribeSnapshotCopyGrants",
                                     "SnapshotCopyGrantName={snapshot_copy_grant_name|id}", "SnapshotCopyGrants[0]",
                                     kCopyGrant, IfNothing::kGone,
                                     "SnapshotCopyGrantNotFoundFault SnapshotCopyGrantNotFound"}};
constexpr Attribute kNamespaceAttributes[] = {
    {"arn", "namespaceArn"},
    {"kms_key_id", "kmsKeyId", "null"},
    {"log_exports", "logExports", "[]"},
    {"manage_admin_password", "adminPasswordSecretArn", "null", As::kConstant, "true"},
    {"admin_password_secret_kms_key_id", "adminPasswordSecretKmsKeyId", "null"},
};
constexpr Read kNamespaceReads[] = {{"redshift-serverless", "GetNamespace", "namespaceName={namespace_name|id}",
                                     "namespace", kNamespaceAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kNamespaceIdentity[] = {
    {"id", "namespaceName"}, {"namespace_name", "namespaceName"}, {"arn", "namespaceArn"}};
constexpr Attribute kWorkgroupAttributes[] = {
    {"arn", "workgroupArn"},
    {"publicly_accessible", "publiclyAccessible"},
    {"config_parameter[].parameter_key", "configParameters[].parameterKey", "[]"},
    {"config_parameter[].parameter_value", "configParameters[].parameterValue", "null"},
};
constexpr Read kWorkgroupReads[] = {{"redshift-serverless", "GetWorkgroup", "workgroupName={workgroup_name|id}",
                                     "workgroup", kWorkgroupAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kWorkgroupIdentity[] = {
    {"id", "workgroupName"}, {"workgroup_name", "workgroupName"}, {"arn", "workgroupArn"}};

// --- caches

constexpr Attribute kReplicationGroupAttributes[] = {
    {"arn", "ARN"},
    {"at_rest_encryption_enabled", "AtRestEncryptionEnabled"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"snapshot_retention_limit", "SnapshotRetentionLimit"},
    {"transit_encryption_enabled", "TransitEncryptionEnabled"},
    {"transit_encryption_mode", "TransitEncryptionMode", "null"},
    {"engine", "Engine", kFromFile},
    {"global_replication_group_id", "GlobalReplicationGroupInfo.GlobalReplicationGroupId", "null"},
    {"auth_token", "AuthTokenEnabled", "false"},  // whether there is one
    {"user_group_ids", "UserGroupIds", "[]"},
};
constexpr std::string_view kAuthToken[] = {"auth_token"};
constexpr std::string_view kFinalSnapshotName[] = {"final_snapshot_identifier", "final_snapshot_name"};
constexpr Read kReplicationGroupReads[] = {
    {"elasticache", "DescribeReplicationGroups", "ReplicationGroupId={replication_group_id|id}", "ReplicationGroups[0]",
     kReplicationGroupAttributes, IfNothing::kGone, "ReplicationGroupNotFoundFault"}};
constexpr Attribute kReplicationGroupIdentity[] = {
    {"id", "ReplicationGroupId"}, {"replication_group_id", "ReplicationGroupId"}, {"arn", "ARN"}};
constexpr Attribute kCacheClusterAttributes[] = {
    {"arn", "ARN"},
    {"engine", "Engine"},
    {"replication_group_id", "ReplicationGroupId", "null"},
    {"snapshot_retention_limit", "SnapshotRetentionLimit", "0"},
    {"transit_encryption_enabled", "TransitEncryptionEnabled", "false"},
};
constexpr Read kCacheClusterReads[] = {{"elasticache", "DescribeCacheClusters", "CacheClusterId={cluster_id|id}",
                                        "CacheClusters[0]", kCacheClusterAttributes, IfNothing::kGone,
                                        "CacheClusterNotFound CacheClusterNotFoundFault"}};
constexpr Attribute kCacheClusterIdentity[] = {
    {"id", "CacheClusterId"}, {"cluster_id", "CacheClusterId"}, {"arn", "ARN"}};
constexpr std::string_view kGlobalGroupTerraformOnly[] = {"primary_replication_group_id", "replication_group_id"};
constexpr Attribute kGlobalGroupAttributes[] = {{"at_rest_encryption_enabled", "AtRestEncryptionEnabled"}};
constexpr Read kGlobalGroupReads[] = {
    {"elasticache", "DescribeGlobalReplicationGroups", "GlobalReplicationGroupId={global_replication_group_id|id}",
     "GlobalReplicationGroups[0]", kGlobalGroupAttributes, IfNothing::kGone, "GlobalReplicationGroupNotFoundFault"}};
constexpr Attribute kServerlessCacheAttributes[] = {
    {"arn", "ARN"},
    {"engine", "Engine"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"snapshot_retention_limit", "SnapshotRetentionLimit", "0"},
    {"user_group_id", "UserGroupId", "null"},
};
constexpr Read kServerlessCacheReads[] = {{"elasticache", "DescribeServerlessCaches", "ServerlessCacheName={name|id}",
                                           "ServerlessCaches[0]", kServerlessCacheAttributes, IfNothing::kGone,
                                           "ServerlessCacheNotFoundFault"}};
constexpr Attribute kServerlessCacheIdentity[] = {
    {"id", "ServerlessCacheName"}, {"name", "ServerlessCacheName"}, {"arn", "ARN"}};
constexpr Attribute kMemoryDbAttributes[] = {
    {"arn", "ARN"},
    {"kms_key_arn", "KmsKeyId", "null"},
    {"snapshot_retention_limit", "SnapshotRetentionLimit", "0"},
    {"tls_enabled", "TLSEnabled"},
    {"acl_name", "ACLName"},
};
constexpr Read kMemoryDbReads[] = {{"memorydb", "DescribeClusters", "ClusterName={name|id}", "Clusters[0]",
                                    kMemoryDbAttributes, IfNothing::kGone, "ClusterNotFoundFault"}};
constexpr Attribute kMemoryDbIdentity[] = {{"id", "Name"}, {"name", "Name"}, {"arn", "ARN"}};
constexpr Attribute kMemoryDbSnapshotAttributes[] = {{"arn", "ARN"}, {"kms_key_arn", "KmsKeyId", "null"}};
constexpr Read kMemoryDbSnapshotReads[] = {{"memorydb", "DescribeSnapshots", "SnapshotName={name|id}", "Snapshots[0]",
                                            kMemoryDbSnapshotAttributes, IfNothing::kGone, "SnapshotNotFoundFault"}};
constexpr Attribute kDaxAttributes[] = {
    {"arn", "ClusterArn"},
    {"server_side_encryption[0].enabled", "SSEDescription.Status", "false", As::kEquals, "ENABLED"},
    {"cluster_endpoint_encryption_type", "ClusterEndpointEncryptionType", "\"NONE\""},
};
constexpr Read kDaxReads[] = {{"dax", "DescribeClusters", "ClusterNames=[{cluster_name|id}]", "Clusters[0]",
                               kDaxAttributes, IfNothing::kGone, "ClusterNotFoundFault"}};
constexpr Attribute kDaxIdentity[] = {{"id", "ClusterName"}, {"cluster_name", "ClusterName"}, {"arn", "ClusterArn"}};

// --- DMS

constexpr std::string_view kNoDms = "ResourceNotFoundFault";
constexpr Attribute kDmsEndpointAttributes[] = {
    {"engine_name", "EngineName"}, {"kms_key_arn", "KmsKeyId", "null"}, {"ssl_mode", "SslMode", "\"none\""}};
constexpr Read kDmsEndpointReads[] = {{"dms", "DescribeEndpoints",
                                       "Filters[0].Name=endpoint-arn; Filters[0].Values=[{endpoint_arn}]",
                                       "Endpoints[0]", kDmsEndpointAttributes, IfNothing::kGone, kNoDms}};
constexpr Attribute kDmsEndpointIdentity[] = {{"id", "EndpointIdentifier"},
                                              {"endpoint_id", "EndpointIdentifier"},
                                              {"endpoint_arn", "EndpointArn"},
                                              {"arn", "EndpointArn"}};
constexpr Attribute kDmsInstanceAttributes[] = {{"kms_key_arn", "KmsKeyId", "null"},
                                                {"publicly_accessible", "PubliclyAccessible"}};
constexpr Read kDmsInstanceReads[] = {
    {"dms", "DescribeReplicationInstances",
     "Filters[0].Name=replication-instance-arn; Filters[0].Values=[{replication_instance_arn}]",
     "ReplicationInstances[0]", kDmsInstanceAttributes, IfNothing::kGone, kNoDms}};
constexpr Attribute kDmsInstanceIdentity[] = {{"id", "ReplicationInstanceIdentifier"},
                                              {"replication_instance_id", "ReplicationInstanceIdentifier"},
                                              {"replication_instance_arn", "ReplicationInstanceArn"},
                                              {"arn", "ReplicationInstanceArn"}};
constexpr Attribute kDmsConfigAttributes[] = {
    {"compute_config[0].kms_key_id", "ComputeConfig.KmsKeyId", "null"},
    {"compute_config[0].replication_subnet_group_id", "ComputeConfig.ReplicationSubnetGroupId", "null"},
};
constexpr Read kDmsConfigReads[] = {{"dms", "DescribeReplicationConfigs",
                                     "Filters[0].Name=replication-config-arn; Filters[0].Values=[{arn|id}]",
                                     "ReplicationConfigs[0]", kDmsConfigAttributes, IfNothing::kGone, kNoDms}};

// --- search

constexpr Attribute kSearchAttributes[] = {
    {"arn", "ARN"},
    {"encrypt_at_rest[0].enabled", "EncryptionAtRestOptions.Enabled", "false"},
    {"encrypt_at_rest[0].kms_key_id", "EncryptionAtRestOptions.KmsKeyId", "null"},
    {"node_to_node_encryption[0].enabled", "NodeToNodeEncryptionOptions.Enabled", "false"},
    {"domain_endpoint_options[0].enforce_https", "DomainEndpointOptions.EnforceHTTPS", "false"},
    {"domain_endpoint_options[0].tls_security_policy", "DomainEndpointOptions.TLSSecurityPolicy", "null"},
    {"log_publishing_options", "LogPublishingOptions", "[]", As::kEntries, "log_type enabled Enabled"},
    {"access_policies", "AccessPolicies", "null"},
    {"vpc_options[0].vpc_id", "VPCOptions.VPCId", kAbsent},
    {"advanced_security_options[0].enabled", "AdvancedSecurityOptions.Enabled", "false"},
};
constexpr Read kOpenSearchReads[] = {{"opensearch", "DescribeDomain", "DomainName={domain_name}", "DomainStatus",
                                      kSearchAttributes, IfNothing::kGone, kNotFound}};
constexpr Read kElasticsearchReads[] = {{"es", "DescribeElasticsearchDomain", "DomainName={domain_name}",
                                         "DomainStatus", kSearchAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kDomainPolicy[] = {{"access_policies", "AccessPolicies", "null"}};
constexpr Read kOpenSearchPolicyReads[] = {{"opensearch", "DescribeDomain", "DomainName={domain_name}", "DomainStatus",
                                            kDomainPolicy, IfNothing::kGone, kNotFound}};
constexpr Read kElasticsearchPolicyReads[] = {{"es", "DescribeElasticsearchDomain", "DomainName={domain_name}",
                                               "DomainStatus", kDomainPolicy, IfNothing::kGone, kNotFound}};
constexpr Attribute kSearchIdentity[] = {{"id", "DomainName"}, {"domain_name", "DomainName"}};
constexpr Attribute kCollectionAttributes[] = {{"arn", "arn"}, {"kms_key_arn", "kmsKeyArn", "null"}};
constexpr Read kCollectionReads[] = {
    {"opensearchserverless", "BatchGetCollection", "ids=[{id}]", "collectionDetails[0]", kCollectionAttributes}};
constexpr Attribute kCollectionIdentity[] = {{"id", "id"}, {"name", "name"}, {"arn", "arn"}};
constexpr Attribute kSecurityPolicyAttributes[] = {{"policy", "policy", kUnknown, As::kJson}, {"type", "type"}};
constexpr Read kSecurityPolicyReads[] = {{"opensearchserverless", "GetSecurityPolicy", "name={name|id}; type={type}",
                                          "securityPolicyDetail", kSecurityPolicyAttributes, IfNothing::kGone,
                                          kNotFound}};

// --- others

constexpr Attribute kElasticClusterAttributes[] = {{"kms_key_id", "kmsKeyId", "null"},
                                                   {"backup_retention_period", "backupRetentionPeriod"}};
constexpr Read kElasticClusterReads[] = {{"docdb-elastic", "GetCluster", "clusterArn={arn|id}", "cluster",
                                          kElasticClusterAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kElasticClusterIdentity[] = {{"id", "clusterArn"}, {"arn", "clusterArn"}, {"name", "clusterName"}};
constexpr Attribute kDsqlAttributes[] = {
    {"deletion_protection_enabled", "deletionProtectionEnabled"},
    {"kms_encryption_key", "encryptionDetails.kmsKeyArn|encryptionDetails.encryptionType", "null"},
};
constexpr Read kDsqlReads[] = {
    {"dsql", "GetCluster", "identifier={identifier|id}", "", kDsqlAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kDsqlIdentity[] = {{"id", "identifier"}, {"identifier", "identifier"}, {"arn", "arn"}};
constexpr Attribute kGraphAttributes[] = {{"public_connectivity", "publicConnectivity"},
                                          {"deletion_protection", "deletionProtection", "false"},
                                          {"kms_key_identifier", "kmsKeyIdentifier", "null"}};
constexpr Read kGraphReads[] = {
    {"neptune-graph", "GetGraph", "graphIdentifier={id}", "", kGraphAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kGraphIdentity[] = {{"id", "id"}, {"graph_name", "name"}, {"arn", "arn"}};
constexpr Attribute kUserPoolAttributes[] = {{"deletion_protection", "UserPool.DeletionProtection", "\"INACTIVE\""}};
constexpr Read kUserPoolReads[] = {{"cognito-idp", "DescribeUserPool", "UserPoolId={id}", "", kUserPoolAttributes,
                                    IfNothing::kGone, "ResourceNotFoundException"}};
constexpr Attribute kInfluxAttributes[] = {{"publicly_accessible", "publiclyAccessible"}};
constexpr Read kInfluxReads[] = {
    {"timestream-influxdb", "GetDbInstance", "identifier={id}", "", kInfluxAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kInfluxIdentity[] = {{"id", "id"}, {"name", "name"}, {"arn", "arn"}};
constexpr std::string_view kLightsailTerraformOnly[] = {"skip_final_snapshot", "final_snapshot_name"};
constexpr Attribute kLightsailAttributes[] = {{"backup_retention_enabled", "backupRetentionEnabled"},
                                              {"publicly_accessible", "publiclyAccessible"}};
constexpr Read kLightsailReads[] = {{"lightsail", "GetRelationalDatabase",
                                     "relationalDatabaseName={relational_database_name|id}", "relationalDatabase",
                                     kLightsailAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kLightsailIdentity[] = {{"id", "name"}, {"relational_database_name", "name"}, {"arn", "arn"}};

}  // namespace

const ObservedType kDynamoDbTable{.type = "aws_dynamodb_table",
                                  .listing = {"dynamodb", "ListTables", "", "TableNames", kTableIdentity},
                                  .reads = kTableReads};
const ObservedType kDynamoDbTableReplica{.type = "aws_dynamodb_table_replica", .reads = kTableReplicaReads};
const ObservedType kKeyspacesTable{.type = "aws_keyspaces_table", .reads = kKeyspacesReads};
const ObservedType kRedshiftCluster{
    .type = "aws_redshift_cluster",
    .listing = {"redshift", "DescribeClusters", "", "Clusters", kRedshiftIdentity, true},
    .reads = kRedshiftReads,
    .terraform_only = kRedshiftTerraformOnly};
const ObservedType kRedshiftLoggingType{.type = "aws_redshift_logging", .reads = kRedshiftLoggingReads};
const ObservedType kRedshiftParameterGroupType{
    .type = "aws_redshift_parameter_group",
    .listing = {"redshift", "DescribeClusterParameterGroups", "", "ParameterGroups[ParameterGroupName!default.]",
                kRedshiftGroupIdentity, true},
    .reads = kRedshiftGroupReads};
const ObservedType kRedshiftCopyGrant{.type = "aws_redshift_snapshot_copy_grant", .reads = kCopyGrantReads};
const ObservedType kRedshiftNamespace{
    .type = "aws_redshiftserverless_namespace",
    .listing = {"redshift-serverless", "ListNamespaces", "", "namespaces", kNamespaceIdentity},
    .reads = kNamespaceReads};
const ObservedType kRedshiftWorkgroup{
    .type = "aws_redshiftserverless_workgroup",
    .listing = {"redshift-serverless", "ListWorkgroups", "", "workgroups", kWorkgroupIdentity},
    .reads = kWorkgroupReads};
const ObservedType kReplicationGroup{
    .type = "aws_elasticache_replication_group",
    .listing = {"elasticache", "DescribeReplicationGroups", "", "ReplicationGroups", kReplicationGroupIdentity, true},
    .reads = kReplicationGroupReads,
    .terraform_only = kFinalSnapshotName,
    .secret = kAuthToken};
const ObservedType kCacheCluster{.type = "aws_elasticache_cluster",
                                 .listing = {"elasticache", "DescribeCacheClusters", "",
                                             "CacheClusters[ReplicationGroupId-]", kCacheClusterIdentity, true},
                                 .reads = kCacheClusterReads,
                                 .terraform_only = kFinalSnapshotName};
const ObservedType kGlobalReplicationGroup{.type = "aws_elasticache_global_replication_group",
                                           .reads = kGlobalGroupReads,
                                           .terraform_only = kGlobalGroupTerraformOnly};
const ObservedType kServerlessCache{
    .type = "aws_elasticache_serverless_cache",
    .listing = {"elasticache", "DescribeServerlessCaches", "", "ServerlessCaches", kServerlessCacheIdentity, true},
    .reads = kServerlessCacheReads};
const ObservedType kMemoryDbCluster{
    .type = "aws_memorydb_cluster",
    .listing = {"memorydb", "DescribeClusters", "", "Clusters", kMemoryDbIdentity, true},
    .reads = kMemoryDbReads,
    .terraform_only = kFinalSnapshotName};
const ObservedType kMemoryDbSnapshot{
    .type = "aws_memorydb_snapshot",
    .listing = {"memorydb", "DescribeSnapshots", "", "Snapshots", kMemoryDbIdentity, true},
    .reads = kMemoryDbSnapshotReads};
const ObservedType kDaxCluster{.type = "aws_dax_cluster",
                               .listing = {"dax", "DescribeClusters", "", "Clusters", kDaxIdentity, true},
                               .reads = kDaxReads};
const ObservedType kDmsEndpoint{.type = "aws_dms_endpoint",
                                .listing = {"dms", "DescribeEndpoints", "", "Endpoints", kDmsEndpointIdentity, true},
                                .reads = kDmsEndpointReads};
const ObservedType kDmsReplicationInstance{
    .type = "aws_dms_replication_instance",
    .listing = {"dms", "DescribeReplicationInstances", "", "ReplicationInstances", kDmsInstanceIdentity, true},
    .reads = kDmsInstanceReads};
const ObservedType kDmsReplicationConfig{.type = "aws_dms_replication_config", .reads = kDmsConfigReads};
const ObservedType kOpenSearchDomain{
    .type = "aws_opensearch_domain",
    .listing = {"opensearch", "ListDomainNames", "EngineType=OpenSearch", "DomainNames", kSearchIdentity},
    .reads = kOpenSearchReads};
const ObservedType kElasticsearchDomain{
    .type = "aws_elasticsearch_domain",
    .listing = {"opensearch", "ListDomainNames", "EngineType=Elasticsearch", "DomainNames", kSearchIdentity},
    .reads = kElasticsearchReads};
const ObservedType kSearchCollection{
    .type = "aws_opensearchserverless_collection",
    .listing = {"opensearchserverless", "ListCollections", "", "collectionSummaries", kCollectionIdentity},
    .reads = kCollectionReads};
const ObservedType kSearchSecurityPolicy{.type = "aws_opensearchserverless_security_policy",
                                         .reads = kSecurityPolicyReads};
const ObservedType kDocdbElasticCluster{
    .type = "aws_docdbelastic_cluster",
    .listing = {"docdb-elastic", "ListClusters", "", "clusters", kElasticClusterIdentity},
    .reads = kElasticClusterReads};
const ObservedType kDsqlCluster{.type = "aws_dsql_cluster",
                                .listing = {"dsql", "ListClusters", "", "clusters", kDsqlIdentity},
                                .reads = kDsqlReads};
const ObservedType kNeptuneGraph{.type = "aws_neptunegraph_graph",
                                 .listing = {"neptune-graph", "ListGraphs", "", "graphs", kGraphIdentity},
                                 .reads = kGraphReads};
const ObservedType kOpenSearchDomainPolicy{.type = "aws_opensearch_domain_policy", .reads = kOpenSearchPolicyReads};
const ObservedType kElasticsearchDomainPolicy{.type = "aws_elasticsearch_domain_policy",
                                              .reads = kElasticsearchPolicyReads};
const ObservedType kUserPool{.type = "aws_cognito_user_pool", .reads = kUserPoolReads};
const ObservedType kTimestreamInflux{
    .type = "aws_timestreaminfluxdb_db_instance",
    .listing = {"timestream-influxdb", "ListDbInstances", "", "items", kInfluxIdentity},
    .reads = kInfluxReads};
const ObservedType kLightsailDatabase{
    .type = "aws_lightsail_database",
    .listing = {"lightsail", "GetRelationalDatabases", "", "relationalDatabases", kLightsailIdentity, true},
    .reads = kLightsailReads,
    .terraform_only = kLightsailTerraformOnly};

}  // namespace tfseal::observe
