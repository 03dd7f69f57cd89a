#include "aws/observe/types/declarations.h"

// S3, EBS and machines, EFS, FSx, ECR, AWS Backup.
namespace tfseal::observe {
namespace {

// --- S3

constexpr std::string_view kNoBucket = "NoSuchBucket 404 NotFound";
constexpr std::string_view kForceDestroy[] = {"force_destroy"};

constexpr Attribute kInlineEncryption[] = {
    {"server_side_encryption_configuration[0].rule[].apply_server_side_encryption_by_default[0].sse_algorithm",
     "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm", "null"},
    {"server_side_encryption_configuration[0].rule[].apply_server_side_encryption_by_default[0].kms_master_key_id",
     "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID", "null"},
};
constexpr Attribute kInlineVersioning[] = {{"versioning[0].enabled", "Status", "false", As::kEquals, "Enabled"}};
constexpr Attribute kBucketPolicyText[] = {{"policy", "Policy", "null"}};
// What the ACL is called is Terraform's word; what it grants is what counts.
constexpr Attribute kBucketGrants[] = {
    {"acl", "@", "null"},
    {"access_control_policy[0].grant[].grantee[0].uri", "Grants[].Grantee.URI", "null"},
    {"access_control_policy[0].grant[].permission", "Grants[].Permission", "null"},
};
constexpr Attribute kInlineGrants[] = {{"acl", "@", "null"}, {"grant[].uri", "Grants[].Grantee.URI", "null"}};
constexpr Attribute kLockEnabled[] = {
    {"object_lock_enabled", "ObjectLockConfiguration.ObjectLockEnabled", "false", As::kEquals, "Enabled"}};
constexpr Read kBucketReads[] = {
    {"s3", "GetBucketVersioning", "Bucket={bucket|id}", "", kInlineVersioning, IfNothing::kGone, kNoBucket},
    {"s3", "GetBucketEncryption", "Bucket={bucket|id}", "", kInlineEncryption, IfNothing::kDefaults,
     "ServerSideEncryptionConfigurationNotFoundError"},
    {"s3", "GetBucketPolicy", "Bucket={bucket|id}", "", kBucketPolicyText, IfNothing::kDefaults, "NoSuchBucketPolicy"},
    {"s3", "GetBucketAcl", "Bucket={bucket|id}", "", kInlineGrants, IfNothing::kGone, kNoBucket},
    {"s3", "GetObjectLockConfiguration", "Bucket={bucket|id}", "", kLockEnabled, IfNothing::kDefaults,
     "ObjectLockConfigurationNotFoundError"}};
constexpr Attribute kBucketIdentity[] = {{"id", "Name"}, {"bucket", "Name"}, {"region", "BucketRegion", kAbsent}};

constexpr Attribute kEncryptionRules[] = {
    {"rule[].apply_server_side_encryption_by_default[0].sse_algorithm",
     "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm", "null"},
    {"rule[].apply_server_side_encryption_by_default[0].kms_master_key_id",
     "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID", "null"},
};
constexpr Read kBucketEncryptionReads[] = {{"s3", "GetBucketEncryption", "Bucket={bucket|id}", "", kEncryptionRules,
                                            IfNothing::kGone,
                                            "ServerSideEncryptionConfigurationNotFoundError NoSuchBucket"}};
constexpr Attribute kVersioningStatus[] = {{"versioning_configuration[0].status", "Status", "\"Disabled\""}};
constexpr Read kBucketVersioningReads[] = {
    {"s3", "GetBucketVersioning", "Bucket={bucket|id}", "", kVersioningStatus, IfNothing::kGone, kNoBucket}};
constexpr Attribute kAccessBlock[] = {
    {"block_public_acls", "PublicAccessBlockConfiguration.BlockPublicAcls"},
    {"block_public_policy", "PublicAccessBlockConfiguration.BlockPublicPolicy"},
    {"ignore_public_acls", "PublicAccessBlockConfiguration.IgnorePublicAcls"},
    {"restrict_public_buckets", "PublicAccessBlockConfiguration.RestrictPublicBuckets"},
};
constexpr Read kBucketAccessBlockReads[] = {{"s3", "GetPublicAccessBlock", "Bucket={bucket|id}", "", kAccessBlock,
                                             IfNothing::kGone, "NoSuchPublicAccessBlockConfiguration NoSuchBucket"}};
constexpr Read kAccountAccessBlockReads[] = {{"s3control", "GetPublicAccessBlock", "AccountId={account_id|id}", "",
                                              kAccessBlock, IfNothing::kGone, "NoSuchPublicAccessBlockConfiguration"}};
constexpr Read kBucketPolicyReads[] = {{"s3", "GetBucketPolicy", "Bucket={bucket|id}", "", kBucketPolicyText,
                                        IfNothing::kGone, "NoSuchBucketPolicy NoSuchBucket"}};
constexpr Read kBucketAclReads[] = {
    {"s3", "GetBucketAcl", "Bucket={bucket}", "", kBucketGrants, IfNothing::kGone, kNoBucket}};
constexpr std::string_view kAclTerraformOnly[] = {"policy"};
constexpr Attribute kLockRule[] = {
    {"rule[0].default_retention[0].mode", "ObjectLockConfiguration.Rule.DefaultRetention.Mode", "null"},
    {"rule[0].default_retention[0].days", "ObjectLockConfiguration.Rule.DefaultRetention.Days", "null"},
    {"rule[0].default_retention[0].years", "ObjectLockConfiguration.Rule.DefaultRetention.Years", "null"},
};
constexpr Read kBucketLockReads[] = {{"s3", "GetObjectLockConfiguration", "Bucket={bucket|id}", "", kLockRule,
                                      IfNothing::kGone, "ObjectLockConfigurationNotFoundError NoSuchBucket"}};

// --- EBS and machines

constexpr Attribute kVolumeAttributes[] = {
    {"encrypted", "Encrypted"}, {"kms_key_id", "KmsKeyId", "null"}, {"snapshot_id", "SnapshotId", "null"}};
constexpr Read kVolumeReads[] = {{"ec2", "DescribeVolumes", "VolumeIds=[{id}]", "Volumes[0]", kVolumeAttributes,
                                  IfNothing::kGone, "InvalidVolume.NotFound"}};
constexpr Attribute kVolumeIdentity[] = {{"id", "VolumeId"},
                                         {"availability_zone", "AvailabilityZone", kAbsent},
                                         {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"}};
constexpr Attribute kEbsSnapshotAttributes[] = {
    {"encrypted", "Encrypted"}, {"kms_key_id", "KmsKeyId", "null"}, {"volume_id", "VolumeId", "null"}};
constexpr Read kEbsSnapshotReads[] = {{"ec2", "DescribeSnapshots", "SnapshotIds=[{id}]", "Snapshots[0]",
                                       kEbsSnapshotAttributes, IfNothing::kGone, "InvalidSnapshot.NotFound"}};
constexpr std::string_view kEbsCopyTerraformOnly[] = {"source_snapshot_id", "source_ami_id", "volume_id"};
constexpr std::string_view kEbsSnapshotTerraformOnly[] = {"source_snapshot_id", "source_ami_id"};
constexpr Attribute kEbsCopyAttributes[] = {{"encrypted", "Encrypted"}, {"kms_key_id", "KmsKeyId", "null"}};
constexpr Read kEbsCopyReads[] = {{"ec2", "DescribeSnapshots", "SnapshotIds=[{id}]", "Snapshots[0]", kEbsCopyAttributes,
                                   IfNothing::kGone, "InvalidSnapshot.NotFound"}};
constexpr Attribute kEbsSnapshotIdentity[] = {{"id", "SnapshotId"},
                                              {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"}};
constexpr Attribute kEbsDefault[] = {{"enabled", "EbsEncryptionByDefault"}};
constexpr Read kEbsDefaultReads[] = {{"ec2", "GetEbsEncryptionByDefault", "", "", kEbsDefault}};
constexpr Attribute kSnapshotSharingState[] = {{"state", "State"}};
constexpr Read kSnapshotSharingReads[] = {{"ec2", "GetSnapshotBlockPublicAccessState", "", "", kSnapshotSharingState}};
constexpr Attribute kImageSharingState[] = {{"state", "ImageBlockPublicAccessState"}};
constexpr Read kImageSharingReads[] = {{"ec2", "GetImageBlockPublicAccessState", "", "", kImageSharingState}};
// Whoever else the image is shared with: a permission for everybody is what matters.
constexpr Attribute kImagePermissions[] = {{"group", "LaunchPermissions[Group=all].Group", "null"}};
constexpr Read kImagePermissionReads[] = {{"ec2", "DescribeImageAttribute",
                                           "Attribute=launchPermission; ImageId={image_id}", "", kImagePermissions,
                                           IfNothing::kGone, "InvalidAMIID.NotFound InvalidAMIID.Unavailable"}};
constexpr Attribute kEbsDefaultKey[] = {{"key_arn", "KmsKeyId"}};
constexpr Read kEbsDefaultKeyReads[] = {{"ec2", "GetEbsDefaultKmsKeyId", "", "", kEbsDefaultKey}};

// A machine's devices name their volumes only; the volumes tell whether they are encrypted.
constexpr Attribute kMachineDevices[] = {
    {"root_block_device[].encrypted", "Volumes[].Encrypted"},
    {"root_block_device[].kms_key_id", "Volumes[].KmsKeyId", "null"},
    {"ebs_block_device", "@", "[]"},
};
constexpr Attribute kMachineUserData[] = {{"user_data_base64", "UserData.Value", "null"}, {"user_data", "@", "null"}};
constexpr Read kMachineReads[] = {
    {"ec2", "DescribeInstanceAttribute", "Attribute=userData; InstanceId={id}", "", kMachineUserData, IfNothing::kGone,
     "InvalidInstanceID.NotFound"},
    {"ec2", "DescribeVolumes", "Filters[0].Name=attachment.instance-id; Filters[0].Values=[{id}]", "",
     kMachineDevices}};
constexpr Attribute kMachineIdentity[] = {{"id", "InstanceId"}};
constexpr Read kSpotReads[] = {
    {"ec2", "DescribeInstanceAttribute", "Attribute=userData; InstanceId={spot_instance_id}", "", kMachineUserData,
     IfNothing::kGone, "InvalidInstanceID.NotFound"},
    {"ec2", "DescribeVolumes", "Filters[0].Name=attachment.instance-id; Filters[0].Values=[{spot_instance_id}]", "",
     kMachineDevices}};
constexpr Attribute kTemplateAttributes[] = {
    {"block_device_mappings[].device_name", "LaunchTemplateData.BlockDeviceMappings[].DeviceName", "null"},
    {"block_device_mappings[].ebs[0].encrypted", "LaunchTemplateData.BlockDeviceMappings[].Ebs.Encrypted", kAbsent},
    {"user_data", "LaunchTemplateData.UserData", "null"},
    {"user_data_base64", "@", "null"},
};
constexpr Read kTemplateReads[] = {{"ec2", "DescribeLaunchTemplateVersions",
                                    "LaunchTemplateId={id}; Versions=[$Latest]", "LaunchTemplateVersions[0]",
                                    kTemplateAttributes, IfNothing::kGone,
                                    "InvalidLaunchTemplateId.NotFound InvalidLaunchTemplateId.NotFoundException"}};
constexpr Attribute kTemplateIdentity[] = {{"id", "LaunchTemplateId"}, {"name", "LaunchTemplateName"}};
constexpr Attribute kLaunchConfigurationAttributes[] = {
    {"root_block_device[].encrypted", "BlockDeviceMappings[].Ebs.Encrypted", "null"},
    {"ebs_block_device", "@", "[]"},
    {"user_data_base64", "UserData", "null"},
    {"user_data", "@", "null"},
};
constexpr Read kLaunchConfigurationReads[] = {{"autoscaling", "DescribeLaunchConfigurations",
                                               "LaunchConfigurationNames=[{name|id}]", "LaunchConfigurations[0]",
                                               kLaunchConfigurationAttributes}};
constexpr Attribute kLaunchConfigurationIdentity[] = {{"id", "LaunchConfigurationName"},
                                                      {"name", "LaunchConfigurationName"}};
constexpr std::string_view kUserDataSecrets[] = {"user_data", "user_data_base64"};

// --- file systems

constexpr Attribute kEfsAttributes[] = {
    {"arn", "FileSystemArn"}, {"encrypted", "Encrypted"}, {"kms_key_id", "KmsKeyId", "null"}};
constexpr Read kEfsReads[] = {{"efs", "DescribeFileSystems", "FileSystemId={id}", "FileSystems[0]", kEfsAttributes,
                               IfNothing::kGone, "FileSystemNotFound"}};
constexpr Attribute kEfsIdentity[] = {
    {"id", "FileSystemId"}, {"arn", "FileSystemArn"}, {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"}};
constexpr Attribute kEfsBackup[] = {{"backup_policy[0].status", "Status"}};
constexpr Read kEfsBackupReads[] = {{"efs", "DescribeBackupPolicy", "FileSystemId={file_system_id|id}", "BackupPolicy",
                                     kEfsBackup, IfNothing::kGone, "FileSystemNotFound PolicyNotFound"}};

constexpr Attribute kFsxAttributes[] = {
    {"arn", "ResourceARN"},
    {"kms_key_id", "KmsKeyId", "null"},
    {"automatic_backup_retention_days",
     "LustreConfiguration.AutomaticBackupRetentionDays|OntapConfiguration.AutomaticBackupRetentionDays|"
     "OpenZFSConfiguration.AutomaticBackupRetentionDays|WindowsConfiguration.AutomaticBackupRetentionDays",
     "0"},
    {"deployment_type",
     "LustreConfiguration.DeploymentType|OntapConfiguration.DeploymentType|OpenZFSConfiguration.DeploymentType|"
     "WindowsConfiguration.DeploymentType"},
};
constexpr std::string_view kSkipFinalBackup[] = {"skip_final_backup"};
constexpr std::string_view kVolumeTerraformOnly[] = {"final_snapshot"};
constexpr Read kFsxReads[] = {{"fsx", "DescribeFileSystems", "FileSystemIds=[{id}]", "FileSystems[0]", kFsxAttributes,
                               IfNothing::kGone, "FileSystemNotFound"}};
constexpr Attribute kFsxIdentity[] = {
    {"id", "FileSystemId"}, {"arn", "ResourceARN"}, {"tags_all", "Tags", "{}", As::kNameValue, "Key Value"}};

// --- registries

constexpr std::string_view kForceDelete[] = {"force_delete", "force_destroy"};
constexpr Attribute kRepositoryAttributes[] = {
    {"arn", "repositoryArn"},
    {"encryption_configuration[0].encryption_type", "encryptionConfiguration.encryptionType", "\"AES256\""},
    {"encryption_configuration[0].kms_key", "encryptionConfiguration.kmsKey", "\"\""},
};
constexpr Read kRepositoryReads[] = {{"ecr", "DescribeRepositories", "repositoryNames=[{name|id}]", "repositories[0]",
                                      kRepositoryAttributes, IfNothing::kGone, "RepositoryNotFoundException"}};
constexpr Attribute kRepositoryIdentity[] = {
    {"id", "repositoryName"}, {"name", "repositoryName"}, {"arn", "repositoryArn"}};
constexpr Attribute kRepositoryPolicy[] = {{"policy", "policyText"}};
constexpr Read kRepositoryPolicyReads[] = {{"ecr", "GetRepositoryPolicy", "repositoryName={repository|id}", "",
                                            kRepositoryPolicy, IfNothing::kGone,
                                            "RepositoryPolicyNotFoundException RepositoryNotFoundException"}};

constexpr Attribute kLifecycleAttributes[] = {
    {"rule[].status", "Rules[].Status", "[]"},
    {"rule[].prefix", "Rules[].Prefix", "null"},
    {"rule[].filter[0].prefix", "Rules[].Filter.Prefix", kAbsent},
    {"rule[].filter[0].tag", "Rules[].Filter.Tag", kAbsent, As::kOneItem},
    {"rule[].filter[0].and", "Rules[].Filter.And", kAbsent, As::kOneItem},
    {"rule[].filter[0].object_size_greater_than", "Rules[].Filter.ObjectSizeGreaterThan", kAbsent},
    {"rule[].filter[0].object_size_less_than", "Rules[].Filter.ObjectSizeLessThan", kAbsent},
    {"rule[].expiration[0].days", "Rules[].Expiration.Days", kAbsent},
    {"rule[].expiration[0].date", "Rules[].Expiration.Date", kAbsent, As::kText},
    {"rule[].noncurrent_version_expiration[0].noncurrent_days", "Rules[].NoncurrentVersionExpiration.NoncurrentDays",
     kAbsent},
    {"rule[].noncurrent_version_expiration[0].newer_noncurrent_versions",
     "Rules[].NoncurrentVersionExpiration.NewerNoncurrentVersions", kAbsent},
};
constexpr Read kLifecycleReads[] = {{"s3", "GetBucketLifecycleConfiguration", "Bucket={bucket|id}", "",
                                     kLifecycleAttributes, IfNothing::kGone,
                                     "NoSuchLifecycleConfiguration NoSuchBucket"}};

constexpr Attribute kReplicationAttributes[] = {
    {"rule[].id", "ReplicationConfiguration.Rules[].ID", "null"},
    {"rule[].status", "ReplicationConfiguration.Rules[].Status", "[]"},
    {"rule[].destination[0].encryption_configuration[0].replica_kms_key_id",
     "ReplicationConfiguration.Rules[].Destination.EncryptionConfiguration.ReplicaKmsKeyID", kAbsent},
};
constexpr Read kReplicationReads[] = {{"s3", "GetBucketReplication", "Bucket={bucket|id}", "", kReplicationAttributes,
                                       IfNothing::kGone, "ReplicationConfigurationNotFoundError NoSuchBucket"}};

// --- AWS Backup

constexpr std::string_view kNoVault = "ResourceNotFoundException AccessDeniedException.NotFound";
constexpr Attribute kVaultAttributes[] = {{"arn", "BackupVaultArn"}, {"kms_key_arn", "EncryptionKeyArn", "null"}};
constexpr Read kVaultReads[] = {
    {"backup", "DescribeBackupVault", "BackupVaultName={name|id}", "", kVaultAttributes, IfNothing::kGone, kNoVault}};
constexpr Attribute kVaultIdentity[] = {
    {"id", "BackupVaultName"}, {"name", "BackupVaultName"}, {"arn", "BackupVaultArn"}};
constexpr std::string_view kVaultTerraformOnly[] = {"force_destroy"};
// A date on the lock means that it becomes, or has become, immutable.
constexpr Attribute kVaultLock[] = {{"min_retention_days", "MinRetentionDays", "null"},
                                    {"changeable_for_days", "LockDate", "null", As::kConstant, "3"}};
constexpr Read kVaultLockReads[] = {{"backup", "DescribeBackupVault", "BackupVaultName={backup_vault_name|id}", "",
                                     kVaultLock, IfNothing::kGone, kNoVault, "[Locked=true]"}};
constexpr Attribute kAirGappedVault[] = {{"min_retention_days", "MinRetentionDays", "null"}};
constexpr Read kAirGappedVaultReads[] = {
    {"backup", "DescribeBackupVault", "BackupVaultName={name|id}", "", kAirGappedVault, IfNothing::kGone, kNoVault}};
constexpr Attribute kVaultPolicy[] = {{"policy", "Policy"}};
constexpr Read kVaultPolicyReads[] = {{"backup", "GetBackupVaultAccessPolicy", "BackupVaultName={backup_vault_name|id}",
                                       "", kVaultPolicy, IfNothing::kGone, kNoVault}};
constexpr Attribute kPlanAttributes[] = {
    {"rule[].rule_name", "BackupPlan.Rules[].RuleName"},
    {"rule[].enable_continuous_backup", "BackupPlan.Rules[].EnableContinuousBackup", "false"},
    {"rule[].lifecycle[0].delete_after", "BackupPlan.Rules[].Lifecycle.DeleteAfterDays", "null"},
    {"rule[].schedule", "BackupPlan.Rules[].ScheduleExpression", "null"},
    {"rule[].copy_action", "BackupPlan.Rules[].CopyActions", "[]"},
};
constexpr Read kPlanReads[] = {{"backup", "GetBackupPlan", "BackupPlanId={id}", "", kPlanAttributes, IfNothing::kGone,
                                "ResourceNotFoundException"}};
constexpr Attribute kSelectionAttributes[] = {
    {"resources", "BackupSelection.Resources", "[]"},
    {"not_resources", "BackupSelection.NotResources", "[]"},
    {"selection_tag[].key", "BackupSelection.ListOfTags[].ConditionKey", "[]"},
    {"selection_tag[].value", "BackupSelection.ListOfTags[].ConditionValue", "[]"},
    {"condition[0].string_equals[].key", "BackupSelection.Conditions.StringEquals[].ConditionKey", kAbsent},
    {"condition[0].string_equals[].value", "BackupSelection.Conditions.StringEquals[].ConditionValue", kAbsent},
    {"condition[0].string_like[].key", "BackupSelection.Conditions.StringLike[].ConditionKey", kAbsent},
    {"condition[0].string_like[].value", "BackupSelection.Conditions.StringLike[].ConditionValue", kAbsent},
    {"condition[0].string_not_equals[].key", "BackupSelection.Conditions.StringNotEquals[].ConditionKey", kAbsent},
    {"condition[0].string_not_equals[].value", "BackupSelection.Conditions.StringNotEquals[].ConditionValue", kAbsent},
    {"condition[0].string_not_like[].key", "BackupSelection.Conditions.StringNotLike[].ConditionKey", kAbsent},
    {"condition[0].string_not_like[].value", "BackupSelection.Conditions.StringNotLike[].ConditionValue", kAbsent},
};
constexpr Read kSelectionReads[] = {{"backup", "GetBackupSelection", "BackupPlanId={plan_id}; SelectionId={id}", "",
                                     kSelectionAttributes, IfNothing::kGone, "ResourceNotFoundException"}};
constexpr Attribute kPlanIdentity[] = {{"id", "BackupPlanId"}, {"arn", "BackupPlanArn"}, {"name", "BackupPlanName"}};

}  // namespace

const ObservedType kS3Bucket{.type = "aws_s3_bucket",
                             .listing = {"s3", "ListBuckets", "", "Buckets", kBucketIdentity},
                             .reads = kBucketReads,
                             .terraform_only = kForceDestroy,
                             .global = true};
const ObservedType kS3BucketEncryption{.type = "aws_s3_bucket_server_side_encryption_configuration",
                                       .reads = kBucketEncryptionReads};
const ObservedType kS3BucketVersioning{.type = "aws_s3_bucket_versioning", .reads = kBucketVersioningReads};
const ObservedType kS3BucketAccessBlock{.type = "aws_s3_bucket_public_access_block",
                                        .listing = {.of_each = "aws_s3_bucket"},
                                        .reads = kBucketAccessBlockReads};
const ObservedType kS3AccountAccessBlock{
    .type = "aws_s3_account_public_access_block", .reads = kAccountAccessBlockReads, .global = true};
const ObservedType kS3BucketPolicy{.type = "aws_s3_bucket_policy", .reads = kBucketPolicyReads};
const ObservedType kS3BucketAcl{
    .type = "aws_s3_bucket_acl", .reads = kBucketAclReads, .terraform_only = kAclTerraformOnly};
const ObservedType kS3BucketLock{.type = "aws_s3_bucket_object_lock_configuration",
                                 .listing = {.of_each = "aws_s3_bucket"},
                                 .reads = kBucketLockReads};
const ObservedType kS3BucketLifecycle{.type = "aws_s3_bucket_lifecycle_configuration", .reads = kLifecycleReads};
const ObservedType kS3BucketReplication{.type = "aws_s3_bucket_replication_configuration", .reads = kReplicationReads};
const ObservedType kS3DirectoryBucket{.type = "aws_s3_directory_bucket", .reads = {}, .terraform_only = kForceDestroy};
const ObservedType kEbsVolume{.type = "aws_ebs_volume",
                              .listing = {"ec2", "DescribeVolumes", "", "Volumes", kVolumeIdentity, true},
                              .reads = kVolumeReads,
                              .terraform_only = kVolumeTerraformOnly};
const ObservedType kEbsSnapshot{
    .type = "aws_ebs_snapshot",
    .listing = {"ec2", "DescribeSnapshots", "OwnerIds=[self]", "Snapshots", kEbsSnapshotIdentity, true},
    .reads = kEbsSnapshotReads,
    .terraform_only = kEbsSnapshotTerraformOnly};
const ObservedType kEbsSnapshotCopy{
    .type = "aws_ebs_snapshot_copy", .reads = kEbsCopyReads, .terraform_only = kEbsCopyTerraformOnly};
const ObservedType kEbsSnapshotImport{
    .type = "aws_ebs_snapshot_import", .reads = kEbsCopyReads, .terraform_only = kEbsCopyTerraformOnly};
const ObservedType kEbsEncryptionByDefault{.type = "aws_ebs_encryption_by_default",
                                           .listing = {"ec2", "GetEbsEncryptionByDefault", "", ".", {}, true},
                                           .reads = kEbsDefaultReads};
const ObservedType kSnapshotSharing{.type = "aws_ebs_snapshot_block_public_access",
                                    .listing = {"ec2", "GetSnapshotBlockPublicAccessState", "", ".", {}, true},
                                    .reads = kSnapshotSharingReads};
const ObservedType kImageSharing{.type = "aws_ec2_image_block_public_access",
                                 .listing = {"ec2", "GetImageBlockPublicAccessState", "", ".", {}, true},
                                 .reads = kImageSharingReads};
const ObservedType kImagePermission{.type = "aws_ami_launch_permission", .reads = kImagePermissionReads};
const ObservedType kEbsDefaultKmsKey{.type = "aws_ebs_default_kms_key",
                                     .listing = {"ec2", "GetEbsDefaultKmsKeyId", "", ".", {}, true},
                                     .reads = kEbsDefaultKeyReads};
const ObservedType kInstance{.type = "aws_instance", .reads = kMachineReads, .secret = kUserDataSecrets};
const ObservedType kSpotInstance{.type = "aws_spot_instance_request", .reads = kSpotReads, .secret = kUserDataSecrets};
const ObservedType kLaunchTemplate{
    .type = "aws_launch_template",
    .listing = {"ec2", "DescribeLaunchTemplates", "", "LaunchTemplates", kTemplateIdentity},
    .reads = kTemplateReads,
    .secret = kUserDataSecrets};
const ObservedType kLaunchConfiguration{.type = "aws_launch_configuration",
                                        .listing = {"autoscaling", "DescribeLaunchConfigurations", "",
                                                    "LaunchConfigurations", kLaunchConfigurationIdentity, true},
                                        .reads = kLaunchConfigurationReads,
                                        .secret = kUserDataSecrets};
const ObservedType kEfsFileSystem{.type = "aws_efs_file_system",
                                  .listing = {"efs", "DescribeFileSystems", "", "FileSystems", kEfsIdentity, true},
                                  .reads = kEfsReads};
const ObservedType kEfsBackupPolicy{
    .type = "aws_efs_backup_policy", .listing = {.of_each = "aws_efs_file_system"}, .reads = kEfsBackupReads};
const ObservedType kFsxLustre{
    .type = "aws_fsx_lustre_file_system",
    .listing = {"fsx", "DescribeFileSystems", "", "FileSystems[FileSystemType=LUSTRE]", kFsxIdentity, true},
    .reads = kFsxReads,
    .terraform_only = kSkipFinalBackup};
const ObservedType kFsxOntap{
    .type = "aws_fsx_ontap_file_system",
    .listing = {"fsx", "DescribeFileSystems", "", "FileSystems[FileSystemType=ONTAP]", kFsxIdentity, true},
    .reads = kFsxReads};
const ObservedType kFsxOpenZfs{
    .type = "aws_fsx_openzfs_file_system",
    .listing = {"fsx", "DescribeFileSystems", "", "FileSystems[FileSystemType=OPENZFS]", kFsxIdentity, true},
    .reads = kFsxReads,
    .terraform_only = kSkipFinalBackup};
const ObservedType kFsxWindows{
    .type = "aws_fsx_windows_file_system",
    .listing = {"fsx", "DescribeFileSystems", "", "FileSystems[FileSystemType=WINDOWS]", kFsxIdentity, true},
    .reads = kFsxReads,
    .terraform_only = kSkipFinalBackup};
const ObservedType kFsxOntapVolume{.type = "aws_fsx_ontap_volume", .reads = {}, .terraform_only = kSkipFinalBackup};
const ObservedType kEcrRepository{
    .type = "aws_ecr_repository",
    .listing = {"ecr", "DescribeRepositories", "", "repositories", kRepositoryIdentity, true},
    .reads = kRepositoryReads,
    .terraform_only = kForceDelete};
const ObservedType kEcrRepositoryPolicy{
    .type = "aws_ecr_repository_policy", .listing = {.of_each = "aws_ecr_repository"}, .reads = kRepositoryPolicyReads};
const ObservedType kBackupVault{.type = "aws_backup_vault",
                                .listing = {"backup", "ListBackupVaults", "", "BackupVaultList", kVaultIdentity},
                                .reads = kVaultReads,
                                .terraform_only = kVaultTerraformOnly};
const ObservedType kBackupVaultLock{.type = "aws_backup_vault_lock_configuration",
                                    .listing = {.of_each = "aws_backup_vault"},
                                    .reads = kVaultLockReads};
const ObservedType kBackupAirGappedVault{.type = "aws_backup_logically_air_gapped_vault",
                                         .reads = kAirGappedVaultReads};
const ObservedType kBackupVaultPolicy{
    .type = "aws_backup_vault_policy", .listing = {.of_each = "aws_backup_vault"}, .reads = kVaultPolicyReads};
const ObservedType kBackupPlan{.type = "aws_backup_plan",
                               .listing = {"backup", "ListBackupPlans", "", "BackupPlansList", kPlanIdentity},
                               .reads = kPlanReads};
const ObservedType kBackupSelectionOfItsOwn{.type = "aws_backup_selection", .reads = kSelectionReads};

}  // namespace tfseal::observe
