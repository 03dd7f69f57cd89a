#include <algorithm>
#include <set>

#include "planner/database.h"
#include "planner/in_place.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr int kDatabaseRetentionMax = 35;  // days, of RDS, Aurora, DocumentDB and Neptune

std::string ServiceOf(std::string_view type) {
  if (type.starts_with("aws_docdb")) return "docdb";
  if (type.starts_with("aws_neptune")) return "neptune";
  return "rds";
}

bool IsMember(std::string_view type) {
  return type == "aws_rds_cluster_instance" || type == "aws_docdb_cluster_instance" ||
         type == "aws_neptune_cluster_instance";
}

const ActionKind& KindFor(InPlaceChanges& changes) {
  const ActionKind& kind = IsCluster(changes.instance().type) ? kModifyCluster : kModifyInstance;
  changes.Extra(kind, "service", Text(ServiceOf(changes.instance().type)));
  return kind;
}

bool RaiseRetention(InPlaceChanges& changes, const Finding& finding, int at_least) {
  const bool by_days = finding.topic != Topic::kPitr || changes.requirements().Requires(Topic::kBackupRetention);
  const int days = std::max(at_least, by_days ? changes.requirements().retention_min_days : 1);
  if (days > kDatabaseRetentionMax) return false;  // only AWS Backup keeps more
  const auto now = changes.attributes().Get("backup_retention_period").AsNumber();
  const int wanted = std::max(days, now ? static_cast<int>(*now) : 0);
  changes.Change(KindFor(changes), finding, "BackupRetentionPeriod", wanted, "backup_retention_period", wanted);
  return true;
}

// What each engine can export; the union with what is exported already.
std::vector<std::string> LogTypes(const InPlaceChanges& changes, const char* attribute) {
  const std::string_view engine = changes.attributes().Get("engine").text();
  std::set<std::string> types;
  for (const std::string& type : TextsOf(changes.attributes().Get(attribute))) types.insert(type);
  const std::string service = ServiceOf(changes.instance().type);
  if (service == "docdb" || service == "neptune") {
    types.insert("audit");
  } else if (engine.find("postgres") != std::string_view::npos) {
    types.insert("postgresql");
  } else if (engine.find("mysql") != std::string_view::npos || engine == "mariadb") {
    types.insert("audit");
    types.insert("error");
  } else if (engine.starts_with("oracle")) {
    types.insert("audit");
    types.insert("alert");
  } else if (engine.starts_with("sqlserver")) {
    types.insert("error");
  }
  return {types.begin(), types.end()};
}

bool ExportLogs(InPlaceChanges& changes, const Finding& finding) {
  const bool neptune = changes.instance().type == "aws_neptune_cluster";
  const char* attribute = neptune ? "enable_cloudwatch_logs_exports" : "enabled_cloudwatch_logs_exports";
  const std::vector<std::string> types = LogTypes(changes, attribute);
  if (types.empty()) return false;
  changes.Change(KindFor(changes), finding, "CloudwatchLogsExportConfiguration",
                 Object({{"EnableLogTypes", Texts(types)}}), attribute, Texts(types));
  return true;
}

bool RequireFinalSnapshotArgument(InPlaceChanges& changes, const Finding& finding) {
  changes.Argument(finding, "skip_final_snapshot", false);
  changes.Argument(finding, "final_snapshot_identifier",
                   Text(FinalSnapshotName(changes.attributes(), changes.target().identifier)));
  return true;
}

}  // namespace

bool PlanDatabaseInPlace(InPlaceChanges& changes, const Finding& finding) {
  const std::string_view type = changes.instance().type;
  if (!IsCluster(type) && !IsDatabaseInstance(type) && !IsMember(type)) return false;
  switch (finding.topic) {
    case Topic::kBackupRetention:
      return !IsMember(type) && RaiseRetention(changes, finding, 1);
    case Topic::kPitr:
      return IsDatabaseInstance(type) && RaiseRetention(changes, finding, 1);
    case Topic::kDeletionProtection:
      changes.Change(KindFor(changes), finding, "DeletionProtection", true, "deletion_protection", true);
      return true;
    case Topic::kFinalSnapshot:
      return RequireFinalSnapshotArgument(changes, finding);
    case Topic::kAuditLog:
      return !IsMember(type) && ExportLogs(changes, finding);
    case Topic::kIamAuth:
      if (IsMember(type) || type == "aws_docdb_cluster") return false;
      changes.Change(KindFor(changes), finding, "EnableIAMDatabaseAuthentication", true,
                     "iam_database_authentication_enabled", true);
      return true;
    case Topic::kPublicAccess:
      if (IsCluster(type)) return false;
      changes.Change(KindFor(changes), finding, "PubliclyAccessible", false, "publicly_accessible", false);
      return true;
    default:
      return false;
  }
}

}  // namespace tfseal
