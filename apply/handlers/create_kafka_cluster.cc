#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/kafka_clusters.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string name = TextAt(action.payload, "new_cluster");
  TFSEAL_ASSIGN(const auto cluster, FindKafkaCluster(name, action, context));
  if (!cluster) return NotDone("there is no cluster " + name + " yet");
  const std::string state = TextAt(*cluster, "State");
  if (state == "FAILED" || state == "DELETING") {
    return Conflict("cluster " + name + " is " + state, "delete it yourself, then run tfseal resume");
  }
  if (state != "ACTIVE") return Underway("cluster " + name + " is " + state);
  const JsonValue* has = FieldAt(*cluster, "Provisioned.EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId");
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  bool same = false;
  if (has != nullptr && has->isString()) {
    TFSEAL_ASSIGN(same, SameKey(key, has->asString(), action, context));
  }
  if (!same) {
    return Conflict("cluster " + name + " is there, but not under the key",
                    "it is somebody else's, or was made otherwise: delete or rename it yourself, then tfseal resume");
  }
  const JsonValue output = Object({{"ClusterArn", (*cluster)["ClusterArn"]}});
  JsonValue evidence = output;
  evidence["key"] = *has;
  return Done("cluster " + name + " is active under the key", output, evidence);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_TRY(RequireUsableKey(key, action, context));
  return SendChange(CallOf(action, "CreateClusterV2"), action, context);
}

}  // namespace

const Handler kCreateKafkaClusterHandler = {.kind = "create_kafka_cluster", .probe = Look, .execute = Act};

}  // namespace tfseal
