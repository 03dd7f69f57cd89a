#pragma once

#include <string>
#include <vector>

#include "apply/handlers/databases.h"

// What has to be true before a database is touched, in parts. Each adds what is wrong to `problems` and what cannot be
// told to `questions`, which a person has to answer.
namespace tfseal {

struct Preflight {
  const Action& action;
  RunContext& context;
  DatabaseName name;
  JsonValue database;              // as described
  std::vector<JsonValue> members;  // instances of the cluster
  std::vector<std::string> problems{};
  std::vector<std::string> questions{};
  JsonValue evidence{Json::objectValue};
};

// preflight_key.cc: enabled, symmetric, in the same region, and let be used by its policy.
Status CheckKey(Preflight& preflight);
// preflight_room.cc: names are free and short enough, quotas and subnets have room, the version is still offered.
Status CheckNames(Preflight& preflight);
Status CheckQuotas(Preflight& preflight);
Status CheckSubnets(Preflight& preflight);
Status CheckEngineVersion(Preflight& preflight);

}  // namespace tfseal
