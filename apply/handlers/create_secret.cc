#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/exposed_value.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "apply/handlers/revisions_in_use.h"
#include "crypto/digest.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kTokenDigits = 48;

struct Standing {
  std::optional<JsonValue> secret;  // as DescribeSecret says
  bool ours = false;                // this action made it
  bool same_key = false;
  std::string version;  // that holds AWSCURRENT
  std::optional<SecretBytes> held;
  std::optional<ValueInUse> in_use;
  bool in_clear = false;  // the application has the variable still, or again

  [[nodiscard]] bool equal() const {
    return held && in_use && EqualInConstantTime(held->Expose(), in_use->value.Expose());
  }
};

std::string SecretIdOf(const Action& action) {
  const std::string existing = TextAt(action.payload, "existing");
  return existing.empty() ? TextAt(action.payload, "name") : existing;
}

bool MadeBy(const JsonValue& secret, const Action& action) {
  for (const JsonValue& tag : secret["Tags"]) {
    if (TextAt(tag, "Key") == "tfseal:action" && TextAt(tag, "Value") == action.id) return true;
  }
  return false;
}

std::string CurrentVersion(const JsonValue& secret) {
  const JsonValue& stages = secret["VersionIdsToStages"];
  for (const std::string& version : stages.getMemberNames()) {
    for (const JsonValue& stage : stages[version]) {
      if (stage == "AWSCURRENT") return version;
    }
  }
  return {};
}

Result<std::optional<ValueInUse>> InUse(const Action& action, RunContext& context) {
  return FindValueInUse(TextAt(action.payload, "family"), TextAt(action.payload, "container"),
                        TextAt(action.payload, "variable"), action, context);
}

Result<std::optional<SecretBytes>> HeldValue(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(auto answer, ReadIfThere("secretsmanager", "GetSecretValue",
                                         Object({{"SecretId", Text(SecretIdOf(action))}}), action, context));
  if (!answer) return std::optional<SecretBytes>();
  std::string text = TextAt(*answer, "SecretString");
  std::optional<SecretBytes> held(SecretBytes{text});
  Wipe(text);
  return held;
}

// Whether the application still has the value in clear: its newest revision shows it, or somebody runs one that does.
// Once neither is so, the secret is the authority, and what old revisions show may be a key that was replaced.
Result<bool> StillInClear(const ValueInUse& in_use, const Action& action, RunContext& context) {
  const std::string family = TextAt(action.payload, "family");
  TFSEAL_ASSIGN(const std::vector<std::string> active, ListRevisions(family, "ACTIVE", action, context));
  if (!active.empty() && active.front() == in_use.revision.arn) return true;
  TFSEAL_ASSIGN(const RevisionsInUse users, RevisionsInUse::Look(action, context));
  TFSEAL_ASSIGN(const std::vector<Revision> revisions, ReadRevisions(family, action, context));
  return std::any_of(revisions.begin(), revisions.end(), [&](const Revision& revision) {
    return ShowsVariable(revision.definition, TextAt(action.payload, "container"),
                         TextAt(action.payload, "variable")) &&
           !users.UsersOf(revision.arn, false).empty();
  });
}

Result<Standing> Look(const Action& action, RunContext& context) {
  Standing standing;
  TFSEAL_ASSIGN(standing.secret, ReadIfThere("secretsmanager", "DescribeSecret",
                                             Object({{"SecretId", Text(SecretIdOf(action))}}), action, context));
  TFSEAL_ASSIGN(standing.in_use, InUse(action, context));
  if (!standing.secret || standing.secret->isMember("DeletedDate")) return standing;
  standing.ours = MadeBy(*standing.secret, action);
  standing.version = CurrentVersion(*standing.secret);
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  standing.same_key = key.empty();
  if (!key.empty()) {
    TFSEAL_ASSIGN(standing.same_key, SameKey(key, TextAt(*standing.secret, "KmsKeyId"), action, context));
  }
  if (!standing.version.empty()) {
    TFSEAL_ASSIGN(standing.held, HeldValue(action, context));
  }
  if (standing.ours && standing.in_use && !standing.equal()) {
    TFSEAL_ASSIGN(standing.in_clear, StillInClear(*standing.in_use, action, context));
  }
  return standing;
}

Probe DoneWith(const Standing& standing, const std::string& text) {
  JsonValue evidence = Object({{"secret", (*standing.secret)["ARN"]},
                               {"key", (*standing.secret)["KmsKeyId"]},
                               {"version", Text(standing.version)}});
  if (standing.held) evidence["value"] = Traces(standing.held->Expose());
  if (standing.in_use) {
    evidence["equal_to_value_in_use"] = true;
    evidence["revision"] = RevisionName(standing.in_use->revision.arn);
  }
  return Done(text,
              Object({{"ARN", (*standing.secret)["ARN"]},
                      {"Name", (*standing.secret)["Name"]},
                      {"VersionId", Text(standing.version)}}),
              evidence);
}

