#include "planner/restore_settings.h"

#include <algorithm>
#include <span>

#include "planner/existing_world.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using terraform::Member;
using terraform::Value;

struct Setting {
  std::string_view attribute;  // Terraform
  const char* parameter;       // API
};

constexpr Setting kClusterRestore[] = {
    {"port", "Port"},
    {"db_subnet_group_name", "DBSubnetGroupName"},
    {"neptune_subnet_group_name", "DBSubnetGroupName"},
    {"db_cluster_parameter_group_name", "DBClusterParameterGroupName"},
    {"neptune_cluster_parameter_group_name", "DBClusterParameterGroupName"},
    {"iam_database_authentication_enabled", "EnableIAMDatabaseAuthentication"},
    {"enabled_cloudwatch_logs_exports", "EnableCloudwatchLogsExports"},
    {"enable_cloudwatch_logs_exports", "EnableCloudwatchLogsExports"},
    {"copy_tags_to_snapshot", "CopyTagsToSnapshot"},
    {"availability_zones", "AvailabilityZones"},
};

// Only the RDS API has these on the restore.
constexpr Setting kRdsClusterRestore[] = {
    {"engine_mode", "EngineMode"},
    {"network_type", "NetworkType"},
    {"backtrack_window", "BacktrackWindow"},
    {"iops", "Iops"},
    {"db_cluster_instance_class", "DBClusterInstanceClass"},
    {"domain", "Domain"},
    {"domain_iam_role_name", "DomainIAMRoleName"},
    {"engine_lifecycle_support", "EngineLifecycleSupport"},
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"preferred_backup_window", "PreferredBackupWindow"},
};

constexpr Setting kClusterFinish[] = {
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"preferred_backup_window", "PreferredBackupWindow"},
    {"preferred_maintenance_window", "PreferredMaintenanceWindow"},
};

