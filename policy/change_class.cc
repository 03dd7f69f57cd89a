#include "policy/change_class.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/resource_catalogue.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

bool IsTrue(const Value& value) {
  return value.AsBool() == true;
}

// A copy of what its source holds: nothing of its own is lost with it.
bool IsReplica(const ResourceInstance& instance) {
  return (instance.type == "aws_db_instance" && !instance.before.Get("replicate_source_db").empty()) ||
         (instance.type == "aws_rds_cluster" && !instance.before.Get("replication_source_identifier").empty());
}

// What destroying this very object loses, which can be less than what its type holds.
Holds HeldBy(const ResourceInstance& instance) {
  const ResourceType* type = FindResourceType(instance.type);
  if (type == nullptr || IsReplica(instance)) return Holds::kNothing;
  // The provider only drops it from the state and leaves it in AWS.
  if (IsTrue(instance.before.Get("skip_destroy"))) return Holds::kNothing;
  if (instance.type == "aws_elasticache_cluster") {
    // Memcached keeps nothing, and a member of a replication group holds a copy of the group's data.
    const bool member = !instance.before.Get("replication_group_id").empty();
    if (member || instance.before.Get("engine").text() == "memcached") return Holds::kNothing;
  }
  // A connector passes on to a directory elsewhere and keeps none of its own.
  if (instance.type == "aws_directory_service_directory" && instance.before.Get("type").text() == "ADConnector")
    return Holds::kNothing;
  if (instance.type == "aws_ssm_parameter" && instance.before.Get("type").text() == "SecureString")
    return Holds::kSecret;
  return type->holds;
}

ChangeClass LossOf(Holds holds, bool replaces) {
  switch (holds) {
    case Holds::kData:
      return replaces ? ChangeClass::kReplaceDataLoss : ChangeClass::kDeleteDataLoss;
    case Holds::kKey:
      return ChangeClass::kKeyLoss;
    case Holds::kSecret:
      return ChangeClass::kSecretLoss;
    case Holds::kRecoveryPoints:
      return ChangeClass::kRecoveryPointLoss;
    case Holds::kNothing:
      break;
  }
  return replaces ? ChangeClass::kReplaceHarmless : ChangeClass::kDeleteHarmless;
}

bool IsAliasArn(std::string_view text) {
  return text.find(":alias/") != std::string_view::npos;
}

std::string ReasonForPath(const ResourceInstance& instance, const std::string& path) {
  const ResourceType* type = FindResourceType(instance.type);
  const Value before = instance.before.At(path);
  const Value after = instance.after.At(path);
  const std::string_view leaf = std::string_view(path).substr(path.rfind('.') + 1);
  if (type != nullptr && !type->encryption_attribute.empty() && path.starts_with(type->encryption_attribute)) {
    if (IsTrue(before) && after.unset()) {
      return fmt::format(
          "{} was left out of the configuration, which the provider reads as false; it cannot be changed "
          "in place, so an empty, unencrypted one takes its place",
          path);
    }
    return fmt::format("{} cannot be changed in place: Terraform destroys the store and makes an empty one", path);
  }
  if (leaf.find("kms") != std::string_view::npos) {
    if (IsAliasArn(after.text())) {
      return fmt::format(
          "{} is the ARN of an alias; AWS always answers with the ARN of the key, so Terraform sees a "
          "difference on every plan and replaces the store",
          path);
    }
    if (after.unknown())
      return fmt::format("{} becomes known only after apply, and the key of a store never changes", path);
    return fmt::format("{} cannot be changed in place: the key of a store never changes", path);
  }
  return fmt::format("{} cannot be changed in place", path);
}

std::string ReasonToDestroy(const ResourceInstance& instance) {
  if (!instance.rare->deposed.empty()) return "a deposed object that an earlier replacement left behind";
  if (!instance.rare->replace_paths.empty()) {
    std::string reason;
    for (const std::string& path : instance.rare->replace_paths) {
      if (!reason.empty()) reason += "; ";
      reason += ReasonForPath(instance, path);
    }
    return reason;
  }
  const std::string_view why = instance.rare->action_reason;
  if (why == "replace_because_tainted") return "it is marked as tainted";
  if (why == "replace_by_request") return "the replacement was asked for with -replace";
  if (why == "replace_by_triggers") return "replace_triggered_by names something that changes";
  if (why == "delete_because_no_resource_config") return "its block is gone from the configuration";
  if (why == "delete_because_no_module") return "its module is gone from the configuration";
  if (why == "delete_because_count_index") return "its index is beyond count";
  if (why == "delete_because_each_key") return "its key is gone from for_each";
  if (why == "delete_because_wrong_repetition") return "count or for_each was added or removed without a moved block";
  if (why == "delete_because_no_move_target") return "a moved block leads to an address that is not declared";
  if (why == "delete_because_enabled_false") return "it is disabled in the configuration";
  return instance.actions.replaces() ? "Terraform replaces it" : "Terraform destroys it";
}

