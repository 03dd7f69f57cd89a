#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "planner/database.h"

namespace tfseal {

// What a restore does not bring along (AWS sets defaults instead), split by the call that can set it again. Taken from
// the parameters that the Create and Modify operations have and the Restore operations lack.
struct RestoreSettings {
  JsonValue restore{Json::objectValue};  // parameters of the restore
  JsonValue finish{Json::objectValue};   // parameters of the Modify that follows
};

RestoreSettings ClusterSettings(const Database& database);
// For a single instance. Its replicas take ReplicaSettings().
RestoreSettings InstanceSettings(const Database& database);
JsonValue MemberSettings(const Database& database, const terraform::Value& member);
RestoreSettings ReplicaSettings(const terraform::Value& replica);

// Everything of the above under Terraform's names, and what only people can check; never a secret.
JsonValue ManifestOf(const Database& database);

JsonValue TagsOf(const terraform::Value& attributes);

}  // namespace tfseal
