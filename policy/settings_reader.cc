#include "policy/settings_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tfseal {
namespace {

using Field = YamlFields::Field;

constexpr std::string_view kTlsProtocols[] = {"TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::string_view kMetricCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/:# ";

std::optional<double> NumberIn(YamlFields& fields, const YamlNode& node, std::string_view what, double minimum,
                               double maximum) {
  double number = 0;
  const std::string& text = node.text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || error != std::errc() || text.empty() ||
      end != text.data() + text.size() || number < minimum || number > maximum) {
    fields.Mistake(node, fmt::format("{} must be a number from {} to {}", what, minimum, maximum));
    return std::nullopt;
  }
  return number;
}

std::optional<int> IntegerIn(YamlFields& fields, const YamlNode& node, std::string_view what, int minimum,
                             int maximum) {
  int number = minimum - 1;
  fields.Integer(node, what, minimum, maximum, number);
  return number < minimum ? std::nullopt : std::optional(number);
}

std::string AcceptName(std::string_view text) {
  const bool shaped = !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == text.npos;
  return shaped ? "" : fmt::format("\"{}\" is not a name: lower-case letters, digits, dashes and dots", text);
}

std::string AcceptRange(std::string_view text) {
  const std::size_t slash = text.find('/');
  const bool shaped = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
                      text.substr(0, slash).find_first_not_of("0123456789abcdefABCDEF.:") == text.npos &&
                      text.substr(slash + 1).find_first_not_of("0123456789") == text.npos;
  return shaped ? "" : fmt::format("\"{}\" is not a range of addresses such as 10.0.0.0/16", text);
}

// A list of texts; an empty one is a value too.
std::vector<std::string> TextsOrNone(YamlFields& fields, const YamlNode& node, const std::string& what,
                                     const std::function<std::string(std::string_view)>& check) {
  if (node.kind == YamlNode::Kind::kList && node.items.empty()) return {};
  return fields.Texts(node, what, check);
}

void ReadEngine(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(node, "engine",
                {{"names", [&](const YamlNode& v) { into.engines = fields.Texts(v, "engine.names", AcceptName); }},
                 {"min_version", [&](const YamlNode& v) {
                    const auto text = fields.Text(v, "engine.min_version");
                    if (!text) return;
                    if (text->empty() || text->find_first_not_of("0123456789") == 0) {
                      fields.Mistake(v, "engine.min_version is not a version", "write \"15.4\", in quotes");
                    }
                    into.engine_version_min = *text;
                  }}});
}

void ReadCapacity(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  constexpr std::string_view kPauses[] = {"never", "allowed", "required"};
  CapacitySettings& capacity = into.capacity;
  fields.Fields(node, "capacity",
                {{"min", [&](const YamlNode& v) { capacity.min = NumberIn(fields, v, "capacity.min", 0, 256); }},
                 {"max", [&](const YamlNode& v) { capacity.max = NumberIn(fields, v, "capacity.max", 0.5, 256); }},
                 {"auto_pause",
                  [&](const YamlNode& v) {
                    if (const auto which = fields.OneOf(v, "capacity.auto_pause", kPauses)) {
                      capacity.auto_pause = static_cast<AutoPause>(*which);
                    }
                  }},
                 {"pause_after_seconds", [&](const YamlNode& v) {
                    capacity.pause_after_seconds = IntegerIn(fields, v, "capacity.pause_after_seconds", 300, 86'400);
                  }}});
  if (const std::string wrong = ContradictionIn(into); !wrong.empty()) {
    fields.Mistake(node, wrong, "write min: 0, or auto_pause: never");
  }
}

void ReadInstances(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(node, "instances",
                {{"min", [&](const YamlNode& v) { into.instances_min = IntegerIn(fields, v, "instances.min", 0, 16); }},
                 {"max", [&](const YamlNode& v) { into.instances_max = IntegerIn(fields, v, "instances.max", 1, 16); }},
                 {"availability_zones", [&](const YamlNode& v) {
                    into.zones_min = IntegerIn(fields, v, "instances.availability_zones", 1, 6);
                  }}});
  if (into.instances_min && into.instances_max && *into.instances_min > *into.instances_max) {
    fields.Mistake(node, "instances.min is more than instances.max");
  }
}

void ReadTls(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(node, "tls", {{"min_protocol", [&](const YamlNode& v) {
                                 if (const auto which = fields.OneOf(v, "tls.min_protocol", kTlsProtocols)) {
                                   into.tls_min_protocol = kTlsProtocols[*which];
                                 }
                               }}});
}

void ReadAudit(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(node, "audit",
                {{"pgaudit", [&](const YamlNode& v) { fields.Boolean(v, "audit.pgaudit", into.pgaudit); }},
                 {"logs", [&](const YamlNode& v) {
                    const auto logs = TextsOrNone(fields, v, "audit.logs", AcceptName);
                    into.log_exports = {logs.begin(), logs.end()};
                  }}});
}

void ReadNetwork(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(
      node, "network",
      {{"private_subnets",
        [&](const YamlNode& v) { fields.Boolean(v, "network.private_subnets", into.private_subnets); }},
       {"ingress_from",
        [&](const YamlNode& v) { into.ingress_from = TextsOrNone(fields, v, "network.ingress_from", AcceptRange); }},
       {"endpoints", [&](const YamlNode& v) {
          const auto services = TextsOrNone(fields, v, "network.endpoints", AcceptName);
          into.vpc_endpoints = {services.begin(), services.end()};
        }}});
}

void ReadInsights(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(node, "insights",
                {{"enabled",
                  [&](const YamlNode& v) {
                    bool flag = false;
                    fields.Boolean(v, "insights.enabled", flag);
                    into.insights = flag;
                  }},
                 {"retention_days", [&](const YamlNode& v) {
                    fields.Fields(v, "insights.retention_days",
                                  {{"min", [&](const YamlNode& days) {
                                      into.insights_retention_days_min =
                                          IntegerIn(fields, days, "insights.retention_days.min", 7, 731);
                                    }}});
                  }}});
}

void ReadAlarms(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  if (node.kind != YamlNode::Kind::kMap) {
    fields.Mistake(node, "alarms must be a map of CloudWatch metrics", "write CPUUtilization: { above: 80 }");
    return;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& metric = node.keys[i].text;
    if (metric.empty() || metric.find_first_not_of(kMetricCharacters) != std::string::npos) {
      fields.Mistake(node.keys[i], fmt::format("\"{}\" is not the name of a metric", metric));
      continue;
    }
    AlarmSetting setting;
    bool told = false;
    const auto threshold = [&](const YamlNode& v, bool above) {
      if (told) fields.Mistake(v, fmt::format("alarms.{} has above and below", metric), "write one of them");
      told = true;
      setting.fires_above = above;
      setting.threshold = NumberIn(fields, v, "alarms." + metric, -1e15, 1e15).value_or(0);
    };
    fields.Fields(node.items[i], "alarms." + metric,
                  {{"above", [&](const YamlNode& v) { threshold(v, true); }},
                   {"below", [&](const YamlNode& v) { threshold(v, false); }}});
    if (!told && node.items[i].kind == YamlNode::Kind::kMap) {
      fields.Mistake(node.items[i], fmt::format("alarms.{} needs above or below", metric));
    }
    into.alarms[metric] = setting;
  }
}

void ReadBudget(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  fields.Fields(node, "budget",
                {{"alerts_percent",
                  [&](const YamlNode& v) {
                    into.budget_alerts_percent.clear();
                    fields.Texts(v, "budget.alerts_percent", [&](std::string_view text) -> std::string {
                      int percent = 0;
                      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
                      if (error != std::errc() || end != text.data() + text.size() || percent < 1 || percent > 1000) {
                        return fmt::format("\"{}\" is not a percentage from 1 to 1000", text);
                      }
                      into.budget_alerts_percent.insert(percent);
                      return "";
                    });
                  }},
                 {"monthly_usd", [&](const YamlNode& v) {
                    fields.Fields(v, "budget.monthly_usd", {{"max", [&](const YamlNode& usd) {
                                                               into.budget_monthly_usd_max = NumberIn(
                                                                   fields, usd, "budget.monthly_usd.max", 0, 1e9);
                                                             }}});
                  }}});
}

void ReadPinned(YamlFields& fields, const YamlNode& node, std::string_view what, bool& into) {
  constexpr std::string_view kWays[] = {"any", "pinned"};
  if (const auto which = fields.OneOf(node, what, kWays)) into = *which == 1;
}

void ReadTerraform(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  const auto version = [](std::string_view text) -> std::string {
    const std::string_view digits = text.ends_with(".*") ? text.substr(0, text.size() - 2) : text;
    const bool shaped =
        !digits.empty() && digits.find_first_not_of("0123456789.-abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
    return shaped ? "" : fmt::format("\"{}\" is not a version such as 1.11.4 or 1.11.*", text);
  };
  fields.Fields(
      node, "terraform",
      {{"versions",
        [&](const YamlNode& v) { into.terraform_versions = fields.Texts(v, "terraform.versions", version); }},
       {"providers", [&](const YamlNode& v) { ReadPinned(fields, v, "terraform.providers", into.pinned_providers); }},
       {"modules", [&](const YamlNode& v) { ReadPinned(fields, v, "terraform.modules", into.pinned_modules); }}});
}

void ReadMinorUpgrades(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  constexpr std::string_view kWays[] = {"by-hand", "automatic"};
  if (const auto which = fields.OneOf(node, "minor_upgrades", kWays)) into.minor_upgrades = *which == 1;
}

}  // namespace

std::vector<Field> SettingFields(YamlFields& fields, EnvironmentSettings& into) {
  YamlFields* const f = &fields;
  EnvironmentSettings* const s = &into;
  return {
      {"engine", [f, s](const YamlNode& v) { ReadEngine(*f, v, *s); }},
      {"capacity", [f, s](const YamlNode& v) { ReadCapacity(*f, v, *s); }},
      {"instances", [f, s](const YamlNode& v) { ReadInstances(*f, v, *s); }},
      {"minor_upgrades", [f, s](const YamlNode& v) { ReadMinorUpgrades(*f, v, *s); }},
      {"tls", [f, s](const YamlNode& v) { ReadTls(*f, v, *s); }},
      {"audit", [f, s](const YamlNode& v) { ReadAudit(*f, v, *s); }},
      {"network", [f, s](const YamlNode& v) { ReadNetwork(*f, v, *s); }},
      {"proxy",
       [f, s](const YamlNode& v) {
         f->Fields(v, "proxy",
                   {{"required", [f, s](const YamlNode& r) { f->Boolean(r, "proxy.required", s->proxy); }}});
       }},
      {"insights", [f, s](const YamlNode& v) { ReadInsights(*f, v, *s); }},
      {"monitoring",
       [f, s](const YamlNode& v) {
         f->Fields(v, "monitoring", {{"max_interval_seconds", [f, s](const YamlNode& r) {
                                        s->monitoring_interval_max_seconds =
                                            IntegerIn(*f, r, "monitoring.max_interval_seconds", 1, 60);
                                      }}});
       }},
      {"alarms", [f, s](const YamlNode& v) { ReadAlarms(*f, v, *s); }},
      {"budget", [f, s](const YamlNode& v) { ReadBudget(*f, v, *s); }},
      {"buckets",
       [f, s](const YamlNode& v) {
         f->Fields(
             v, "buckets",
             {{"lifecycle", [f, s](const YamlNode& r) { f->Boolean(r, "buckets.lifecycle", s->bucket_lifecycle); }}});
       }},
      {"terraform", [f, s](const YamlNode& v) { ReadTerraform(*f, v, *s); }},
  };
}

void ReadCopies(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into) {
  constexpr std::string_view kWhere[] = {"any", "other-region"};
  if (const auto which = fields.OneOf(node, "backup.copies", kWhere)) into.copies_other_region = *which == 1;
}

std::set<Topic> TopicsAskedBy(const EnvironmentSettings& s) {
  std::set<Topic> topics;
  const auto add = [&](bool asked, Topic topic) {
    if (asked) topics.insert(topic);
  };
  add(!s.engines.empty() || !s.engine_version_min.empty() || s.minor_upgrades, Topic::kEngineVersion);
  add(s.capacity.Asks(), Topic::kCapacity);
  add(s.instances_min || s.instances_max || s.zones_min || s.proxy, Topic::kAvailability);
  add(s.copies_other_region, Topic::kBackupCopies);
  add(!s.tls_min_protocol.empty(), Topic::kTls);
  add(s.pgaudit || !s.log_exports.empty(), Topic::kAuditLog);
  add(s.private_subnets || s.ingress_from || !s.vpc_endpoints.empty(), Topic::kNetwork);
  add(s.insights || s.insights_retention_days_min || s.monitoring_interval_max_seconds || !s.alarms.empty(),
      Topic::kMonitoring);
  add(!s.budget_alerts_percent.empty() || s.budget_monthly_usd_max, Topic::kCost);
  add(s.bucket_lifecycle, Topic::kStorageLifecycle);
  add(!s.terraform_versions.empty() || s.pinned_providers || s.pinned_modules, Topic::kPinnedVersions);
  return topics;
}

std::string ContradictionIn(const EnvironmentSettings& settings) {
  const CapacitySettings& capacity = settings.capacity;
  if (capacity.auto_pause == AutoPause::kRequired && capacity.min.value_or(0) > 0) {
    return fmt::format(
        "capacity.auto_pause: required and capacity.min: {} exclude each other: Aurora pauses only with "
        "a minimum of 0",
        *capacity.min);
  }
  if (capacity.min && capacity.max && *capacity.min > *capacity.max) return "capacity.min is more than capacity.max";
  return {};
}

}  // namespace tfseal
