#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"

// What stands in front of a database and what watches it: the proxy, Performance Insights, Enhanced Monitoring, alarms.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

Judgement EnvironmentProxy(const Subject& subject) {
  if (!subject.requirements.settings.proxy) return NotAsked();
  if (IsReplica(subject)) return NotApplicable("it is a replica");
  const World& world = subject.world;
  const bool cluster = subject.instance.type == "aws_rds_cluster";
  const auto targets = cluster ? world.PointingAt(subject.instance, "aws_db_proxy_target", "db_cluster_identifier",
                                                  {"cluster_identifier", "id"})
                               : world.PointingAt(subject.instance, "aws_db_proxy_target", "db_instance_identifier",
                                                  {"identifier", "id"});
  if (targets.empty()) return Fail("no RDS Proxy of this document has it as its target");
  std::vector<Judgement> judgements;
  for (const ResourceInstance* target : targets) {
    const auto proxies = world.Follow(*target, "db_proxy_name", "aws_db_proxy", {"name", "id"});
    if (proxies.empty())
      judgements.push_back(Undecided(fmt::format("the proxy of {} is not in this document", target->address)));
    for (const ResourceInstance* proxy : proxies) {
      const Value tls = world.AttributesOf(*proxy).At("require_tls");
      if (tls.unknown()) {
        judgements.push_back(Undecided(fmt::format("require_tls of {} is known only after apply", proxy->address)));
      } else if (tls.AsBool() == true) {
        judgements.push_back(Pass(fmt::format("{} stands in front of it and requires TLS", proxy->address)));
      } else {
        judgements.push_back(Fail(fmt::format("{} does not require TLS", proxy->address)));
      }
    }
  }
  return Worst(std::move(judgements));
}

// What a member does not say itself its cluster may say for all.
Value OwnOrOfTheCluster(const Subject& subject, std::string_view attribute) {
  const Value own = subject.At(attribute);
  if (subject.instance.type != "aws_rds_cluster_instance" || (own.known() && !LeftToAws(subject, attribute)))
    return own;
  for (const ResourceInstance* cluster :
       subject.world.Follow(subject.instance, "cluster_identifier", "aws_rds_cluster", {"id", "cluster_identifier"})) {
    const Value theirs = subject.world.AttributesOf(*cluster).At(attribute);
    if (theirs.known()) return theirs;
  }
  return LeftToAws(subject, attribute) ? Value() : own;
}

Judgement EnvironmentInsights(const Subject& subject) {
  const EnvironmentSettings& settings = subject.requirements.settings;
  if (!settings.insights && !settings.insights_retention_days_min) return NotAsked();
  constexpr std::string_view kEnabled = "performance_insights_enabled";
  const Value enabled = OwnOrOfTheCluster(subject, kEnabled);
  if (enabled.unknown()) return UnknownUntilApply(kEnabled);
  const bool on = enabled.AsBool() == true;
  if (settings.insights && on != *settings.insights) {
    return Fail(on ? "Performance Insights is on, which the environment does not want" : "Performance Insights is off",
                kEnabled);
  }
  if (!on) {
    return settings.insights ? Pass("Performance Insights is off", kEnabled)
                             : NotApplicable("Performance Insights is off");
  }
  if (!settings.insights_retention_days_min) return Pass("Performance Insights is on", kEnabled);
  constexpr std::string_view kDays = "performance_insights_retention_period";
  const Value days = OwnOrOfTheCluster(subject, kDays);
  if (days.unknown()) return UnknownUntilApply(kDays);
  const double kept = days.AsNumber().value_or(7);  // AWS's default
  const std::string message = fmt::format("Performance Insights keeps {} days", kept);
  if (kept >= *settings.insights_retention_days_min) return Pass(message, kDays);
  return Fail(fmt::format("{}: at least {} are required", message, *settings.insights_retention_days_min), kDays);
}

Judgement EnvironmentMonitoring(const Subject& subject) {
  const auto most = subject.requirements.settings.monitoring_interval_max_seconds;
  if (!most) return NotAsked();
  constexpr std::string_view kInterval = "monitoring_interval";
  const Value value = OwnOrOfTheCluster(subject, kInterval);
  if (value.unknown()) return UnknownUntilApply(kInterval);
  const double seconds = value.AsNumber().value_or(0);
  if (seconds == 0) return Fail("Enhanced Monitoring is off", kInterval);
  const std::string message = fmt::format("monitoring_interval is {}", seconds);
  if (seconds <= *most) return Pass(message, kInterval);
  return Fail(fmt::format("{}: at most {} seconds are wanted", message, *most), kInterval);
}

enum class AlarmFit : unsigned char { kOther, kTooLate, kSilent, kUnclear, kFits };

