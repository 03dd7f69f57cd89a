#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<JsonValue> DescribeSecret(const Action& action, RunContext& context) {
  return ReadWorld("secretsmanager", "DescribeSecret", Object({{"SecretId", action.payload["secret"]}}), action,
                   context);
}

Result<Probe> ProbeSecretKey(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue secret, DescribeSecret(action, context));
  if (secret.isMember("DeletedDate")) {
    return Conflict("secret " + action.target.identifier + " waits for its deletion",
                    "aws secretsmanager restore-secret --secret-id " + TextAt(action.payload, "secret"));
  }
  return JudgeSettings(action, context, {{"KmsKeyId", secret["KmsKeyId"], "kms_key_id", /*names_key=*/true}});
}

// UpdateSecret decrypts with the old key and encrypts with the new one, and a rotation in flight would be cut in two.
Status SetSecretKey(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeSecretKey));
  TFSEAL_ASSIGN(const JsonValue secret, DescribeSecret(action, context));
  const JsonValue& versions = secret["VersionIdsToStages"];
  for (const std::string& version : versions.getMemberNames()) {
    bool pending = false;
    bool current = false;
    for (const JsonValue& stage : versions[version]) {
      pending = pending || stage == "AWSPENDING";
      current = current || stage == "AWSCURRENT";
    }
    if (pending && !current) {
      return InTheWay("secret " + action.target.identifier + " is being rotated", "wait until the rotation has ended");
    }
  }
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "KmsKeyId", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  if (const std::string old = TextAt(secret, "KmsKeyId"); !old.empty()) {
    TFSEAL_TRY(RequireUsableKey(old, action, context));
  }
  TFSEAL_TRY(SendCall(CallOf(action, "UpdateSecret"), action, context));
  return {};
}

}  // namespace

const Handler kSetSecretKeyHandler = {.kind = "set_secret_key", .probe = ProbeSecretKey, .execute = SetSecretKey};

}  // namespace tfseal
