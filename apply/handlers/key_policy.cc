#include "apply/handlers/key_policy.h"

#include <algorithm>
#include <set>

#include "apply/handlers/calls.h"
#include "crypto/digest.h"
#include "planner/parameters.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

// A text or a list of texts, as policies write both.
std::vector<std::string> TextsOf(const JsonValue& value) {
  if (value.isString()) return {value.asString()};
  std::vector<std::string> texts;
  if (!value.isArray()) return texts;
  for (const JsonValue& item : value) {
    if (item.isString()) texts.push_back(item.asString());
  }
  return texts;
}

bool NamesService(const JsonValue& statement, const std::string& service) {
  if (!statement["Principal"].isObject()) return false;
  const auto services = TextsOf(statement["Principal"]["Service"]);
  return std::find(services.begin(), services.end(), service) != services.end();
}

bool Covers(const JsonValue& statement, const std::string& action) {
  const auto patterns = TextsOf(statement["Action"]);
  return std::any_of(patterns.begin(), patterns.end(),
                     [&action](const std::string& pattern) { return CoversAction(pattern, action); });
}

// A Deny that can hit the service: by name, by "*", or by everybody-but.
bool MayDeny(const JsonValue& statement, const std::string& service, const std::string& action) {
  if (TextAt(statement, "Effect") != "Deny") return false;
  const JsonValue& principal = statement["Principal"];
  const bool hits = statement.isMember("NotPrincipal") || (principal.isString() && principal == "*") ||
                    NamesService(statement, service);
  return hits && (statement.isMember("NotAction") || Covers(statement, action));
}

}  // namespace

Result<JsonValue> ReadKeyPolicy(const std::string& key, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(
      const JsonValue answer,
      ReadWorld("kms", "GetKeyPolicy", Object({{"KeyId", Text(key)}, {"PolicyName", "default"}}), action, context));
  auto policy = ParseJson(TextAt(answer, "Policy"));
  if (!policy.ok() || !policy->isObject()) {
    return Error{ErrorCode::kInvalidInput, "the policy of key " + key + " is not a JSON document",
                 "look at it with aws kms get-key-policy"};
  }
  if ((*policy)["Statement"].isObject()) {
    JsonValue list(Json::arrayValue);
    list.append((*policy)["Statement"]);
    (*policy)["Statement"] = list;
  }
  if (!(*policy)["Statement"].isArray()) (*policy)["Statement"] = JsonValue(Json::arrayValue);
  return std::move(policy).value();
}

const JsonValue* StatementNamed(const JsonValue& policy, const std::string& sid) {
  for (const JsonValue& statement : policy["Statement"]) {
    if (TextAt(statement, "Sid") == sid) return &statement;
  }
  return nullptr;
}

bool Admits(const JsonValue& policy, const JsonValue& wanted) {
  const std::string service = TextAt(wanted["Principal"], "Service");
  for (const std::string& action : TextsOf(wanted["Action"])) {
    bool allowed = false;
    for (const JsonValue& statement : policy["Statement"]) {
      if (MayDeny(statement, service, action)) return false;
      if (TextAt(statement, "Effect") != "Allow" || !NamesService(statement, service)) continue;
      const bool as_wide = !statement.isMember("Condition") || statement["Condition"] == wanted["Condition"];
      allowed = allowed || (as_wide && Covers(statement, action));
    }
    if (!allowed) return false;
  }
  return true;
}

bool AdmitsService(const JsonValue& policy, const std::string& service, const std::string& action) {
  bool allowed = false;
  for (const JsonValue& statement : policy["Statement"]) {
    if (MayDeny(statement, service, action) && !statement.isMember("Condition")) return false;
    allowed = allowed ||
              (TextAt(statement, "Effect") == "Allow" && NamesService(statement, service) && Covers(statement, action));
  }
  return allowed;
}

std::vector<std::string> ServicesAdmitted(const JsonValue& policy) {
  std::set<std::string> services;
  const JsonValue& statements = policy["Statement"];
  const auto add = [&services](const JsonValue& statement) {
    if (TextAt(statement, "Effect") != "Allow" || !statement["Principal"].isObject()) return;
    for (std::string& service : TextsOf(statement["Principal"]["Service"])) services.insert(std::move(service));
  };
  if (statements.isObject()) add(statements);
  if (statements.isArray()) {
    for (const JsonValue& statement : statements) add(statement);
  }
  return {services.begin(), services.end()};
}

std::string PolicyDigest(const JsonValue& policy) {
  return Sha256Hex(WriteJsonLine(policy));
}

}  // namespace tfseal