Result<Probe> ProbeSecret(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  const std::string name = SecretIdOf(action);
  if (!standing.secret) {
    if (!TextAt(action.payload, "existing").empty()) {
      return Conflict("secret " + name + " is gone", "write the plan again from the present state: tfseal plan");
    }
    return NotDone("secret " + name + " does not exist yet");
  }
  if (standing.secret->isMember("DeletedDate")) {
    return Conflict("secret " + name + " waits for its deletion, and its name is taken until then",
                    "aws secretsmanager restore-secret --secret-id " + name);
  }
  if (!standing.same_key) {
    return Conflict("secret " + name + " is under another key than planned",
                    "aws secretsmanager update-secret --secret-id " + name + " --kms-key-id KEY");
  }
  if (!standing.held) return NotDone("secret " + name + " holds no value yet");
  if (!standing.in_use) {
    // The cut-over is over: the value is nowhere in clear any more, and the secret is where it is.
    if (standing.ours) return DoneWith(standing, "secret " + name + " is there; no revision shows the value any more");
    return Conflict("no revision of " + TextAt(action.payload, "family") + " shows " +
                        TextAt(action.payload, "variable") + ", and nothing tells what secret " + name + " has to hold",
                    "write the plan again from the present state: tfseal plan");
  }
  if (standing.equal()) return DoneWith(standing, "secret " + name + " holds the value in use");
  if (standing.ours && standing.in_clear) {
    return NotDone("secret " + name +
                   " holds another value than the tasks use; it gets the right one as a new version");
  }
  return Conflict(
      "secret " + name +
          " holds another value than the tasks use: data written under the one cannot be "
          "read with the other",
      "find out which one is right; put it with aws secretsmanager put-secret-value, never delete a version");
}

// The call with the value in place of its marker. The text in the call is wiped as far as JSON allows.
Status SendValue(const ApiCall& call, const std::string& token, const SecretBytes& value, const Action& action,
                 RunContext& context) {
  JsonValue parameters = call.parameters;
  parameters["ClientRequestToken"] = token;
  parameters["SecretString"] = std::string(value.Expose());
  TFSEAL_TRY(SendCall(call, parameters, action, context));
  return {};
}

// Putting the right value over the same wrong version twice is one change.
std::string TokenToReplace(const Action& action, const std::string& version) {
  return "tfseal-" + Sha256Hex(TextAt(action.payload, "token") + "\n" + version).substr(0, kTokenDigits);
}

Status CreateSecret(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  const std::string variable = TextAt(action.payload, "variable");
  if (!standing.in_use) {
    return InTheWay("no revision of " + TextAt(action.payload, "family") + " shows " + variable,
                    "write the plan again from the present state: tfseal plan");
  }
  if (!TextAt(action.payload, "existing").empty()) {
    return InTheWay("the secret was there when the plan was made and is not changed by it", "tfseal plan");
  }
  const std::string_view value = standing.in_use->value.Expose();
  if (action.payload["holds_key"].isBool() && action.payload["holds_key"].asBool()) {
    if (auto problem = KeyShapeProblem(value, variable, action, context)) return *problem;
  }
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  if (!key.empty()) TFSEAL_TRY(RequireUsableKey(key, action, context));
  if (!standing.secret) {
    return SendValue(CallOf(action, "CreateSecret"), TextAt(action.payload, "token"), standing.in_use->value, action,
                     context);
  }
  if (!standing.ours) return InTheWay("secret " + SecretIdOf(action) + " belongs to somebody else", "tfseal plan");
  if (standing.equal()) return {};
  if (!standing.in_clear) {
    return InTheWay(
        "secret " + SecretIdOf(action) + " holds another value than old revisions show, and nobody runs those",
        "the secret decides; look at who changed it");
  }
  return SendValue(CallOf(action, "PutSecretValue"), TokenToReplace(action, standing.version), standing.in_use->value,
                   action, context);
}

// Going back keeps the secret. What must not stay is a wrong value in it: the application would take it for the key as
// soon as it reads the secret again.
Result<Probe> ProbeSecretUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  const bool wrong = standing.ours && standing.in_use && standing.held && standing.in_clear;
  if (wrong) return EffectThere("the secret holds another value than the variable");
  return EffectGone("the secret stays; it holds nothing else than the value in use");
}

Status PutRightValue(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (!standing.ours || !standing.in_use || !standing.in_clear) return {};
  return SendValue(RollbackCallOf(action, "PutSecretValue"), TokenToReplace(action, standing.version),
                   standing.in_use->value, action, context);
}

}  // namespace

const Handler kCreateSecretHandler = {.kind = "create_secret",
                                      .probe = ProbeSecret,
                                      .execute = CreateSecret,
                                      .probe_undone = ProbeSecretUndone,
                                      .undo = PutRightValue};

}  // namespace tfseal
