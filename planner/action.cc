#include "planner/action.h"

#include "core/check.h"
#include "crypto/digest.h"
#include "planner/action_kind.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kIdDigits = 32;  // 128 bits: two actions of any plan never collide, and a tag still holds it

JsonValue ConditionToJson(const Condition& condition) {
  JsonValue json = Object({{"check", Text(condition.check)}, {"text", Text(condition.text)}});
  if (!condition.control.empty()) json["control"] = condition.control;
  if (!condition.address.empty()) json["address"] = condition.address;
  return json;
}

JsonValue MotiveToJson(const Motive& motive) {
  return Object({{"control", Text(motive.control)},
                 {"topic", Text(motive.topic)},
                 {"address", Text(motive.address)},
                 {"message", Text(motive.message)}});
}

JsonValue PollRuleToJson(const PollRule& poll) {
  return Object({{"call", ToJson(poll.call)},
                 {"field", Text(poll.field)},
                 {"success", Texts(poll.success)},
                 {"failure", Texts(poll.failure)},
                 {"interval_seconds", poll.interval_seconds},
                 {"deadline_seconds", poll.deadline_seconds},
                 {"at_deadline", "still_running"}});
}

JsonValue DowntimeToJson(const Downtime& downtime) {
  JsonValue json = Object({{"impact", Text(Name(downtime.impact))}, {"basis", Text(downtime.basis)}});
  if (downtime.seconds) json["seconds"] = *downtime.seconds;
  json["known"] = downtime.impact == Downtime::Impact::kNone || downtime.seconds.has_value();
  return json;
}

JsonValue EffectToJson(const Effect& effect) {
  constexpr const char* kNames[] = {"set", "add", "move_container_variables"};
  JsonValue json = Object({{"what", kNames[static_cast<int>(effect.what)]},
                           {"address", Text(effect.address)},
                           {"attributes", effect.attributes}});
  if (!effect.type.empty()) json["type"] = effect.type;
  return json;
}

JsonValue CallToJson(const ApiCall& call) {
  return ToJson(call);
}

std::vector<Motive> MotivesFromJson(const JsonValue& json) {
  std::vector<Motive> motives;
  for (const JsonValue& item : json) {
    motives.push_back(
        {TextAt(item, "control"), TextAt(item, "topic"), TextAt(item, "address"), TextAt(item, "message")});
  }
  return motives;
}

bool IsTextObject(const JsonValue& json) {
  if (!json.isObject()) return false;
  for (const JsonValue& value : json) {
    if (!value.isString()) return false;
  }
  return true;
}

Error BadAction(const std::string& why) {
  return {ErrorCode::kInvalidInput, "an action of the plan is not valid: " + why,
          "write the plan again with tfseal plan"};
}

}  // namespace

std::string_view Name(Risk risk) {
  constexpr std::string_view kNames[] = {"none", "low", "medium", "high"};
  return kNames[static_cast<int>(risk)];
}

std::string_view Name(Downtime::Impact impact) {
  constexpr std::string_view kNames[] = {"none", "reconnect", "restart", "read_only", "unavailable"};
  return kNames[static_cast<int>(impact)];
}

JsonValue ToJson(const Target& target) {
  return Object({{"address", Text(target.address)},
                 {"type", Text(target.type)},
                 {"identifier", Text(target.identifier)},
                 {"account", Text(target.account)},
                 {"region", Text(target.region)}});
}

JsonValue ToJson(const ApiCall& call) {
  return Object({{"service", Text(call.service)},
                 {"operation", Text(call.operation)},
                 {"parameters", call.parameters},
                 {"read_only", call.read_only}});
}

std::string ActionId(std::string_view kind, const Target& target, const JsonValue& payload) {
  const JsonValue identity = Object({{"kind", Text(kind)}, {"target", ToJson(target)}, {"payload", payload}});
  return Sha256Hex(WriteJsonLine(identity)).substr(0, kIdDigits);
}

