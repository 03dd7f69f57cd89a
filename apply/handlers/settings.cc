#include "apply/handlers/settings.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "apply/handler.h"

namespace tfseal {
namespace {

enum class Form {
  kPlain,
  kNames,      // a list in any order
  kTags,       // {Key, Value}
  kGroups,     // security groups, by id
  kIsThere,    // true if the member is there
  kIsEnabled,  // true if its text is enabled or being enabled
  kAdvanced,   // set only if it is not what everybody has
};

struct Rule {
  const char* parameter;
  const char* cluster;   // path in the description of a cluster; nullptr: clusters do not have it
  const char* instance;  // the same of an instance
  Form form = Form::kPlain;
  // Whether a restore would lose it: then it may not be there without the plan knowing it.
  bool lost = false;
  const char* common = nullptr;  // for kAdvanced: the value that everybody has
};

constexpr Rule kRules[] = {
    {"Engine", "Engine", "Engine"},
    {"EngineVersion", "EngineVersion", "EngineVersion"},
    {"EngineMode", "EngineMode", nullptr},
    {"Port", "Port", "Endpoint.Port"},
    {"NetworkType", "NetworkType", "NetworkType"},
    {"DBSubnetGroupName", "DBSubnetGroup", "DBSubnetGroup.DBSubnetGroupName"},
    {"DBClusterParameterGroupName", "DBClusterParameterGroup", nullptr},
    {"DBParameterGroupName", nullptr, "DBParameterGroups[0].DBParameterGroupName"},
    {"OptionGroupName", nullptr, "OptionGroupMemberships[0].OptionGroupName"},
    {"VpcSecurityGroupIds", "VpcSecurityGroups", "VpcSecurityGroups", Form::kGroups},
    {"EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled", "IAMDatabaseAuthenticationEnabled",
     Form::kPlain, true},
    {"EnableCloudwatchLogsExports", "EnabledCloudwatchLogsExports", "EnabledCloudwatchLogsExports", Form::kNames, true},
    {"CopyTagsToSnapshot", "CopyTagsToSnapshot", "CopyTagsToSnapshot", Form::kPlain, true},
    {"AvailabilityZones", "AvailabilityZones", nullptr, Form::kNames},
    {"AvailabilityZone", nullptr, "AvailabilityZone"},
    {"MultiAZ", nullptr, "MultiAZ", Form::kPlain, true},
    {"BackupRetentionPeriod", "BackupRetentionPeriod", "BackupRetentionPeriod", Form::kPlain, true},
    {"PreferredBackupWindow", "PreferredBackupWindow", "PreferredBackupWindow"},
    {"PreferredMaintenanceWindow", "PreferredMaintenanceWindow", "PreferredMaintenanceWindow"},
    {"BacktrackWindow", "BacktrackWindow", nullptr, Form::kPlain, true},
    {"DBClusterInstanceClass", "DBClusterInstanceClass", nullptr},
    {"DBInstanceClass", nullptr, "DBInstanceClass"},
    {"StorageType", "StorageType", "StorageType"},
    {"Iops", "Iops", "Iops"},
    {"StorageThroughput", "StorageThroughput", "StorageThroughput"},
    {"MaxAllocatedStorage", nullptr, "MaxAllocatedStorage", Form::kPlain, true},
    {"DedicatedLogVolume", nullptr, "DedicatedLogVolume", Form::kPlain, true},
    {"LicenseModel", nullptr, "LicenseModel"},
    {"ReplicaMode", nullptr, "ReplicaMode"},
    {"PromotionTier", nullptr, "PromotionTier"},
    {"ServerlessV2ScalingConfiguration", "ServerlessV2ScalingConfiguration", nullptr, Form::kPlain, true},
    {"EngineLifecycleSupport", "EngineLifecycleSupport", "EngineLifecycleSupport"},
    {"DeletionProtection", "DeletionProtection", "DeletionProtection"},
    {"PubliclyAccessible", nullptr, "PubliclyAccessible"},
    {"EnableHttpEndpoint", "HttpEndpointEnabled", nullptr, Form::kPlain, true},
    {"EnableLocalWriteForwarding", "LocalWriteForwardingStatus", nullptr, Form::kIsEnabled, true},
    {"DatabaseInsightsMode", "DatabaseInsightsMode", "DatabaseInsightsMode", Form::kAdvanced, true, "standard"},
    {"MonitoringInterval", "MonitoringInterval", "MonitoringInterval", Form::kPlain, true},
    {"MonitoringRoleArn", "MonitoringRoleArn", "MonitoringRoleArn"},
    {"EnablePerformanceInsights", "PerformanceInsightsEnabled", "PerformanceInsightsEnabled", Form::kPlain, true},
    {"PerformanceInsightsKMSKeyId", "PerformanceInsightsKMSKeyId", "PerformanceInsightsKMSKeyId"},
    {"PerformanceInsightsRetentionPeriod", "PerformanceInsightsRetentionPeriod", "PerformanceInsightsRetentionPeriod"},
    {"CACertificateIdentifier", "CertificateDetails.CAIdentifier", "CACertificateIdentifier"},
    {"AutoMinorVersionUpgrade", "AutoMinorVersionUpgrade", "AutoMinorVersionUpgrade"},
    {"ManageMasterUserPassword", "MasterUserSecret.SecretArn", "MasterUserSecret.SecretArn", Form::kIsThere, true},
    {"MasterUserSecretKmsKeyId", "MasterUserSecret.KmsKeyId", "MasterUserSecret.KmsKeyId"},
    {"Domain", "DomainMemberships[0].Domain", "DomainMemberships[0].Domain", Form::kPlain, true},
    {"DomainIAMRoleName", "DomainMemberships[0].IAMRoleName", "DomainMemberships[0].IAMRoleName"},
    {"EnableCustomerOwnedIp", nullptr, "CustomerOwnedIpEnabled"},
    {"Tags", "TagList", "TagList", Form::kTags},
};

bool IsNothing(const JsonValue& value) {
  return value.isNull() || (value.isBool() && !value.asBool()) || (value.isNumeric() && value.asDouble() == 0) ||
         (value.isString() && value.asString().empty()) || ((value.isArray() || value.isObject()) && value.empty());
}

JsonValue SortedNames(const JsonValue& list) {
  std::set<std::string> names;
  for (const JsonValue& item : list) {
    if (item.isString()) names.insert(item.asString());
  }
  JsonValue sorted(Json::arrayValue);
  for (const std::string& name : names) sorted.append(name);
  return sorted;
}

JsonValue OwnTags(const JsonValue& list) {
  JsonValue tags(Json::objectValue);
  for (const JsonValue& tag : list) {
    const std::string key = tag["Key"].asString();
    if (!key.starts_with("aws:")) tags[key] = tag["Value"].asString();
  }
  return tags;
}

JsonValue InForm(const Rule& rule, const JsonValue& value) {
  switch (rule.form) {
    case Form::kPlain:
      return value;
    case Form::kNames:
      return SortedNames(value);
    case Form::kTags:
      return OwnTags(value);
    case Form::kGroups: {
      JsonValue ids(Json::arrayValue);
      for (const JsonValue& group : value) ids.append(group["VpcSecurityGroupId"]);
      return SortedNames(ids);
    }
    case Form::kIsThere:
      return !IsNothing(value);
    case Form::kIsEnabled:
      return value.isString() &&
             (value.asString() == "enabled" || value.asString() == "enabling" || value.asString() == "requested");
    case Form::kAdvanced:
      return value.isString() && value.asString() == rule.common ? JsonValue() : value;
  }
  return value;
}

const Rule* RuleFor(std::string_view parameter) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules),
                                  [parameter](const Rule& rule) { return parameter == rule.parameter; });
  return found == std::end(kRules) ? nullptr : found;
}

