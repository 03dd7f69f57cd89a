#include "aws/observe/types/declarations.h"

// What runs: containers, functions, builds; and services of which only the key or a switch is judged. Environments are
// judged for secrets in clear and never shown.
namespace tfseal::observe {
namespace {

constexpr std::string_view kNotFound = "ResourceNotFoundException";
constexpr std::string_view kContainerSecrets[] = {"container_definitions"};
constexpr std::string_view kEnvironmentSecrets[] = {"environment"};
constexpr std::string_view kVariablesSecrets[] = {"environment_variables"};

// --- containers

constexpr Attribute kTaskDefinitionAttributes[] = {
    {"container_definitions", "containerDefinitions", kUnknown, As::kJson},
    // The file system tells that the volume is one, also where AWS says nothing of TLS.
    {"volume[].name", "volumes[].name", "null"},
    {"volume[].efs_volume_configuration[0].file_system_id", "volumes[].efsVolumeConfiguration.fileSystemId", kAbsent},
    {"volume[].efs_volume_configuration[0].transit_encryption", "volumes[].efsVolumeConfiguration.transitEncryption",
     kAbsent},
};
// A revision that was deregistered is no longer what Terraform made, though it can still be read.
constexpr Read kTaskDefinitionReads[] = {{"ecs", "DescribeTaskDefinition", "taskDefinition={arn|family}",
                                          "taskDefinition", kTaskDefinitionAttributes, IfNothing::kGone,
                                          "ClientException", "[status!INACTIVE,DELETE_IN_PROGRESS]"}};
constexpr Attribute kTaskDefinitionIdentity[] = {
    {"id", "."}, {"arn", "."}, {"family", ".", kAbsent, As::kAfterLast, "/"}};
constexpr Attribute kEcsClusterAttributes[] = {
    {"arn", "clusterArn"},
    {"configuration[0].execute_command_configuration[0].kms_key_id",
     "configuration.executeCommandConfiguration.kmsKeyId", kAbsent},
};
constexpr Read kEcsClusterReads[] = {{"ecs", "DescribeClusters", "clusters=[{arn|name|id}]; include=[CONFIGURATIONS]",
                                      "clusters[0]", kEcsClusterAttributes, IfNothing::kGone,
                                      "ClusterNotFoundException", "[status!INACTIVE]"}};
constexpr Attribute kEcsClusterIdentity[] = {{"id", "."}, {"arn", "."}, {"name", ".", kAbsent, As::kAfterLast, "/"}};
constexpr Attribute kEksAttributes[] = {
    {"encryption_config[].provider[0].key_arn", "encryptionConfig[].provider.keyArn", "null"}};
constexpr Read kEksReads[] = {
    {"eks", "DescribeCluster", "name={name|id}", "cluster", kEksAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kEksIdentity[] = {{"id", "."}, {"name", "."}};
constexpr Attribute kAppRunnerAttributes[] = {
    {"source_configuration[0].image_repository[0].image_configuration[0].runtime_environment_variables",
     "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables", kAbsent},
    {"source_configuration[0].image_repository[0].image_configuration[0].start_command",
     "SourceConfiguration.ImageRepository.ImageConfiguration.StartCommand", kAbsent},
    {"source_configuration[0].code_repository[0].code_configuration[0].code_configuration_values[0].runtime_"
     "environment_"
     "variables",
     "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables",
     kAbsent},
};
constexpr std::string_view kAppRunnerSecrets[] = {"source_configuration"};
constexpr Read kAppRunnerReads[] = {{"apprunner", "DescribeService", "ServiceArn={arn|id}", "Service",
                                     kAppRunnerAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kAppRunnerIdentity[] = {
    {"id", "ServiceArn"}, {"arn", "ServiceArn"}, {"service_name", "ServiceName"}};
constexpr Attribute kBatchAttributes[] = {
    {"container_properties", "containerProperties", "null", As::kJson},
    {"ecs_properties", "ecsProperties", "null", As::kJson},
    {"node_properties", "nodeProperties", "null", As::kJson},
};
constexpr std::string_view kBatchSecrets[] = {"container_properties", "ecs_properties", "node_properties"};
constexpr Read kBatchReads[] = {{"batch", "DescribeJobDefinitions", "jobDefinitions=[{arn|id}]", "jobDefinitions[0]",
                                 kBatchAttributes, IfNothing::kGone, kNotFound, "[status!INACTIVE]"}};
constexpr Attribute kBatchIdentity[] = {
    {"id", "jobDefinitionArn"}, {"arn", "jobDefinitionArn"}, {"name", "jobDefinitionName"}};

// --- functions and builds

// Who may not use the function's key is told so in place of its environment.
constexpr Attribute kFunctionAttributes[] = {
    {"arn", "FunctionArn"},
    {"environment[0].variables", "Environment.Variables", kAbsent},
    {"environment", "Environment.Error", kAbsent, As::kConstant, kUnknown},
    {"kms_key_arn", "KMSKeyArn", "null"},
};
constexpr Read kFunctionReads[] = {{"lambda", "GetFunctionConfiguration", "FunctionName={function_name|id}", "",
                                    kFunctionAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kFunctionIdentity[] = {
    {"id", "FunctionName"}, {"function_name", "FunctionName"}, {"arn", "FunctionArn"}};
constexpr Attribute kBuildAttributes[] = {
    {"arn", "arn"},
    {"encryption_key", "encryptionKey", "null"},
    {"artifacts[0].encryption_disabled", "artifacts.encryptionDisabled", "false"},
    {"environment[0].environment_variable[].name", "environment.environmentVariables[].name", "[]"},
    {"environment[0].environment_variable[].value", "environment.environmentVariables[].value", "null"},
    {"environment[0].environment_variable[].type", "environment.environmentVariables[].type", "\"PLAINTEXT\""},
    {"source[0].buildspec", "source.buildspec", "null"},
    {"secondary_sources[].buildspec", "secondarySources[].buildspec", "null"},
    {"secondary_artifacts[].encryption_disabled", "secondaryArtifacts[].encryptionDisabled", "false"},
    {"logs_config[0].s3_logs[0].status", "logsConfig.s3Logs.status", kAbsent},
    {"logs_config[0].s3_logs[0].encryption_disabled", "logsConfig.s3Logs.encryptionDisabled", kAbsent},
};
constexpr std::string_view kBuildSecrets[] = {"environment", "source", "secondary_sources"};
constexpr Read kBuildReads[] = {
    {"codebuild", "BatchGetProjects", "names=[{name|id}]", "projects[0]", kBuildAttributes}};
constexpr Attribute kBuildIdentity[] = {{"name", "."}};
constexpr Attribute kAmplifyAttributes[] = {{"environment_variables", "environmentVariables", "{}"}};
constexpr Read kAmplifyReads[] = {
    {"amplify", "GetApp", "appId={id}", "app", kAmplifyAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kAmplifyIdentity[] = {{"id", "appId"}, {"arn", "appArn"}, {"name", "name"}};
constexpr Read kAmplifyBranchReads[] = {{"amplify", "GetBranch", "appId={app_id}; branchName={branch_name}", "branch",
                                         kAmplifyAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kBeanstalkAttributes[] = {
    {"setting[].namespace", "OptionSettings[].Namespace", "null"},
    {"setting[].name", "OptionSettings[].OptionName", "null"},
    {"setting[].value", "OptionSettings[].Value", "null"},
};
constexpr std::string_view kBeanstalkSecrets[] = {"setting"};
constexpr Read kBeanstalkEnvironmentReads[] = {{"elasticbeanstalk", "DescribeConfigurationSettings",
                                                "ApplicationName={application}; EnvironmentName={name}",
                                                "ConfigurationSettings[0]", kBeanstalkAttributes}};
constexpr Read kBeanstalkTemplateReads[] = {{"elasticbeanstalk", "DescribeConfigurationSettings",
                                             "ApplicationName={application}; TemplateName={name}",
                                             "ConfigurationSettings[0]", kBeanstalkAttributes}};
constexpr Attribute kGlueJobAttributes[] = {
    {"default_arguments", "DefaultArguments", "{}"},
    {"non_overridable_arguments", "NonOverridableArguments", "{}"},
};
constexpr std::string_view kGlueJobSecrets[] = {"default_arguments", "non_overridable_arguments"};
constexpr Read kGlueJobReads[] = {
    {"glue", "GetJob", "JobName={name|id}", "Job", kGlueJobAttributes, IfNothing::kGone, "EntityNotFoundException"}};
constexpr Attribute kGlueJobIdentity[] = {{"id", "."}, {"name", "."}};
constexpr Attribute kGlueConnectionAttributes[] = {{"connection_properties", "ConnectionProperties", "{}"}};
constexpr std::string_view kGlueConnectionSecrets[] = {"connection_properties"};
constexpr Read kGlueConnectionReads[] = {{"glue", "GetConnection", "Name={name|id}", "Connection",
                                          kGlueConnectionAttributes, IfNothing::kGone, "EntityNotFoundException"}};
constexpr Attribute kRestStageAttributes[] = {{"variables", "variables", "{}"}};
constexpr std::string_view kRestStageSecrets[] = {"variables"};
constexpr Read kRestStageReads[] = {{"apigateway", "GetStage", "restApiId={rest_api_id}; stageName={stage_name}", "",
                                     kRestStageAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kHttpStageAttributes[] = {{"stage_variables", "StageVariables", "{}"}};
constexpr std::string_view kHttpStageSecrets[] = {"stage_variables"};
constexpr Read kHttpStageReads[] = {{"apigatewayv2", "GetStage", "ApiId={api_id}; StageName={name}", "",
                                     kHttpStageAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kConnectorAttributes[] = {{"connector_configuration", "connectorConfiguration", "{}"}};
constexpr std::string_view kConnectorSecrets[] = {"connector_configuration"};
constexpr Read kConnectorReads[] = {{"kafkaconnect", "DescribeConnector", "connectorArn={arn|id}", "",
                                     kConnectorAttributes, IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kApplicationProperties[] = {
    {"application_configuration[0].environment_properties[0].property_group[].property_group_id",
     "ApplicationConfigurationDescription.EnvironmentPropertyDescriptions.PropertyGroupDescriptions[].PropertyGroupId",
     "null"},
    {"application_configuration[0].environment_properties[0].property_group[].property_map",
     "ApplicationConfigurationDescription.EnvironmentPropertyDescriptions.PropertyGroupDescriptions[].PropertyMap",
     "null"}};
constexpr std::string_view kApplicationSecrets[] = {"application_configuration"};
constexpr Read kApplicationReads[] = {{"kinesisanalyticsv2", "DescribeApplication", "ApplicationName={name}",
                                       "ApplicationDetail", kApplicationProperties, IfNothing::kGone,
                                       "ResourceNotFoundException"}};
constexpr Attribute kMwaaAttributes[] = {{"kms_key", "KmsKey", "null"},
                                         {"airflow_configuration_options", "AirflowConfigurationOptions", "{}"}};
constexpr std::string_view kMwaaSecrets[] = {"airflow_configuration_options"};
constexpr Read kMwaaReads[] = {
    {"mwaa", "GetEnvironment", "Name={name|id}", "Environment", kMwaaAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kMwaaIdentity[] = {{"id", "."}, {"name", "."}};
constexpr Attribute kModelAttributes[] = {
    {"container[].environment", "Containers[].Environment", "{}"},
    {"primary_container[0].environment", "PrimaryContainer.Environment", kAbsent},
};
constexpr std::string_view kModelSecrets[] = {"container", "primary_container"};
constexpr Read kModelReads[] = {{"sagemaker", "DescribeModel", "ModelName={name|id}", "", kModelAttributes,
                                 IfNothing::kGone, "ResourceNotFound ValidationException"}};
constexpr Attribute kModelIdentity[] = {{"id", "ModelName"}, {"name", "ModelName"}, {"arn", "ModelArn"}};

// --- one attribute

constexpr Attribute kListenerAttributes[] = {{"protocol", "Protocol"}};
constexpr Read kListenerReads[] = {{"elbv2", "DescribeListeners", "ListenerArns=[{arn|id}]", "Listeners[0]",
                                    kListenerAttributes, IfNothing::kGone, "ListenerNotFound"}};
constexpr Attribute kFlowAttributes[] = {{"kms_arn", "kmsArn", "null"}};
constexpr Read kFlowReads[] = {
    {"appflow", "DescribeFlow", "flowName={name}", "", kFlowAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kApiCacheAttributes[] = {{"at_rest_encryption_enabled", "atRestEncryptionEnabled", "false"}};
constexpr Read kApiCacheReads[] = {{"appsync", "GetApiCache", "apiId={api_id|id}", "apiCache", kApiCacheAttributes,
                                    IfNothing::kGone, "NotFoundException"}};
constexpr Attribute kAthenaAttributes[] = {
    {"configuration[0].result_configuration[0].encryption_configuration[0].kms_key_arn",
     "Configuration.ResultConfiguration.EncryptionConfiguration.KmsKey", kAbsent}};
constexpr Read kAthenaReads[] = {{"athena", "GetWorkGroup", "WorkGroup={name|id}", "WorkGroup", kAthenaAttributes,
                                  IfNothing::kGone, "InvalidRequestException"}};
constexpr Attribute kCodeArtifactAttributes[] = {{"encryption_key", "encryptionKey", "null"}};
constexpr Read kCodeArtifactReads[] = {{"codeartifact", "DescribeDomain", "domain={domain}", "domain",
                                        kCodeArtifactAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kCodeCommitAttributes[] = {{"kms_key_id", "kmsKeyId", "null"}};
constexpr Read kCodeCommitReads[] = {{"codecommit", "GetRepository", "repositoryName={repository_name|id}",
                                      "repositoryMetadata", kCodeCommitAttributes, IfNothing::kGone,
                                      "RepositoryDoesNotExistException"}};
constexpr Attribute kEmrAttributes[] = {{"log_encryption_kms_key_id", "LogEncryptionKmsKeyId", "null"},
                                        {"configurations_json", "Configurations", "null", As::kJson}};
constexpr Attribute kEmrActions[] = {{"bootstrap_action[].name", "BootstrapActions[].Name", "[]"},
                                     {"bootstrap_action[].args", "BootstrapActions[].Args", "[]"}};
constexpr Attribute kEmrSteps[] = {{"step[].name", "Steps[].Name", "[]"},
                                   {"step[].hadoop_jar_step[0].args", "Steps[].Config.Args", "[]"},
                                   {"step[].hadoop_jar_step[0].properties", "Steps[].Config.Properties", "{}"}};
constexpr std::string_view kEmrTerraformOnly[] = {"configurations"};  // a file, or where one is
constexpr std::string_view kNoEmr = "InvalidRequestException";
constexpr Read kEmrReads[] = {
    {"emr", "DescribeCluster", "ClusterId={id}", "Cluster", kEmrAttributes, IfNothing::kGone, kNoEmr},
    {"emr", "ListBootstrapActions", "ClusterId={id}", "", kEmrActions, IfNothing::kGone, kNoEmr},
    {"emr", "ListSteps", "ClusterId={id}", "", kEmrSteps, IfNothing::kGone, kNoEmr}};
constexpr Attribute kGlueCatalogAttributes[] = {
    {"data_catalog_encryption_settings[0].encryption_at_rest[0].catalog_encryption_mode",
     "EncryptionAtRest.CatalogEncryptionMode", "\"DISABLED\""},
    {"data_catalog_encryption_settings[0].connection_password_encryption[0].return_connection_password_encrypted",
     "ConnectionPasswordEncryption.ReturnConnectionPasswordEncrypted", "false"},
};
constexpr Read kGlueCatalogReads[] = {{"glue", "GetDataCatalogEncryptionSettings", "CatalogId={catalog_id|id}",
                                       "DataCatalogEncryptionSettings", kGlueCatalogAttributes}};
constexpr Attribute kGlueSecurityAttributes[] = {
    {"encryption_configuration[0].s3_encryption[0].s3_encryption_mode",
     "EncryptionConfiguration.S3Encryption[0].S3EncryptionMode", "\"DISABLED\""},
    {"encryption_configuration[0].cloudwatch_encryption[0].cloudwatch_encryption_mode",
     "EncryptionConfiguration.CloudWatchEncryption.CloudWatchEncryptionMode", "\"DISABLED\""},
    {"encryption_configuration[0].job_bookmarks_encryption[0].job_bookmarks_encryption_mode",
     "EncryptionConfiguration.JobBookmarksEncryption.JobBookmarksEncryptionMode", "\"DISABLED\""},
};
constexpr Read kGlueSecurityReads[] = {{"glue", "GetSecurityConfiguration", "Name={name|id}", "SecurityConfiguration",
                                        kGlueSecurityAttributes, IfNothing::kGone, "EntityNotFoundException"}};
constexpr Attribute kKendraAttributes[] = {
    {"server_side_encryption_configuration[0].kms_key_id", "ServerSideEncryptionConfiguration.KmsKeyId", kAbsent}};
constexpr Read kKendraReads[] = {
    {"kendra", "DescribeIndex", "Id={id}", "", kKendraAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kPrometheusAttributes[] = {{"kms_key_arn", "kmsKeyArn", "null"}};
constexpr Read kPrometheusReads[] = {
    {"amp", "DescribeWorkspace", "workspaceId={id}", "workspace", kPrometheusAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kSageMakerKey[] = {{"kms_key_id", "KmsKeyId", "null"}};
constexpr Read kSageMakerDomainReads[] = {
    {"sagemaker", "DescribeDomain", "DomainId={id}", "", kSageMakerKey, IfNothing::kGone, "ResourceNotFound"}};
constexpr Read kNotebookReads[] = {{"sagemaker", "DescribeNotebookInstance", "NotebookInstanceName={name|id}", "",
                                    kSageMakerKey, IfNothing::kGone, "ResourceNotFound ValidationException"}};
constexpr Attribute kStateMachineAttributes[] = {
    {"encryption_configuration[0].kms_key_id", "encryptionConfiguration.kmsKeyId", kAbsent}};
constexpr Read kStateMachineReads[] = {{"stepfunctions", "DescribeStateMachine", "stateMachineArn={arn|id}", "",
                                        kStateMachineAttributes, IfNothing::kGone, "StateMachineDoesNotExist"}};
constexpr Attribute kGatewayVolume[] = {{"kms_key", "KMSKey", "null"}};
constexpr Attribute kGatewayShare[] = {{"kms_key_arn", "KMSKey", "null"}};
constexpr Read kCachedVolumeReads[] = {
    {"storagegateway", "DescribeCachediSCSIVolumes", "VolumeARNs=[{arn|id}]", "CachediSCSIVolumes[0]", kGatewayVolume}};
constexpr Read kStoredVolumeReads[] = {
    {"storagegateway", "DescribeStorediSCSIVolumes", "VolumeARNs=[{arn|id}]", "StorediSCSIVolumes[0]", kGatewayVolume}};
constexpr Read kNfsShareReads[] = {{"storagegateway", "DescribeNFSFileShares", "FileShareARNList=[{arn|id}]",
                                    "NFSFileShareInfoList[0]", kGatewayShare}};
constexpr Read kSmbShareReads[] = {{"storagegateway", "DescribeSMBFileShares", "FileShareARNList=[{arn|id}]",
                                    "SMBFileShareInfoList[0]", kGatewayShare}};
constexpr Attribute kWorkspaceAttributes[] = {
    {"root_volume_encryption_enabled", "RootVolumeEncryptionEnabled", "false"},
    {"user_volume_encryption_enabled", "UserVolumeEncryptionEnabled", "false"},
    {"volume_encryption_key", "VolumeEncryptionKey", "null"},
};
constexpr Read kWorkspaceReads[] = {{"workspaces", "DescribeWorkspaces", "WorkspaceIds=[{id}]", "Workspaces[0]",
                                     kWorkspaceAttributes, IfNothing::kGone, kNotFound}};
constexpr Attribute kWorkspaceIdentity[] = {{"id", "WorkspaceId"}};

}  // namespace

const ObservedType kTaskDefinition{
    .type = "aws_ecs_task_definition",
    .listing = {"ecs", "ListTaskDefinitions", "status=ACTIVE", "taskDefinitionArns", kTaskDefinitionIdentity},
    .reads = kTaskDefinitionReads,
    .secret = kContainerSecrets};
const ObservedType kEcsCluster{.type = "aws_ecs_cluster",
                               .listing = {"ecs", "ListClusters", "", "clusterArns", kEcsClusterIdentity},
                               .reads = kEcsClusterReads};
const ObservedType kEksCluster{
    .type = "aws_eks_cluster", .listing = {"eks", "ListClusters", "", "clusters", kEksIdentity}, .reads = kEksReads};
const ObservedType kAppRunnerService{
    .type = "aws_apprunner_service",
    .listing = {"apprunner", "ListServices", "", "ServiceSummaryList", kAppRunnerIdentity},
    .reads = kAppRunnerReads,
    .secret = kAppRunnerSecrets};
const ObservedType kBatchJobDefinition{
    .type = "aws_batch_job_definition",
    .listing = {"batch", "DescribeJobDefinitions", "status=ACTIVE", "jobDefinitions", kBatchIdentity, true},
    .reads = kBatchReads,
    .secret = kBatchSecrets};
const ObservedType kLambdaFunction{.type = "aws_lambda_function",
                                   .listing = {"lambda", "ListFunctions", "", "Functions", kFunctionIdentity, true},
                                   .reads = kFunctionReads,
                                   .secret = kEnvironmentSecrets};
const ObservedType kCodeBuildProject{.type = "aws_codebuild_project",
                                     .listing = {"codebuild", "ListProjects", "", "projects", kBuildIdentity},
                                     .reads = kBuildReads,
                                     .secret = kBuildSecrets};
const ObservedType kAmplifyApp{.type = "aws_amplify_app",
                               .listing = {"amplify", "ListApps", "", "apps", kAmplifyIdentity, true},
                               .reads = kAmplifyReads,
                               .secret = kVariablesSecrets};
const ObservedType kAmplifyBranch{
    .type = "aws_amplify_branch", .reads = kAmplifyBranchReads, .secret = kVariablesSecrets};
const ObservedType kBeanstalkEnvironment{
    .type = "aws_elastic_beanstalk_environment", .reads = kBeanstalkEnvironmentReads, .secret = kBeanstalkSecrets};
const ObservedType kBeanstalkTemplate{.type = "aws_elastic_beanstalk_configuration_template",
                                      .reads = kBeanstalkTemplateReads,
                                      .secret = kBeanstalkSecrets};
const ObservedType kGlueJob{.type = "aws_glue_job",
                            .listing = {"glue", "ListJobs", "", "JobNames", kGlueJobIdentity},
                            .reads = kGlueJobReads,
                            .secret = kGlueJobSecrets};
const ObservedType kGlueConnection{
    .type = "aws_glue_connection", .reads = kGlueConnectionReads, .secret = kGlueConnectionSecrets};
const ObservedType kRestStage{.type = "aws_api_gateway_stage", .reads = kRestStageReads, .secret = kRestStageSecrets};
const ObservedType kHttpStage{.type = "aws_apigatewayv2_stage", .reads = kHttpStageReads, .secret = kHttpStageSecrets};
const ObservedType kMskConnector{
    .type = "aws_mskconnect_connector", .reads = kConnectorReads, .secret = kConnectorSecrets};
const ObservedType kFlinkApplication{
    .type = "aws_kinesisanalyticsv2_application", .reads = kApplicationReads, .secret = kApplicationSecrets};
const ObservedType kMwaaEnvironment{.type = "aws_mwaa_environment",
                                    .listing = {"mwaa", "ListEnvironments", "", "Environments", kMwaaIdentity},
                                    .reads = kMwaaReads,
                                    .secret = kMwaaSecrets};
const ObservedType kSageMakerModel{.type = "aws_sagemaker_model",
                                   .listing = {"sagemaker", "ListModels", "", "Models", kModelIdentity},
                                   .reads = kModelReads,
                                   .secret = kModelSecrets};
const ObservedType kListener{.type = "aws_lb_listener", .reads = kListenerReads};
const ObservedType kAlbListener{.type = "aws_alb_listener", .reads = kListenerReads};
const ObservedType kAppFlow{.type = "aws_appflow_flow", .reads = kFlowReads};
const ObservedType kAppSyncCache{.type = "aws_appsync_api_cache", .reads = kApiCacheReads};
const ObservedType kAthenaWorkgroup{.type = "aws_athena_workgroup", .reads = kAthenaReads};
const ObservedType kCodeArtifactDomain{.type = "aws_codeartifact_domain", .reads = kCodeArtifactReads};
const ObservedType kCodeCommitRepository{.type = "aws_codecommit_repository", .reads = kCodeCommitReads};
const ObservedType kEmrCluster{.type = "aws_emr_cluster", .reads = kEmrReads, .terraform_only = kEmrTerraformOnly};
const ObservedType kGlueCatalog{.type = "aws_glue_data_catalog_encryption_settings", .reads = kGlueCatalogReads};
const ObservedType kGlueSecurity{.type = "aws_glue_security_configuration", .reads = kGlueSecurityReads};
const ObservedType kKendraIndex{.type = "aws_kendra_index", .reads = kKendraReads};
const ObservedType kPrometheusWorkspace{.type = "aws_prometheus_workspace", .reads = kPrometheusReads};
const ObservedType kSageMakerDomain{.type = "aws_sagemaker_domain", .reads = kSageMakerDomainReads};
const ObservedType kSageMakerNotebook{.type = "aws_sagemaker_notebook_instance", .reads = kNotebookReads};
const ObservedType kStateMachine{.type = "aws_sfn_state_machine", .reads = kStateMachineReads};
const ObservedType kCachedVolume{.type = "aws_storagegateway_cached_iscsi_volume", .reads = kCachedVolumeReads};
const ObservedType kStoredVolume{.type = "aws_storagegateway_stored_iscsi_volume", .reads = kStoredVolumeReads};
const ObservedType kNfsShare{.type = "aws_storagegateway_nfs_file_share", .reads = kNfsShareReads};
const ObservedType kSmbShare{.type = "aws_storagegateway_smb_file_share", .reads = kSmbShareReads};
const ObservedType kWorkspace{
    .type = "aws_workspaces_workspace",
    .listing = {"workspaces", "DescribeWorkspaces", "", "Workspaces", kWorkspaceIdentity, true},
    .reads = kWorkspaceReads};

}  // namespace tfseal::observe