constexpr Setting kRdsClusterFinish[] = {
    {"enable_http_endpoint", "EnableHttpEndpoint"},
    {"enable_local_write_forwarding", "EnableLocalWriteForwarding"},
    {"database_insights_mode", "DatabaseInsightsMode"},
    {"monitoring_interval", "MonitoringInterval"},
    {"monitoring_role_arn", "MonitoringRoleArn"},
    {"performance_insights_enabled", "EnablePerformanceInsights"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId"},
    {"performance_insights_retention_period", "PerformanceInsightsRetentionPeriod"},
    {"ca_certificate_identifier", "CACertificateIdentifier"},
};

constexpr Setting kMember[] = {
    {"instance_class", "DBInstanceClass"},
    {"db_parameter_group_name", "DBParameterGroupName"},
    {"neptune_parameter_group_name", "DBParameterGroupName"},
    {"promotion_tier", "PromotionTier"},
    {"availability_zone", "AvailabilityZone"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
    {"ca_cert_identifier", "CACertificateIdentifier"},
    {"monitoring_interval", "MonitoringInterval"},
    {"monitoring_role_arn", "MonitoringRoleArn"},
    {"performance_insights_enabled", "EnablePerformanceInsights"},
    {"enable_performance_insights", "EnablePerformanceInsights"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId"},
    {"performance_insights_retention_period", "PerformanceInsightsRetentionPeriod"},
    {"preferred_maintenance_window", "PreferredMaintenanceWindow"},
    {"copy_tags_to_snapshot", "CopyTagsToSnapshot"},
};

constexpr Setting kInstanceRestore[] = {
    {"instance_class", "DBInstanceClass"},
    {"db_subnet_group_name", "DBSubnetGroupName"},
    {"parameter_group_name", "DBParameterGroupName"},
    {"option_group_name", "OptionGroupName"},
    {"multi_az", "MultiAZ"},
    {"availability_zone", "AvailabilityZone"},
    {"port", "Port"},
    {"storage_type", "StorageType"},
    {"iops", "Iops"},
    {"storage_throughput", "StorageThroughput"},
    {"license_model", "LicenseModel"},
    {"network_type", "NetworkType"},
    {"iam_database_authentication_enabled", "EnableIAMDatabaseAuthentication"},
    {"enabled_cloudwatch_logs_exports", "EnableCloudwatchLogsExports"},
    {"copy_tags_to_snapshot", "CopyTagsToSnapshot"},
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"backup_window", "PreferredBackupWindow"},
    {"ca_cert_identifier", "CACertificateIdentifier"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
    {"domain", "Domain"},
    {"domain_iam_role_name", "DomainIAMRoleName"},
    {"dedicated_log_volume", "DedicatedLogVolume"},
    {"customer_owned_ip_enabled", "EnableCustomerOwnedIp"},
};

constexpr Setting kInstanceFinish[] = {
    {"monitoring_interval", "MonitoringInterval"},
    {"monitoring_role_arn", "MonitoringRoleArn"},
    {"performance_insights_enabled", "EnablePerformanceInsights"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId"},
    {"performance_insights_retention_period", "PerformanceInsightsRetentionPeriod"},
    {"database_insights_mode", "DatabaseInsightsMode"},
    {"max_allocated_storage", "MaxAllocatedStorage"},
    {"maintenance_window", "PreferredMaintenanceWindow"},
};

constexpr Setting kReplica[] = {
    {"instance_class", "DBInstanceClass"},
    {"port", "Port"},
    {"multi_az", "MultiAZ"},
    {"availability_zone", "AvailabilityZone"},
    {"parameter_group_name", "DBParameterGroupName"},
    {"option_group_name", "OptionGroupName"},
    {"storage_type", "StorageType"},
    {"iops", "Iops"},
    {"storage_throughput", "StorageThroughput"},
    {"max_allocated_storage", "MaxAllocatedStorage"},
    {"network_type", "NetworkType"},
    {"iam_database_authentication_enabled", "EnableIAMDatabaseAuthentication"},
    {"enabled_cloudwatch_logs_exports", "EnableCloudwatchLogsExports"},
    {"copy_tags_to_snapshot", "CopyTagsToSnapshot"},
    {"ca_cert_identifier", "CACertificateIdentifier"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
    {"monitoring_interval", "MonitoringInterval"},
    {"monitoring_role_arn", "MonitoringRoleArn"},
    {"performance_insights_enabled", "EnablePerformanceInsights"},
    {"performance_insights_kms_key_id", "PerformanceInsightsKMSKeyId"},
    {"performance_insights_retention_period", "PerformanceInsightsRetentionPeriod"},
    {"database_insights_mode", "DatabaseInsightsMode"},
    {"replica_mode", "ReplicaMode"},
    {"domain", "Domain"},
    {"domain_iam_role_name", "DomainIAMRoleName"},
};

constexpr Setting kReplicaIfOn[] = {
    {"dedicated_log_volume", "DedicatedLogVolume"},
    {"customer_owned_ip_enabled", "EnableCustomerOwnedIp"},
};

// A replica is made without backups of its own and with a maintenance window that AWS chooses.
constexpr Setting kReplicaFinish[] = {
    {"backup_retention_period", "BackupRetentionPeriod"},
    {"backup_window", "PreferredBackupWindow"},
    {"maintenance_window", "PreferredMaintenanceWindow"},
};

// Zero and empty mean "not used" for every setting here but Port, which is never zero, and PromotionTier.
bool Says(const Value& value) {
  if (!value.known() || value.empty() || value.sensitive()) return false;
  const auto number = value.kind() == terraform::ValueKind::kNumber ? value.AsNumber() : std::nullopt;
  return !number || *number != 0;
}

void Take(const Value& attributes, std::span<const Setting> settings, JsonValue& into) {
  for (const Setting& setting : settings) {
    if (const Value value = attributes.At(setting.attribute); Says(value)) into[setting.parameter] = ToJson(value);
  }
}

// Off is what a restore leaves; some engines reject being told so.
void TakeIfOn(const Value& attributes, std::span<const Setting> settings, JsonValue& into) {
  for (const Setting& setting : settings) {
    const Value value = attributes.At(setting.attribute);
    if (Says(value) && value.AsBool() != false) into[setting.parameter] = ToJson(value);
  }
}

// A restored database has the password of its snapshot, in nobody's care. A document of an import may hold the secret
// without the argument.
void TakePasswordCare(const Database& database, JsonValue& into) {
  if (!HasManagedPassword(database)) return;
  into["ManageMasterUserPassword"] = true;
  if (const Value key = database.attributes.Get("master_user_secret_kms_key_id"); Says(key)) {
    into["MasterUserSecretKmsKeyId"] = ToJson(key);
  }
}

// MultiAZ and a chosen zone exclude each other.
void DropZoneOfMultiAz(JsonValue& parameters) {
  if (parameters["MultiAZ"].isBool() && parameters["MultiAZ"].asBool()) parameters.removeMember("AvailabilityZone");
  if (parameters["MultiAZ"].isNull()) parameters.removeMember("MultiAZ");
}

// What a gp3 volume has where nothing is asked for, and what a state then says. Below a size that depends on the engine
// (400 GiB for most) it has nothing else, and AWS refuses a restore that asks even for this much (Amazon RDS User
// Guide, "gp3 storage").
void DropBaselineOfGp3(JsonValue& parameters) {
  const auto is = [&parameters](const char* name, double baseline) {
    return !parameters.isMember(name) || (parameters[name].isNumeric() && parameters[name].asDouble() == baseline);
  };
  if (parameters["StorageType"] == "gp3" && is("Iops", 3000) && is("StorageThroughput", 125)) {
    parameters.removeMember("Iops");
    parameters.removeMember("StorageThroughput");
  }
  if (parameters["StorageType"].isNull()) parameters.removeMember("StorageType");
}

JsonValue ServerlessRange(const Value& attributes) {
  const Value range = attributes.At("serverlessv2_scaling_configuration[0]");
  const Value other = attributes.At("serverless_v2_scaling_configuration[0]");
  const Value& found = range.is_map() ? range : other;
  if (!found.is_map()) return {};
  JsonValue json =
      Object({{"MinCapacity", ToJson(found.Get("min_capacity"))}, {"MaxCapacity", ToJson(found.Get("max_capacity"))}});
  if (const Value pause = found.Get("seconds_until_auto_pause"); Says(pause))
    json["SecondsUntilAutoPause"] = ToJson(pause);
  return json;
}

JsonValue AllOf(RestoreSettings settings) {
  for (const std::string& name : settings.finish.getMemberNames()) settings.restore[name] = settings.finish[name];
  return std::move(settings.restore);
}

// Aurora names its storage types; whatever else a state shows for a cluster is what AWS reports for the volume.
bool IsChosenStorage(const Database& database) {
  const std::string type = database.Text("storage_type");
  return type == "aurora-iopt1" || type == "iopt1" || type == "io1" || type == "io2" || type == "gp3";
}

}  // namespace

JsonValue TagsOf(const Value& attributes) {
  const Value all = attributes.Get("tags_all");
  const Value& tags = all.is_map() && !all.members().empty() ? all : attributes.Get("tags");
  std::vector<Member> sorted;
  for (const Member& member : tags.members()) sorted.push_back(member);
  std::sort(sorted.begin(), sorted.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  JsonValue list(Json::arrayValue);
  for (const Member& tag : sorted) {
    if (!tag.value.sensitive()) list.append(Object({{"Key", Text(tag.key)}, {"Value", Text(tag.value.text())}}));
  }
  return list.empty() ? JsonValue() : list;
}

RestoreSettings ClusterSettings(const Database& database) {
  RestoreSettings settings;
  const Value& attributes = database.attributes;
  settings.restore["Engine"] = database.engine;
  if (!database.engine_version.empty()) settings.restore["EngineVersion"] = database.engine_version;
  Take(attributes, kClusterRestore, settings.restore);
  if (database.service == "rds") {
    Take(attributes, kRdsClusterRestore, settings.restore);
    TakeIfOn(attributes, kRdsClusterFinish, settings.finish);
  }
  if (IsChosenStorage(database)) settings.restore["StorageType"] = database.Text("storage_type");
  DropBaselineOfGp3(settings.restore);
  if (JsonValue range = ServerlessRange(attributes); !range.isNull()) {
    settings.restore["ServerlessV2ScalingConfiguration"] = range;
  }
  if (JsonValue tags = TagsOf(attributes); !tags.isNull()) settings.restore["Tags"] = tags;
  settings.restore["DeletionProtection"] = true;
  Take(attributes, kClusterFinish, settings.finish);
  TakePasswordCare(database, settings.finish);
  return settings;
}

RestoreSettings InstanceSettings(const Database& database) {
  RestoreSettings settings;
  Take(database.attributes, kInstanceRestore, settings.restore);
  DropZoneOfMultiAz(settings.restore);
  DropBaselineOfGp3(settings.restore);
  settings.restore["PubliclyAccessible"] = false;
  settings.restore["DeletionProtection"] = true;
  if (JsonValue tags = TagsOf(database.attributes); !tags.isNull()) settings.restore["Tags"] = tags;
  TakeIfOn(database.attributes, kInstanceFinish, settings.finish);
  TakePasswordCare(database, settings.finish);
  return settings;
}

JsonValue MemberSettings(const Database& database, const Value& member) {
  JsonValue settings(Json::objectValue);
  Take(member, kMember, settings);
  // The first tier, and what Terraform has where nothing is written; AWS takes the second if it is told nothing.
  const auto tier = member.Get("promotion_tier").AsNumber();
  if (tier == 0) settings["PromotionTier"] = 0;
  settings["Engine"] = database.engine;
  if (database.service == "rds") settings["PubliclyAccessible"] = false;
  if (JsonValue tags = TagsOf(member); !tags.isNull()) settings["Tags"] = tags;
  return settings;
}

RestoreSettings ReplicaSettings(const Value& replica) {
  RestoreSettings settings;
  Take(replica, kReplica, settings.restore);
  TakeIfOn(replica, kReplicaIfOn, settings.restore);
  DropZoneOfMultiAz(settings.restore);
  DropBaselineOfGp3(settings.restore);
  settings.restore["PubliclyAccessible"] = false;
  settings.restore["DeletionProtection"] = true;
  const std::vector<std::string> groups = TextsOf(replica.Get("vpc_security_group_ids"));
  if (!groups.empty()) settings.restore["VpcSecurityGroupIds"] = Texts(groups);
  if (JsonValue tags = TagsOf(replica); !tags.isNull()) settings.restore["Tags"] = tags;
  Take(replica, kReplicaFinish, settings.finish);
  return settings;
}

JsonValue ManifestOf(const Database& database) {
  const RestoreSettings settings = database.cluster ? ClusterSettings(database) : InstanceSettings(database);
  JsonValue manifest = Object({{"restore", settings.restore},
                               {"modify", settings.finish},
                               {"security_groups", Texts(database.security_groups)},
                               {"secrets", Texts(database.secrets)}});
  // The restore and the original are meant to differ here; the manifest is of the original.
  manifest["restore"]["DeletionProtection"] = ToJson(database.attributes.Get("deletion_protection"));
  if (!database.cluster) {
    manifest["restore"]["PubliclyAccessible"] = ToJson(database.attributes.Get("publicly_accessible"));
  }
  for (const terraform::ResourceInstance* member : database.members) {
    JsonValue of_member =
        database.cluster ? MemberSettings(database, member->after) : AllOf(ReplicaSettings(member->after));
    of_member["PubliclyAccessible"] = ToJson(member->after.Get("publicly_accessible"));
    if (!database.cluster) of_member["DeletionProtection"] = ToJson(member->after.Get("deletion_protection"));
    manifest["members"].append(of_member);
  }
  for (const terraform::ResourceInstance* endpoint : database.endpoints) {
    manifest["endpoints"].append(Text(endpoint->after.Get("cluster_endpoint_identifier").text()));
  }
  for (const DatabaseRole& role : database.roles) {
    manifest["roles"].append(Object({{"role", Text(role.arn)}, {"feature", Text(role.feature)}}));
  }
  return manifest;
}

}  // namespace tfseal