// What an alarm does about one metric that the environment wants watched.
AlarmFit Fit(const Value& alarm, std::string_view metric, const AlarmSetting& wanted) {
  const Value name = alarm.At("metric_name");
  if (name.unknown() || alarm.At("metric_query").unknown()) return AlarmFit::kUnclear;
  if (name.text() != metric) {
    for (const Value& query : alarm.At("metric_query").items()) {
      for (const Value& part : query.Get("metric").items()) {
        if (part.Get("metric_name").text() == metric || part.Get("metric_name").unknown()) return AlarmFit::kUnclear;
      }
    }
    return AlarmFit::kOther;
  }
  const Value threshold = alarm.At("threshold");
  const Value comparison = alarm.At("comparison_operator");
  const Value actions = alarm.At("alarm_actions");
  if (threshold.unknown() || comparison.unknown() || alarm.At("actions_enabled").unknown()) return AlarmFit::kUnclear;
  if (!comparison.text().starts_with(wanted.fires_above ? "GreaterThan" : "LessThan")) return AlarmFit::kOther;
  if (!threshold.AsNumber()) return AlarmFit::kUnclear;  // anomaly detection
  const double number = *threshold.AsNumber();
  if (wanted.fires_above ? number > wanted.threshold : number < wanted.threshold) return AlarmFit::kTooLate;
  if (alarm.At("actions_enabled").AsBool() == false || (actions.empty() && !actions.unknown()))
    return AlarmFit::kSilent;
  return AlarmFit::kFits;
}

// The alarms of a database: on itself or, for a cluster, on one of its members.
std::vector<const ResourceInstance*> AlarmsOf(const Subject& subject) {
  const World& world = subject.world;
  constexpr std::string_view kAlarm = "aws_cloudwatch_metric_alarm";
  if (subject.instance.type == "aws_db_instance") {
    return world.PointingAt(subject.instance, kAlarm, "dimensions.DBInstanceIdentifier", {"identifier", "id"});
  }
  auto alarms =
      world.PointingAt(subject.instance, kAlarm, "dimensions.DBClusterIdentifier", {"cluster_identifier", "id"});
  for (const ResourceInstance* member : MembersOf(subject)) {
    const auto theirs = world.PointingAt(*member, kAlarm, "dimensions.DBInstanceIdentifier", {"identifier", "id"});
    alarms.insert(alarms.end(), theirs.begin(), theirs.end());
  }
  return alarms;
}

// An alarm whose dimensions are known only after apply and that may be on this database.
bool AnyAlarmMayBeOn(const Subject& subject) {
  for (const ResourceInstance* alarm : subject.world.OfType("aws_cloudwatch_metric_alarm")) {
    const Value dimensions = subject.world.AttributesOf(*alarm).At("dimensions");
    if (!dimensions.AnyUnknown()) continue;
    const Origin& origin = subject.world.OriginOf(*alarm, "dimensions");
    if (!origin.configured || !origin.opaque.empty()) return true;
    const std::string block = WithoutInstanceKeys(subject.instance.address);
    for (const Origin::Target& target : origin.targets) {
      if (target.address == block) return true;
      for (const ResourceInstance* member :
           subject.instance.type == "aws_rds_cluster" ? MembersOf(subject) : std::vector<const ResourceInstance*>()) {
        if (target.address == WithoutInstanceKeys(member->address)) return true;
      }
    }
  }
  return false;
}

Judgement AlarmOn(const Subject& subject, const std::string& metric, const AlarmSetting& wanted) {
  const std::string said = fmt::format("{} {} {}", metric, wanted.fires_above ? "above" : "below", wanted.threshold);
  AlarmFit best = AlarmFit::kOther;
  const ResourceInstance* which = nullptr;
  for (const ResourceInstance* alarm : AlarmsOf(subject)) {
    const AlarmFit fit = Fit(subject.world.AttributesOf(*alarm), metric, wanted);
    if (fit > best) {
      best = fit;
      which = alarm;
    }
  }
  switch (best) {
    case AlarmFit::kFits:
      return Pass(fmt::format("{} watches {}", which->address, said));
    case AlarmFit::kUnclear:
      return Undecided(fmt::format("whether {} watches {} is known only after apply", which->address, said));
    case AlarmFit::kOther:
    case AlarmFit::kSilent:
    case AlarmFit::kTooLate:
      break;
  }
  if (AnyAlarmMayBeOn(subject)) {
    return Undecided(
        fmt::format("which database an alarm watches is known only after apply, so {} may be watched", said), {},
        "in `dimensions`, name the database by its cluster_identifier (identifier of an instance), which is known when "
        "planning, and not by its id");
  }
  if (best == AlarmFit::kTooLate) return Fail(fmt::format("{} fires too late: {} is wanted", which->address, said));
  if (best == AlarmFit::kSilent) return Fail(fmt::format("{} tells nobody: it has no alarm_actions", which->address));
  return Fail(fmt::format("no alarm of this document watches {}", said));
}

