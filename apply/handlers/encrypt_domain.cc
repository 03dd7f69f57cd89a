#include "apply/handlers/calls.h"
#include "apply/handlers/in_place.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "apply/handlers/search_domains.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue domain, ReadDomain(action, context));
  const JsonValue& live = domain["EncryptionAtRestOptions"];
  // An answer without the member says nothing about the domain.
  if (!live.isObject() || !live["Enabled"].isBool() || !domain["Processing"].isBool()) {
    return Conflict("AWS does not say whether domain " + action.target.identifier + " is encrypted",
                    "look at it in the console");
  }
  // Which options it shows meanwhile does not matter: this change, or another one, is under way.
  if (domain["Processing"].asBool()) return Underway("domain " + action.target.identifier + " is being changed");
  return JudgeSettings(action, context,
                       {{"EncryptionAtRestOptions.Enabled", live["Enabled"], "encrypt_at_rest"},
                        {"EncryptionAtRestOptions.KmsKeyId", live["KmsKeyId"], "encrypt_at_rest", /*names_key=*/true}});
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(RequireUnchanged(action, context, Look));
  TFSEAL_ASSIGN(const JsonValue domain, ReadDomain(action, context));
  TFSEAL_TRY(RequireIdleDomain(domain, action.target.identifier));
  TFSEAL_ASSIGN(const std::string key, WantedKey(action, "EncryptionAtRestOptions.KmsKeyId", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  TFSEAL_TRY(SendCall(CallOf(action, "UpdateDomainConfig"), action, context));
  return {};
}

}  // namespace

const Handler kEncryptDomainHandler = {.kind = "encrypt_domain", .probe = Look, .execute = Act};

}  // namespace tfseal