bool Same(const JsonValue& a, const JsonValue& b) {
  if (IsNothing(a) && IsNothing(b)) return true;
  if (a.isNumeric() && b.isNumeric()) return std::abs(a.asDouble() - b.asDouble()) < 1e-9;
  if (a.isObject() && b.isObject()) {
    std::set<std::string> names;
    for (const std::string& name : a.getMemberNames()) names.insert(name);
    for (const std::string& name : b.getMemberNames()) names.insert(name);
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return Same(a[name], b[name]); });
  }
  return a == b;
}

std::string Shown(const JsonValue& value) {
  return IsNothing(value) ? "not set" : WriteJsonLine(value);
}

}  // namespace

JsonValue LiveSettings(const JsonValue& described, bool cluster) {
  JsonValue settings(Json::objectValue);
  for (const Rule& rule : kRules) {
    const char* path = cluster ? rule.cluster : rule.instance;
    if (path == nullptr) continue;
    const JsonValue* found = FieldAt(described, path);
    if (found == nullptr) continue;
    if (JsonValue value = InForm(rule, *found); !IsNothing(value)) settings[rule.parameter] = std::move(value);
  }
  return settings;
}

JsonValue Comparable(const JsonValue& parameters) {
  JsonValue comparable(Json::objectValue);
  for (const std::string& name : parameters.getMemberNames()) {
    const Rule* rule = RuleFor(name);
    const JsonValue& value = parameters[name];
    if (name == "CloudwatchLogsExportConfiguration") {
      comparable["EnableCloudwatchLogsExports"] = SortedNames(value["EnableLogTypes"]);
    } else if (rule != nullptr && (rule->form == Form::kNames || rule->form == Form::kGroups)) {
      comparable[name] = SortedNames(value);
    } else if (rule != nullptr && rule->form == Form::kTags) {
      comparable[name] = OwnTags(value);
    } else if (rule != nullptr && rule->form == Form::kAdvanced) {
      comparable[name] = InForm(*rule, value);
    } else if (name != "ApplyImmediately") {
      comparable[name] = value;
    }
  }
  return comparable;
}

std::vector<SettingDifference> Differences(const JsonValue& expected, const JsonValue& live, Compare compare) {
  std::vector<SettingDifference> differences;
  for (const std::string& name : expected.getMemberNames()) {
    if (!Same(expected[name], live[name])) differences.push_back({name, Shown(expected[name]), Shown(live[name])});
  }
  if (compare == Compare::kExpected) return differences;
  for (const std::string& name : live.getMemberNames()) {
    const Rule* rule = RuleFor(name);
    if (!expected.isMember(name) && rule != nullptr && rule->lost) {
      differences.push_back({name, "not set", Shown(live[name])});
    }
  }
  return differences;
}

std::string Describe(const std::vector<SettingDifference>& differences) {
  std::string text;
  for (const SettingDifference& difference : differences) {
    text += (text.empty() ? "" : "; ") + difference.setting + " is " + difference.live + " instead of " +
            difference.expected;
  }
  return text;
}

JsonValue ToJson(const std::vector<SettingDifference>& differences) {
  JsonValue list(Json::arrayValue);
  for (const SettingDifference& difference : differences) {
    JsonValue& item = list.append(JsonValue(Json::objectValue));
    item["setting"] = difference.setting;
    item["expected"] = difference.expected;
    item["live"] = difference.live;
  }
  return list;
}

}  // namespace tfseal
