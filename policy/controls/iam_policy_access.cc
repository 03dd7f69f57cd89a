#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include "policy/controls/declarations.h"
#include "policy/iam_policy.h"

namespace tfseal {
namespace {

constexpr std::string_view kIdentityPolicyTypes[] = {
    "aws_iam_policy",       "aws_iam_role_policy", "aws_iam_user_policy",
    "aws_iam_group_policy", "aws_iam_role",        "aws_ssoadmin_permission_set_inline_policy"};
constexpr std::string_view kIdentityPolicyReads[] = {"policy", "inline_policy"};

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

// kms:?* is as much as kms:*, so what counts is what a pattern covers.
bool IsWholeService(const std::string& pattern, std::string_view prefix) {
  return std::all_of(std::begin(kDangerousActions), std::end(kDangerousActions), [&](std::string_view action) {
    return !action.starts_with(prefix) || CoversAction(pattern, action);
  });
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
    return std::any_of(statement.actions.begin(), statement.actions.end(),
                       [&](const std::string& pattern) { return IsWholeService(pattern, prefix); });
  };
  return statement.allows && (whole("kms", "kms:") || whole("secretsmanager", "secretsmanager:"));
}

bool IsEverySecretOrKey(const std::string& resource) {
  return resource == "*" || resource.ends_with(":secret:*") || resource.ends_with(":key/*");
}

// What the policy lets its holder do to keys and secrets beyond using the ones that are named.
std::set<std::string, std::less<>> PowersOf(const IamPolicy& policy) {
  std::set<std::string, std::less<>> powers;
  for (const PolicyStatement& statement : policy.statements) {
    for (const std::string_view action : kDangerousActions) {
      if (AllowsAction(statement, action) && ReachesService(statement, action.substr(0, action.find(':')))) {
        powers.emplace(action);
      }
    }
    const bool everything = statement.all_resources_but ||
                            std::any_of(statement.resources.begin(), statement.resources.end(), IsEverySecretOrKey);
    if (!everything || !statement.conditions.empty()) continue;
    for (const std::string_view action : {"secretsmanager:GetSecretValue", "kms:Decrypt"}) {
      if (AllowsAction(statement, action)) powers.insert(std::string(action) + " on everything");
    }
  }
  return powers;
}

// A role also lists what other resources gave it. What it says itself is in its configuration, or comes with a change.
bool IsOwnSetting(const Subject& subject, std::string_view attribute) {
  const ResourceInstance& role = subject.instance;
  return subject.world.OriginOf(role, attribute).configured || !role.before.is_map() ||
         !role.before.Get(attribute).SameAs(subject.At(attribute));
}

// Where the policies of this resource stand: one, or the inline policies of a role.
std::vector<std::string> PolicyPaths(const Subject& subject) {
  if (subject.instance.type == "aws_ssoadmin_permission_set_inline_policy") return {"inline_policy"};
  if (subject.instance.type != "aws_iam_role") return {"policy"};
  std::vector<std::string> paths;
  if (!IsOwnSetting(subject, "inline_policy")) return paths;
  const std::size_t count = subject.At("inline_policy").items().size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto others =
        subject.world.Where("aws_iam_role_policy", "name", subject.At(fmt::format("inline_policy[{}].name", i)).text());
    if (others.empty()) paths.push_back(fmt::format("inline_policy[{}].policy", i));
  }
  return paths;
}

// The powers that a change adds; none where there was no policy before.
std::vector<std::string> NewPowers(const Subject& subject, std::string_view path,
                                   const std::set<std::string, std::less<>>& powers) {
  if (subject.world.side() != Side::kAfter || !subject.instance.before.is_map()) return {};
  const std::string_view text = subject.instance.before.At(path).text();
  if (text == subject.At(path).text()) return {};
  const Result<IamPolicy> policy = ParseIamPolicy(text);
  if (!policy.ok()) return {};
  const auto before = PowersOf(*policy);
  std::vector<std::string> added;
  std::set_difference(powers.begin(), powers.end(), before.begin(), before.end(), std::back_inserter(added));
  return added;
}