Action MakeAction(const ActionKind& kind, Target target, JsonValue payload) {
  TFSEAL_CHECK(PayloadProblem(kind, payload).empty());
  Action action;
  action.kind = &kind;
  action.target = std::move(target);
  action.payload = std::move(payload);
  action.id = ActionId(kind.name, action.target, action.payload);
  kind.derive(action);
  return action;
}

JsonValue ToJson(const Action& action) {
  JsonValue json = Object({{"id", Text(action.id)},
                           {"kind", Text(action.kind->name)},
                           {"phase", Text(action.kind->phase)},
                           {"target", ToJson(action.target)},
                           {"payload", action.payload},
                           {"motives", ListOf(action.motives, MotiveToJson)},
                           {"requires", Texts(action.needs)},
                           {"environment", Text(action.environment)},
                           {"wave", action.wave},
                           {"day", action.day},
                           {"input", action.input},
                           {"summary", Text(action.summary)},
                           {"calls", ListOf(action.calls, CallToJson)},
                           {"preconditions", ListOf(action.preconditions, ConditionToJson)},
                           {"postconditions", ListOf(action.postconditions, ConditionToJson)},
                           {"risk", Text(Name(action.risk))},
                           {"downtime", DowntimeToJson(action.downtime)},
                           {"approvals", action.approvals},
                           {"point_of_no_return", action.point_of_no_return},
                           {"maintenance_window", Text(action.maintenance_window)},
                           {"effects", ListOf(action.effects, EffectToJson)}});
  json["rollback"] = Object({{"possible", action.rollback.possible},
                             {"text", Text(action.rollback.text)},
                             {"calls", ListOf(action.rollback.calls, CallToJson)}});
  if (action.poll) json["poll"] = PollRuleToJson(*action.poll);
  return json;
}

Result<Action> ActionFromJson(const JsonValue& json) {
  if (!json.isObject() || !json["kind"].isString() || !IsTextObject(json["target"])) {
    return BadAction("no kind or target");
  }
  const ActionKind* kind = FindActionKind(json["kind"].asString());
  if (kind == nullptr) return BadAction("unknown kind " + json["kind"].asString());
  if (const std::string problem = PayloadProblem(*kind, json["payload"]); !problem.empty()) return BadAction(problem);
  const JsonValue& target = json["target"];
  Action action = MakeAction(*kind,
                             {TextAt(target, "address"), TextAt(target, "type"), TextAt(target, "identifier"),
                              TextAt(target, "account"), TextAt(target, "region")},
                             json["payload"]);
  if (action.id != TextAt(json, "id")) return BadAction("the id does not match the content of " + action.id);
  for (const JsonValue& id : json["requires"]) action.needs.push_back(id.isString() ? id.asString() : "");
  action.motives = MotivesFromJson(json["motives"]);
  action.environment = TextAt(json, "environment");
  action.maintenance_window = TextAt(json, "maintenance_window");
  for (const char* number : {"wave", "day", "input", "approvals"}) {
    if (!json[number].isInt()) return BadAction(std::string(number) + " is not a number");
  }
  action.wave = json["wave"].asInt();
  action.day = json["day"].asInt();
  action.input = json["input"].asInt();
  action.approvals = json["approvals"].asInt();
  // Conditions may have been added by the recipe.
  const auto read = [](const JsonValue& list, std::vector<Condition>& conditions) {
    conditions.clear();
    for (const JsonValue& item : list) {
      conditions.push_back(
          {TextAt(item, "check"), TextAt(item, "control"), TextAt(item, "address"), TextAt(item, "text")});
    }
  };
  read(json["preconditions"], action.preconditions);
  read(json["postconditions"], action.postconditions);
  if (WriteJsonLine(ToJson(action)) != WriteJsonLine(json)) return BadAction(action.id + " was changed by hand");
  return action;
}

}  // namespace tfseal
