#include "apply/handlers/producers.h"

#include "apply/handlers/calls.h"
#include "apply/handlers/key_policy.h"
#include "apply/handlers/keys.h"
#include "planner/parameters.h"

namespace tfseal {

Status RequireProducersAdmitted(const std::string& key, const std::string& resource_policy, const Action& action,
                                RunContext& context) {
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  if (resource_policy.empty()) return {};
  const auto policy = ParseJson(resource_policy);
  if (!policy.ok()) {
    return InTheWay("the policy of " + action.target.identifier + " is not a JSON document",
                    "look at it; who sends there decides whom the key has to admit");
  }
  TFSEAL_ASSIGN(const JsonValue key_policy, ReadKeyPolicy(key, action, context));
  for (const std::string& service : ServicesAdmitted(*policy)) {
    for (const char* needed : {"kms:GenerateDataKey", "kms:Decrypt"}) {
      if (AdmitsService(key_policy, service, needed)) continue;
      return InTheWay(
          service + " sends to " + action.target.identifier + ", but the policy of the key does not give it " + needed,
          "add a statement for " + service + " to the policy of " + key);
    }
  }
  return {};
}

}  // namespace tfseal
