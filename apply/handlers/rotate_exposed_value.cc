#include "apply/handlers/calls.h"
#include "apply/handlers/exposed_value.h"
#include "apply/handlers/list.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr int kRotationDays = 365;

// Whether a revision of the family still shows what the secret holds now.
Result<bool> StillExposed(const Action& action, const SecretBytes& held, RunContext& context) {
  TFSEAL_ASSIGN(const std::vector<Revision> revisions, ReadRevisions(action.target.identifier, action, context));
  const std::string variable = TextAt(action.payload, "variable");
  bool exposed = false;
  for (const Revision& revision : revisions) {
    for (const JsonValue& container : revision.definition["containerDefinitions"]) {
      const auto value = VariableOf(revision.definition, TextAt(container, "name"), variable);
      exposed = exposed || (value && EqualInConstantTime(value->Expose(), held.Expose()));
    }
  }
  return exposed;
}

// A year after the value was put, which is the longest that a key should serve; empty if AWS does not say when that
// was.
std::string RotationDue(const std::string& created) {
  const auto at = ParseTime(created);
  return at ? FormatTime(*at + std::chrono::days(kRotationDays)) : std::string();
}

// New values are made where they are used: only their owner can say that the old one opens nothing any more. What can
// be seen from here is whether the secret still holds it.
Result<Probe> ProbeRotation(const Action& action, RunContext& context) {
  const std::string variable = TextAt(action.payload, "variable");
  const bool encrypts = action.payload["encrypts_data"].isBool() && action.payload["encrypts_data"].asBool();
  TFSEAL_ASSIGN(const std::string secret, ResolvedText(action, "secret", context));
  const auto by = context.settings.approvals.find(action.id);
  if (by == context.settings.approvals.end()) {
    return Waiting(encrypts ? "the owner of " + variable +
                                  " decides: re-encrypt under a new key now, or keep the one "
                                  "that was exposed until its rotation is due"
                            : "the owner of " + variable + " has to issue a new value",
                   ApproveCommand(action));
  }
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("secretsmanager", "GetSecretValue", Object({{"SecretId", Text(secret)}}), action, context));
  std::string text = TextAt(answer, "SecretString");
  const SecretBytes held(text);
  Wipe(text);
  TFSEAL_ASSIGN(const bool exposed, StillExposed(action, held, context));
  if (exposed && !encrypts) {
    return Conflict("secret " + secret + " still holds the value that was exposed",
                    "put the new value with aws secretsmanager put-secret-value and deploy the service again");
  }
  return Done(exposed ? "kept, as " + by->second + " decided: the secret holds the value that was exposed"
                      : "the secret holds another value than the one that was exposed",
              JsonValue(Json::objectValue),
              Object({{"decided_by", Text(by->second)},
                      {"secret", Text(secret)},
                      {"version", answer["VersionId"]},
                      {"rotation_due", Text(RotationDue(TextAt(answer, "CreatedDate")))},
                      {"holds_the_exposed_value", exposed}}));
}

}  // namespace

const Handler kRotateExposedValueHandler = {.kind = "rotate_exposed_value", .probe = ProbeRotation};

}  // namespace tfseal
