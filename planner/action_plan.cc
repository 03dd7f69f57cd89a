#include "planner/action_plan.h"

#include <algorithm>

#include "crypto/digest.h"
#include "planner/action_kind.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

JsonValue InputToJson(const PlanInput& input) {
  return Object({{"sha256", Text(input.sha256)},
                 {"kind", Text(input.kind)},
                 {"terraform_version", Text(input.terraform_version)},
                 {"resources", Json::UInt64(input.resources)}});
}

JsonValue StrategyToJson(const ConsideredStrategy& strategy) {
  return Object({{"name", Text(strategy.name)},
                 {"chosen", strategy.chosen},
                 {"possible", strategy.possible},
                 {"reasons", Texts(strategy.reasons)}});
}

JsonValue DatabaseToJson(const PlannedDatabase& database) {
  return Object({{"address", Text(database.address)},
                 {"identifier", Text(database.identifier)},
                 {"type", Text(database.type)},
                 {"engine", Text(database.engine)},
                 {"environment", Text(database.environment)},
                 {"key", Text(database.key)},
                 {"key_reason", Text(database.key_reason)},
                 {"downtime", Text(database.downtime)},
                 {"considered", ListOf(database.considered, StrategyToJson)}});
}

JsonValue UnresolvedToJson(const Unresolved& unresolved) {
  return Object({{"control", Text(unresolved.control)},
                 {"topic", Text(unresolved.topic)},
                 {"address", Text(unresolved.address)},
                 {"message", Text(unresolved.message)},
                 {"recipe", Text(unresolved.recipe)},
                 {"reason", Text(unresolved.reason)}});
}

JsonValue TimelineToJson(const TimelineEntry& entry) {
  return Object({{"first_day", entry.first_day},
                 {"last_day", entry.last_day},
                 {"wave", entry.wave},
                 {"environment", Text(entry.environment)},
                 {"text", Text(entry.text)}});
}

int NumberAt(const JsonValue& object, const char* name) {
  return object.isObject() && object[name].isInt() ? object[name].asInt() : 0;
}

bool FlagAt(const JsonValue& object, const char* name) {
  return object.isObject() && object[name].isBool() && object[name].asBool();
}

std::vector<std::string> TextsAt(const JsonValue& object, const char* name) {
  std::vector<std::string> texts;
  if (!object.isObject() || !object[name].isArray()) return texts;
  for (const JsonValue& item : object[name]) {
    if (item.isString()) texts.push_back(item.asString());
  }
  return texts;
}

const JsonValue& ListAt(const JsonValue& object, const char* name) {
  static const JsonValue& null = JsonValue::nullSingleton();
  return object.isObject() && object[name].isArray() ? object[name] : null;
}

PlannedDatabase DatabaseFromJson(const JsonValue& json) {
  PlannedDatabase database{.address = TextAt(json, "address"),
                           .identifier = TextAt(json, "identifier"),
                           .type = TextAt(json, "type"),
                           .engine = TextAt(json, "engine"),
                           .environment = TextAt(json, "environment"),
                           .key = TextAt(json, "key"),
                           .key_reason = TextAt(json, "key_reason"),
                           .considered = {},
                           .downtime = TextAt(json, "downtime")};
  for (const JsonValue& strategy : ListAt(json, "considered")) {
    database.considered.push_back({TextAt(strategy, "name"), FlagAt(strategy, "chosen"), FlagAt(strategy, "possible"),
                                   TextsAt(strategy, "reasons")});
  }
  return database;
}

