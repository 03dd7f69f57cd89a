#include "apply/handlers/in_place.h"

#include "apply/handlers/calls.h"
#include "apply/handlers/keys.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

bool Unset(const JsonValue& value) {
  return value.isNull() || (value.isString() && value.asString().empty());
}

// The key that AWS keeps for a service stands for "no key of the customer's".
bool IsManagedAlias(const JsonValue& value) {
  return value.isString() && value.asString().find("alias/aws/") != std::string::npos;
}

Result<bool> Same(const LiveSetting& setting, const JsonValue& a, const JsonValue& b, const Action& action,
                  RunContext& context) {
  if (a == b || (Unset(a) && Unset(b))) return true;
  if (!setting.names_key || !a.isString() || !b.isString()) return false;
  auto same = SameKey(a.asString(), b.asString(), action, context);
  if (!same.ok() && same.error().code == ErrorCode::kNotFound) return false;
  return same;
}

// The documents write some switches as text ("false"), and leave out what is off.
bool IsAsWritten(const JsonValue& before, const JsonValue& live) {
  if (!live.isBool()) return false;
  if (before.isString()) return before.asString() == (live.asBool() ? "true" : "false");
  return before.isNull() && !live.asBool();
}

std::string Named(const Action& action, const LiveSetting& setting) {
  return std::string(setting.attribute) + " of " + action.target.identifier;
}

}  // namespace

Result<Probe> JudgeSettings(const Action& action, RunContext& context, const std::vector<LiveSetting>& settings) {
  TFSEAL_ASSIGN(const JsonValue wanted, ResolveParameters(action.payload["settings"], context.outputs));
  JsonValue seen(Json::objectValue);
  std::string missing;
  for (const LiveSetting& setting : settings) {
    const JsonValue* goal = FieldAt(wanted, setting.setting);
    if (goal == nullptr) continue;
    seen[setting.attribute] = setting.live;
    TFSEAL_ASSIGN(const bool done, Same(setting, setting.live, *goal, action, context));
    if (done) continue;
    const JsonValue& before = action.payload["previous"][setting.attribute];
    TFSEAL_ASSIGN(const bool as_before, Same(setting, setting.live, before, action, context));
    if (!as_before && !IsAsWritten(before, setting.live) &&
        !(Unset(before) && (Unset(setting.live) || IsManagedAlias(setting.live)))) {
      return Conflict(Named(action, setting) + " was changed since the plan was made",
                      "write the plan again from the present state: tfseal plan");
    }
    missing += (missing.empty() ? "" : ", ") + std::string(setting.attribute);
  }
  if (!missing.empty()) return NotDone(missing + " of " + action.target.identifier + " is as before");
  return Done(action.target.identifier + " has the settings", JsonValue(Json::objectValue), seen);
}

Status RequireUnchanged(const Action& action, RunContext& context, Result<Probe> (*probe)(const Action&, RunContext&)) {
  TFSEAL_ASSIGN(const Probe now, probe(action, context));
  if (now.state == ProbeState::kConflict) return InTheWay(now.text, now.hint);
  return {};
}

Result<std::string> WantedKey(const Action& action, std::string_view path, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue wanted, ResolveParameters(action.payload["settings"], context.outputs));
  const JsonValue* key = FieldAt(wanted, path);
  return key != nullptr && key->isString() ? key->asString() : std::string();
}

}  // namespace tfseal
