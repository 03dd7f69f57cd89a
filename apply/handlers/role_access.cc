#include "apply/handlers/role_access.h"

#include <algorithm>
#include <cctype>

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using Grade = Access::Verdict;

// "*" and "?" as IAM has them: they match everything, also slashes and colons.
bool Matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchesOne(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& pattern) { return Matches(pattern, text); });
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

enum class Truth : std::uint8_t { kNo, kMaybe, kYes };

struct Request {
  std::string_view operation;
  std::string_view resource;
  std::string via_service;  // value of kms:ViaService; empty: the key is not in the request
  std::string secret;       // value of kms:EncryptionContext:SecretARN
};

// The few conditions whose value is known: a key is used through Secrets Manager, for this secret.
Truth Holds(const PolicyCondition& condition, const Request& request) {
  const std::string key = LowerCase(condition.key);
  std::string value;
  if (key == "kms:viaservice") value = request.via_service;
  if (key == "kms:encryptioncontext:secretarn") value = request.secret;
  if (value.empty()) return Truth::kMaybe;
  if (condition.op == "StringEquals") {
    const bool among = std::find(condition.values.begin(), condition.values.end(), value) != condition.values.end();
    return among ? Truth::kYes : Truth::kNo;
  }
  if (condition.op == "StringLike" || condition.op == "ArnLike" || condition.op == "ArnEquals") {
    return MatchesOne(condition.values, value) ? Truth::kYes : Truth::kNo;
  }
  return Truth::kMaybe;
}

Truth Applies(const PolicyStatement& statement, const Request& request, bool with_resource) {
  const bool listed = std::any_of(statement.actions.begin(), statement.actions.end(),
                                  [&](const std::string& pattern) { return CoversAction(pattern, request.operation); });
  if (listed == statement.all_actions_but) return Truth::kNo;
  if (with_resource && MatchesOne(statement.resources, request.resource) == statement.all_resources_but) {
    return Truth::kNo;
  }
  Truth truth = Truth::kYes;
  for (const PolicyCondition& condition : statement.conditions) truth = std::min(truth, Holds(condition, request));
  return truth;
}

// Whether a statement of a resource's policy is about the role. The account's root stands for the account, whose own
// policies then decide: it allows nothing by itself.
Truth IsAbout(const PolicyStatement& statement, const std::string& role_arn, const std::string& account) {
  if (statement.all_principals_but) return Truth::kMaybe;
  if (statement.anyone) return Truth::kYes;
  for (const std::string& principal : statement.principals) {
    if (principal == role_arn) return Truth::kYes;
    if (!statement.allows && (principal == account || principal == "arn:aws:iam::" + account + ":root")) {
      return Truth::kYes;
    }
  }
  return Truth::kNo;
}

bool NamesAccount(const PolicyStatement& statement, const std::string& account) {
  return std::any_of(statement.principals.begin(), statement.principals.end(),
                     [&account](const std::string& principal) {
                       return principal == account || principal.ends_with(":iam::" + account + ":root");
                     });
}

Result<IamPolicy> Parse(const JsonValue& document, const std::string& name) {
  const std::string text = document.isString() ? document.asString() : WriteJsonLine(document);
  auto policy = ParseIamPolicy(text);
  if (!policy.ok()) return Error{ErrorCode::kInvalidInput, name + ": " + policy.error().message, "look at the policy"};
  return policy;
}

Result<IamPolicy> ManagedPolicy(const std::string& arn, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue policy,
                ReadWorld("iam", "GetPolicy", Object({{"PolicyArn", Text(arn)}}), action, context));
  TFSEAL_ASSIGN(const JsonValue version,
                ReadWorld("iam", "GetPolicyVersion",
                          Object({{"PolicyArn", Text(arn)}, {"VersionId", policy["Policy"]["DefaultVersionId"]}}),
                          action, context));
  return Parse(version["PolicyVersion"]["Document"], arn);
}

std::string AccountOf(const std::string& arn) {
  std::size_t begin = 0;
  for (int colon = 0; colon < 4; ++colon) begin = arn.find(':', begin) + 1;
  return arn.substr(begin, arn.find(':', begin) - begin);
}

struct Tally {
  Access allow;
  Access deny;

  void Count(const PolicyStatement& statement, Truth truth, const std::string& policy) {
    if (truth == Truth::kNo) return;
    Access& side = statement.allows ? allow : deny;
    const Grade verdict = truth == Truth::kYes ? Grade::kAllowed : Grade::kUnknown;
    if (side.verdict == Grade::kAllowed || (side.verdict == Grade::kUnknown && verdict == Grade::kUnknown)) return;
    side = {verdict, policy + ", statement " + statement.name};
  }
};

}  // namespace

