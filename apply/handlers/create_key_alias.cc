#include "apply/handlers/calls.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// The key that has the alias; empty if none has.
Result<std::string> KeyBehind(const std::string& alias, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue aliases,
                ReadWorld("kms", "ListAliases", JsonValue(Json::objectValue), action, context));
  for (const JsonValue& entry : aliases["Aliases"]) {
    if (TextAt(entry, "AliasName") == alias) return TextAt(entry, "TargetKeyId");
  }
  return std::string();
}

struct Standing {
  std::string alias;
  std::string holder;  // key id
  bool ours = false;
};

Result<Standing> Look(const Action& action, RunContext& context) {
  Standing standing;
  TFSEAL_ASSIGN(const std::string wanted, ResolvedText(action, "key", context));
  standing.alias = TextAt(action.payload, "alias");
  TFSEAL_ASSIGN(standing.holder, KeyBehind(standing.alias, action, context));
  if (standing.holder.empty()) return standing;
  TFSEAL_ASSIGN(const JsonValue metadata, DescribeKey(wanted, action, context));
  standing.ours = TextAt(metadata, "KeyId") == standing.holder || TextAt(metadata, "Arn") == standing.holder;
  return standing;
}

Result<Probe> ProbeKeyAlias(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (standing.holder.empty()) return NotDone(standing.alias + " is free");
  if (!standing.ours) {
    return Conflict(standing.alias + " names another key, " + standing.holder,
                    "aws kms delete-alias --alias-name " + standing.alias +
                        " if nothing uses it; the plan never moves an alias by itself");
  }
  return Done(standing.alias + " names the key", JsonValue(Json::objectValue),
              Object({{"alias", Text(standing.alias)}, {"key", Text(standing.holder)}}));
}

Status CreateKeyAlias(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "CreateAlias"), action, context));
  return {};
}

Result<Probe> ProbeKeyAliasUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Standing standing, Look(action, context));
  if (standing.ours) return EffectThere(standing.alias + " names the key");
  return EffectGone(standing.alias + " does not name the key");
}

Status DeleteKeyAlias(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(RollbackCallOf(action, "DeleteAlias"), action, context));
  return {};
}

}  // namespace

const Handler kCreateKeyAliasHandler = {.kind = "create_key_alias",
                                        .probe = ProbeKeyAlias,
                                        .execute = CreateKeyAlias,
                                        .probe_undone = ProbeKeyAliasUndone,
                                        .undo = DeleteKeyAlias};

}  // namespace tfseal
