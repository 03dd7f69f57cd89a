#include <algorithm>
#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

JsonValue Vault(const std::string& name) {
  return Object({{"BackupVaultName", Text(name)}});
}

Result<std::string> PolicyOf(const std::string& vault, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("backup", "GetBackupVaultAccessPolicy", Vault(vault), action, context));
  return answer ? TextOf(*answer, "Policy") : std::string();
}

// The policy of the old vault, about the new one.
Result<std::string> WantedPolicy(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(std::string policy, PolicyOf(TextOf(action.payload, "vault"), action, context));
  const std::string old = ":backup-vault:" + TextOf(action.payload, "vault") + "\"";
  const std::string now = ":backup-vault:" + TextOf(action.payload, "new_vault") + "\"";
  for (std::size_t at = policy.find(old); at != std::string::npos; at = policy.find(old, at + now.size())) {
    policy.replace(at, old.size(), now);
  }
  return policy;
}

Result<bool> HasPolicy(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string wanted, WantedPolicy(action, context));
  if (wanted.empty()) return true;
  TFSEAL_ASSIGN(const std::string live, PolicyOf(TextOf(action.payload, "new_vault"), action, context));
  const auto left = ParseJson(wanted);
  const auto right = ParseJson(live);
  return left.ok() && right.ok() && *left == *right;
}

Result<bool> HasNotifications(const Action& action, RunContext& context) {
  if (!action.payload.isMember("notifications")) return true;
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("backup", "GetBackupVaultNotifications",
                                               Vault(TextOf(action.payload, "new_vault")), action, context));
  return answer && TextOf(*answer, "SNSTopicArn") == TextOf(action.payload["notifications"], "SNSTopicArn");
}

bool HasLock(const JsonValue& vault, const Action& action) {
  if (!action.payload.isMember("lock")) return true;
  if (!vault["Locked"].isBool() || !vault["Locked"].asBool()) return false;
  for (const char* days : {"MinRetentionDays", "MaxRetentionDays"}) {
    const JsonValue& wanted = action.payload["lock"];
    if (wanted.isMember(days) && wanted[days].asInt64() != vault[days].asInt64()) return false;
  }
  return true;
}

Result<std::string> NextStep(const JsonValue& vault, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const bool policy, HasPolicy(action, context));
  if (!policy) return std::string("PutBackupVaultAccessPolicy");
  TFSEAL_ASSIGN(const bool notifications, HasNotifications(action, context));
  if (!notifications) return std::string("PutBackupVaultNotifications");
  return HasLock(vault, action) ? std::string() : std::string("PutBackupVaultLockConfiguration");
}

// By the list: asked for a vault that is not there, AWS answers as if it were forbidden.
Result<std::optional<JsonValue>> NewVault(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("backup", "ListBackupVaults", JsonValue(Json::objectValue), action, context));
  for (const JsonValue& vault : answer["BackupVaultList"]) {
    if (TextOf(vault, "BackupVaultName") == TextOf(action.payload, "new_vault")) return std::optional<JsonValue>(vault);
  }
  return std::optional<JsonValue>();
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextOf(action.payload, "new_vault");
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const auto vault, NewVault(action, context));
  if (!vault) return NotDone("there is no vault " + name + " yet");
  if (TextOf(*vault, "EncryptionKeyArn") != key) {
    return Conflict("vault " + name + " is there, under another key",
                    "find out whose it is; give it another name if you may");
  }
  TFSEAL_ASSIGN(const std::string next, NextStep(*vault, action, context));
  if (!next.empty()) {
    Probe probe = NotDone("vault " + name + " is not protected as the old one: " + next + " is next");
    probe.step = next;
    return probe;
  }
  const JsonValue output = Object({{"BackupVaultName", Text(name)},
                                   {"BackupVaultArn", (*vault)["BackupVaultArn"]},
                                   {"EncryptionKeyArn", Text(key)}});
  return Done("vault " + name + " is there, under the key and protected as the old one", output, output);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto vault, NewVault(action, context));
  if (!vault) {
    TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
    TFSEAL_TRY(RequireUsableKey(key, action, context));
    TFSEAL_TRY(SendCall(CallOf(action, "CreateBackupVault"), action, context));
    return {};
  }
  TFSEAL_ASSIGN(const std::string next, NextStep(*vault, action, context));
  if (next.empty()) return {};
  ApiCall call = CallOf(action, next);
  if (next == "PutBackupVaultAccessPolicy") {
    TFSEAL_ASSIGN(const std::string policy, WantedPolicy(action, context));
    call.parameters["Policy"] = policy;
  }
  TFSEAL_TRY(SendCall(call, action, context));
  return {};
}

}  // namespace

const Handler kCreateBackupVaultHandler = {.kind = "create_backup_vault", .probe = Look, .execute = Act};

}  // namespace tfseal
