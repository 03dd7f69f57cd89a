#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// What the logs of a service say when it cannot use its database.
constexpr std::string_view kErrors[] = {
    "connection refused",
    "could not connect",
    "could not translate host",
    "password authentication",
    "no pg_hba.conf entry",
    "server closed the connection",
    "remaining connection slots",
    "terminating connection",
    "SQLSTATE[08",
    "SQLSTATE[28",
    "OperationalError",
};
constexpr std::chrono::minutes kErrorsOf{10};

struct Health {
  std::vector<std::string> problems;
  std::vector<std::string> pending;
  JsonValue evidence{Json::objectValue};
};

Result<std::optional<Probe>> CheckUrl(const Action& action, RunContext& context, Health& health) {
  const std::string url = TextOf(action.payload, "url");
  if (url.empty()) return std::optional<Probe>();
  if (!context.http_status) {
    return std::optional<Probe>(
        Waiting(url + " cannot be asked from here", "look at it, then: " + ApproveCommand(action)));
  }
  const int expected = action.payload["expect"].isInt() ? action.payload["expect"].asInt() : 200;
  const auto status = context.http_status(url);
  health.evidence["url"] = url;
  if (!status.ok()) {
    health.pending.push_back(url + " does not answer: " + status.error().message);
  } else {
    health.evidence["status"] = *status;
    if (*status != expected) {
      health.pending.push_back(url + " answers " + std::to_string(*status) + " instead of " + std::to_string(expected));
    }
  }
  return std::optional<Probe>();
}

// The log groups of the containers; their environment is in the same answer and is not looked at.
Result<std::set<std::string>> LogGroupsOf(const JsonValue& service, const Action& action, RunContext& context) {
  std::set<std::string> groups;
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ecs", "DescribeTaskDefinition", Object({{"taskDefinition", service["taskDefinition"]}}),
                          action, context));
  for (const JsonValue& container : answer["taskDefinition"]["containerDefinitions"]) {
    const JsonValue& log = container["logConfiguration"];
    const std::string group = TextOf(log["options"], "awslogs-group");
    if (TextOf(log, "logDriver") == "awslogs" && !group.empty()) groups.insert(group);
  }
  return groups;
}

// Any of them, as FilterLogEvents takes it.
std::string ErrorPattern() {
  std::string pattern;
  for (const std::string_view error : kErrors) {
    pattern += (pattern.empty() ? "?\"" : " ?\"") + std::string(error) + "\"";
  }
  return pattern;
}

bool IsError(const std::string& message) {
  return std::any_of(std::begin(kErrors), std::end(kErrors),
                     [&](std::string_view error) { return message.find(error) != std::string::npos; });
}

Status CheckLogs(const std::string& group, TimePoint since, const Action& action, RunContext& context, Health& health) {
  const auto answer = ReadIfThere("logs", "FilterLogEvents",
                                  Object({{"logGroupName", Text(group)},
                                          {"startTime", Json::Int64(since.time_since_epoch().count())},
                                          {"filterPattern", Text(ErrorPattern())}}),
                                  action, context);
  if (!answer.ok()) return answer.error();
  if (!*answer) return {};  // a service that never logged has no group
  int count = 0;
  for (const JsonValue& event : (**answer)["events"]) {
    // The messages themselves may hold anything; none of them is repeated.
    if (IsError(TextOf(event, "message"))) ++count;
  }
  health.evidence["connection_errors"][group] = count;
  if (count > 0) {
    health.pending.push_back(std::to_string(count) + " connection errors in " + group + " in the last minutes");
  }
  return {};
}

Status CheckService(const JsonValue& user, const Action& action, RunContext& context, Health& health) {
  const std::string name = TextOf(user, "service");
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ecs", "DescribeServices",
                          Object({{"cluster", user["cluster"]}, {"services", Texts({name})}}), action, context));
  if (answer["services"].empty()) {
    health.problems.push_back("service " + name + " is not there");
    return {};
  }
  const JsonValue& service = answer["services"][0];
  const int running = service["runningCount"].asInt();
  const int desired = service["desiredCount"].asInt();
  health.evidence["services"][name] = Object({{"running", running}, {"desired", desired}});
  if (desired < 1) health.problems.push_back("service " + name + " is stopped");
  if (running < desired) {
    health.pending.push_back("service " + name + ": " + std::to_string(running) + " of " + std::to_string(desired) +
                             " tasks run");
  }
  for (const JsonValue& deployment : service["deployments"]) {
    const std::string rollout = TextOf(deployment, "rolloutState");
    if (rollout == "FAILED") health.problems.push_back("a deployment of service " + name + " failed");
    if (rollout == "IN_PROGRESS") health.pending.push_back("a deployment of service " + name + " is under way");
  }
  TFSEAL_ASSIGN(const std::set<std::string> groups, LogGroupsOf(service, action, context));
  // Errors of the interruption itself do not count: only what is logged while the service runs again.
  const auto started = ParseTime(TextOf(service["deployments"][0], "createdAt"));
  const TimePoint since = std::max(started.value_or(context.clock.Now() - kErrorsOf), context.clock.Now() - kErrorsOf);
  for (const std::string& group : groups) TFSEAL_TRY(CheckLogs(group, since, action, context, health));
  return {};
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : "; ") + text;
  return joined;
}

Result<Probe> Look(const Action& action, RunContext& context) {
  Health health;
  TFSEAL_ASSIGN(const auto waiting, CheckUrl(action, context, health));
  if (waiting && !context.settings.approvals.contains(action.id)) return *waiting;
  for (const JsonValue& user : action.payload["services"]) TFSEAL_TRY(CheckService(user, action, context, health));
  const std::string who = TextOf(action.payload, "application");
  if (!health.problems.empty()) {
    return Conflict(who + " is not healthy: " + Joined(health.problems),
                    "the new database is open: mend the application, then run tfseal resume");
  }
  if (!health.pending.empty()) return Underway(who + ": " + Joined(health.pending));
  if (health.evidence.empty()) {
    if (auto unseen = !context.settings.approvals.contains(action.id)
                          ? std::optional<Probe>(Waiting("nothing says how the health of " + who + " is seen",
                                                         "look at it, then: " + ApproveCommand(action)))
                          : std::nullopt) {
      return *unseen;
    }
    health.evidence["seen_by"] = "a person";
  }
  health.evidence["checked_at"] = FormatTime(context.clock.Now());
  return Done(who + " works", JsonValue(Json::objectValue), health.evidence);
}

}  // namespace

const Handler kCheckHealthHandler = {.kind = "check_health", .probe = Look};

}  // namespace tfseal
