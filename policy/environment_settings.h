#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/schedule_text.h"

// What an environment may ask of its databases and of what is around them, beyond what the topics of `require` ask of
// everybody. Nothing here has a default: what nobody asks for is not judged.
namespace tfseal {

enum class AutoPause : unsigned char { kNever, kAllowed, kRequired };

struct CapacitySettings {
  std::optional<double> min;  // Aurora capacity units
  std::optional<double> max;
  std::optional<AutoPause> auto_pause;
  std::optional<int> pause_after_seconds;  // at the latest

  [[nodiscard]] bool Asks() const { return min || max || auto_pause || pause_after_seconds; }
  bool operator==(const CapacitySettings&) const = default;
};

// The threshold that an alarm on a metric must have: at most, or at least, this.
struct AlarmSetting {
  bool fires_above = true;
  double threshold = 0;
  bool operator==(const AlarmSetting&) const = default;
};

struct EnvironmentSettings {
  // Databases.
  std::vector<std::string> engines;  // one of these; empty: any
  std::string engine_version_min;    // "15.4"
  CapacitySettings capacity;         // of Aurora Serverless v2
  std::optional<int> instances_min;  // that serve one database
  std::optional<int> instances_max;
  std::optional<int> zones_min;        // availability zones that they are in
  std::optional<bool> minor_upgrades;  // installed by AWS in the maintenance window
  std::optional<DayWindow> backup_window;
  std::optional<WeekWindow> maintenance_window;
  bool copies_other_region = false;  // backup.copies: other-region
  bool copies_other_key = false;     // backup.copy_key: separate
  std::string tls_min_protocol;      // "TLSv1.2", "TLSv1.3"
  bool pgaudit = false;
  std::set<std::string> log_exports;  // each of these
  bool proxy = false;                 // RDS Proxy, with TLS
  std::optional<bool> insights;       // Performance Insights
  std::optional<int> insights_retention_days_min;
  std::optional<int> monitoring_interval_max_seconds;  // Enhanced Monitoring

  // Networks.
  bool private_subnets = false;
  std::optional<std::vector<std::string>> ingress_from;  // CIDR ranges; security groups are always accepted
  std::set<std::string> vpc_endpoints;                   // "s3", "kms", "secretsmanager"

  // Watching, money, storage, versions.
  std::map<std::string, AlarmSetting> alarms;  // by CloudWatch metric
  std::set<int> budget_alerts_percent;
  std::optional<double> budget_monthly_usd_max;
  bool bucket_lifecycle = false;
  std::vector<std::string> terraform_versions;  // patterns: "1.11.*"
  bool pinned_providers = false;
  bool pinned_modules = false;

  bool operator==(const EnvironmentSettings&) const = default;
};

}  // namespace tfseal
