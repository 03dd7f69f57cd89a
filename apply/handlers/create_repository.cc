#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

JsonValue Named(const std::string& repository) {
  return Object({{"repositoryName", Text(repository)}});
}

// A text that a repository may have: its policy, its lifecycle policy. Empty if it has none.
Result<std::string> TextOfRepository(const char* operation, const char* member, const std::string& repository,
                                     const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("ecr", operation, Named(repository), action, context));
  return answer ? TextOf(*answer, member) : std::string();
}

struct Policy {
  const char* read;
  const char* member;
  const char* write;
};
constexpr Policy kPolicies[] = {{"GetRepositoryPolicy", "policyText", "SetRepositoryPolicy"},
                                {"GetLifecyclePolicy", "lifecyclePolicyText", "PutLifecyclePolicy"}};

struct Step {
  const Policy* policy = nullptr;  // nullptr: everything is as on the old one
  std::string text;
};

Result<Step> NextStep(const Action& action, RunContext& context) {
  for (const Policy& policy : kPolicies) {
    TFSEAL_ASSIGN(const std::string wanted,
                  TextOfRepository(policy.read, policy.member, TextOf(action.payload, "repository"), action, context));
    if (wanted.empty()) continue;
    TFSEAL_ASSIGN(const std::string live, TextOfRepository(policy.read, policy.member,
                                                           TextOf(action.payload, "new_repository"), action, context));
    const auto left = ParseJson(wanted);
    const auto right = ParseJson(live);
    if (!left.ok() || !right.ok() || *left != *right) return Step{&policy, wanted};
  }
  return Step{};
}

Result<std::optional<JsonValue>> NewRepository(const Action& action, RunContext& context) {
  JsonValue names(Json::arrayValue);
  names.append(TextOf(action.payload, "new_repository"));
  TFSEAL_ASSIGN(const auto answer,
                ReadIfThere("ecr", "DescribeRepositories", Object({{"repositoryNames", names}}), action, context));
  if (!answer || (*answer)["repositories"].empty()) return std::optional<JsonValue>();
  return std::optional<JsonValue>((*answer)["repositories"][0]);
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "new_repository");
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const auto repository, NewRepository(action, context));
  if (!repository) return NotDone("there is no repository " + name + " yet");
  const JsonValue& encryption = (*repository)["encryptionConfiguration"];
  if (!TextOf(encryption, "encryptionType").starts_with("KMS") || TextOf(encryption, "kmsKey") != key) {
    return Conflict("repository " + name + " is there, and not under the key",
                    "find out whose it is; it cannot be changed, only replaced by its owner");
  }
  TFSEAL_ASSIGN(const Step next, NextStep(action, context));
  if (next.policy != nullptr) {
    Probe probe =
        NotDone("repository " + name + " has not the policies of the old one: " + next.policy->write + " is next");
    probe.step = next.policy->write;
    return probe;
  }
  const JsonValue output = Object({{"repository", Object({{"repositoryName", Text(name)},
                                                          {"repositoryArn", (*repository)["repositoryArn"]},
                                                          {"repositoryUri", (*repository)["repositoryUri"]}})}});
  return Done("repository " + name + " is there, under the key", output, output);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto repository, NewRepository(action, context));
  if (!repository) {
    TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
    TFSEAL_TRY(RequireUsableKey(key, action, context));
    TFSEAL_TRY(SendCall(CallOf(action, "CreateRepository"), action, context));
    return {};
  }
  TFSEAL_ASSIGN(const Step next, NextStep(action, context));
  if (next.policy == nullptr) return {};
  ApiCall call = CallOf(action, next.policy->write);
  call.parameters[next.policy->member] = next.text;
  TFSEAL_TRY(SendCall(call, action, context));
  return {};
}

}  // namespace

const Handler kCreateRepositoryHandler = {.kind = "create_repository", .probe = Look, .execute = Act};

}  // namespace tfseal
