#include "apply/handlers/task_definition.h"

#include <algorithm>
#include <charconv>

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// Members of an answer that are no parameters of RegisterTaskDefinition.
constexpr const char* kAnswerOnly[] = {"taskDefinitionArn",  "revision",        "status",
                                       "requiresAttributes", "compatibilities", "registeredAt",
                                       "deregisteredAt",     "registeredBy",    "deleteRequestedAt"};

std::string RoleName(const std::string& role) {
  return role.substr(role.rfind('/') + 1);
}

// The list of {name, ...} without the entries that are named.
JsonValue Without(const JsonValue& list, const JsonValue& names) {
  JsonValue kept(Json::arrayValue);
  for (const JsonValue& entry : list) {
    const JsonValue name(TextAt(entry, "name"));
    if (std::find(names.begin(), names.end(), name) == names.end()) kept.append(entry);
  }
  return kept;
}

const JsonValue* EntryOf(const JsonValue& list, const std::string& name) {
  for (const JsonValue& entry : list) {
    if (TextAt(entry, "name") == name) return &entry;
  }
  return nullptr;
}

JsonValue NamesOf(const JsonValue& object) {
  JsonValue names(Json::arrayValue);
  if (!object.isObject()) return names;
  for (const std::string& name : object.getMemberNames()) names.append(name);
  return names;
}

// Under which a secret stood beside its variable, before it took the variable's place.
JsonValue NamesBeside(const JsonValue& secrets) {
  JsonValue names(Json::arrayValue);
  if (!secrets.isObject()) return names;
  for (const std::string& name : secrets.getMemberNames()) names.append(name + "_FROM_SECRET");
  return names;
}

bool HasSecrets(const JsonValue& container, const JsonValue& secrets) {
  for (const JsonValue& name : NamesBeside(secrets)) {
    if (EntryOf(container["secrets"], name.asString()) != nullptr) return false;
  }
  for (const std::string& name : secrets.getMemberNames()) {
    const JsonValue* entry = EntryOf(container["secrets"], name);
    if (entry == nullptr || (*entry)["valueFrom"] != secrets[name]) return false;
  }
  return true;
}

bool HasEnvironment(const JsonValue& container, const JsonValue& except) {
  for (const std::string& name : except["environment"].getMemberNames()) {
    const JsonValue* entry = EntryOf(container["environment"], name);
    if (entry == nullptr || (*entry)["value"] != except["environment"][name]) return false;
  }
  for (const JsonValue& name : except["keep_environment"]) {
    if (EntryOf(container["environment"], name.asString()) == nullptr) return false;
  }
  for (const JsonValue& name : except["remove_environment"]) {
    if (EntryOf(container["environment"], name.asString()) != nullptr) return false;
  }
  return true;
}

}  // namespace

int RevisionNumber(const std::string& arn) {
  const std::size_t colon = arn.rfind(':');
  int number = 0;
  if (colon == std::string::npos) return 0;
  const char* end = arn.data() + arn.size();
  const auto parsed = std::from_chars(arn.data() + colon + 1, end, number);
  return parsed.ptr == end ? number : 0;
}

std::string RevisionName(const std::string& arn) {
  const std::size_t slash = arn.rfind('/');
  return slash == std::string::npos ? arn : arn.substr(slash + 1);
}

Result<Revision> ReadRevision(const std::string& arn, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(JsonValue answer,
                ReadWorld("ecs", "DescribeTaskDefinition", Object({{"taskDefinition", Text(arn)}}), action, context));
  Revision revision;
  revision.definition = std::move(answer["taskDefinition"]);
  revision.arn = TextAt(revision.definition, "taskDefinitionArn");
  revision.family = TextAt(revision.definition, "family");
  revision.number = RevisionNumber(revision.arn);
  revision.active = TextAt(revision.definition, "status") == "ACTIVE";
  return revision;
}

Result<std::vector<std::string>> ListRevisions(const std::string& family, const char* status, const Action& action,
                                               RunContext& context) {
  JsonValue parameters = Object({{"status", status}, {"sort", "DESC"}});
  if (!family.empty()) parameters["familyPrefix"] = family;
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("ecs", "ListTaskDefinitions", parameters, action, context));
  std::vector<std::string> arns;
  for (const JsonValue& arn : answer["taskDefinitionArns"]) arns.push_back(arn.asString());
  std::stable_sort(arns.begin(), arns.end(),
                   [](const std::string& a, const std::string& b) { return RevisionNumber(a) > RevisionNumber(b); });
  return arns;
}

