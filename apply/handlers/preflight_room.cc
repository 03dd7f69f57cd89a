#include <algorithm>
#include <map>

#include "apply/handlers/calls.h"
#include "apply/handlers/preflight.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kIdentifierMax = 63;
constexpr std::size_t kSnapshotMax = 255;

bool IsName(const std::string& name) {
  return !name.empty() && name.back() != '-' && name.find("--") == std::string::npos &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

void CheckName(const std::string& name, std::size_t limit, bool taken, const char* what, Preflight& preflight) {
  if (name.size() > limit) {
    preflight.problems.push_back("the " + std::string(what) + " " + name + " has " + std::to_string(name.size()) +
                                 " characters, AWS takes " + std::to_string(limit));
  } else if (!IsName(name)) {
    preflight.problems.push_back("AWS does not take " + name + " as a " + what);
  } else if (taken) {
    preflight.problems.push_back("the " + std::string(what) + " " + name + " is taken");
  }
}

}  // namespace

Status CheckNames(Preflight& preflight) {
  for (const JsonValue& json : preflight.action.payload["free_identifiers"]) {
    const std::string name = json.asString();
    TFSEAL_ASSIGN(const auto instance,
                  FindDatabase({preflight.name.service, false, name}, preflight.action, preflight.context));
    bool taken = instance.has_value();
    if (preflight.name.cluster && !taken) {
      TFSEAL_ASSIGN(const auto cluster,
                    FindDatabase({preflight.name.service, true, name}, preflight.action, preflight.context));
      taken = cluster.has_value();
    }
    CheckName(name, kIdentifierMax, taken, "identifier", preflight);
  }
  for (const JsonValue& json : preflight.action.payload["free_snapshots"]) {
    const std::string name = json.asString();
    TFSEAL_ASSIGN(const auto snapshot, FindSnapshot(preflight.name, name, preflight.action, preflight.context));
    CheckName(name, kSnapshotMax, snapshot.has_value(), "snapshot name", preflight);
  }
  return {};
}

// Only RDS tells quotas; those of DocumentDB and Neptune are the same account's.
Status CheckQuotas(Preflight& preflight) {
  const auto answer = ReadWorld("rds", "DescribeAccountAttributes", Object({}), preflight.action, preflight.context);
  if (!answer.ok()) {
    if (answer.error().code != ErrorCode::kPermissionDenied) return answer.error();
    preflight.questions.push_back("the quotas may not be read");
    return {};
  }
  const int instances = static_cast<int>(preflight.action.payload["free_identifiers"].size()) / 2;
  std::map<std::string, int> needed = {{"DBInstances", preflight.name.cluster ? instances - 1 : instances}};
  if (preflight.name.cluster) {
    needed["DBClusters"] = 1;
    needed["ManualClusterSnapshots"] = static_cast<int>(preflight.action.payload["free_snapshots"].size());
  } else {
    needed["ManualSnapshots"] = static_cast<int>(preflight.action.payload["free_snapshots"].size());
  }
  for (const JsonValue& quota : (*answer)["AccountQuotas"]) {
    const auto found = needed.find(TextOf(quota, "AccountQuotaName"));
    if (found == needed.end() || !quota["Max"].isNumeric() || !quota["Used"].isNumeric()) continue;
    const auto left = quota["Max"].asInt64() - quota["Used"].asInt64();
    preflight.evidence["quota_left"][found->first] = Json::Int64(left);
    if (left < found->second) {
      preflight.problems.push_back("the quota " + found->first + " leaves " + std::to_string(left) + ", " +
                                   std::to_string(found->second) + " more are needed");
    }
    needed.erase(found);
  }
  for (const auto& [name, count] : needed) {
    if (count > 0 && name == "DBInstances") preflight.questions.push_back("AWS does not tell the quota " + name);
  }
  return {};
}

Status CheckSubnets(Preflight& preflight) {
  const JsonValue& group = preflight.database["DBSubnetGroup"];
  JsonValue described = group;
  if (group.isString() && !group.asString().empty()) {
    const auto answer = ReadWorld(preflight.name.service, "DescribeDBSubnetGroups",
                                  Object({{"DBSubnetGroupName", group}}), preflight.action, preflight.context);
    if (!answer.ok()) return answer.error();
    described = (*answer)["DBSubnetGroups"][0];
  }
  JsonValue ids(Json::arrayValue);
  for (const JsonValue& subnet : described["Subnets"]) ids.append(subnet["SubnetIdentifier"]);
  if (ids.empty()) return {};  // the default VPC's, which AWS picks
  const auto subnets =
      ReadWorld("ec2", "DescribeSubnets", Object({{"SubnetIds", ids}}), preflight.action, preflight.context);
  if (!subnets.ok()) {
    if (subnets.error().code != ErrorCode::kPermissionDenied) return subnets.error();
    preflight.questions.push_back("the subnets may not be read");
    return {};
  }
  std::int64_t free = 0;
  for (const JsonValue& subnet : (*subnets)["Subnets"]) free += subnet["AvailableIpAddressCount"].asInt64();
  const auto needed = static_cast<std::int64_t>(preflight.action.payload["free_identifiers"].size());
  preflight.evidence["free_addresses"] = Json::Int64(free);
  if (free < needed) {
    preflight.problems.push_back("the subnets have " + std::to_string(free) + " free addresses, " +
                                 std::to_string(needed) + " are needed");
  }
  return {};
}

Status CheckEngineVersion(Preflight& preflight) {
  const JsonValue& version = preflight.action.payload["engine_version"];
  JsonValue parameters = Object({{"Engine", preflight.action.payload["engine"]}});
  if (version.isString()) parameters["EngineVersion"] = version;
  const auto answer =
      ReadIfThere(preflight.name.service, "DescribeDBEngineVersions", parameters, preflight.action, preflight.context);
  if (!answer.ok()) {
    if (answer.error().code != ErrorCode::kInvalidInput) return answer.error();
    preflight.problems.push_back("AWS does not know version " + version.asString() + " of the engine");
    return {};
  }
  bool offered = false;
  if (*answer) {
    for (const JsonValue& offer : (**answer)["DBEngineVersions"]) {
      const std::string status = TextOf(offer, "Status");
      offered = offered || ((!version.isString() || offer["EngineVersion"] == version) && status != "deprecated");
    }
  }
  if (!offered) {
    preflight.problems.push_back("version " + version.asString() + " of " + TextOf(preflight.action.payload, "engine") +
                                 " is not offered any more, so it cannot be restored; upgrade the database first");
  }
  return {};
}

}  // namespace tfseal