void ReadSurroundings(const JsonValue& json, ActionPlan& plan) {
  for (const JsonValue& input : ListAt(json, "inputs")) {
    PlanInput read{TextAt(input, "sha256"), TextAt(input, "kind"), TextAt(input, "terraform_version"), 0};
    if (input.isObject() && input["resources"].isUInt64()) read.resources = input["resources"].asUInt64();
    plan.inputs.push_back(read);
  }
  plan.policy_sha256 = json["policy"].isObject() ? TextAt(json["policy"], "sha256") : "";
  plan.policy_profile = json["policy"].isObject() ? TextAt(json["policy"], "profile") : "";
  plan.accounts = TextsAt(json, "accounts");
  plan.regions = TextsAt(json, "regions");
  plan.notes = TextsAt(json, "notes");
  for (const JsonValue& database : ListAt(json, "databases")) plan.databases.push_back(DatabaseFromJson(database));
  for (const JsonValue& entry : ListAt(json, "timeline")) {
    plan.timeline.push_back({NumberAt(entry, "first_day"), NumberAt(entry, "last_day"), NumberAt(entry, "wave"),
                             TextAt(entry, "environment"), TextAt(entry, "text")});
  }
  for (const JsonValue& entry : ListAt(json, "unresolved")) {
    plan.unresolved.push_back({TextAt(entry, "control"), TextAt(entry, "topic"), TextAt(entry, "address"),
                               TextAt(entry, "message"), TextAt(entry, "recipe"), TextAt(entry, "reason")});
  }
}

Error BadPlan(const std::string& why) {
  return {ErrorCode::kInvalidInput, "not an action plan that can be used: " + why, "write it again with tfseal plan"};
}

}  // namespace

std::size_t ActionPlan::changes() const {
  return static_cast<std::size_t>(std::count_if(actions.begin(), actions.end(), [](const Action& action) {
    return std::any_of(action.calls.begin(), action.calls.end(), [](const ApiCall& call) { return !call.read_only; }) ||
           !action.effects.empty() || action.kind == &kManual;
  }));
}

JsonValue ToJson(const ActionPlan& plan) {
  JsonValue json =
      Object({{"schema", Text(kActionPlanSchema)},
              {"schema_version", "1.0"},
              {"complete", plan.complete()},
              {"inputs", ListOf(plan.inputs, InputToJson)},
              {"policy", Object({{"sha256", Text(plan.policy_sha256)}, {"profile", Text(plan.policy_profile)}})},
              {"accounts", Texts(plan.accounts)},
              {"regions", Texts(plan.regions)},
              {"databases", ListOf(plan.databases, DatabaseToJson)},
              {"timeline", ListOf(plan.timeline, TimelineToJson)},
              {"actions", ListOf(plan.actions, [](const Action& action) { return ToJson(action); })},
              {"unresolved", ListOf(plan.unresolved, UnresolvedToJson)},
              {"notes", Texts(plan.notes)}});
  json["sha256"] = Sha256Hex(WriteJsonLine(json));
  return json;
}

Result<ActionPlan> ActionPlanFromJson(const JsonValue& json) {
  if (!json.isObject() || TextAt(json, "schema").empty()) return BadPlan("it has no schema");
  if (TextAt(json, "schema") != kActionPlanSchema) {
    return Error{ErrorCode::kUnsupportedVersion,
                 "the action plan has the schema " + TextAt(json, "schema") + ", this version reads " +
                     std::string(kActionPlanSchema),
                 "use the version that wrote it"};
  }
  if (!json["actions"].isArray()) return BadPlan("it has no actions");
  if (TextAt(json, "sha256").empty()) return BadPlan("it has no digest of itself");
  ActionPlan plan;
  ReadSurroundings(json, plan);
  for (const JsonValue& item : json["actions"]) {
    TFSEAL_ASSIGN(Action action, ActionFromJson(item));
    plan.actions.push_back(std::move(action));
  }
  TFSEAL_ASSIGN(const std::vector<Action> ordered, Order(plan.actions));
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (ordered[i].id != plan.actions[i].id) return BadPlan("the actions are not in their order");
  }
  if (const auto problems = ForbiddenCalls(plan); !problems.empty()) return BadPlan(problems.front());
  if (WriteJsonLine(ToJson(plan)) != WriteJsonLine(json)) return BadPlan("it was changed by hand");
  return plan;
}

}  // namespace tfseal
