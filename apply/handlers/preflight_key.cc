#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/preflight.h"
#include "planner/parameters.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

// What creating an encrypted database needs of the caller, by the Aurora user guide (key management).
constexpr std::string_view kNeeded[] = {"kms:CreateGrant", "kms:DescribeKey"};

bool Names(const PolicyStatement& statement, const std::string& account, const std::string& caller, bool& delegates) {
  if (statement.anyone) return true;
  for (const std::string& principal : statement.principals) {
    if (principal == caller) return true;
    if (principal == account || principal.ends_with(":iam::" + account + ":root")) {
      delegates = true;
      return true;
    }
  }
  return false;
}

// Conditions that hold whenever RDS in this region and account uses the key for us.
bool HoldsForRds(const PolicyStatement& statement, const std::string& account, const std::string& region) {
  return std::all_of(statement.conditions.begin(), statement.conditions.end(), [&](const PolicyCondition& condition) {
    const auto has = [&](const std::string& value) {
      return std::find(condition.values.begin(), condition.values.end(), value) != condition.values.end();
    };
    if (condition.op == "Bool" && condition.key == "kms:GrantIsForAWSResource") return has("true");
    if (condition.op != "StringEquals" && condition.op != "StringLike") return false;
    if (condition.key == "kms:ViaService") return has("rds." + region + ".amazonaws.com") || has("rds.*.amazonaws.com");
    if (condition.key == "kms:CallerAccount") return has(account);
    return false;
  });
}

// arn:partition:service:region:account:resource
std::string RegionOf(std::string_view arn) {
  for (int i = 0; i < 3; ++i) arn.remove_prefix(std::min(arn.find(':'), arn.size() - 1) + 1);
  return std::string(arn.substr(0, arn.find(':')));
}

void JudgePolicy(const IamPolicy& policy, const std::string& account, const std::string& caller, Preflight& preflight) {
  const std::string& region = preflight.action.target.region;
  for (const std::string_view action : kNeeded) {
    bool allowed = false;
    bool delegated = false;
    bool unclear = false;
    for (const PolicyStatement& statement : policy.statements) {
      bool delegates = false;
      if (!AllowsAction(statement, action) || statement.all_principals_but) {
        unclear = unclear || (statement.all_principals_but && AllowsAction(statement, action));
        continue;
      }
      if (!Names(statement, account, caller, delegates)) continue;
      if (!HoldsForRds(statement, account, region)) {
        unclear = true;
      } else if (!statement.allows) {
        preflight.problems.push_back("the key policy denies " + std::string(action) + " (" + statement.name + ")");
        return;
      } else {
        allowed = true;
        delegated = delegated || delegates;
      }
    }
    if (!allowed || (unclear && !delegated)) {
      preflight.questions.push_back("whether the key policy allows " + std::string(action) + " cannot be told from it");
    }
    preflight.evidence["key_policy"][std::string(action)] = !allowed    ? "unknown"
                                                            : delegated ? "left to the account's IAM policies"
                                                                        : "allowed";
  }
}

}  // namespace

Status CheckKey(Preflight& preflight) {
  const Action& action = preflight.action;
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", preflight.context));
  const auto read = ReadIfThere("kms", "DescribeKey", Object({{"KeyId", Text(key)}}), action, preflight.context);
  if (!read.ok()) return read.error();
  if (!*read) {
    preflight.problems.push_back("the key " + key + " is not there");
    return {};
  }
  const JsonValue metadata = (**read)["KeyMetadata"];
  const auto require = [&](const char* member, const char* wanted) {
    const std::string live = TextOf(metadata, member);
    preflight.evidence["key"][member] = live;
    if (live != wanted) {
      preflight.problems.push_back("the key's " + std::string(member) + " is " + (live.empty() ? "unknown" : live) +
                                   ", it must be " + wanted);
    }
  };
  require("KeyState", "Enabled");
  // Which is for encryption and nothing else. Older answers name the same thing otherwise.
  require(metadata.isMember("KeySpec") ? "KeySpec" : "CustomerMasterKeySpec", "SYMMETRIC_DEFAULT");
  const std::string arn = TextOf(metadata, "Arn");
  if (arn != key) preflight.problems.push_back("the plan names the key " + key + ", AWS calls it " + arn);
  if (!arn.empty() && RegionOf(arn) != action.target.region) {
    preflight.problems.push_back("the key is in " + RegionOf(arn) + ", the database in " + action.target.region);
  }
  if (TextOf(metadata, "KeyManager") != "CUSTOMER") return {};  // AWS keeps the policy of its own keys right
  const auto policy = ReadWorld("kms", "GetKeyPolicy", Object({{"KeyId", Text(key)}, {"PolicyName", "default"}}),
                                action, preflight.context);
  if (!policy.ok()) {
    if (policy.error().code != ErrorCode::kPermissionDenied) return policy.error();
    preflight.questions.push_back("the key policy may not be read");
    return {};
  }
  const auto parsed = ParseIamPolicy(TextOf(*policy, "Policy"));
  if (!parsed.ok()) {
    preflight.questions.push_back("the key policy cannot be understood");
    return {};
  }
  TFSEAL_ASSIGN(const JsonValue caller, ReadWorld("sts", "GetCallerIdentity", Object({}), action, preflight.context));
  JudgePolicy(*parsed, TextOf(caller, "Account"), TextOf(caller, "Arn"), preflight);
  return {};
}

}  // namespace tfseal
