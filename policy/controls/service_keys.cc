#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "policy/controls/declarations.h"

// Services whose only setting of interest is one key attribute, as tables.
namespace tfseal {
namespace {

using terraform::Value;

struct KeyAttribute {
  std::string_view type;
  std::string_view path;
  DefaultKey if_unset;
};

template <std::size_t N>
const KeyAttribute& RowFor(const KeyAttribute (&rows)[N], std::string_view type) {
  return *std::find_if(std::begin(rows), std::end(rows) - 1, [&](const KeyAttribute& row) { return row.type == type; });
}

// They store customers' data.
constexpr KeyAttribute kStores[] = {
    {"aws_codeartifact_domain", "encryption_key", DefaultKey::kAwsManaged},
    {"aws_codecommit_repository", "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_kendra_index", "server_side_encryption_configuration[0].kms_key_id", DefaultKey::kAwsOwned},
    {"aws_kinesis_video_stream", "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_prometheus_workspace", "kms_key_arn", DefaultKey::kAwsOwned},
    {"aws_sagemaker_domain", "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_sagemaker_notebook_instance", "kms_key_id", DefaultKey::kAwsManaged},
    {"aws_storagegateway_cached_iscsi_volume", "kms_key", DefaultKey::kAwsOwned},
    {"aws_storagegateway_nfs_file_share", "kms_key_arn", DefaultKey::kAwsOwned},
    {"aws_storagegateway_smb_file_share", "kms_key_arn", DefaultKey::kAwsOwned},
    {"aws_storagegateway_stored_iscsi_volume", "kms_key", DefaultKey::kAwsOwned},
    {"aws_workspaces_workspace", "volume_encryption_key", DefaultKey::kAwsManaged},
};
constexpr std::string_view kStoreTypes[] = {
    "aws_codeartifact_domain",
    "aws_codecommit_repository",
    "aws_kendra_index",
    "aws_kinesis_video_stream",
    "aws_prometheus_workspace",
    "aws_sagemaker_domain",
    "aws_sagemaker_notebook_instance",
    "aws_storagegateway_cached_iscsi_volume",
    "aws_storagegateway_nfs_file_share",
    "aws_storagegateway_smb_file_share",
    "aws_storagegateway_stored_iscsi_volume",
    "aws_workspaces_workspace",
};
constexpr std::string_view kStoreReads[] = {"encryption_key", "kms_key_id", "server_side_encryption_configuration",
                                            "kms_key_arn",    "kms_key",    "volume_encryption_key"};

Judgement JudgeStoreKey(const Subject& subject) {
  const KeyAttribute& row = RowFor(kStores, subject.instance.type);
  return RequireCustomerKey(subject, row.path, row.if_unset);
}

// They hold settings, code or state in transit; AWS's own key is their ordinary state.
constexpr KeyAttribute kSettings[] = {
    {"aws_appflow_flow", "kms_arn", DefaultKey::kAwsManaged},
    {"aws_athena_workgroup", "configuration[0].result_configuration[0].encryption_configuration[0].kms_key_arn",
     DefaultKey::kAwsOwned},
    {"aws_cloudwatch_event_bus", "kms_key_identifier", DefaultKey::kAwsOwned},
    {"aws_codebuild_project", "encryption_key", DefaultKey::kAwsManaged},
    {"aws_ecs_cluster", "configuration[0].execute_command_configuration[0].kms_key_id", DefaultKey::kAwsOwned},
    {"aws_eks_cluster", "encryption_config[0].provider[0].key_arn", DefaultKey::kAwsOwned},
    {"aws_emr_cluster", "log_encryption_kms_key_id", DefaultKey::kAwsOwned},
    {"aws_lambda_function", "kms_key_arn", DefaultKey::kAwsManaged},
    {"aws_mwaa_environment", "kms_key", DefaultKey::kAwsOwned},
    {"aws_sfn_state_machine", "encryption_configuration[0].kms_key_id", DefaultKey::kAwsOwned},
};
constexpr std::string_view kSettingTypes[] = {
    "aws_appflow_flow",     "aws_athena_workgroup",  "aws_cloudwatch_event_bus", "aws_codebuild_project",
    "aws_ecs_cluster",      "aws_eks_cluster",       "aws_emr_cluster",          "aws_lambda_function",
    "aws_mwaa_environment", "aws_sfn_state_machine",
};
constexpr std::string_view kSettingReads[] = {"kms_arn",        "configuration",     "kms_key_identifier",
                                              "encryption_key", "encryption_config", "log_encryption_kms_key_id",
                                              "kms_key_arn",    "kms_key",           "encryption_configuration"};

bool NamesOwnKey(const Value& key) {
  return !key.text().empty() && key.text().find("alias/aws/") == std::string_view::npos;
}

Judgement JudgeSettingKey(const Subject& subject) {
  const KeyAttribute& row = RowFor(kSettings, subject.instance.type);
  const Value key = subject.At(row.path);
  const bool silent = key.unknown() && LeftToProvider(subject, row.path);
  if ((key.unknown() && !silent) || NamesOwnKey(key)) return RequireCustomerKey(subject, row.path, row.if_unset);
  if (subject.world.side() == Side::kAfter && NamesOwnKey(subject.instance.before.At(row.path))) {
    return Fail(fmt::format("{} named a key of your own before and does not any more", row.path), row.path);
  }
  return NotApplicable("settings under AWS's key; a key of your own is judged once there is one");
}

constexpr std::string_view kFlagTypes[] = {"aws_workspaces_workspace", "aws_codebuild_project", "aws_appsync_api_cache",
                                           "aws_glue_security_configuration",
                                           "aws_glue_data_catalog_encryption_settings"};
constexpr std::string_view kFlagReads[] = {"root_volume_encryption_enabled",
                                           "user_volume_encryption_enabled",
                                           "artifacts",
                                           "at_rest_encryption_enabled",
                                           "encryption_configuration",
                                           "data_catalog_encryption_settings",
                                           "secondary_artifacts",
                                           "logs_config"};

// A mode that must not be DISABLED.
Judgement RequireMode(const Subject& subject, std::string_view path) {
  const Value mode = subject.At(path);
  if (mode.unknown()) return UnknownUntilApply(path);
  if (mode.empty() || mode.text() == "DISABLED") return Fail(fmt::format("{} is DISABLED", path), path);
  return Pass(fmt::format("{} is {}", path, mode.text()), path);
}

// The first that does not pass, else the last.
Judgement FirstProblem(const std::vector<Judgement>& judgements) {
  for (const Verdict verdict : {Verdict::kFail, Verdict::kUnknown}) {
    for (const Judgement& judgement : judgements) {
      if (judgement.verdict == verdict) return judgement;
    }
  }
  return judgements.back();
}

Judgement JudgeEncryptionFlags(const Subject& subject) {
  const std::string_view type = subject.instance.type;
  if (type == "aws_workspaces_workspace") {
    return FirstProblem(
        {RequireBool(subject, "root_volume_encryption_enabled", true, IfUnset::kFail, "the volume is in clear"),
         RequireBool(subject, "user_volume_encryption_enabled", true, IfUnset::kFail, "the volume is in clear")});
  }
  if (type == "aws_codebuild_project") {
    std::vector<Judgement> places;
    const auto judge = [&](const std::string& block, std::string_view otherwise) {
      for (std::size_t i = 0; i < subject.At(block).items().size(); ++i) {
        places.push_back(RequireBool(subject, fmt::format("{}[{}].encryption_disabled", block, i), false,
                                     IfUnset::kPass, otherwise));
      }
    };
    judge("secondary_artifacts", "artifacts are stored in clear");
    judge("logs_config[0].s3_logs", "logs are stored in clear");
    places.push_back(RequireBool(subject, "artifacts[0].encryption_disabled", false, IfUnset::kPass,
                                 "artifacts are stored in clear"));
    return FirstProblem(places);
  }
  if (type == "aws_appsync_api_cache") {
    return RequireBool(subject, "at_rest_encryption_enabled", true, IfUnset::kFail,
                       "cached answers are stored in clear");
  }
  if (type == "aws_glue_security_configuration") {
    const std::string block = "encryption_configuration[0].";
    return FirstProblem({RequireMode(subject, block + "s3_encryption[0].s3_encryption_mode"),
                         RequireMode(subject, block + "cloudwatch_encryption[0].cloudwatch_encryption_mode"),
                         RequireMode(subject, block + "job_bookmarks_encryption[0].job_bookmarks_encryption_mode")});
  }
  const std::string block = "data_catalog_encryption_settings[0].";
  return FirstProblem(
      {RequireMode(subject, block + "encryption_at_rest[0].catalog_encryption_mode"),
       RequireBool(subject, block + "connection_password_encryption[0].return_connection_password_encrypted", true,
                   IfUnset::kFail, "passwords of connections are stored in clear")});
}

}  // namespace

const Control kStoreCustomerKey{
    .id = "TFS-KEY-001",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "other stores use a customer-managed key",
    .types = kStoreTypes,
    .reads = kStoreReads,
    .evaluate = JudgeStoreKey,
    .why = "AWS's own keys cannot be restricted, audited or withdrawn.",
    .remedy =
        "most of these fix their key when they are made: make a second one with the key, move the content, then retire "
        "the "
        "first. Look at what Terraform plans before changing the attribute in place",
    .basis = "Organisation.",
};

const Control kSettingCustomerKey{
    .id = "TFS-KEY-002",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kLow,
    .title = "services under a customer-managed key do not fall back to AWS's key",
    .types = kSettingTypes,
    .reads = kSettingReads,
    .evaluate = JudgeSettingKey,
    .why = "A key of your own was a decision; dropping it should be one as well.",
    .remedy = "keep the key attribute",
    .basis = "Organisation.",
};

const Control kEncryptionFlags{
    .id = "TFS-KEY-003",
    .topic = Topic::kEncryption,
    .severity = Severity::kMedium,
    .title = "other services have their encryption switched on",
    .types = kFlagTypes,
    .reads = kFlagReads,
    .evaluate = JudgeEncryptionFlags,
    .why = "These services store data in clear unless they are told otherwise.",
    .remedy =
        "switch the named setting on. Volumes of an existing WorkSpace cannot be encrypted: make a new one from its "
        "image",
    .basis =
        "Vendor benchmark: AWS Security Hub CodeBuild and Glue controls; Checkov CKV_AWS_94, CKV_AWS_99, CKV_AWS_155, "
        "CKV_AWS_156.",
};

}  // namespace tfseal
