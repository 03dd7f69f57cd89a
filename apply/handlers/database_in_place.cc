#include "apply/handlers/database_in_place.h"

#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/settings.h"

namespace tfseal {
namespace {

struct KnownSetting {
  const char* setting;
  const char* attribute;
};

// What is changed in place (planner/in_place_databases.cc), under both names.
constexpr KnownSetting kNames[] = {
    {"BackupRetentionPeriod", "backup_retention_period"},
    {"DeletionProtection", "deletion_protection"},
    {"EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled"},
    {"PubliclyAccessible", "publicly_accessible"},
};

// Exports are added to those that are there, so what is exported beside them does no harm.
std::string MissingExports(const JsonValue& settings, const JsonValue& live) {
  std::string missing;
  for (const JsonValue& type : settings["CloudwatchLogsExportConfiguration"]["EnableLogTypes"]) {
    const JsonValue& exported = live["EnableCloudwatchLogsExports"];
    if (std::find(exported.begin(), exported.end(), type) == exported.end()) missing += " " + type.asString();
  }
  return missing;
}

}  // namespace

Result<Probe> LookAtSettings(const Action& action, RunContext& context, bool cluster) {
  const DatabaseName name{TextOf(action.payload, "service"), cluster, action.target.identifier};
  TFSEAL_ASSIGN(const JsonValue database, GetDatabase(name, action, context));
  const JsonValue live = LiveSettings(database, cluster);
  const JsonValue& settings = action.payload["settings"];
  std::vector<LiveSetting> judged;
  for (const KnownSetting& known : kNames) {
    if (!settings.isMember(known.setting)) continue;
    // What is off is left out of the live settings.
    JsonValue value = live[known.setting];
    const bool before_is_known = action.payload["previous"].isMember(known.attribute);
    const bool is_wanted = settings[known.setting].isBool() && !settings[known.setting].asBool();
    if (value.isNull() && (before_is_known || is_wanted)) {
      value = settings[known.setting].isBool() ? JsonValue(false) : JsonValue(0);
    }
    judged.push_back({known.setting, value, known.attribute});
  }
  for (const std::string& setting : settings.getMemberNames()) {
    const bool known =
        setting == "CloudwatchLogsExportConfiguration" ||
        std::any_of(std::begin(kNames), std::end(kNames), [&](const KnownSetting& n) { return setting == n.setting; });
    if (!known) {
      return Error{ErrorCode::kInvalidInput, name.Text() + ": this version cannot check " + setting,
                   "set it by hand, or apply the plan with the version that wrote it"};
    }
  }
  TFSEAL_ASSIGN(Probe probe, JudgeSettings(action, context, judged));
  if (probe.state == ProbeState::kConflict) return probe;
  if (const auto waiting = NotAvailable(name, database)) return *waiting;
  if (const std::string missing = MissingExports(settings, live); !missing.empty()) {
    return NotDone(name.Text() + " does not export" + missing);
  }
  return probe;
}

Status ChangeSettings(const Action& action, RunContext& context, bool cluster) {
  TFSEAL_ASSIGN(const Probe now, LookAtSettings(action, context, cluster));
  if (now.state == ProbeState::kConflict) return InTheWay(now.text, now.hint);
  return SendChange(CallOf(action, cluster ? "ModifyDBCluster" : "ModifyDBInstance"), action, context);
}

}  // namespace tfseal
