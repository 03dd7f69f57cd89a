#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/exposed_value.h"
#include "apply/handlers/list.h"
#include "apply/handlers/revisions_in_use.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kRevisionsAtOnce = 100;
// A shorter value inside another text is a coincidence.
constexpr std::size_t kShortestInText = 8;

struct Exposed {
  std::string variable;
  ValueInUse in_use;
};

struct Use {
  std::string revision;
  bool active = false;
  std::string container;
  std::string where;     // "variable X", "command"
  std::string variable;  // the exposed one whose value it is
};

bool Contains(const JsonValue& texts, std::string_view value) {
  return std::any_of(texts.begin(), texts.end(), [value](const JsonValue& text) {
    return text.isString() && text.asString().find(value) != std::string::npos;
  });
}

void LookAtContainer(const Revision& revision, const JsonValue& container, const std::vector<Exposed>& exposed,
                     std::vector<Use>& uses) {
  const std::string name = TextAt(container, "name");
  for (const Exposed& one : exposed) {
    const std::string_view value = one.in_use.value.Expose();
    for (const JsonValue& entry : container["environment"]) {
      const std::string text = TextAt(entry, "value");
      const bool equal = EqualInConstantTime(text, value);
      const bool part = !equal && value.size() >= kShortestInText && text.find(value) != std::string::npos;
      if (!equal && !part) continue;
      uses.push_back({revision.arn, revision.active, name,
                      (part ? "part of variable " : "variable ") + TextAt(entry, "name"), one.variable});
    }
    if (value.size() < kShortestInText) continue;
    for (const char* list : {"command", "entryPoint"}) {
      if (Contains(container[list], value)) uses.push_back({revision.arn, revision.active, name, list, one.variable});
    }
  }
}

// Every revision of every family, also those that are INACTIVE: other environments may use the same value.
Result<std::vector<Use>> FindUses(const std::vector<Exposed>& exposed, const Action& action, RunContext& context,
                                  std::size_t& looked_at) {
  std::vector<Use> uses;
  for (const char* status : {"ACTIVE", "INACTIVE"}) {
    TFSEAL_ASSIGN(const std::vector<std::string> arns, ListRevisions("", status, action, context));
    for (std::size_t first = 0; first < arns.size(); first += kRevisionsAtOnce) {
      const std::size_t end = std::min(arns.size(), first + kRevisionsAtOnce);
      const std::vector<std::string> some(arns.begin() + static_cast<std::ptrdiff_t>(first),
                                          arns.begin() + static_cast<std::ptrdiff_t>(end));
      TFSEAL_ASSIGN(const std::vector<Revision> revisions, ReadRevisions(some, action, context));
      for (const Revision& revision : revisions) {
        for (const JsonValue& container : revision.definition["containerDefinitions"]) {
          LookAtContainer(revision, container, exposed, uses);
        }
      }
      looked_at += revisions.size();
      if (context.progress) context.progress(std::to_string(looked_at) + " task definition revisions looked at");
    }
  }
  return uses;
}

Result<std::vector<Exposed>> FindExposed(const Action& action, RunContext& context) {
  std::vector<Exposed> exposed;
  for (const JsonValue& variable : action.payload["variables"]) {
    TFSEAL_ASSIGN(auto in_use, FindValueInUse(TextAt(action.payload, "family"), TextAt(action.payload, "container"),
                                              variable.asString(), action, context));
    if (in_use) exposed.push_back({variable.asString(), *std::move(in_use)});
  }
  return exposed;
}

// The services of the plan must run the value that the newest revision shows: it is the one that is carried over.
std::string ServiceThatDiffers(const Action& action, const std::vector<Exposed>& exposed, const std::vector<Use>& uses,
                               const RevisionsInUse& in_use) {
  for (const Exposed& one : exposed) {
    const std::string family = one.in_use.revision.family;
    for (const JsonValue& service : action.payload["services"]) {
      bool runs_family = false;
      bool runs_value = false;
      for (int number = one.in_use.revision.number + 1; number-- > 1;) {
        const auto users = in_use.UsersOf(family + ":" + std::to_string(number), false);
        const bool runs = std::any_of(users.begin(), users.end(), [&](const std::string& user) {
          return user.starts_with("service ") && user.ends_with("/" + service.asString());
        });
        if (!runs) continue;
        runs_family = true;
        runs_value = runs_value || std::any_of(uses.begin(), uses.end(), [&](const Use& use) {
                       return use.variable == one.variable && use.where == "variable " + one.variable &&
                              use.revision.ends_with("/" + family + ":" + std::to_string(number));
                     });
      }
      if (runs_family && !runs_value) return service.asString() + " and " + one.variable;
    }
  }
  return {};
}

JsonValue UsesToJson(const std::vector<Use>& uses, const RevisionsInUse& in_use, const std::string& newest) {
  JsonValue list(Json::arrayValue);
  for (const Use& use : uses) {
    list.append(Object({{"revision", Text(RevisionName(use.revision))},
                        {"status", use.active ? "ACTIVE" : "INACTIVE"},
                        {"container", Text(use.container)},
                        {"where", Text(use.where)},
                        {"value_of", Text(use.variable)},
                        {"used_by", Texts(in_use.UsersOf(use.revision, use.revision == newest))}}));
  }
  return list;
}

Result<Probe> ProbeInventory(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::vector<Exposed> exposed, FindExposed(action, context));
  JsonValue values(Json::arrayValue);
  const JsonValue& keys = action.payload["keys"];
  for (const Exposed& one : exposed) {
    JsonValue entry = Traces(one.in_use.value.Expose());
    entry["variable"] = one.variable;
    entry["revision"] = RevisionName(one.in_use.revision.arn);
    if (std::find(keys.begin(), keys.end(), JsonValue(one.variable)) != keys.end()) {
      if (const auto problem = KeyShapeProblem(one.in_use.value.Expose(), one.variable, action, context)) {
        return Conflict(problem->message, problem->hint);
      }
      const KeyShape shape = KeyShapeOf(one.in_use.value.Expose());
      entry["key_encoding"] = std::string(shape.encoding);
      entry["key_bytes"] = static_cast<Json::UInt64>(shape.bytes);
    }
    values.append(entry);
  }
  std::size_t looked_at = 0;
  TFSEAL_ASSIGN(const std::vector<Use> uses, FindUses(exposed, action, context, looked_at));
  TFSEAL_ASSIGN(const RevisionsInUse in_use, RevisionsInUse::Look(action, context));
  if (const std::string differs = ServiceThatDiffers(action, exposed, uses, in_use); !differs.empty()) {
    return Conflict("service " + differs + ": it runs another value than the newest revision shows",
                    "deploy the newest revision, or write the plan again: tfseal plan");
  }
  const std::string newest = exposed.empty() ? std::string() : exposed.front().in_use.revision.arn;
  return Done(std::to_string(uses.size()) + " places show the values of " + TextAt(action.payload, "family"),
              JsonValue(Json::objectValue),
              Object({{"values", values},
                      {"uses", UsesToJson(uses, in_use, newest)},
                      {"revisions_looked_at", static_cast<Json::UInt64>(looked_at)},
                      {"not_looked_at", Texts({"other accounts and regions", "EventBridge Scheduler", "images"})}}));
}

}  // namespace

const Handler kInventorySecretUseHandler = {.kind = "inventory_secret_use", .probe = ProbeInventory};

}  // namespace tfseal
