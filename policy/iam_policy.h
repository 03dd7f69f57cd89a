#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "policy/control.h"

// IAM, resource and key policies as Terraform carries them: a JSON document inside a string attribute.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
namespace tfseal {

struct PolicyCondition {
  std::string op;   // "StringEquals", "ForAnyValue:StringLike"
  std::string key;  // "kms:CallerAccount"; as written, compared without case
  std::vector<std::string> values;
};

struct PolicyStatement {
  std::string name;  // its Sid, else "#2" for the second one
  bool allows = false;
  bool denies = false;
  // NotAction, NotResource, NotPrincipal: everything but what is listed.
  bool all_actions_but = false;
  bool all_resources_but = false;
  bool all_principals_but = false;
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  bool anyone = false;                  // Principal "*", or "*" among its AWS principals
  std::vector<std::string> principals;  // AWS ones only: ARNs and account ids
  std::vector<PolicyCondition> conditions;
};

struct IamPolicy {
  std::vector<PolicyStatement> statements;
};

// The error says what is wrong with the document, never what is in it.
Result<IamPolicy> ParseIamPolicy(std::string_view json);

// Whether a pattern of a policy ("kms:Put*", "*") covers `action`. Actions compare without case.
bool CoversAction(std::string_view pattern, std::string_view action);
bool AllowsAction(const PolicyStatement& statement, std::string_view action);
// Whether a pattern of a policy covers `arn` and, with `below`, everything that begins with it. ARNs compare with case.
bool CoversResource(std::string_view pattern, std::string_view arn, bool below);

// Whether the statement reaches resources of `service` ("kms", "secretsmanager") at all.
bool ReachesService(const PolicyStatement& statement, std::string_view service);

// Whether a condition binds the caller to accounts, an organisation, principals, networks or a source of one's own. A
// condition that also holds when its key is missing (IfExists, ForAllValues), a negated one and one that matches "*"
// bind nobody. kms:ViaService alone does not either: every account can come through the same service.
bool BindsCaller(const PolicyStatement& statement);

// The names of the Allow statements that anyone in the world could use.
std::vector<std::string> StatementsOpenToAnyone(const IamPolicy& policy);

// The resource policy at `path` must not allow everybody. `what` names it for people: "the key policy". One that nobody
// configured is not applicable.
Judgement RequireClosedPolicy(const Subject& subject, std::string_view path, std::string_view what);
// Whether a resource of `type` sets the policy of this one: then that resource is judged, and what this one has in its
// own computed attribute is what AWS had before the plan.
bool HasPolicyResource(const Subject& subject, std::string_view type, std::string_view attribute);
// A judgement of kUnknown for a policy that cannot be read; `error` is ParseIamPolicy's.
Judgement UnreadablePolicy(std::string_view path, const Error& error);

}  // namespace tfseal