Status RoleAccess::ReadIdentityPolicies(const std::string& role, const Action& action, RunContext& context) {
  const JsonValue name = Object({{"RoleName", Text(role)}});
  TFSEAL_ASSIGN(const JsonValue inline_names, ReadWorld("iam", "ListRolePolicies", name, action, context));
  for (const JsonValue& policy : inline_names["PolicyNames"]) {
    TFSEAL_ASSIGN(
        const JsonValue answer,
        ReadWorld("iam", "GetRolePolicy", Object({{"RoleName", Text(role)}, {"PolicyName", policy}}), action, context));
    TFSEAL_ASSIGN(IamPolicy parsed, Parse(answer["PolicyDocument"], policy.asString()));
    identity_.push_back({"policy " + policy.asString(), std::move(parsed)});
  }
  TFSEAL_ASSIGN(const JsonValue attached, ReadWorld("iam", "ListAttachedRolePolicies", name, action, context));
  for (const JsonValue& policy : attached["AttachedPolicies"]) {
    TFSEAL_ASSIGN(IamPolicy parsed, ManagedPolicy(TextAt(policy, "PolicyArn"), action, context));
    identity_.push_back({"policy " + TextAt(policy, "PolicyName"), std::move(parsed)});
  }
  return {};
}

Status RoleAccess::ReadBoundary(const JsonValue& role, const Action& action, RunContext& context) {
  const std::string arn = TextAt(role["PermissionsBoundary"], "PermissionsBoundaryArn");
  if (arn.empty()) return {};
  TFSEAL_ASSIGN(IamPolicy parsed, ManagedPolicy(arn, action, context));
  boundary_.push_back({"permissions boundary " + arn, std::move(parsed)});
  return {};
}

Result<RoleAccess> RoleAccess::Read(const std::string& role, const std::string& secret, const std::string& key,
                                    const Action& action, RunContext& context) {
  RoleAccess access;
  access.secret_ = secret;
  access.key_ = key;
  access.region_ = action.target.region;
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("iam", "GetRole", Object({{"RoleName", Text(role)}}), action, context));
  access.role_arn_ = TextAt(answer["Role"], "Arn");
  access.account_ = AccountOf(access.role_arn_);
  TFSEAL_TRY(access.ReadIdentityPolicies(role, action, context));
  TFSEAL_TRY(access.ReadBoundary(answer["Role"], action, context));
  TFSEAL_ASSIGN(const auto resource, ReadIfThere("secretsmanager", "GetResourcePolicy",
                                                 Object({{"SecretId", Text(secret)}}), action, context));
  if (resource && !TextAt(*resource, "ResourcePolicy").empty()) {
    TFSEAL_ASSIGN(IamPolicy parsed, Parse((*resource)["ResourcePolicy"], "the secret's policy"));
    access.secret_policies_.push_back({"the secret's policy", std::move(parsed)});
  }
  if (key.empty()) return access;
  TFSEAL_ASSIGN(
      const JsonValue policy,
      ReadWorld("kms", "GetKeyPolicy", Object({{"KeyId", Text(key)}, {"PolicyName", "default"}}), action, context));
  TFSEAL_ASSIGN(IamPolicy parsed, Parse(policy["Policy"], "the key's policy"));
  access.key_policies_.push_back({"the key's policy", std::move(parsed)});
  return access;
}

Access RoleAccess::Judge(std::string_view operation, const std::string& resource,
                         const std::vector<Document>& on_resource) const {
  const bool of_key = operation.starts_with("kms:");
  const Request request{operation, resource, of_key ? "secretsmanager." + region_ + ".amazonaws.com" : std::string(),
                        of_key ? secret_ : std::string()};
  Tally tally;
  // A key's policy decides alone, unless it hands the decision to the account's own policies.
  Truth identity_counts = of_key ? Truth::kNo : Truth::kYes;
  for (const Document& document : on_resource) {
    for (const PolicyStatement& statement : document.policy.statements) {
      const Truth applies = Applies(statement, request, /*with_resource=*/false);
      if (statement.allows && NamesAccount(statement, account_)) identity_counts = std::max(identity_counts, applies);
      tally.Count(statement, std::min(applies, IsAbout(statement, role_arn_, account_)), document.name);
    }
  }
  for (const Document& document : identity_) {
    for (const PolicyStatement& statement : document.policy.statements) {
      const Truth applies = Applies(statement, request, /*with_resource=*/true);
      tally.Count(statement, statement.allows ? std::min(applies, identity_counts) : applies, document.name);
    }
  }
  for (const Document& document : boundary_) {
    Tally bound;
    for (const PolicyStatement& statement : document.policy.statements) {
      bound.Count(statement, Applies(statement, request, /*with_resource=*/true), document.name);
    }
    if (bound.deny.verdict == Grade::kAllowed || bound.allow.verdict == Grade::kDenied) {
      return {Grade::kDenied, document.name};
    }
    if (bound.allow.verdict == Grade::kUnknown || bound.deny.verdict == Grade::kUnknown) {
      tally.deny = {Grade::kUnknown, document.name};
    }
  }
  if (tally.deny.verdict == Grade::kAllowed) return {Grade::kDenied, tally.deny.why};
  if (tally.allow.verdict == Grade::kDenied) return {Grade::kDenied, "nothing allows it"};
  if (tally.deny.verdict == Grade::kUnknown) return {Grade::kUnknown, tally.deny.why};
  return tally.allow;
}

Access RoleAccess::OnSecret(std::string_view operation) const {
  return Judge(operation, secret_, secret_policies_);
}

Access RoleAccess::Decrypt() const {
  return Judge("kms:Decrypt", key_, key_policies_);
}

std::vector<std::string> RoleAccess::policies() const {
  std::vector<std::string> names;
  for (const auto* documents : {&identity_, &boundary_, &secret_policies_, &key_policies_}) {
    for (const Document& document : *documents) names.push_back(document.name);
  }
  return names;
}

}  // namespace tfseal
