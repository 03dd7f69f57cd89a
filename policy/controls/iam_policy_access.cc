#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

constexpr std::string_view kIdentityPolicyTypes[] = {"aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy",
                                                     "aws_iam_group_policy"};
constexpr std::string_view kIdentityPolicyReads[] = {"policy"};

// What destroys or replaces a key or a secret, or hands it to somebody else.
constexpr std::string_view kDangerousActions[] = {
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:DeleteImportedKeyMaterial",
    "kms:DeleteAlias",
    "kms:UpdateAlias",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:UpdateSecretVersionStage",
};

bool IsWholeService(const std::string& pattern) {
  return pattern == "*" || pattern == "*:*" || CoversAction(pattern, "kms:") ||
         CoversAction(pattern, "secretsmanager:");
}

// Everything of KMS or Secrets Manager at once, where the statement reaches keys or secrets at all.
bool AllowsWholeService(const PolicyStatement& statement) {
  const auto whole = [&](std::string_view service, std::string_view prefix) {
    if (!ReachesService(statement, service)) return false;
    if (statement.all_actions_but) {
      return std::none_of(statement.actions.begin(), statement.actions.end(), [&](const std::string& excluded) {
        return CoversAction(excluded, std::string(prefix) + "PutKeyPolicy") ||
               CoversAction(excluded, std::string(prefix) + "DeleteSecret");
      });
    }
    return std::any_of(statement.actions.begin(), statement.actions.end(), [&](const std::string& pattern) {
      return IsWholeService(pattern) && CoversAction(pattern, prefix);
    });
  };
  return statement.allows && (whole("kms", "kms:") || whole("secretsmanager", "secretsmanager:"));
}

// How many dangerous actions the policy allows on keys and secrets.
std::size_t DangerousActions(const IamPolicy& policy) {
  return static_cast<std::size_t>(
      std::count_if(std::begin(kDangerousActions), std::end(kDangerousActions), [&](std::string_view action) {
        const std::string_view service = action.substr(0, action.find(':'));
        return std::any_of(policy.statements.begin(), policy.statements.end(), [&](const PolicyStatement& statement) {
          return AllowsAction(statement, action) && ReachesService(statement, service);
        });
      }));
}

// How many the policy allowed before the change; as many as there are if there was none.
std::size_t DangerousBefore(const Subject& subject) {
  if (subject.world.side() != Side::kAfter || !subject.instance.before.is_map()) return std::size(kDangerousActions);
  const Result<IamPolicy> policy = ParseIamPolicy(subject.instance.before.Get("policy").text());
  return policy.ok() ? DangerousActions(*policy) : std::size(kDangerousActions);
}

Judgement JudgeIdentityPolicy(const Subject& subject) {
  const terraform::Value text = subject.At("policy");
  if (text.unknown()) return UnknownUntilApply("policy");
  if (text.empty()) return NotApplicable("the policy is empty");
  const Result<IamPolicy> policy = ParseIamPolicy(text.text());
  if (!policy.ok()) return UnreadablePolicy("policy", policy.error());
  const std::size_t dangerous = DangerousActions(*policy);
  Judgement judgement =
      Pass(fmt::format("the policy allows {} actions that destroy or hand over keys and secrets", dangerous), "policy");
  for (const PolicyStatement& statement : policy->statements) {
    if (AllowsWholeService(statement)) judgement.offenders.push_back("statement " + statement.name);
  }
  if (!judgement.offenders.empty()) {
    judgement.verdict = Verdict::kFail;
    judgement.message = fmt::format("{} allows every action on keys or secrets, deleting and overwriting them included",
                                    judgement.offenders.front());
  }
  if (judgement.verdict == Verdict::kPass && dangerous > DangerousBefore(subject)) {
    judgement.verdict = Verdict::kFail;
    judgement.message = fmt::format(
        "the policy is widened: it allows {} actions that destroy or hand over keys and secrets, "
        "{} before",
        dangerous, DangerousBefore(subject));
  }
  judgement.strength = -static_cast<double>(dangerous);
  return judgement;
}

}  // namespace

const Control kIdentityPolicyAccess{
    .id = "TFS-IAM-001",
    .topic = Topic::kKeyAccess,
    .severity = Severity::kHigh,
    .title =
        "IAM policies do not give all of KMS or Secrets Manager, and are not widened towards deleting keys and secrets",
    .types = kIdentityPolicyTypes,
    .reads = kIdentityPolicyReads,
    .evaluate = JudgeIdentityPolicy,
    .why =
        "Whoever may do everything with a key or a secret may delete or overwrite it; an application that reads a "
        "secret needs "
        "only secretsmanager:GetSecretValue and kms:Decrypt.",
    .remedy =
        "List the actions that are needed, on the ARNs that are needed. An administrator's policy lists its actions as "
        "well.",
    .basis = "Least privilege: AWS IAM best practices; organisation.",
};

}  // namespace tfseal