Judgement JudgePolicyText(const Subject& subject, const std::string& path) {
  const terraform::Value text = subject.At(path);
  if (text.unknown()) return UnknownUntilApply(path);
  if (text.empty()) return NotApplicable("the policy is empty");
  const Result<IamPolicy> policy = ParseIamPolicy(text.text());
  if (!policy.ok()) return UnreadablePolicy(path, policy.error());
  const auto powers = PowersOf(*policy);
  Judgement judgement = Pass(
      powers.empty() ? "the policy destroys and hands over no keys and secrets"
                     : fmt::format("the policy lists what it allows on keys and secrets: {}", fmt::join(powers, ", ")),
      path);
  judgement.strength = -static_cast<double>(powers.size());
  for (const PolicyStatement& statement : policy->statements) {
    if (AllowsWholeService(statement)) judgement.offenders.push_back("statement " + statement.name);
  }
  if (!judgement.offenders.empty()) {
    judgement.verdict = Verdict::kFail;
    judgement.message = fmt::format("{} allows every action on keys or secrets, deleting and overwriting them included",
                                    judgement.offenders.front());
    return judgement;
  }
  judgement.offenders = NewPowers(subject, path, powers);
  if (!judgement.offenders.empty()) {
    judgement.verdict = Verdict::kFail;
    judgement.message = fmt::format("the policy is widened: it now allows {}", fmt::join(judgement.offenders, ", "));
  }
  return judgement;
}

// The worst of them.
Judgement JudgeIdentityPolicy(const Subject& subject) {
  if (subject.instance.type == "aws_iam_role" && subject.At("inline_policy").unknown()) {
    return NotApplicable("the role has no policies of its own yet");
  }
  Judgement worst = NotApplicable("the role has no policies of its own");
  for (const std::string& path : PolicyPaths(subject)) {
    Judgement judgement = JudgePolicyText(subject, path);
    if (judgement.verdict == Verdict::kFail) return judgement;
    if (worst.verdict != Verdict::kUnknown && judgement.verdict != Verdict::kNotApplicable) {
      worst = std::move(judgement);
    } else if (subject.instance.type != "aws_iam_role") {
      return judgement;
    }
  }
  return worst;
}

constexpr std::string_view kAttachmentTypes[] = {"aws_iam_role_policy_attachment",
                                                 "aws_iam_user_policy_attachment",
                                                 "aws_iam_group_policy_attachment",
                                                 "aws_iam_policy_attachment",
                                                 "aws_iam_role",
                                                 "aws_iam_role_policy_attachments_exclusive",
                                                 "aws_iam_user_policy_attachments_exclusive",
                                                 "aws_iam_group_policy_attachments_exclusive",
                                                 "aws_ssoadmin_managed_policy_attachment"};
constexpr std::string_view kAttachmentReads[] = {"policy_arn", "managed_policy_arns", "policy_arns",
                                                 "managed_policy_arn"};

// Whether an ARN that is known only after apply can only be that of a policy of this document.
bool IsWrittenHere(const Subject& subject, std::string_view attribute) {
  const Origin& origin = subject.world.OriginOf(subject.instance, attribute);
  return origin.opaque.empty() && !origin.targets.empty() &&
         std::all_of(origin.targets.begin(), origin.targets.end(), [&](const Origin::Target& target) {
           return (target.type == "aws_iam_policy" && !target.data_source) || !subject.world.UnknownUntilApply(target);
         });
}

// The name of a policy of AWS that gives all of KMS or Secrets Manager, or nothing.
std::string_view AllowsEverything(std::string_view arn) {
  if (arn.find(":iam::aws:policy/") == std::string_view::npos) return {};
  for (const std::string_view name : {"AdministratorAccess", "PowerUserAccess", "SecretsManagerReadWrite"}) {
    if (arn.ends_with(std::string("/") + std::string(name))) return name;
  }
  return {};
}

Judgement FailFor(std::string_view name, std::string_view attribute) {
  return Fail(fmt::format("{} allows every action on keys or secrets, deleting and overwriting them included", name),
              attribute);
}

