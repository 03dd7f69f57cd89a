#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"
#include "policy/schedule_text.h"

// Instances, zones and windows of databases, as an environment asks for them.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

// A Multi-AZ DB cluster is three instances in three zones, made by AWS.
bool IsMultiAzCluster(const Subject& subject) {
  return subject.instance.type == "aws_rds_cluster" && !subject.At("db_cluster_instance_class").text().empty();
}

struct Servers {
  int instances = 0;
  std::set<std::string_view> zones;
  int zones_unknown = 0;
};

// How many of AWS's making there are where it spreads them itself.
std::optional<int> SpreadByAws(const Subject& subject) {
  if (IsMultiAzCluster(subject)) return 3;
  return std::nullopt;
}

Servers ServersOf(const Subject& subject) {
  Servers servers;
  const auto count = [&](const Value& zone) {
    ++servers.instances;
    if (zone.text().empty()) {
      ++servers.zones_unknown;
    } else {
      servers.zones.insert(zone.text());
    }
  };
  if (subject.instance.type == "aws_rds_cluster") {
    for (const ResourceInstance* member : MembersOf(subject)) {
      count(subject.world.AttributesOf(*member).At("availability_zone"));
    }
    return servers;
  }
  count(subject.At("availability_zone"));
  for (const ResourceInstance* replica : subject.world.PointingAt(subject.instance, "aws_db_instance",
                                                                  "replicate_source_db", {"identifier", "arn", "id"})) {
    count(subject.world.AttributesOf(*replica).At("availability_zone"));
  }
  return servers;
}

Judgement EnvironmentInstances(const Subject& subject) {
  const EnvironmentSettings& settings = subject.requirements.settings;
  if (!settings.instances_min && !settings.instances_max) return NotAsked();
  if (IsReplica(subject)) return NotApplicable("it is a replica, and counts for its source");
  const Value multi_az = subject.At("multi_az");
  if (subject.instance.type == "aws_db_instance" && multi_az.unknown() && !LeftToAws(subject, "multi_az")) {
    return UnknownUntilApply("multi_az");
  }
  int instances = SpreadByAws(subject).value_or(0);
  if (instances == 0) {
    instances = ServersOf(subject).instances +
                (subject.instance.type == "aws_db_instance" && multi_az.AsBool() == true ? 1 : 0);
  }
  const std::string message = fmt::format("{} instance{} it", instances, instances == 1 ? " serves" : "s serve");
  Judgement judgement = Pass(message, "cluster_identifier");
  if (settings.instances_min && instances < *settings.instances_min) {
    judgement = Fail(fmt::format("{}: at least {} are required", message, *settings.instances_min));
  } else if (settings.instances_max && instances > *settings.instances_max) {
    judgement = Fail(fmt::format("{}: at most {} are wanted", message, *settings.instances_max));
  }
  return judgement;
}

Judgement EnvironmentZones(const Subject& subject) {
  const auto least = subject.requirements.settings.zones_min;
  if (!least) return NotAsked();
  if (IsReplica(subject)) return NotApplicable("it is a replica, and counts for its source");
  const auto enough = [&](int zones) {
    const std::string message = fmt::format("it is in {} availability zone{}", zones, zones == 1 ? "" : "s");
    return zones >= *least ? Pass(message, "availability_zone")
                           : Fail(fmt::format("{}: at least {} are required", message, *least), "availability_zone");
  };
  if (const auto spread = SpreadByAws(subject); spread) return enough(*spread);
  const Servers servers = ServersOf(subject);
  const int known = static_cast<int>(servers.zones.size());
  if (subject.instance.type == "aws_db_instance") {
    const Value multi_az = subject.At("multi_az");
    if (multi_az.unknown() && !LeftToAws(subject, "multi_az")) return UnknownUntilApply("multi_az");
    if (multi_az.AsBool() == true) return enough(std::max(2, known));
  }
  if (known < *least && known + servers.zones_unknown >= *least) {
    if (*least == 1) return enough(1);
    return Undecided(
        fmt::format("the zones of {} of its {} instances are left to AWS", servers.zones_unknown, servers.instances),
        "availability_zone");
  }
  return enough(known);
}

bool InsideWindow(int first, int last, int outer_first, int outer_last, int period) {
  const auto length = [&](int from, int to) { return to > from ? to - from : to - from + period; };
  const int offset = (first - outer_first + period) % period;
  return offset + length(first, last) <= length(outer_first, outer_last);
}

std::string_view WindowAttribute(const Subject& subject, bool backup) {
  if (subject.instance.type == "aws_db_instance") return backup ? "backup_window" : "maintenance_window";
  return backup ? "preferred_backup_window" : "preferred_maintenance_window";
}

Judgement WindowLeftToAws(std::string_view attribute) {
  return Fail(fmt::format("{} is not set, so AWS chooses one at random", attribute), attribute);
}

