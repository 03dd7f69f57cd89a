#include <algorithm>
#include <cctype>

#include "apply/handlers/calls.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "apply/handlers/search_domains.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<std::string> WantedKeyOf(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue wanted, ResolveParameters(action.payload["encryption"], context.outputs));
  return TextAt(wanted, "KmsKeyId");
}

// The last dry run counts if it asked what this one asks.
Result<bool> AsksTheSame(const JsonValue& progress, const Action& action, RunContext& context) {
  const JsonValue* asked = FieldAt(progress, "DryRunConfig.EncryptionAtRestOptions");
  if (asked == nullptr || !(*asked)["Enabled"].isBool() || !(*asked)["Enabled"].asBool()) return false;
  TFSEAL_ASSIGN(const std::string key, WantedKeyOf(action, context));
  return SameKey(key, TextAt(*asked, "KmsKeyId"), action, context);
}

std::string Failures(const JsonValue& status) {
  std::string text;
  for (const JsonValue& failure : status["ValidationFailures"]) {
    text += (text.empty() ? "" : "; ") + TextAt(failure, "Code") + " " + TextAt(failure, "Message");
  }
  return text;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string& name = action.target.identifier;
  TFSEAL_ASSIGN(const JsonValue domain, ReadDomain(action, context));
  if (domain["EncryptionAtRestOptions"]["Enabled"] == JsonValue(true)) {
    TFSEAL_ASSIGN(const std::string key, WantedKeyOf(action, context));
    TFSEAL_ASSIGN(const bool same,
                  SameKey(key, TextAt(domain["EncryptionAtRestOptions"], "KmsKeyId"), action, context));
    if (same) return Done("domain " + name + " is encrypted under the key already");
    return Conflict("domain " + name + " was encrypted under another key since the plan was made",
                    "its key can never be changed: write the plan again from the present state, tfseal plan");
  }
  TFSEAL_ASSIGN(const auto progress,
                ReadIfThere("opensearch", "DescribeDryRunProgress",
                            Object({{"DomainName", Text(name)}, {"LoadDryRunConfig", true}}), action, context));
  if (!progress) return NotDone("AWS was not asked about " + name + " yet");
  TFSEAL_ASSIGN(const bool same, AsksTheSame(*progress, action, context));
  if (!same) return NotDone("AWS was not asked about this change of " + name + " yet");
  const JsonValue& status = (*progress)["DryRunProgressStatus"];
  std::string word = TextAt(status, "DryRunStatus");
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string failures = Failures(status);
  if (!failures.empty() || word.find("fail") != std::string::npos) {
    return Conflict("AWS refuses to encrypt domain " + name + ": " + failures,
                    "correct what it says, write the plan again and apply that");
  }
  if (word != "completed" && word != "succeeded") return Underway("the dry run for " + name + " is " + word);
  return Done("AWS finds nothing against encrypting " + name, JsonValue(Json::objectValue),
              Object({{"dry_run", status["DryRunId"]},
                      {"deployment", (*progress)["DryRunResults"]["DeploymentType"]},
                      {"message", (*progress)["DryRunResults"]["Message"]}}));
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue domain, ReadDomain(action, context));
  TFSEAL_TRY(RequireIdleDomain(domain, action.target.identifier));
  TFSEAL_ASSIGN(const std::string key, WantedKeyOf(action, context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "UpdateDomainConfig"), action, context));
  return {};
}

}  // namespace

const Handler kTryDomainEncryptionHandler = {.kind = "try_domain_encryption", .probe = Look, .execute = Act};

}  // namespace tfseal
