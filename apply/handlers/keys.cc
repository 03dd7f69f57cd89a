#include "apply/handlers/keys.h"

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {

Result<JsonValue> DescribeKey(const std::string& key, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("kms", "DescribeKey", Object({{"KeyId", Text(key)}}), action, context));
  return answer["KeyMetadata"];
}

std::optional<Error> KeyProblem(const JsonValue& metadata) {
  const std::string arn = TextAt(metadata, "Arn");
  const std::string state = TextAt(metadata, "KeyState");
  if (state == "PendingDeletion" || state == "PendingReplicaDeletion") {
    return InTheWay("key " + arn + " waits for its deletion",
                    "aws kms cancel-key-deletion --key-id " + arn + ", then aws kms enable-key --key-id " + arn);
  }
  if (state == "Disabled") return InTheWay("key " + arn + " is disabled", "aws kms enable-key --key-id " + arn);
  if (state != "Enabled") {
    return InTheWay("key " + arn + " is " + (state.empty() ? "in an unknown state" : state), "choose a key in use");
  }
  if (metadata.isMember("KeyUsage") && metadata["KeyUsage"] != "ENCRYPT_DECRYPT") {
    return InTheWay("key " + arn + " is not for encryption", "choose a symmetric key with usage ENCRYPT_DECRYPT");
  }
  return std::nullopt;
}

Status RequireUsableKey(const std::string& key, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue metadata, DescribeKey(key, action, context));
  if (auto problem = KeyProblem(metadata)) return *problem;
  return {};
}

Result<bool> SameKey(const std::string& a, const std::string& b, const Action& action, RunContext& context) {
  if (a == b) return true;
  if (a.empty() || b.empty()) return false;
  const auto resolve = [&](const std::string& key) -> Result<std::string> {
    if (key.find(":key/") != std::string::npos) return key;
    TFSEAL_ASSIGN(const JsonValue metadata, DescribeKey(key, action, context));
    return TextAt(metadata, "Arn");
  };
  TFSEAL_ASSIGN(const std::string first, resolve(a));
  TFSEAL_ASSIGN(const std::string second, resolve(b));
  return first == second;
}

}  // namespace tfseal