Judgement EnvironmentBackupWindow(const Subject& subject) {
  const auto& wanted = subject.requirements.settings.backup_window;
  if (!wanted) return NotAsked();
  if (IsReplica(subject)) return NotApplicable("it is a replica");
  const std::string_view attribute = WindowAttribute(subject, true);
  const Value value = subject.At(attribute);
  if (LeftToAws(subject, attribute) || (value.empty() && !value.unknown())) return WindowLeftToAws(attribute);
  if (value.unknown()) return UnknownUntilApply(attribute);
  const auto window = ParseDayWindow(value.text());
  if (!window) return Fail(fmt::format("{} is not a time of day", attribute), attribute);
  const std::string message = fmt::format("{} is {}", attribute, value.text());
  if (InsideWindow(window->first_minute, window->last_minute, wanted->first_minute, wanted->last_minute, 24 * 60)) {
    return Pass(message, attribute);
  }
  return Fail(fmt::format("{}, outside of the environment's", message), attribute);
}

Judgement EnvironmentMaintenanceWindow(const Subject& subject) {
  const auto& wanted = subject.requirements.settings.maintenance_window;
  if (!wanted) return NotAsked();
  const std::string_view attribute = WindowAttribute(subject, false);
  const Value value = subject.At(attribute);
  if (LeftToAws(subject, attribute) || (value.empty() && !value.unknown())) return WindowLeftToAws(attribute);
  if (value.unknown()) return UnknownUntilApply(attribute);
  std::string text(value.text());
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto window = ParseWeekWindow(text);
  if (!window) return Fail(fmt::format("{} is not a time of the week", attribute), attribute);
  const std::string message = fmt::format("{} is {}", attribute, text);
  if (InsideWindow(window->first_minute, window->last_minute, wanted->first_minute, wanted->last_minute, 7 * 24 * 60)) {
    return Pass(message, attribute);
  }
  return Fail(fmt::format("{}, outside of the environment's", message), attribute);
}

}  // namespace

const Control kEnvironmentInstances{
    .id = "TFS-ENV-010",
    .topic = Topic::kAvailability,
    .severity = Severity::kMedium,
    .title = "as many instances serve a database as the environment asks for",
    .types = kDatabaseTypes,
    .reads = kNames<"cluster_identifier", "id", "identifier", "arn", "replicate_source_db", "multi_az",
                    "db_cluster_instance_class", "availability_zone">,
    .evaluate = EnvironmentInstances,
    .why = "with one instance every failure and every upgrade is an outage; each further one costs",
    .remedy = "add aws_rds_cluster_instance resources to the cluster, or set multi_az = true on an instance",
    .basis =
        "AWS Aurora User Guide, High availability: with a second instance Aurora fails over to it. organisation: "
        "instances in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.instances_min || r.settings.instances_max; },
};

const Control kEnvironmentZones{
    .id = "TFS-ENV-011",
    .topic = Topic::kAvailability,
    .severity = Severity::kMedium,
    .title = "the instances of a database are spread over availability zones",
    .types = kDatabaseTypes,
    .reads = kNames<"cluster_identifier", "id", "identifier", "arn", "replicate_source_db", "multi_az",
                    "db_cluster_instance_class", "availability_zone">,
    .evaluate = EnvironmentZones,
    .why =
        "Aurora keeps the data in three zones in any case, but instances that are all in one stop with it: what cannot "
        "be told from a plan is where AWS puts instances without a zone of their own",
    .remedy =
        "set availability_zone of each instance of an existing cluster to where it is, and of new ones to another; it "
        "forces a new instance where it changes",
    .basis =
        "AWS Aurora User Guide, High availability; provider 5.100: availability_zone is computed where it is not set. "
        "organisation: instances.availability_zones in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.zones_min.has_value(); },
};

const Control kEnvironmentBackupWindow{
    .id = "TFS-ENV-012",
    .topic = Topic::kMaintenance,
    .severity = Severity::kLow,
    .title = "automatic backups are taken within the environment's window",
    .types = kNames<"aws_rds_cluster", "aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster">,
    .reads = kNames<"preferred_backup_window", "backup_window", "replicate_source_db">,
    .evaluate = EnvironmentBackupWindow,
    .why = "a window that nobody chose can be the busiest hour",
    .remedy = "set preferred_backup_window (backup_window on aws_db_instance), in UTC; it changes in place",
    .basis =
        "Amazon RDS API, PreferredBackupWindow: random within the region's night unless it is set. organisation: "
        "backup.window in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.backup_window.has_value(); },
};

const Control kEnvironmentMaintenanceWindow{
    .id = "TFS-ENV-013",
    .topic = Topic::kMaintenance,
    .severity = Severity::kLow,
    .title = "AWS maintains databases within the environment's window",
    .types = kNames<"aws_rds_cluster", "aws_rds_cluster_instance", "aws_db_instance", "aws_docdb_cluster",
                    "aws_neptune_cluster">,
    .reads = kNames<"preferred_maintenance_window", "maintenance_window">,
    .evaluate = EnvironmentMaintenanceWindow,
    .why = "upgrades and parameter changes restart databases, at a time that AWS chooses where nobody else does",
    .remedy = "set preferred_maintenance_window (maintenance_window on aws_db_instance), in UTC; it changes in place",
    .basis =
        "Amazon RDS API, PreferredMaintenanceWindow: random unless it is set. organisation: maintenance_window in "
        "tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.maintenance_window.has_value(); },
};

}  // namespace tfseal
