#include "planner/service_grants.h"

#include <set>

#include "planner/parameters.h"

namespace tfseal {
namespace {

void AddServices(const JsonValue& statement, std::set<std::string>& services) {
  if (TextAt(statement, "Effect") != "Allow" || !statement["Principal"].isObject()) return;
  const JsonValue& named = statement["Principal"]["Service"];
  if (named.isString()) services.insert(named.asString());
  if (!named.isArray()) return;
  for (const JsonValue& service : named) {
    if (service.isString()) services.insert(service.asString());
  }
}

}  // namespace

std::vector<std::string> ServicesIn(std::string_view policy) {
  std::set<std::string> services;
  const auto json = ParseJson(policy);
  if (!json.ok() || !json->isObject()) return {};
  const JsonValue& statements = (*json)["Statement"];
  if (statements.isObject()) AddServices(statements, services);
  if (statements.isArray()) {
    for (const JsonValue& statement : statements) {
      if (statement.isObject()) AddServices(statement, services);
    }
  }
  return {services.begin(), services.end()};
}

std::string GrantToService(InPlaceChanges& changes, const Finding& finding, const KeyChoice& key,
                           const std::string& principal, const std::string& source_arn) {
  std::vector<std::string> needs = key.needs;
  Target target = changes.target();
  JsonValue payload =
      Object({{"key", key.key},
              {"service_principal", Text(principal)},
              {"operations",
               Texts({"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"})}});
  if (!source_arn.empty()) payload["source_arn"] = source_arn;
  return changes.draft().Add(kGrantKeyUse, target, payload, changes.place(), needs, {MotiveOf(finding)});
}

std::vector<std::string> GrantToServicesOf(InPlaceChanges& changes, const Finding& finding, const KeyChoice& key,
                                           const std::vector<std::string_view>& policies) {
  std::set<std::string> services;
  for (const std::string_view policy : policies) {
    for (std::string& service : ServicesIn(policy)) services.insert(std::move(service));
  }
  std::vector<std::string> ids;
  for (const std::string& service : services) ids.push_back(GrantToService(changes, finding, key, service, ""));
  return ids;
}

}  // namespace tfseal