Result<std::vector<Revision>> ReadRevisions(const std::vector<std::string>& arns, const Action& action,
                                            RunContext& context) {
  std::vector<aws::Call> calls;
  for (const std::string& arn : arns) {
    calls.push_back({"ecs", "DescribeTaskDefinition", action.target.region, Object({{"taskDefinition", Text(arn)}})});
  }
  auto answers = context.api.SendAll(calls);
  std::vector<Revision> revisions;
  for (auto& answer : answers) {
    if (!answer.ok()) {
      // ECS says that it is unable to describe what is gone, and that is a ClientException.
      if (answer.error().code == ErrorCode::kNotFound || answer.error().service_code == "ClientException") continue;
      return answer.error();
    }
    Revision revision;
    revision.definition = std::move((*answer)["taskDefinition"]);
    revision.arn = TextAt(revision.definition, "taskDefinitionArn");
    revision.family = TextAt(revision.definition, "family");
    revision.number = RevisionNumber(revision.arn);
    revision.active = TextAt(revision.definition, "status") == "ACTIVE";
    revisions.push_back(std::move(revision));
  }
  return revisions;
}

Result<std::vector<Revision>> ReadRevisions(const std::string& family, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(std::vector<std::string> arns, ListRevisions(family, "ACTIVE", action, context));
  TFSEAL_ASSIGN(const std::vector<std::string> inactive, ListRevisions(family, "INACTIVE", action, context));
  arns.insert(arns.end(), inactive.begin(), inactive.end());
  std::stable_sort(arns.begin(), arns.end(),
                   [](const std::string& a, const std::string& b) { return RevisionNumber(a) > RevisionNumber(b); });
  return ReadRevisions(arns, action, context);
}

const JsonValue* ContainerOf(const JsonValue& definition, const std::string& container) {
  return EntryOf(definition["containerDefinitions"], container);
}

bool ShowsVariable(const JsonValue& definition, const std::string& container, const std::string& variable) {
  const JsonValue* holder = ContainerOf(definition, container);
  return holder != nullptr && EntryOf((*holder)["environment"], variable) != nullptr;
}

std::optional<SecretBytes> VariableOf(const JsonValue& definition, const std::string& container,
                                      const std::string& variable) {
  const JsonValue* holder = ContainerOf(definition, container);
  const JsonValue* entry = holder == nullptr ? nullptr : EntryOf((*holder)["environment"], variable);
  if (entry == nullptr || !(*entry)["value"].isString()) return std::nullopt;
  const char* begin = nullptr;
  const char* end = nullptr;
  (*entry)["value"].getString(&begin, &end);
  return SecretBytes(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

Result<JsonValue> NextRevision(const JsonValue& before, const JsonValue& except, const std::string& execution_role) {
  JsonValue next = before;
  for (const char* name : kAnswerOnly) next.removeMember(name);
  const std::string wanted = TextAt(except, "container");
  bool found = false;
  for (JsonValue& container : next["containerDefinitions"]) {
    if (TextAt(container, "name") != wanted) continue;
    found = true;
    const JsonValue as_was = container;
    JsonValue environment = Without(as_was["environment"], except["remove_environment"]);
    // A variable and a secret of one container must not share a name.
    environment = Without(environment, NamesOf(except["secrets"]));
    environment = Without(environment, NamesOf(except["environment"]));
    for (const std::string& name : except["environment"].getMemberNames()) {
      environment.append(Object({{"name", Text(name)}, {"value", except["environment"][name]}}));
    }
    container["environment"] = environment;
    JsonValue secrets = Without(as_was["secrets"], NamesOf(except["secrets"]));
    secrets = Without(secrets, NamesBeside(except["secrets"]));
    for (const std::string& name : except["secrets"].getMemberNames()) {
      secrets.append(Object({{"name", Text(name)}, {"valueFrom", except["secrets"][name]}}));
    }
    if (!secrets.empty() || as_was.isMember("secrets")) container["secrets"] = secrets;
    for (const JsonValue& name : except["keep_environment"]) {
      if (EntryOf(container["environment"], name.asString()) != nullptr) continue;
      return InTheWay("container " + wanted + " of " + TextAt(before, "family") + " has no variable " +
                          name.asString() + " any more",
                      "write the plan again from the present state: tfseal plan");
    }
  }
  if (!found) {
    return InTheWay("task definition " + TextAt(before, "family") + " has no container " + wanted,
                    "write the plan again from the present state: tfseal plan");
  }
  if (!execution_role.empty()) next["executionRoleArn"] = execution_role;
  return next;
}

bool Satisfies(const JsonValue& definition, const JsonValue& except, const std::string& execution_role) {
  const JsonValue* container = ContainerOf(definition, TextAt(except, "container"));
  if (container == nullptr || !HasSecrets(*container, except["secrets"]) || !HasEnvironment(*container, except)) {
    return false;
  }
  return execution_role.empty() || RoleName(TextAt(definition, "executionRoleArn")) == RoleName(execution_role);
}

JsonValue WithoutValues(const JsonValue& definition) {
  return Object({{"taskDefinitionArn", definition["taskDefinitionArn"]},
                 {"family", definition["family"]},
                 {"revision", definition["revision"]},
                 {"status", definition["status"]},
                 {"executionRoleArn", definition["executionRoleArn"]},
                 {"taskRoleArn", definition["taskRoleArn"]}});
}

}  // namespace tfseal
