#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/key_policy.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> ProbeTrail(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("cloudtrail", "GetTrail",
                                                  Object({{"Name", Text(action.target.identifier)}}), action, context));
  const JsonValue& trail = answer["Trail"];
  const auto flag = [&trail](const char* name) { return JsonValue(trail[name].isBool() && trail[name].asBool()); };
  return JudgeSettings(action, context,
                       {{"KmsKeyId", trail["KmsKeyId"], "kms_key_id", /*names_key=*/true},
                        {"EnableLogFileValidation", flag("LogFileValidationEnabled"), "enable_log_file_validation"},
                        {"IsMultiRegionTrail", flag("IsMultiRegionTrail"), "is_multi_region_trail"}});
}

Status UpdateTrail(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, ProbeTrail));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "KmsKeyId", context));
  if (!key.empty()) {
    TFSEAL_TRY(RequireUsableKey(key, action, context));
    TFSEAL_ASSIGN(const JsonValue policy, ReadKeyPolicy(key, action, context));
    if (!AdmitsService(policy, "cloudtrail.amazonaws.com", "kms:GenerateDataKey")) {
      return InTheWay("the policy of key " + key + " does not admit cloudtrail.amazonaws.com",
                      "add a statement for cloudtrail.amazonaws.com to the key's policy");
    }
  }
  TFSEAL_TRY(SendCall(CallOf(action, "UpdateTrail"), action, context));
  return {};
}

}  // namespace

const Handler kUpdateTrailHandler = {.kind = "update_trail", .probe = ProbeTrail, .execute = UpdateTrail};

}  // namespace tfseal
