#pragma once

#include <optional>
#include <string>

#include "apply/handler.h"

// KMS keys as handlers see them.
namespace tfseal {

// KeyMetadata of a key that is named by id, ARN or alias. kNotFound if there is none.
Result<JsonValue> DescribeKey(const std::string& key, const Action& action, RunContext& context);

// Why the key cannot be used now ("key ... is Disabled"), with the way out; nothing if it can.
std::optional<Error> KeyProblem(const JsonValue& metadata);

// Fails unless the key is there, enabled and encrypts.
Status RequireUsableKey(const std::string& key, const Action& action, RunContext& context);

// Whether two ways to name a key mean the same one. An alias is looked up.
Result<bool> SameKey(const std::string& a, const std::string& b, const Action& action, RunContext& context);

}  // namespace tfseal
