#include "apply/handlers/revisions_in_use.h"

#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/task_definition.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kServicesPerCall = 10;
constexpr std::size_t kTasksPerCall = 100;

std::string LastPart(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

// The list in pieces of at most `size`, as ECS wants them.
std::vector<JsonValue> InPieces(const JsonValue& list, std::size_t size) {
  std::vector<JsonValue> pieces;
  for (const JsonValue& item : list) {
    if (pieces.empty() || pieces.back().size() == size) pieces.emplace_back(Json::arrayValue);
    pieces.back().append(item);
  }
  return pieces;
}

}  // namespace

Result<RevisionsInUse> RevisionsInUse::Look(const Action& action, RunContext& context) {
  RevisionsInUse in_use;
  TFSEAL_ASSIGN(const JsonValue clusters,
                ReadWorld("ecs", "ListClusters", JsonValue(Json::objectValue), action, context));
  for (const JsonValue& cluster : clusters["clusterArns"]) {
    TFSEAL_TRY(in_use.LookAtServices(cluster.asString(), action, context));
    TFSEAL_TRY(in_use.LookAtTasks(cluster.asString(), action, context));
  }
  TFSEAL_TRY(in_use.LookAtRules(action, context));
  for (auto& [definition, users] : in_use.users_) {
    std::sort(users.begin(), users.end());
    users.erase(std::unique(users.begin(), users.end()), users.end());
  }
  return in_use;
}

Status RevisionsInUse::LookAtServices(const std::string& cluster, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue list,
                ReadWorld("ecs", "ListServices", Object({{"cluster", Text(cluster)}}), action, context));
  for (const JsonValue& piece : InPieces(list["serviceArns"], kServicesPerCall)) {
    TFSEAL_ASSIGN(const JsonValue answer,
                  ReadWorld("ecs", "DescribeServices", Object({{"cluster", Text(cluster)}, {"services", piece}}),
                            action, context));
    for (const JsonValue& service : answer["services"]) {
      const std::string user = "service " + LastPart(cluster) + "/" + TextAt(service, "serviceName");
      Add(TextAt(service, "taskDefinition"), user);
      for (const JsonValue& deployment : service["deployments"]) Add(TextAt(deployment, "taskDefinition"), user);
      for (const JsonValue& set : service["taskSets"]) Add(TextAt(set, "taskDefinition"), user);
    }
  }
  return {};
}

Status RevisionsInUse::LookAtTasks(const std::string& cluster, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue list,
                ReadWorld("ecs", "ListTasks", Object({{"cluster", Text(cluster)}, {"desiredStatus", "RUNNING"}}),
                          action, context));
  for (const JsonValue& piece : InPieces(list["taskArns"], kTasksPerCall)) {
    TFSEAL_ASSIGN(
        const JsonValue answer,
        ReadWorld("ecs", "DescribeTasks", Object({{"cluster", Text(cluster)}, {"tasks", piece}}), action, context));
    for (const JsonValue& task : answer["tasks"]) {
      if (TextAt(task, "lastStatus") == "STOPPED") continue;
      Add(TextAt(task, "taskDefinitionArn"), "task " + LastPart(TextAt(task, "taskArn")));
    }
  }
  return {};
}

Status RevisionsInUse::LookAtRules(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue rules, ReadWorld("events", "ListRules", JsonValue(Json::objectValue), action, context));
  for (const JsonValue& rule : rules["Rules"]) {
    const std::string name = TextAt(rule, "Name");
    TFSEAL_ASSIGN(const JsonValue targets,
                  ReadWorld("events", "ListTargetsByRule", Object({{"Rule", Text(name)}}), action, context));
    for (const JsonValue& target : targets["Targets"]) {
      if (!target["EcsParameters"].isObject()) continue;
      Add(TextAt(target["EcsParameters"], "TaskDefinitionArn"), "rule " + name);
    }
  }
  return {};
}

void RevisionsInUse::Add(const std::string& definition, const std::string& user) {
  if (!definition.empty()) users_[RevisionName(definition)].push_back(user);
}

std::vector<std::string> RevisionsInUse::UsersOf(const std::string& revision_arn, bool newest) const {
  const std::string name = RevisionName(revision_arn);
  std::vector<std::string> users;
  if (const auto found = users_.find(name); found != users_.end()) users = found->second;
  if (newest) {
    if (const auto found = users_.find(name.substr(0, name.rfind(':'))); found != users_.end()) {
      users.insert(users.end(), found->second.begin(), found->second.end());
    }
  }
  return users;
}

}  // namespace tfseal
