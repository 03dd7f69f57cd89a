#include "apply/handlers/cache_groups.h"
#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::string AddressOf(const JsonValue& cache) {
  for (const char* path : {"ConfigurationEndpoint.Address", "NodeGroups[0].PrimaryEndpoint.Address"}) {
    const JsonValue* address = FieldAt(cache, path);
    if (address != nullptr && address->isString()) return address->asString();
  }
  return {};
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextAt(action.payload, "new_cache");
  TFSEAL_ASSIGN(const auto cache, FindCache(name, action, context));
  if (!cache) return NotDone("there is no cache " + name + " yet");
  if (const auto waiting = CacheNotAvailable(name, *cache)) return *waiting;
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  const bool encrypted = (*cache)["AtRestEncryptionEnabled"].isBool() && (*cache)["AtRestEncryptionEnabled"].asBool();
  const std::string has = TextAt(*cache, "KmsKeyId");
  bool same = false;
  if (encrypted && !has.empty()) {
    TFSEAL_ASSIGN(same, SameKey(key, has, action, context));
  }
  if (!same) {
    return Conflict("cache " + name + " is there, but not encrypted under the key",
                    "it is somebody else's, or was made otherwise: delete or rename it yourself, then tfseal resume");
  }
  const std::string address = AddressOf(*cache);
  if (address.empty()) return Underway("cache " + name + " has no address yet");
  const JsonValue output = Object({{"address", Text(address)}, {"arn", (*cache)["ARN"]}});
  JsonValue evidence = output;
  evidence["key"] = has;
  return Done("cache " + name + " is available under the key", output, evidence);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  return SendChange(CallOf(action, "CreateReplicationGroup"), action, context);
}

}  // namespace

const Handler kCreateCacheHandler = {.kind = "create_cache", .probe = Look, .execute = Act};

}  // namespace tfseal