// What the role itself attaches; what attachments name is judged there.
Judgement JudgeManagedPolicies(const Subject& subject) {
  constexpr std::string_view kArns = "managed_policy_arns";
  const terraform::Value arns = subject.At(kArns);
  const bool unset = arns.unknown() ? subject.world.OriginOf(subject.instance, kArns).LeftToProvider()
                                    : arns.items().empty() || !IsOwnSetting(subject, kArns);
  if (unset) return NotApplicable("the role attaches no policies itself");
  bool open = arns.unknown();
  for (const terraform::Value& arn : arns.items()) {
    open = open || arn.unknown();
    const std::string_view name = AllowsEverything(arn.text());
    const auto attached = [&](std::string_view type) {
      return !subject.world.Where(type, "policy_arn", arn.text()).empty();
    };
    if (name.empty() || attached("aws_iam_role_policy_attachment") || attached("aws_iam_policy_attachment")) continue;
    Judgement judgement = FailFor(name, kArns);
    judgement.offenders.emplace_back(name);
    return judgement;
  }
  if (open && !IsWrittenHere(subject, kArns)) return UnknownUntilApply(kArns);
  return Pass("no policy of AWS that the role attaches gives all of KMS or Secrets Manager", kArns);
}

// All that one role, user or group may have attached; what is missing there is attached by the apply.
Judgement JudgeExclusiveAttachments(const Subject& subject) {
  constexpr std::string_view kArns = "policy_arns";
  const terraform::Value arns = subject.At(kArns);
  bool open = arns.unknown();
  for (const terraform::Value& arn : arns.items()) {
    open = open || arn.unknown();
    const std::string_view name = AllowsEverything(arn.text());
    if (name.empty()) continue;
    Judgement judgement = FailFor(name, kArns);
    judgement.offenders.emplace_back(name);
    return judgement;
  }
  if (open && !IsWrittenHere(subject, kArns)) return UnknownUntilApply(kArns);
  return Pass("none of the policies gives all of KMS or Secrets Manager as AWS's do", kArns);
}

// Policies of AWS that give all of KMS or Secrets Manager. Those of one's own are judged where they are written.
Judgement JudgePolicyAttachment(const Subject& subject) {
  const std::string_view type = subject.instance.type;
  if (type == "aws_iam_role") return JudgeManagedPolicies(subject);
  if (type.ends_with("_exclusive")) return JudgeExclusiveAttachments(subject);
  const std::string_view path = type == "aws_ssoadmin_managed_policy_attachment" ? "managed_policy_arn" : "policy_arn";
  const terraform::Value value = subject.At(path);
  if (value.unknown() && !IsWrittenHere(subject, path)) return UnknownUntilApply(path);
  if (value.text().find(":iam::aws:policy/") == std::string_view::npos) return NotApplicable("not a policy of AWS");
  if (const std::string_view name = AllowsEverything(value.text()); !name.empty()) return FailFor(name, path);
  return Pass("the policy of AWS does not give all of KMS or Secrets Manager", path);
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
        "list the actions that are needed, on the ARNs that are needed. An administrator's policy lists its actions as "
        "well",
    .basis = "Least privilege: AWS IAM best practices; organisation.",
};

const Control kPolicyAttachmentAccess{
    .id = "TFS-IAM-002",
    .topic = Topic::kKeyAccess,
    .severity = Severity::kMedium,
    .title = "AWS's policies that give all of KMS or Secrets Manager are not attached",
    .types = kAttachmentTypes,
    .reads = kAttachmentReads,
    .evaluate = JudgePolicyAttachment,
    .why =
        "AdministratorAccess, PowerUserAccess and SecretsManagerReadWrite let their holder delete or overwrite every "
        "secret.",
    .remedy =
        "attach a policy that lists the actions and ARNs that are needed. Waive it for the roles of administrators, "
        "with a reason",
    .basis =
        "Least privilege: AWS IAM best practices; vendor benchmark: CIS AWS Foundations (full administrative "
        "privileges).",
};

}  // namespace tfseal