// The provider answers a changed key of a table replica by deleting and recreating that replica
// (hashicorp/terraform-provider-aws#29102), although the plan says update.
void FindRebuiltReplicas(const ResourceInstance& instance, Change* change) {
  for (const Value& before : instance.before.Get("replica").items()) {
    for (const Value& after : instance.after.Get("replica").items()) {
      if (before.Get("region_name").text() != after.Get("region_name").text()) continue;
      const Value old_key = before.Get("kms_key_arn");
      const Value new_key = after.Get("kms_key_arn");
      if (new_key.unknown() ? old_key.empty() : (new_key.empty() || old_key.SameAs(new_key))) continue;
      change->change_class = ChangeClass::kDestructiveUpdate;
      change->paths.emplace_back("replica.kms_key_arn");
      change->reason = fmt::format(
          "the key of the replica in {} changes: the plan says update, but the provider deletes "
          "the replica and makes it again",
          before.Get("region_name").text());
    }
  }
}

bool Changes(const ResourceInstance& instance, std::string_view path) {
  return !instance.before.At(path).SameAs(instance.after.At(path));
}

// What is older than the retention of the magnetic store is deleted, and there is no backup to take it from.
void FindExpiredMeasures(const ResourceInstance& instance, Change* change) {
  constexpr std::string_view kDays = "retention_properties[0].magnetic_store_retention_period_in_days";
  const auto before = instance.before.At(kDays).AsNumber();
  const auto after = instance.after.At(kDays).AsNumber();
  if (!before || !after || *after >= *before) return;
  change->change_class = ChangeClass::kDestructiveUpdate;
  change->paths.emplace_back(kDays);
  change->reason =
      fmt::format("what is older than {} days is deleted, where {} days were kept before", *after, *before);
}

Change ClassifyUpdate(const ResourceInstance& instance) {
  Change change;
  change.change_class = ChangeClass::kInPlace;
  const std::string_view type = instance.type;
  if (type == "aws_dynamodb_table") FindRebuiltReplicas(instance, &change);
  if (type == "aws_timestreamwrite_table") FindExpiredMeasures(instance, &change);
  if (type == "aws_ssm_parameter" && Changes(instance, "type") && !instance.after.Get("type").unknown()) {
    change.change_class = ChangeClass::kApiRejects;
    change.paths.emplace_back("type");
    change.reason = "the type of a parameter cannot be changed: AWS refuses it, and the apply stops there";
  }
  if ((type == "aws_rds_cluster" || type == "aws_db_instance") && Changes(instance, "master_user_secret_kms_key_id") &&
      !instance.before.Get("master_user_secret_kms_key_id").empty() &&
      !instance.after.Get("master_user_secret_kms_key_id").unset() &&
      IsTrue(instance.before.Get("manage_master_user_password"))) {
    change.change_class = ChangeClass::kApiRejects;
    change.paths.emplace_back("master_user_secret_kms_key_id");
    change.reason = "the key of a managed master user secret cannot be changed: AWS refuses it";
  }
  if (type == "aws_rds_cluster" && instance.before.Get("global_cluster_identifier").empty() &&
      !instance.after.Get("global_cluster_identifier").empty()) {
    change.change_class = ChangeClass::kApiRejects;
    change.paths.emplace_back("global_cluster_identifier");
    change.reason = "an existing cluster cannot join a global cluster this way: the plan says update, the apply fails";
  }
  constexpr std::string_view kNewObjectsOnly[] = {"aws_s3_bucket_server_side_encryption_configuration",
                                                  "aws_sqs_queue",
                                                  "aws_sns_topic",
                                                  "aws_kinesis_stream",
                                                  "aws_cloudwatch_log_group",
                                                  "aws_cloudtrail",
                                                  "aws_ebs_encryption_by_default",
                                                  "aws_backup_plan"};
  if (change.change_class == ChangeClass::kInPlace &&
      std::find(std::begin(kNewObjectsOnly), std::end(kNewObjectsOnly), type) != std::end(kNewObjectsOnly)) {
    change.change_class = ChangeClass::kInPlaceNewObjectsOnly;
  }
  return change;
}

