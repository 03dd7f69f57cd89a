#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "policy/change_class.h"
#include "policy/gate.h"
#include "policy/plaintext.h"
#include "policy/resource_catalogue.h"

// What the reader has to keep of a document for the gate, told from what the controls say that they read.
namespace tfseal {
namespace {

// What the joins look at, of any type: identifiers, names and ARNs.
constexpr std::string_view kJoinAttributes[] = {"id",
                                                "arn",
                                                "key_id",
                                                "target_key_id",
                                                "target_key_arn",
                                                "key_manager",
                                                "name",
                                                "name_prefix",
                                                "identifier",
                                                "bucket",
                                                "cluster_identifier",
                                                "replication_group_id",
                                                "cluster_id",
                                                "cluster_name",
                                                "function_name",
                                                "family",
                                                "domain_name",
                                                "table_name",
                                                "queue_name",
                                                "vault_name",
                                                "plan_id",
                                                "secret_id",
                                                "file_system_id",
                                                "backup_vault_name",
                                                "role",
                                                "policy_name",
                                                "group",
                                                "user",
                                                "db_name",
                                                "database_name",
                                                "topic_arn",
                                                "stream_name",
                                                "alias",
                                                "url"};

// Types that a control may look at when it judges a resource of another type: of them everything is kept that any
// control reads. A test compares this list with the types that the controls name.
constexpr std::string_view kSeenByOthers[] = {
    "aws_amplify_app",
    "aws_amplify_branch",
    "aws_api_gateway_stage",
    "aws_apigatewayv2_stage",
    "aws_appflow_flow",
    "aws_athena_workgroup",
    "aws_backup_vault_lock_configuration",
    "aws_cloudwatch_event_bus",
    "aws_codeartifact_domain",
    "aws_codebuild_project",
    "aws_codecommit_repository",
    "aws_dax_cluster",
    "aws_db_cluster_snapshot",
    "aws_db_instance",
    "aws_db_instance_automated_backups_replication",
    "aws_db_parameter_group",
    "aws_db_proxy",
    "aws_db_snapshot",
    "aws_db_snapshot_copy",
    "aws_dms_endpoint",
    "aws_dms_replication_config",
    "aws_dms_replication_instance",
    "aws_docdb_cluster",
    "aws_docdb_cluster_instance",
    "aws_docdb_cluster_parameter_group",
    "aws_docdb_cluster_snapshot",
    "aws_docdb_global_cluster",
    "aws_docdbelastic_cluster",
    "aws_dsql_cluster",
    "aws_dynamodb_table",
    "aws_dynamodb_table_replica",
    "aws_ebs_default_kms_key",
    "aws_ebs_encryption_by_default",
    "aws_ebs_snapshot",
    "aws_ebs_volume",
    "aws_ecs_cluster",
    "aws_efs_file_system_policy",
    "aws_eks_cluster",
    "aws_elasticache_cluster",
    "aws_elasticache_global_replication_group",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
    "aws_elasticsearch_domain",
    "aws_elasticsearch_domain_policy",
    "aws_emr_cluster",
    "aws_glue_connection",
    "aws_glue_job",
    "aws_iam_access_key",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_kendra_index",
    "aws_keyspaces_table",
    "aws_kinesis_video_stream",
    "aws_kms_alias",
    "aws_kms_key_policy",
    "aws_lambda_function",
    "aws_lightsail_database",
    "aws_memorydb_acl",
    "aws_memorydb_cluster",
    "aws_memorydb_snapshot",
    "aws_mskconnect_connector",
    "aws_mwaa_environment",
    "aws_neptune_cluster",
    "aws_neptune_cluster_instance",
    "aws_neptune_cluster_parameter_group",
    "aws_neptune_cluster_snapshot",
    "aws_neptunegraph_graph",
    "aws_opensearch_domain",
    "aws_opensearch_domain_policy",
    "aws_opensearchserverless_collection",
    "aws_opensearchserverless_security_policy",
    "aws_prometheus_workspace",
    "aws_qldb_ledger",
    "aws_rds_cluster",
    "aws_rds_cluster_activity_stream",
    "aws_rds_cluster_instance",
    "aws_rds_cluster_parameter_group",
    "aws_rds_cluster_snapshot_copy",
    "aws_rds_global_cluster",
    "aws_redshift_cluster",
    "aws_redshift_logging",
    "aws_redshift_parameter_group",
    "aws_redshift_snapshot_copy_grant",
    "aws_redshiftserverless_namespace",
    "aws_redshiftserverless_workgroup",
    "aws_s3_bucket",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_sagemaker_domain",
    "aws_sagemaker_model",
    "aws_sagemaker_notebook_instance",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_policy",
    "aws_secretsmanager_secret_rotation",
    "aws_secretsmanager_secret_version",
    "aws_sfn_state_machine",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
    "aws_ssm_parameter",
    "aws_storagegateway_cached_iscsi_volume",
    "aws_storagegateway_nfs_file_share",
    "aws_storagegateway_smb_file_share",
    "aws_storagegateway_stored_iscsi_volume",
    "aws_synthetics_canary",
    "aws_timestreaminfluxdb_db_instance",
    "aws_timestreamwrite_database",
    "aws_workspaces_workspace",
};
static_assert(std::is_sorted(std::begin(kSeenByOthers), std::end(kSeenByOthers)));

// The same for the controls that only some environments ask for: without one, none of these is read.
constexpr std::string_view kSeenByOthersIfAsked[] = {
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_backup_vault",
    "aws_budgets_budget",
    "aws_cloudwatch_metric_alarm",
    "aws_db_proxy_target",
    "aws_db_subnet_group",
    "aws_internet_gateway",
    "aws_route",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_security_group_ingress_rule",
};
static_assert(std::is_sorted(std::begin(kSeenByOthersIfAsked), std::end(kSeenByOthersIfAsked)));

bool Has(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsSeenByAll(std::string_view type) {
  return std::binary_search(std::begin(kSeenByOthers), std::end(kSeenByOthers), type);
}

bool IsSeenByOthersIfAsked(std::string_view type) {
  return std::binary_search(std::begin(kSeenByOthersIfAsked), std::end(kSeenByOthersIfAsked), type);
}

bool IsRead(std::string_view type, std::string_view attribute, bool by_asked) {
  return std::any_of(AllControls().begin(), AllControls().end(), [&](const Control* control) {
    return (by_asked || control->asked == nullptr) && Has(control->types, type) && Has(control->reads, attribute);
  });
}

bool KeepsAlways(std::string_view type, std::string_view attribute) {
  return IsSeenByAll(type) || Has(kJoinAttributes, attribute) || Has(ChangeAttributes(), attribute);
}

bool KeepsAttribute(std::string_view type, std::string_view attribute) {
  return KeepsAlways(type, attribute) || IsRead(type, attribute, false);
}

bool KeepsAttributeForEnvironments(std::string_view type, std::string_view attribute) {
  return Has(EnvironmentAttributes(), attribute) || KeepsAttribute(type, attribute);
}

bool KeepsWhatAnybodyReads(std::string_view type, std::string_view attribute) {
  return Has(EnvironmentAttributes(), attribute) || KeepsAlways(type, attribute) || IsSeenByOthersIfAsked(type) ||
         IsRead(type, attribute, true);
}

// With the controls that only some environments ask for, or without, and with those of a policy file.
terraform::Interest InterestOf(bool with_asked, const PolicyFile* policy) {
  std::vector<std::string_view> types;
  std::vector<std::string_view> attributes(std::begin(kJoinAttributes), std::end(kJoinAttributes));
  const auto add = [](const auto& some, std::vector<std::string_view>& to) {
    to.insert(to.end(), some.begin(), some.end());
  };
  for (const ResourceType& type : ResourceTypes()) types.push_back(type.type);
  for (const SecretSource& source : SecretSources()) types.push_back(source.type);
  for (const Control* control : AllControls()) {
    if (control->asked != nullptr && !with_asked) continue;
    add(control->types, types);
    add(control->reads, attributes);
  }
  if (with_asked) types.insert(types.end(), std::begin(kSeenByOthersIfAsked), std::end(kSeenByOthersIfAsked));
  add(EnvironmentAttributes(), attributes);
  add(ChangeAttributes(), attributes);
  if (policy != nullptr) {
    for (const auto& rule : policy->controls) {
      add(rule->types, types);
      add(rule->other_types(), types);
      add(rule->control.reads, attributes);
    }
  }
  for (auto* const names : {&types, &attributes}) {
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
  }
  return terraform::Interest::Only(types, attributes);
}

bool AsksForMore(const PolicyFile& policy) {
  const auto asks = [](const Environment& environment) {
    return !(environment.requirements.settings == EnvironmentSettings());
  };
  return asks(policy.defaults) || std::any_of(policy.environments.begin(), policy.environments.end(), asks) ||
         !policy.application_environments.empty();
}

}  // namespace

bool IsSeenByOtherControls(std::string_view type) {
  return IsSeenByAll(type) || IsSeenByOthersIfAsked(type);
}

const terraform::Interest& GateInterest() {
  static const auto* const interest = new terraform::Interest(InterestOf(true, nullptr).ByType(KeepsWhatAnybodyReads));
  return *interest;
}

terraform::Interest GateInterest(const PolicyFile& policy) {
  // Everything that is wanted of any type is kept of all: which of its attributes a control of the file reads is known
  // for the file only.
  if (!policy.controls.empty()) return InterestOf(true, &policy);
  if (AsksForMore(policy)) return GateInterest();
  static const auto* const unasked = new terraform::Interest(InterestOf(false, nullptr));
  return unasked->ByType(policy.environments.empty() ? KeepsAttribute : KeepsAttributeForEnvironments);
}

}  // namespace tfseal
