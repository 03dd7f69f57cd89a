#include <algorithm>
#include <set>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/file_systems.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// The policy of the source with the copy's id where the source's was; empty if it has none.
Result<std::string> WantedPolicy(const std::string& copy, const Action& action, RunContext& context) {
  const std::string source = TextOf(action.payload, "file_system");
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("efs", "DescribeFileSystemPolicy",
                                               Object({{"FileSystemId", Text(source)}}), action, context));
  if (!answer) return std::string();
  std::string policy = TextOf(*answer, "Policy");
  for (std::size_t at = policy.find(source); at != std::string::npos; at = policy.find(source, at + copy.size())) {
    policy.replace(at, source.size(), copy);
  }
  return policy;
}

bool SameJson(const std::string& a, const std::string& b) {
  const auto left = ParseJson(a);
  const auto right = ParseJson(b);
  return left.ok() && right.ok() ? *left == *right : a == b;
}

bool HasTags(const JsonValue& live, const JsonValue& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&live](const JsonValue& tag) { return std::find(live.begin(), live.end(), tag) != live.end(); });
}

bool HasThroughput(const JsonValue& live, const JsonValue& wanted) {
  if (TextOf(live, "ThroughputMode") != TextOf(wanted, "ThroughputMode")) return false;
  return !wanted.isMember("ProvisionedThroughputInMibps") ||
         live["ProvisionedThroughputInMibps"].asDouble() == wanted["ProvisionedThroughputInMibps"].asDouble();
}

Result<bool> HasLifecycle(const std::string& copy, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("efs", "DescribeLifecycleConfiguration",
                                                  Object({{"FileSystemId", Text(copy)}}), action, context));
  std::set<std::string> live;
  std::set<std::string> wanted;
  for (const JsonValue& policy : answer["LifecyclePolicies"]) live.insert(WriteJsonLine(policy));
  for (const JsonValue& policy : action.payload["lifecycle"]) wanted.insert(WriteJsonLine(policy));
  return live == wanted;
}

Result<bool> HasBackup(const std::string& copy, const Action& action, RunContext& context) {
  const std::string wanted = TextOf(action.payload, "backup");
  if (wanted.empty()) return true;
  TFSEAL_ASSIGN(const auto answer,
                ReadIfThere("efs", "DescribeBackupPolicy", Object({{"FileSystemId", Text(copy)}}), action, context));
  const std::string live = answer ? TextOf((*answer)["BackupPolicy"], "Status") : "DISABLED";
  return live == wanted || live == wanted.substr(0, wanted.size() - 2) + "ING";
}

Result<bool> HasPolicy(const std::string& copy, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string wanted, WantedPolicy(copy, action, context));
  if (wanted.empty()) return true;
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("efs", "DescribeFileSystemPolicy",
                                               Object({{"FileSystemId", Text(copy)}}), action, context));
  return answer && SameJson(TextOf(*answer, "Policy"), wanted);
}

// The operation that is next; empty if everything is as on the source.
Result<std::string> NextStep(const std::string& copy, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue live, DescribeFileSystem(copy, action, context));
  if (action.payload.isMember("tags") && !HasTags(live["Tags"], action.payload["tags"]))
    return std::string("TagResource");
  if (!HasThroughput(live, action.payload["throughput"])) return std::string("UpdateFileSystem");
  TFSEAL_ASSIGN(const bool lifecycle, HasLifecycle(copy, action, context));
  if (!lifecycle) return std::string("PutLifecycleConfiguration");
  TFSEAL_ASSIGN(const bool backup, HasBackup(copy, action, context));
  if (!backup) return std::string("PutBackupPolicy");
  TFSEAL_ASSIGN(const bool policy, HasPolicy(copy, action, context));
  return policy ? std::string() : std::string("PutFileSystemPolicy");
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string copy, ResolvedText(action, "new_file_system", context));
  TFSEAL_ASSIGN(const std::string next, NextStep(copy, action, context));
  if (next.empty()) {
    const JsonValue output = Object({{"FileSystemId", Text(copy)}});
    return Done("file system " + copy + " has the settings of the original", output, output);
  }
  Probe probe = NotDone("file system " + copy + " has not all settings yet: " + next + " is next");
  probe.step = next;
  return probe;
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string copy, ResolvedText(action, "new_file_system", context));
  TFSEAL_ASSIGN(const std::string next, NextStep(copy, action, context));
  if (next.empty()) return {};
  ApiCall call = CallOf(action, next);
  if (next == "PutFileSystemPolicy") {
    TFSEAL_ASSIGN(const std::string policy, WantedPolicy(copy, action, context));
    call.parameters["Policy"] = policy;
  }
  TFSEAL_TRY(SendCall(call, action, context));
  return {};
}

}  // namespace

const Handler kFinishFileSystemHandler = {.kind = "finish_file_system", .probe = Look, .execute = Act};

}  // namespace tfseal
