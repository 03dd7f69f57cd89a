#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/role_access.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using Grade = Access::Verdict;

// What an application that only reads its secret has no need of.
constexpr std::string_view kWrites[] = {
    "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret",      "secretsmanager:UpdateSecretVersionStage",
    "secretsmanager:DeleteSecret",   "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:RotateSecret",
};

JsonValue Name(const Action& action) {
  return Object({{"RoleName", action.payload["role"]}, {"PolicyName", action.payload["policy_name"]}});
}

Result<std::optional<JsonValue>> PolicyNow(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(auto answer, ReadIfThere("iam", "GetRolePolicy", Name(action), action, context));
  if (!answer) return std::optional<JsonValue>();
  const JsonValue& document = (*answer)["PolicyDocument"];
  if (document.isObject()) return std::optional<JsonValue>(document);
  TFSEAL_ASSIGN(JsonValue parsed, ParseJson(document.asString()));
  return std::optional<JsonValue>(std::move(parsed));
}

// The proof: the role may read the secret and use its key, and may not change it.
Result<Probe> ProveAccess(const Action& action, RunContext& context) {
  const std::string role = TextAt(action.payload, "role");
  TFSEAL_ASSIGN(const std::string secret, ResolvedText(action, "secret", context));
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const RoleAccess access, RoleAccess::Read(role, secret, key, action, context));
  JsonValue seen(Json::objectValue);
  const Access read = access.OnSecret("secretsmanager:GetSecretValue");
  const Access decrypt = key.empty() ? Access{Grade::kAllowed, "the default key"} : access.Decrypt();
  for (const auto& [what, verdict] : {std::pair("read the secret", &read), std::pair("use its key", &decrypt)}) {
    seen[what] = verdict->why;
    if (verdict->verdict == Grade::kAllowed) continue;
    return Conflict("role " + role + (verdict->verdict == Grade::kDenied ? " may not " : " may perhaps not ") + what +
                        ": " + verdict->why,
                    "look at the policies of the role, the secret and the key");
  }
  for (const std::string_view write : kWrites) {
    const Access verdict = access.OnSecret(write);
    if (verdict.verdict == Grade::kDenied) continue;
    if (verdict.verdict == Grade::kUnknown && context.settings.approvals.contains(action.id)) continue;
    return Conflict("role " + role + (verdict.verdict == Grade::kAllowed ? " may " : " may under a condition ") +
                        std::string(write) + ": " + verdict.why,
                    verdict.verdict == Grade::kAllowed
                        ? "take the right away from the role; it only has to read"
                        : "if the condition keeps the role from it: " + ApproveCommand(action));
  }
  seen["may not"] = Texts({std::begin(kWrites), std::end(kWrites)});
  return Done("role " + role + " may read the secret and not change it", JsonValue(Json::objectValue),
              Object({{"role", Text(role)},
                      {"secret", Text(secret)},
                      {"access", seen},
                      {"policies", Texts(access.policies())},
                      {"not_looked_at", "service control policies"}}));
}

Result<Probe> ProbeGrant(const Action& action, RunContext& context) {
  const JsonValue& parameters = CallOf(action, "PutRolePolicy").parameters;
  TFSEAL_ASSIGN(const JsonValue wanted, ResolveParameters(parameters["PolicyDocument"], context.outputs));
  TFSEAL_ASSIGN(const auto now, PolicyNow(action, context));
  const std::string policy = TextAt(action.payload, "policy_name");
  if (!now) return NotDone("role " + TextAt(action.payload, "role") + " has no policy " + policy);
  if (*now != wanted) {
    return Conflict("policy " + policy + " of role " + TextAt(action.payload, "role") + " says something else",
                    "look at it; if nobody needs it: aws iam delete-role-policy");
  }
  return ProveAccess(action, context);
}

Status GrantAccess(const Action& action, RunContext& context) {
  const ApiCall& put = CallOf(action, "PutRolePolicy");
  TFSEAL_ASSIGN(const auto now, PolicyNow(action, context));
  if (now) return InTheWay("the role has a policy of this name already", "aws iam get-role-policy");
  TFSEAL_ASSIGN(const JsonValue document, ResolveParameters(put.parameters["PolicyDocument"], context.outputs));
  for (const JsonValue& statement : document["Statement"]) {
    if (TextAt(statement, "Resource").find('*') != std::string::npos) {
      return Error{ErrorCode::kInvalidInput, "grant_secret_access: the policy is wider than one secret and one key",
                   "write the plan again with tfseal plan"};
    }
  }
  JsonValue parameters = put.parameters;
  parameters["PolicyDocument"] = WriteJsonLine(document);
  TFSEAL_TRY(SendCall(put, parameters, action, context));
  return {};
}

Result<Probe> ProbeGrantUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto now, PolicyNow(action, context));
  if (!now) return EffectGone("the role has no policy " + TextAt(action.payload, "policy_name"));
  return EffectThere("the role has the policy " + TextAt(action.payload, "policy_name"));
}

Status RevokeAccess(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(RollbackCallOf(action, "DeleteRolePolicy"), action, context));
  return {};
}

}  // namespace

const Handler kGrantSecretAccessHandler = {.kind = "grant_secret_access",
                                           .probe = ProbeGrant,
                                           .execute = GrantAccess,
                                           .probe_undone = ProbeGrantUndone,
                                           .undo = RevokeAccess};

}  // namespace tfseal