Judgement EnvironmentAlarms(const Subject& subject) {
  const auto& wanted = subject.requirements.settings.alarms;
  if (wanted.empty()) return NotAsked();
  Judgement worst = Pass(fmt::format("{} metrics are watched", wanted.size()), "dimensions");
  std::vector<std::string> missing;
  std::vector<std::string> unclear;
  std::string remedy;  // of what is unclear
  for (const auto& [metric, setting] : wanted) {
    const Judgement one = AlarmOn(subject, metric, setting);
    if (one.verdict == Verdict::kFail) missing.push_back(one.message);
    if (one.verdict != Verdict::kUnknown) continue;
    unclear.push_back(one.message);
    if (remedy.empty()) remedy = one.remedy;
  }
  if (!missing.empty()) {
    worst = Fail(fmt::format("{}", fmt::join(missing, "; ")), "dimensions");
    worst.offenders = std::move(missing);
  } else if (!unclear.empty()) {
    worst = Undecided(fmt::format("{}", fmt::join(unclear, "; ")), "dimensions", remedy);
  }
  return worst;
}

}  // namespace

const Control kEnvironmentProxy{
    .id = "TFS-ENV-040",
    .topic = Topic::kAvailability,
    .severity = Severity::kMedium,
    .title = "an RDS Proxy that requires TLS stands in front of the database",
    .types = kDatabaseTypes,
    .reads = kNames<"cluster_identifier", "identifier", "id", "replicate_source_db", "db_cluster_identifier",
                    "db_instance_identifier", "db_proxy_name", "name", "require_tls">,
    .evaluate = EnvironmentProxy,
    .why = "functions and tasks that come and go open more connections than a database can hold",
    .remedy =
        "add aws_db_proxy with require_tls = true, aws_db_proxy_default_target_group and an aws_db_proxy_target "
        "that names the database; open connections through a proxy keep Aurora Serverless v2 from pausing",
    .basis = "organisation: proxy in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.proxy; },
};

const Control kEnvironmentInsights{
    .id = "TFS-ENV-041",
    .topic = Topic::kMonitoring,
    .severity = Severity::kLow,
    .title = "Performance Insights is on, or off, as the environment wants it",
    .types = kNames<"aws_rds_cluster_instance", "aws_db_instance">,
    .reads =
        kNames<"performance_insights_enabled", "performance_insights_retention_period", "cluster_identifier", "id">,
    .evaluate = EnvironmentInsights,
    .why =
        "without it nobody can tell afterwards which statement took the time; it keeps statement texts (TFS-RDS-012)",
    .remedy = "set performance_insights_enabled and performance_insights_retention_period; they change in place",
    .basis =
        "Amazon RDS API, PerformanceInsightsRetentionPeriod: 7 days unless it is set. organisation: insights in "
        "tfseal.yaml",
    .asked =
        [](const Requirements& r) {
          return r.settings.insights.has_value() || r.settings.insights_retention_days_min.has_value();
        },
};

const Control kEnvironmentMonitoring{
    .id = "TFS-ENV-042",
    .topic = Topic::kMonitoring,
    .severity = Severity::kLow,
    .title = "Enhanced Monitoring looks as often as the environment asks for",
    .types = kNames<"aws_rds_cluster_instance", "aws_db_instance">,
    .reads = kNames<"monitoring_interval", "cluster_identifier", "id">,
    .evaluate = EnvironmentMonitoring,
    .why = "CloudWatch sees the hypervisor once a minute; what the operating system does in between is not kept",
    .remedy = "set monitoring_interval (1, 5, 10, 15, 30 or 60 seconds) and monitoring_role_arn; it changes in place",
    .basis =
        "Amazon RDS API, MonitoringInterval: 0, off, unless it is set. Vendor benchmark: AWS Security Hub RDS.6. "
        "organisation: monitoring in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.monitoring_interval_max_seconds.has_value(); },
};

const Control kEnvironmentAlarms{
    .id = "TFS-ENV-043",
    .topic = Topic::kMonitoring,
    .severity = Severity::kMedium,
    .title = "alarms watch the database with the environment's thresholds",
    .types = kDatabaseTypes,
    .reads = kNames<"cluster_identifier", "identifier", "id", "dimensions", "metric_name", "metric_query", "threshold",
                    "comparison_operator", "alarm_actions", "actions_enabled">,
    .evaluate = EnvironmentAlarms,
    .why = "a database that runs full or slow is noticed by its users first",
    .remedy =
        "add an aws_cloudwatch_metric_alarm per metric, with the database in dimensions and somebody in "
        "alarm_actions",
    .basis = "organisation: alarms in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.alarms.empty(); },
};

}  // namespace tfseal
