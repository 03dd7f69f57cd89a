#include <algorithm>
#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/key_policy.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<JsonValue> PolicyOfKey(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  return ReadKeyPolicy(key, action, context);
}

// The one statement that the plan adds, with its Sid made from the action's id.
Result<JsonValue> StatementOf(const Action& action, RunContext& context) {
  const JsonValue& marker = CallOf(action, "PutKeyPolicy").parameters["Policy"]["existing_policy_and"];
  TFSEAL_ASSIGN(JsonValue statement, ResolveParameters(marker, context.outputs));
  const std::string service = TextAt(statement["Principal"], "Service");
  if (service.empty() || service.find('*') != std::string::npos) {
    return Error{ErrorCode::kInvalidInput, "grant_key_use: the principal is not one service",
                 "write the plan again with tfseal plan"};
  }
  return statement;
}

Status PutPolicy(const ApiCall& call, const JsonValue& policy, const Action& action, RunContext& context) {
  JsonValue parameters = call.parameters;
  parameters["Policy"] = WriteJsonLine(policy);
  TFSEAL_TRY(SendCall(call, parameters, action, context));
  return {};
}

Result<Probe> ProbeKeyUse(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue statement, StatementOf(action, context));
  TFSEAL_ASSIGN(const JsonValue policy, PolicyOfKey(action, context));
  const std::string service = TextAt(statement["Principal"], "Service");
  const JsonValue evidence = Object({{"service", Text(service)}, {"policy_sha256", Text(PolicyDigest(policy))}});
  const JsonValue* ours = StatementNamed(policy, TextAt(statement, "Sid"));
  if (ours != nullptr && *ours == statement) {
    return Done("the key policy admits " + service, JsonValue(Json::objectValue), evidence);
  }
  if (ours != nullptr) {
    return Conflict("the statement " + TextAt(statement, "Sid") + " of the key policy was changed by somebody else",
                    "look at it with aws kms get-key-policy and remove it; the next run adds it again");
  }
  if (Admits(policy, statement)) {
    return Done("the key policy admits " + service + " already", JsonValue(Json::objectValue), evidence);
  }
  return NotDone("the key policy does not admit " + service);
}

// KMS has no conditional PutKeyPolicy: the policy is read again right before it is written, and the probe afterwards
// sees whether the statement is there.
Status GrantKeyUse(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  TFSEAL_ASSIGN(const JsonValue statement, StatementOf(action, context));
  TFSEAL_ASSIGN(JsonValue policy, PolicyOfKey(action, context));
  if (StatementNamed(policy, TextAt(statement, "Sid")) != nullptr || Admits(policy, statement)) return {};
  policy["Statement"].append(statement);
  return PutPolicy(CallOf(action, "PutKeyPolicy"), policy, action, context);
}

Result<Probe> ProbeKeyUseUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue statement, StatementOf(action, context));
  TFSEAL_ASSIGN(const JsonValue policy, PolicyOfKey(action, context));
  if (StatementNamed(policy, TextAt(statement, "Sid")) == nullptr) {
    return EffectGone("the key policy is as it was before");
  }
  return EffectThere("the key policy has the statement " + TextAt(statement, "Sid"));
}

// Takes only the own statement away: what others changed since then stays.
Status RevokeKeyUse(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue statement, StatementOf(action, context));
  TFSEAL_ASSIGN(JsonValue policy, PolicyOfKey(action, context));
  JsonValue kept(Json::arrayValue);
  for (const JsonValue& other : policy["Statement"]) {
    if (TextAt(other, "Sid") != TextAt(statement, "Sid")) kept.append(other);
  }
  if (kept.empty()) {
    return InTheWay("the key policy would be empty without the statement", "put a policy that admits its owner");
  }
  policy["Statement"] = kept;
  return PutPolicy(RollbackCallOf(action, "PutKeyPolicy"), policy, action, context);
}

}  // namespace

const Handler kGrantKeyUseHandler = {.kind = "grant_key_use",
                                     .probe = ProbeKeyUse,
                                     .execute = GrantKeyUse,
                                     .probe_undone = ProbeKeyUseUndone,
                                     .undo = RevokeKeyUse};

}  // namespace tfseal
