#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"

// Engine, version and capacity of databases, as an environment asks for them.
namespace tfseal {
namespace {

using terraform::Value;

Judgement EnvironmentEngine(const Subject& subject) {
  const auto& engines = subject.requirements.settings.engines;
  if (engines.empty()) return NotAsked();
  const Value engine = OwnOrOfTheSource(subject, "engine");
  const std::string wanted = fmt::format("{}", fmt::join(engines, ", "));
  if (engine.empty())
    return Undecided(fmt::format("engine is not set or known only after apply, and must be one of {}", wanted),
                     "engine");
  if (engine.text().empty()) return Undecided("engine is known only after apply", "engine");
  if (std::find(engines.begin(), engines.end(), engine.text()) != engines.end()) {
    return Pass(fmt::format("engine is {}", engine.text()), "engine");
  }
  return Fail(fmt::format("engine is {}: the environment has {}", engine.text(), wanted), "engine");
}

Judgement EnvironmentEngineVersion(const Subject& subject) {
  const std::string& least = subject.requirements.settings.engine_version_min;
  if (least.empty()) return NotAsked();
  // What a configuration names can be a major version only; then the one that AWS chose decides, once it is known.
  for (const std::string_view attribute : {"engine_version", "engine_version_actual"}) {
    const std::string_view version = OwnOrOfTheSource(subject, attribute).text();
    if (version.empty()) continue;
    const auto order = CompareVersions(version, least);
    if (!order) continue;
    const std::string message = fmt::format("{} is {}", attribute, version);
    if (*order >= 0) return Pass(message, attribute);
    return Fail(fmt::format("{}: at least {} is required", message, least), attribute);
  }
  return Undecided(
      fmt::format("engine_version leaves it to AWS, so whether it is at least {} is known only after apply", least),
      "engine_version");
}

bool EnvironmentAsksForMinorUpgrades(const Requirements& requirements) {
  return requirements.settings.minor_upgrades.has_value();
}

Judgement EnvironmentMinorUpgrades(const Subject& subject) {
  const auto wanted = subject.requirements.settings.minor_upgrades;
  if (!wanted) return NotAsked();
  if (*wanted) {
    return RequireBoolOrDefault(subject, "auto_minor_version_upgrade", true, IfUnset::kPass,
                                "fixes wait until somebody installs them");
  }
  return RequireBoolOrDefault(subject, "auto_minor_version_upgrade", false, IfUnset::kFail,
                              "AWS installs minor versions on its own");
}

// From this version on Aurora Serverless v2 can scale to zero. "" where no version of the major one can.
std::string_view FirstThatPauses(std::string_view engine, std::string_view version) {
  if (engine == "aurora-mysql") return "8.0.mysql_aurora.3.08.0";
  const std::string_view major = version.substr(0, version.find('.'));
  if (major == "13") return "13.15";
  if (major == "14") return "14.12";
  if (major == "15") return "15.7";
  if (major == "16") return "16.3";
  return CompareVersions(major, "17").value_or(-1) >= 0 ? "17" : "";
}

bool CannotPause(const Subject& subject) {
  const std::string_view version = subject.At("engine_version").text();
  if (version.empty()) return false;
  const std::string_view first = FirstThatPauses(subject.At("engine").text(), version);
  return first.empty() || CompareVersions(version, first) == -1;
}

Judgement CapacityBound(const Subject& subject, const std::string& path, double bound, bool at_least) {
  const Value value = subject.At(path);
  if (value.unknown()) return UnknownUntilApply(path);
  const auto number = value.AsNumber();
  if (!number) return Fail(fmt::format("{} is not set", path), path);
  const bool holds = at_least ? *number >= bound : *number <= bound;
  const std::string message = fmt::format("{} is {}", path, *number);
  if (holds) return Pass(message, path);
  return Fail(fmt::format("{}: {} {} is required", message, at_least ? "at least" : "at most", bound), path);
}

Judgement Pausing(const Subject& subject, const CapacitySettings& wanted, const std::string& block) {
  const std::string least = block + ".min_capacity";
  const std::string after = block + ".seconds_until_auto_pause";
  const Value minimum = subject.At(least);
  if (minimum.unknown()) return UnknownUntilApply(least);
  const auto number = minimum.AsNumber();
  if (!number) return Fail(fmt::format("{} is not set", least), least);
  const bool pauses = *number == 0;
  if (wanted.auto_pause == AutoPause::kNever) {
    return pauses ? Fail(fmt::format("{} is 0, so it pauses when it is idle", least), least)
                  : Pass(fmt::format("{} is {}, so it never pauses", least, *number), least);
  }
  if (!pauses) {
    if (wanted.auto_pause != AutoPause::kRequired) return Pass(fmt::format("{} is {}", least, *number), least);
    return Fail(fmt::format("{} is {}: only with 0 does it pause when it is idle", least, *number), least);
  }
  if (CannotPause(subject)) {
    return Fail(fmt::format("engine_version {} cannot scale to 0", subject.At("engine_version").text()),
                "engine_version");
  }
  if (!wanted.pause_after_seconds) return Pass(fmt::format("{} is 0", least), least);
  const Value seconds = subject.At(after);
  if (seconds.unknown() && !LeftToAws(subject, after)) return UnknownUntilApply(after);
  const double pause = seconds.AsNumber().value_or(300);  // AWS's default
  if (pause <= *wanted.pause_after_seconds) return Pass(fmt::format("it pauses after {} seconds", pause), after);
  return Fail(fmt::format("it pauses after {} seconds: at most {} are wanted", pause, *wanted.pause_after_seconds),
              after);
}

Judgement EnvironmentCapacity(const Subject& subject) {
  const CapacitySettings& wanted = subject.requirements.settings.capacity;
  if (!wanted.Asks()) return NotAsked();
  const std::string block = "serverlessv2_scaling_configuration[0]";
  const Value scaling = subject.At("serverlessv2_scaling_configuration");
  if (scaling.unknown()) return UnknownUntilApply("serverlessv2_scaling_configuration");
  if (scaling.empty()) return NotApplicable("it is not Aurora Serverless v2");
  std::vector<Judgement> judgements;
  if (wanted.min) judgements.push_back(CapacityBound(subject, block + ".min_capacity", *wanted.min, true));
  if (wanted.max) judgements.push_back(CapacityBound(subject, block + ".max_capacity", *wanted.max, false));
  if (wanted.auto_pause || wanted.pause_after_seconds) judgements.push_back(Pausing(subject, wanted, block));
  return Worst(std::move(judgements));
}

}  // namespace

const Control kEnvironmentEngine{
    .id = "TFS-ENV-001",
    .topic = Topic::kEngineVersion,
    .severity = Severity::kMedium,
    .title = "databases run an engine that the environment has",
    .types = kDatabaseTypes,
    .reads = kNames<"engine", "replicate_source_db", "identifier", "arn", "id">,
    .evaluate = EnvironmentEngine,
    .why = "runbooks, extensions and drivers are made for the engines that the team knows",
    .remedy = "choose one of the engines of tfseal.yaml; the engine of an existing database cannot be changed in place",
    .basis = "organisation: engine.names in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.engines.empty(); },
};

const Control kEnvironmentEngineVersion{
    .id = "TFS-ENV-002",
    .topic = Topic::kEngineVersion,
    .severity = Severity::kMedium,
    .title = "databases run at least the engine version that the environment asks for",
    .types = kDatabaseTypes,
    .reads = kNames<"engine_version", "engine_version_actual", "replicate_source_db", "identifier", "arn", "id">,
    .evaluate = EnvironmentEngineVersion,
    .why = "old versions miss fixes, and features that the environment counts on",
    .remedy = "set engine_version, with the minor version; upgrades change in place, with a restart",
    .basis = "organisation: engine.min_version in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.engine_version_min.empty(); },
};

const Control kEnvironmentMinorUpgrades{
    .id = "TFS-ENV-003",
    .topic = Topic::kEngineVersion,
    .severity = Severity::kLow,
    .title = "minor versions are installed as the environment wants it",
    .types = kNames<"aws_rds_cluster_instance", "aws_db_instance">,
    .reads = kNames<"auto_minor_version_upgrade">,
    .evaluate = EnvironmentMinorUpgrades,
    .why = "security fixes come as minor versions; who does not let AWS install them must do it",
    .remedy = "set auto_minor_version_upgrade; it changes in place",
    .basis =
        "provider 5.100: auto_minor_version_upgrade is true unless it is set. organisation: minor_upgrades in "
        "tfseal.yaml",
    .asked = EnvironmentAsksForMinorUpgrades,
};

const Control kEnvironmentCapacity{
    .id = "TFS-ENV-004",
    .topic = Topic::kCapacity,
    .severity = Severity::kLow,
    .title = "Aurora Serverless v2 scales within the range of the environment and pauses as it says",
    .types = kNames<"aws_rds_cluster">,
    .reads = kNames<"serverlessv2_scaling_configuration", "engine", "engine_version">,
    .evaluate = EnvironmentCapacity,
    .why =
        "too small a range stops the database under load, too large a one costs; a paused database lets its first "
        "caller wait",
    .remedy =
        "set min_capacity, max_capacity and seconds_until_auto_pause in serverlessv2_scaling_configuration; they "
        "change in place. Pausing needs min_capacity = 0 and an engine version that can",
    .basis =
        "AWS Aurora User Guide, Scaling to zero ACUs: pauses only with a minimum of 0, after 300 to 86400 seconds, "
        "from Aurora PostgreSQL 13.15, 14.12, 15.7 and 16.3 and Aurora MySQL 3.08. organisation: capacity in "
        "tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.capacity.Asks(); },
};

}  // namespace tfseal
