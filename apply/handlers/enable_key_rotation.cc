#include "apply/handlers/calls.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> ProbeKeyRotation(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const JsonValue status,
                ReadWorld("kms", "GetKeyRotationStatus", Object({{"KeyId", Text(key)}}), action, context));
  if (!status["KeyRotationEnabled"].isBool() || !status["KeyRotationEnabled"].asBool()) {
    return NotDone("the key does not rotate");
  }
  const JsonValue& days = status["RotationPeriodInDays"];
  const JsonValue& wanted = action.payload["period_days"];
  if (wanted.isNumeric() && (!days.isNumeric() || days.asInt() > wanted.asInt())) {
    return NotDone("the key rotates, but less often than every " + std::to_string(wanted.asInt()) + " days");
  }
  return Done("the key rotates", status,
              Object({{"key", Text(key)}, {"period_days", days}, {"next_rotation", status["NextRotationDate"]}}));
}

Status EnableKeyRotation(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const JsonValue metadata, DescribeKey(key, action, context));
  if (auto problem = KeyProblem(metadata)) return *problem;
  // KMS rotates only symmetric keys whose material it made itself.
  if (TextAt(metadata, "KeyManager") == "AWS") {
    return InTheWay("key " + key + " belongs to AWS, which rotates it every year", "choose a customer-managed key");
  }
  const std::string spec = TextAt(metadata, "KeySpec");
  const std::string origin = TextAt(metadata, "Origin");
  if ((!spec.empty() && spec != "SYMMETRIC_DEFAULT") || (!origin.empty() && origin != "AWS_KMS")) {
    return InTheWay("key " + key + " cannot rotate by itself: " + spec + ", material from " + origin,
                    "rotate it by hand: a new key, and the alias moved to it");
  }
  TFSEAL_TRY(SendCall(CallOf(action, "EnableKeyRotation"), action, context));
  return {};
}

}  // namespace

const Handler kEnableKeyRotationHandler = {
    .kind = "enable_key_rotation", .probe = ProbeKeyRotation, .execute = EnableKeyRotation};

}  // namespace tfseal