// A virtual machine's root volume goes with it. That is everyday for machines made from an image, and a loss for
// machines that keep data there; only a replacement for the sake of the volume itself is certain to mean data.
Change ClassifyMachine(const ResourceInstance& instance) {
  Change change;
  change.change_class = instance.actions.replaces() ? ChangeClass::kReplaceHarmless : ChangeClass::kDeleteHarmless;
  change.paths = instance.rare->replace_paths;
  change.reason = ReasonToDestroy(instance);
  for (const std::string& path : instance.rare->replace_paths) {
    const bool about_encryption = path.ends_with("encrypted") || path.ends_with("kms_key_id");
    if (path.starts_with("root_block_device") && about_encryption) {
      change.change_class = ChangeClass::kReplaceDataLoss;
      return change;
    }
  }
  const Value root = instance.before.Get("root_block_device");
  const Value keeps = root.At("delete_on_termination");
  if (root.items().empty() || keeps.AsBool() == false) return change;
  change.review = true;
  change.reason = fmt::format("the root volume is deleted with the instance ({})", change.reason);
  return change;
}

}  // namespace

std::string_view Name(ChangeClass change_class) {
  switch (change_class) {
    case ChangeClass::kCreate:
      return "create";
    case ChangeClass::kInPlace:
      return "in_place";
    case ChangeClass::kInPlaceNewObjectsOnly:
      return "in_place_new_objects_only";
    case ChangeClass::kDestructiveUpdate:
      return "destructive_update";
    case ChangeClass::kReplaceHarmless:
      return "replace_harmless";
    case ChangeClass::kReplaceDataLoss:
      return "replace_data_loss";
    case ChangeClass::kDeleteHarmless:
      return "delete_harmless";
    case ChangeClass::kDeleteDataLoss:
      return "delete_data_loss";
    case ChangeClass::kKeyLoss:
      return "key_loss";
    case ChangeClass::kSecretLoss:
      return "secret_loss";
    case ChangeClass::kRecoveryPointLoss:
      return "recovery_point_loss";
    case ChangeClass::kIgnoredByProvider:
      return "ignored_by_provider";
    case ChangeClass::kApiRejects:
      return "api_rejects";
    case ChangeClass::kForget:
      return "forget";
    case ChangeClass::kNone:
      break;
  }
  return "none";
}

bool Change::loses() const {
  switch (change_class) {
    case ChangeClass::kDestructiveUpdate:
    case ChangeClass::kReplaceDataLoss:
    case ChangeClass::kDeleteDataLoss:
    case ChangeClass::kKeyLoss:
    case ChangeClass::kSecretLoss:
    case ChangeClass::kRecoveryPointLoss:
      return true;
    default:
      return false;
  }
}

Change Classify(const ResourceInstance& instance, const World& /*before*/, const World& after) {
  Change change;
  if (instance.actions.destroy) {
    if (instance.type == "aws_instance") return ClassifyMachine(instance);
    change.change_class = LossOf(HeldBy(instance), instance.actions.replaces());
    change.paths = instance.rare->replace_paths;
    if (change.loses()) change.reason = ReasonToDestroy(instance);
    return change;
  }
  if (instance.actions.forget) {
    change.change_class = ChangeClass::kForget;
    change.reason = "it leaves Terraform's state and stays in AWS, unmanaged from then on";
    return change;
  }
  if (instance.actions.create) {
    change.change_class = ChangeClass::kCreate;
    return change;
  }
  if (instance.actions.update) {
    change = ClassifyUpdate(instance);
    // The provider does not act on a changed encrypted or kms_key_id of an existing ebs_block_device: the planned value
    // stays what it is, so only the configuration shows the intention.
    if (instance.type == "aws_instance" && change.change_class == ChangeClass::kInPlace) {
      const Origin& origin = after.OriginOf(instance, "ebs_block_device.encrypted");
      for (const Value& device : instance.after.Get("ebs_block_device").items()) {
        if (origin.constant.AsBool() == true && device.Get("encrypted").AsBool() == false) {
          change.change_class = ChangeClass::kIgnoredByProvider;
          change.paths.emplace_back("ebs_block_device.encrypted");
          change.reason =
              "the configuration asks for encryption, but the provider ignores that for a volume that exists";
        }
      }
    }
  }
  return change;
}

