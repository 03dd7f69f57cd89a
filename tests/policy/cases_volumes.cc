#include "tests/policy/control_cases.h"

// Volumes, file systems, backups, trails, repositories and the services around them.
namespace tfseal {
namespace {
using enum Verdict;

constexpr std::string_view kVolume = "aws_ebs_volume";
constexpr std::string_view kInstance = "aws_instance";
constexpr std::string_view kSilent = R"({"size": ["var.size"]})";  // configured, but not what is asked for
constexpr TestResource kDefaultOn{"aws_ebs_encryption_by_default.d", R"({"enabled": true})"};
constexpr TestResource kDefaultOff{"aws_ebs_encryption_by_default.d", R"({"enabled": false})"};
constexpr TestResource kDefaultKey{"aws_ebs_default_kms_key.k", R"({"key_arn": "arn:aws:kms:eu-west-1:1:alias/data"})"};
constexpr TestResource kPlainVolume{"aws_ebs_volume.v", R"({"id": "vol-1", "encrypted": false})"};
constexpr TestResource kEncryptedVolume{"aws_ebs_volume.v", R"({"id": "vol-1", "encrypted": true})"};

Requirements Keep(int days) {
  Requirements requirements;
  requirements.retention_min_days = days;
  return requirements;
}

}  // namespace

std::vector<ControlCase> VolumeCases() {
  return {
      {"TFS-EBS-001", kVolume, R"({"encrypted": true})", kPass},
      {"TFS-EBS-001", kVolume, R"({"encrypted": false})", kFail, {}, {kDefaultOn}},
      {"TFS-EBS-001", kVolume, R"({"encrypted": "<unknown>"})", kPass, kSilent, {kDefaultOn}},
      {"TFS-EBS-001", kVolume, R"({"encrypted": null})", kFail, {}, {kDefaultOff}},
      {"TFS-EBS-001", kVolume, R"({"encrypted": "<unknown>"})", kUnknown, kSilent},
      {"TFS-EBS-001",
       kVolume,
       R"({"encrypted": "<unknown>"})",
       kUnknown,
       R"({"encrypted": ["aws_x.y.z"]})",
       {kDefaultOn}},
      // A module hands a variable on that is null.
      {"TFS-EBS-001",
       kVolume,
       R"({"encrypted": "<unknown>"})",
       kPass,
       R"({"encrypted": ["var.encrypted"]})",
       {kDefaultOn}},
      {"TFS-EBS-002", kVolume, R"({"encrypted": true, "kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-EBS-002", kVolume, R"({"encrypted": true, "kms_key_id": "<unknown>"})", kFail, kSilent},
      {"TFS-EBS-002", kVolume, R"({"encrypted": true, "kms_key_id": "<unknown>"})", kPass, kSilent, {kDefaultKey}},
      {"TFS-EBS-002", kVolume, R"({"encrypted": false})", kFail},
      {"TFS-EBS-002", kVolume, R"({"encrypted": true, "kms_key_id": "<unknown>"})", kUnknown},
      {"TFS-EBS-003", "aws_ebs_encryption_by_default", R"({"enabled": true})", kPass},
      {"TFS-EBS-003", "aws_ebs_encryption_by_default", R"({"enabled": false})", kFail},
      {"TFS-EBS-003", "aws_ebs_encryption_by_default", R"({"enabled": "<unknown>"})", kUnknown},
      {"TFS-EBS-004", "aws_ebs_default_kms_key", R"({"key_arn": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-EBS-004", "aws_ebs_default_kms_key", R"({"key_arn": "arn:aws:kms:eu-west-1:1:alias/aws/ebs"})", kFail},
      {"TFS-EBS-004", "aws_ebs_default_kms_key", R"({"key_arn": "<unknown>"})", kUnknown},
      {"TFS-EBS-005", "aws_ebs_snapshot", R"({"encrypted": true})", kPass},
      {"TFS-EBS-005",
       "aws_ebs_snapshot",
       R"({"encrypted": "<unknown>", "volume_id": "vol-1"})",
       kPass,
       {},
       {kEncryptedVolume}},
      {"TFS-EBS-005",
       "aws_ebs_snapshot",
       R"({"encrypted": "<unknown>", "volume_id": "vol-1"})",
       kFail,
       {},
       {kPlainVolume}},
      {"TFS-EBS-005", "aws_ebs_snapshot", R"({"encrypted": "<unknown>", "volume_id": "vol-2"})", kUnknown},
      {"TFS-EBS-005", "aws_ebs_snapshot_copy", R"({"encrypted": true, "source_snapshot_id": "snap-1"})", kPass},
      {"TFS-EBS-005",
       "aws_ebs_snapshot_copy",
       R"({"encrypted": null, "source_snapshot_id": "snap-1"})",
       kFail,
       {},
       {{"aws_ebs_snapshot.s", R"({"id": "snap-1", "encrypted": false})"}}},
      {"TFS-EBS-005", "aws_ami_copy", R"({"encrypted": false})", kUnknown},
      {"TFS-EBS-006", "aws_ebs_snapshot_copy",
       R"({"encrypted": true, "kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-EBS-006", "aws_ebs_snapshot_copy", R"({"encrypted": true, "kms_key_id": null})", kFail},
      {"TFS-EBS-006", "aws_ebs_snapshot_copy", R"({"encrypted": true, "kms_key_id": "<unknown>"})", kUnknown},
      {"TFS-EBS-006", "aws_ebs_snapshot_copy", R"({"encrypted": null, "kms_key_id": null})", kNotApplicable},

      {"TFS-EC2-001", kInstance,
       R"({"root_block_device": [{"encrypted": true}], "ebs_block_device": [{"encrypted": true}]})", kPass},
      {"TFS-EC2-001", kInstance,
       R"({"root_block_device": [{"encrypted": true}], "ebs_block_device": [{"encrypted": false}]})", kFail},
      {"TFS-EC2-001", kInstance, R"({"root_block_device": "<unknown>"})", kPass, kSilent, {kDefaultOn}},
      {"TFS-EC2-001", kInstance, R"({"root_block_device": "<unknown>"})", kUnknown, kSilent},
      {"TFS-EC2-002", kInstance,
       R"({"root_block_device": [{"encrypted": true, "kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"}]})", kPass},
      {"TFS-EC2-002", kInstance, R"({"root_block_device": [{"encrypted": true, "kms_key_id": "alias/aws/ebs"}]})",
       kFail},
      {"TFS-EC2-002", kInstance, R"({"root_block_device": [{"encrypted": true, "kms_key_id": "<unknown>"}]})",
       kUnknown},
      {"TFS-EC2-002", "aws_launch_configuration", R"({"root_block_device": []})", kNotApplicable},
      {"TFS-EC2-003", "aws_launch_template", R"({"block_device_mappings": [{"ebs": [{"encrypted": "true"}]}]})", kPass},
      {"TFS-EC2-003", "aws_launch_template", R"({"block_device_mappings": [{"ebs": [{"encrypted": "false"}]}]})",
       kFail},
      {"TFS-EC2-003", "aws_launch_template", R"({"block_device_mappings": [{"ebs": [{"encrypted": ""}]}]})", kUnknown},
      {"TFS-EC2-003", "aws_launch_template", R"({"block_device_mappings": []})", kNotApplicable},

      {"TFS-EFS-001", "aws_efs_file_system", R"({"encrypted": true})", kPass},
      {"TFS-EFS-001", "aws_efs_file_system", R"({"encrypted": false})", kFail},
      {"TFS-EFS-001", "aws_efs_file_system", R"({"encrypted": "<unknown>"})", kFail, kSilent},
      {"TFS-EFS-001", "aws_efs_file_system", R"({"encrypted": "<unknown>"})", kUnknown},
      {"TFS-EFS-002", "aws_efs_file_system",
       R"({"encrypted": true, "kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-EFS-002", "aws_efs_file_system", R"({"encrypted": true, "kms_key_id": "<unknown>"})", kFail, kSilent},
      {"TFS-EFS-002", "aws_efs_file_system", R"({"encrypted": true, "kms_key_id": "<unknown>"})", kUnknown},
      {"TFS-EFS-003", "aws_efs_backup_policy", R"({"backup_policy": [{"status": "ENABLED"}]})", kPass},
      {"TFS-EFS-003", "aws_efs_backup_policy", R"({"backup_policy": [{"status": "DISABLED"}]})", kFail},
      {"TFS-EFS-003", "aws_efs_backup_policy", R"({"backup_policy": [{"status": "<unknown>"}]})", kUnknown},

      {"TFS-FSX-001", "aws_fsx_windows_file_system", R"({})", kPass},
      {"TFS-FSX-002", "aws_fsx_windows_file_system", R"({"kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-FSX-002", "aws_fsx_openzfs_file_system", R"({"kms_key_id": null})", kFail},
      {"TFS-FSX-002", "aws_fsx_ontap_file_system", R"({"kms_key_id": "<unknown>"})", kUnknown},
      {"TFS-FSX-002", "aws_fsx_lustre_file_system", R"({"deployment_type": "SCRATCH_2"})", kNotApplicable},
      {"TFS-FSX-003", "aws_fsx_windows_file_system", R"({"automatic_backup_retention_days": null})", kPass},
      {"TFS-FSX-003", "aws_fsx_ontap_file_system", R"({"automatic_backup_retention_days": "<unknown>"})", kFail,
       kSilent},
      {"TFS-FSX-003",
       "aws_fsx_ontap_file_system",
       R"({"automatic_backup_retention_days": 30})",
       kPass,
       {},
       {},
       Keep(30)},
      {"TFS-FSX-003",
       "aws_fsx_ontap_file_system",
       R"({"automatic_backup_retention_days": 29})",
       kFail,
       {},
       {},
       Keep(30)},
      {"TFS-FSX-003", "aws_fsx_ontap_file_system", R"({"automatic_backup_retention_days": "<unknown>"})", kUnknown},
      {"TFS-FSX-003", "aws_fsx_lustre_file_system", R"({"deployment_type": "SCRATCH_1"})", kNotApplicable},
  };
}

std::vector<ControlCase> BackupAndServiceCases() {
  constexpr std::string_view kPlan = "aws_backup_plan";
  constexpr std::string_view kOpen =
      R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\"}]}"})";
  constexpr std::string_view kClosed =
      R"({"policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"*\"}]}"})";
  return {
      {"TFS-BACKUP-001", "aws_backup_vault", R"({})", kPass},
      {"TFS-BACKUP-002", "aws_backup_vault", R"({"kms_key_arn": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-BACKUP-002", "aws_backup_vault", R"({"kms_key_arn": "<unknown>"})", kFail, R"({"name": ["var.name"]})"},
      {"TFS-BACKUP-002", "aws_backup_vault", R"({"kms_key_arn": "<unknown>"})", kUnknown},
      {"TFS-BACKUP-003", "aws_backup_vault_lock_configuration", R"({"min_retention_days": 35})", kPass},
      {"TFS-BACKUP-003", "aws_backup_vault_lock_configuration", R"({"min_retention_days": "<unknown>"})", kUnknown},
      {"TFS-BACKUP-004", "aws_backup_vault", R"({"name": "v"})", kPass},
      {"TFS-BACKUP-004",
       "aws_backup_vault",
       R"({"name": "v"})",
       kUnknown,
       {},
       {{"aws_backup_vault_lock_configuration.l", R"({"backup_vault_name": "v", "min_retention_days": "<unknown>"})"}}},
      {"TFS-BACKUP-005",
       kPlan,
       R"({"rule": [{"rule_name": "daily", "lifecycle": [{"delete_after": 35}]}]})",
       kPass,
       {},
       {},
       Keep(35)},
      {"TFS-BACKUP-005", kPlan, R"({"rule": [{"rule_name": "daily", "lifecycle": []}]})", kPass},
      {"TFS-BACKUP-005", kPlan,
       R"({"rule": [{"rule_name": "a", "lifecycle": [{"delete_after": 365}]}, {"rule_name": "b", "lifecycle": [{"delete_after": 3}]}]})",
       kFail},
      {"TFS-BACKUP-005", kPlan, R"({"rule": [{"rule_name": "daily", "lifecycle": [{"delete_after": "<unknown>"}]}]})",
       kUnknown},
      {"TFS-BACKUP-007", kPlan, R"({"rule": [{"enable_continuous_backup": true}]})", kPass},
      {"TFS-BACKUP-007", kPlan, R"({"rule": [{"enable_continuous_backup": false}]})", kNotApplicable},
      {"TFS-BACKUP-007", kPlan, R"({"rule": "<unknown>"})", kUnknown},
      {"TFS-BACKUP-006", "aws_backup_vault_policy", kOpen, kFail},
      {"TFS-BACKUP-006", "aws_backup_vault_policy", kClosed, kPass},
      {"TFS-BACKUP-006", "aws_backup_vault_policy", R"({"policy": "<unknown>"})", kUnknown},
      {"TFS-BACKUP-006", "aws_backup_vault_policy", R"({"policy": ""})", kNotApplicable},

      {"TFS-TRAIL-001", "aws_cloudtrail", R"({})", kPass},
      {"TFS-TRAIL-002", "aws_cloudtrail", R"({"kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-TRAIL-002", "aws_cloudtrail_event_data_store", R"({"kms_key_id": null})", kFail},
      {"TFS-TRAIL-002", "aws_cloudtrail", R"({"kms_key_id": "<unknown>"})", kUnknown},
      {"TFS-TRAIL-003", "aws_cloudtrail", R"({"enable_log_file_validation": true})", kPass},
      {"TFS-TRAIL-003", "aws_cloudtrail", R"({"enable_log_file_validation": null})", kFail},
      {"TFS-TRAIL-003", "aws_cloudtrail", R"({"enable_log_file_validation": true, "enable_logging": false})", kFail},
      {"TFS-TRAIL-003", "aws_cloudtrail", R"({"enable_log_file_validation": "<unknown>"})", kUnknown},
      {"TFS-TRAIL-004", "aws_cloudtrail_event_data_store", R"({})", kPass},
      {"TFS-TRAIL-004", "aws_cloudtrail_event_data_store", R"({"termination_protection_enabled": false})", kFail},
      {"TFS-TRAIL-004", "aws_cloudtrail_event_data_store", R"({"termination_protection_enabled": "<unknown>"})",
       kUnknown},
      {"TFS-LOGS-003", "aws_cloudwatch_log_group", R"({"retention_in_days": 30})", kPass},
      {"TFS-LOGS-003", "aws_cloudwatch_log_group", R"({"retention_in_days": "<unknown>"})", kUnknown},

      {"TFS-ECR-001", "aws_ecr_repository", R"({})", kPass},
      {"TFS-ECR-002", "aws_ecr_repository",
       R"({"encryption_configuration": [{"encryption_type": "KMS", "kms_key": "arn:aws:kms:eu-west-1:1:alias/data"}]})",
       kPass},
      {"TFS-ECR-002", "aws_ecr_repository", R"({"encryption_configuration": [{"encryption_type": "AES256"}]})", kFail},
      {"TFS-ECR-002", "aws_ecr_repository", R"({"encryption_configuration": []})", kFail},
      {"TFS-ECR-002", "aws_ecr_repository", R"({"encryption_configuration": [{"encryption_type": "<unknown>"}]})",
       kUnknown},
      {"TFS-ECR-003", "aws_ecr_repository_policy", kOpen, kFail},
      {"TFS-ECR-003", "aws_ecr_repository_policy", kClosed, kPass},
      {"TFS-ECR-003", "aws_ecr_repository_policy", R"({"policy": "<unknown>"})", kUnknown},
      {"TFS-ECR-003", "aws_ecr_repository_policy", R"({"policy": null})", kNotApplicable},

      {"TFS-FORCE-001", "aws_s3_bucket", R"({"force_destroy": true})", kPass},  // judged as a change
      {"TFS-FORCE-001", "aws_ecr_repository", R"({"force_delete": null})", kPass},
      {"TFS-FORCE-001", "aws_backup_vault", R"({"force_destroy": "<unknown>"})", kUnknown},

      {"TFS-KEY-001", "aws_sagemaker_notebook_instance", R"({"kms_key_id": "arn:aws:kms:eu-west-1:1:alias/data"})",
       kPass},
      {"TFS-KEY-001", "aws_kinesis_video_stream", R"({"kms_key_id": null})", kFail},
      {"TFS-KEY-001", "aws_workspaces_workspace", R"({"volume_encryption_key": "<unknown>"})", kUnknown},
      {"TFS-KEY-002", "aws_lambda_function", R"({"kms_key_arn": "arn:aws:kms:eu-west-1:1:alias/data"})", kPass},
      {"TFS-KEY-002", "aws_eks_cluster", R"({"encryption_config": []})", kNotApplicable},
      {"TFS-KEY-002", "aws_sfn_state_machine", R"({"encryption_configuration": [{"kms_key_id": "<unknown>"}]})",
       kUnknown},
      {"TFS-KEY-003", "aws_workspaces_workspace",
       R"({"root_volume_encryption_enabled": true, "user_volume_encryption_enabled": true})", kPass},
      {"TFS-KEY-003", "aws_workspaces_workspace", R"({"root_volume_encryption_enabled": true})", kFail},
      {"TFS-KEY-003", "aws_codebuild_project", R"({"artifacts": [{"encryption_disabled": true}]})", kFail},
      {"TFS-KEY-003", "aws_glue_security_configuration",
       R"({"encryption_configuration": [{"s3_encryption": [{"s3_encryption_mode": "SSE-KMS"}], "cloudwatch_encryption": [{"cloudwatch_encryption_mode": "DISABLED"}], "job_bookmarks_encryption": [{"job_bookmarks_encryption_mode": "CSE-KMS"}]}]})",
       kFail},
      {"TFS-KEY-003", "aws_glue_data_catalog_encryption_settings",
       R"({"data_catalog_encryption_settings": [{"encryption_at_rest": [{"catalog_encryption_mode": "SSE-KMS"}], "connection_password_encryption": [{"return_connection_password_encrypted": true}]}]})",
       kPass},
      {"TFS-KEY-003", "aws_appsync_api_cache", R"({"at_rest_encryption_enabled": "<unknown>"})", kUnknown},

      {"TFS-LB-001", "aws_lb_listener", R"({"protocol": "HTTPS"})", kPass},
      {"TFS-LB-001", "aws_lb_listener", R"({"protocol": "HTTP"})", kNotApplicable},
  };
}

}  // namespace tfseal
