#pragma once

#include <string>
#include <vector>

#include "apply/handler.h"

// Key policies as documents that are read, added to and compared.
namespace tfseal {

// The policy "default" of a key, with "Statement" as a list.
Result<JsonValue> ReadKeyPolicy(const std::string& key, const Action& action, RunContext& context);

// The statement with this Sid, or nullptr.
const JsonValue* StatementNamed(const JsonValue& policy, const std::string& sid);

// Whether the policy lets the service of `wanted` do every action of `wanted`, by statements that bind it no narrower
// than `wanted` does, and denies it nothing.
bool Admits(const JsonValue& policy, const JsonValue& wanted);

// Whether the policy lets a service do the action at all, under whatever conditions.
bool AdmitsService(const JsonValue& policy, const std::string& service, const std::string& action);

// The services that Allow statements of a resource's policy let in: sns.amazonaws.com.
std::vector<std::string> ServicesAdmitted(const JsonValue& policy);

std::string PolicyDigest(const JsonValue& policy);

}  // namespace tfseal