std::vector<std::string> Protections(const ResourceInstance& instance) {
  std::vector<std::string> lines;
  const Value& was = instance.before;
  const Value protection =
      was.Get(instance.type == "aws_dynamodb_table" ? "deletion_protection_enabled" : "deletion_protection");
  if (IsTrue(protection)) {
    lines.emplace_back(
        "deletion protection is on: AWS refuses this delete, after other parts of the plan have been applied");
  } else if (!protection.absent()) {
    const bool provider_lifts = instance.type == "aws_rds_cluster" && IsTrue(was.Get("apply_immediately"));
    lines.emplace_back(provider_lifts
                           ? "no deletion protection in the state: with apply_immediately the provider would even "
                             "lift one that was set outside Terraform"
                           : "no deletion protection");
  }
  const Value skip = was.Get("skip_final_snapshot");
  if (IsTrue(skip)) {
    lines.emplace_back("skip_final_snapshot is true: no final snapshot is taken");
  } else if (!skip.unset()) {
    lines.emplace_back(was.Get("final_snapshot_identifier").empty()
                           ? "a final snapshot is wanted but has no name: the destroy fails half-way"
                           : "a final snapshot is taken, if its name is still free");
  }
  if (IsTrue(was.Get("delete_automated_backups"))) lines.emplace_back("automated backups are deleted with it");
  if (!was.Get("recovery_window_in_days").absent()) {
    const double days = was.Get("recovery_window_in_days").AsNumber().value_or(30);
    lines.push_back(days == 0 ? "recovery window 0: the secret is gone at once"
                              : fmt::format("recovery window of {} days, in which the name stays blocked", days));
  }
  if (!was.Get("deletion_window_in_days").absent()) {
    lines.push_back(
        fmt::format("the key is deleted after {} days; everything encrypted with it is unreadable from the "
                    "moment the deletion is scheduled",
                    was.Get("deletion_window_in_days").AsNumber().value_or(30)));
  }
  for (const std::string_view force : {"force_destroy", "force_delete"}) {
    if (was.Get(force).absent()) continue;
    lines.push_back(IsTrue(was.Get(force))
                        ? fmt::format("{} is true: its contents are deleted too", force)
                        : fmt::format("{} is not set: AWS refuses the delete unless it is empty", force));
  }
  if (instance.type == "aws_ebs_volume") {
    lines.emplace_back(IsTrue(was.Get("final_snapshot")) ? "final_snapshot is true: a snapshot is taken first"
                                                         : "no final snapshot is taken");
  }
  return lines;
}

const std::vector<std::string_view>& ChangeAttributes() {
  static const std::vector<std::string_view> kAttributes = {"replicate_source_db",
                                                            "replication_source_identifier",
                                                            "replication_group_id",
                                                            "skip_destroy",
                                                            "engine",
                                                            "type",
                                                            "replica",
                                                            "retention_properties",
                                                            "master_user_secret_kms_key_id",
                                                            "manage_master_user_password",
                                                            "global_cluster_identifier",
                                                            "root_block_device",
                                                            "ebs_block_device",
                                                            "storage_encrypted",
                                                            "encrypted",
                                                            "at_rest_encryption_enabled",
                                                            "encrypt_at_rest",
                                                            "encryption_configuration",
                                                            "encryption_info",
                                                            "kms_key_id",
                                                            "kms_key_arn",
                                                            "kms_key",
                                                            "kms_key_identifier",
                                                            "deletion_protection",
                                                            "deletion_protection_enabled",
                                                            "apply_immediately",
                                                            "skip_final_snapshot",
                                                            "final_snapshot_identifier",
                                                            "delete_automated_backups",
                                                            "recovery_window_in_days",
                                                            "deletion_window_in_days",
                                                            "force_destroy",
                                                            "force_delete",
                                                            "final_snapshot"};
  return kAttributes;
}

}  // namespace tfseal
