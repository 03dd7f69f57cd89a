#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/rollout.h"
#include "apply/handlers/secret_reads.h"
#include "apply/handlers/task_definition.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

struct Watch {
  std::string name;  // cluster/service
  JsonValue service;
  std::string revision;
  TimePoint since;
  TimePoint due;
  int tasks = 0;
};

// The watch begins with the deployment of the revision, which AWS remembers.
Result<Watch> WatchOf(const Action& action, RunContext& context) {
  Watch watch;
  const std::string cluster = TextAt(action.payload, "cluster");
  const std::string service = TextAt(action.payload, "service");
  watch.name = cluster + "/" + service;
  TFSEAL_ASSIGN(watch.revision, ResolvedText(action, "revision", context));
  TFSEAL_ASSIGN(watch.service, ReadService(cluster, service, action, context));
  const JsonValue* deployment = DeploymentOf(watch.service, watch.revision);
  if (deployment == nullptr) {
    return InTheWay("service " + watch.name + " does not run " + RevisionName(watch.revision) + " any more",
                    "tfseal status says what was deployed; tfseal rollback goes back");
  }
  const auto created = ParseTime(TextAt(*deployment, "createdAt"));
  if (!created) return InTheWay("service " + watch.name + " does not say when it was deployed", "tfseal resume");
  watch.since = *created;
  watch.due = watch.since + std::chrono::hours(action.payload["hours"].asInt());
  watch.tasks = watch.service["runningCount"].isNumeric() ? watch.service["runningCount"].asInt() : 0;
  return watch;
}

// A person looks at the place in the log; what the line says stays there.
Probe Fallback(const LogLine& line, const std::string& name) {
  return Conflict("an application task of " + name + " could not get the secret and fell back to the variable, at " +
                      line.time + " in log stream " + line.stream,
                  "nothing is broken: the variable is still there. Look why (permissions of the task role, network, "
                  "region), then tfseal rollback or deploy again");
}

Result<std::vector<LogLine>> LinesWith(const std::string& text, const Watch& watch, const Action& action,
                                       RunContext& context) {
  return LogLinesWith(TextAt(action.payload, "log_group"), text, watch.since, context.clock.Now(), action, context);
}

Result<std::optional<Probe>> LookForFallbacks(const Watch& watch, const Action& action, RunContext& context) {
  for (const JsonValue& text : action.payload["fallback_lines"]) {
    TFSEAL_ASSIGN(const std::vector<LogLine> lines, LinesWith(text.asString(), watch, action, context));
    if (!lines.empty()) return std::optional<Probe>(Fallback(lines.front(), watch.name));
  }
  TFSEAL_ASSIGN(const std::string failed,
                WhyFailed(watch.service, TextAt(action.payload, "cluster"), watch.revision, action, context));
  if (!failed.empty()) {
    return std::optional<Probe>(Conflict("tasks of " + watch.name + " fail: " + failed, "tfseal rollback"));
  }
  return std::optional<Probe>();
}

// After the watch: every running task must have read every secret, and said so.
Result<std::optional<Probe>> RequireReads(const Watch& watch, const Action& action, RunContext& context,
                                          JsonValue& evidence) {
  const std::string role = TextAt(action.payload, "role");
  TFSEAL_ASSIGN(const JsonValue secrets, ResolveParameters(action.payload["secrets"], context.outputs));
  for (const JsonValue& secret : secrets) {
    TFSEAL_ASSIGN(const SecretReads reads,
                  SecretReadsBy(role, secret.asString(), watch.since, context.clock.Now(), action, context));
    if (!reads.refused.empty()) {
      return std::optional<Probe>(Conflict("role " + role + " was refused the secret at " + reads.refused,
                                           "look at its policies; tfseal rollback brings the variable back"));
    }
    if (reads.count < watch.tasks) {
      return std::optional<Probe>(
          Conflict("CloudTrail shows " + std::to_string(reads.count) + " reads of the secret by role " + role +
                       ", but " + std::to_string(watch.tasks) + " tasks of " + watch.name + " run",
                   "the tasks do not read the secret: look at how the application gets its key"));
    }
    evidence["reads"].append(Object({{"secret", secret}, {"by", Text(role)}, {"count", reads.count}}));
  }
  if (const std::string text = TextAt(action.payload, "fetched_line"); !text.empty()) {
    TFSEAL_ASSIGN(const std::vector<LogLine> lines, LinesWith(text, watch, action, context));
    evidence["fetched_lines"] = static_cast<Json::UInt64>(lines.size());
    if (lines.empty()) {
      return std::optional<Probe>(
          Conflict("no task of " + watch.name + " says in its log that it got the secret",
                   "look at the log; if the application says it in other words, it has to say " + text));
    }
  }
  return std::optional<Probe>();
}

Result<Probe> ProbeWatch(const Action& action, RunContext& context) {
  auto read = WatchOf(action, context);
  if (!read.ok()) {
    if (read.error().code != ErrorCode::kConflict) return read.error();
    return Conflict(read.error().message, read.error().hint);
  }
  const Watch watch = std::move(read).value();
  TFSEAL_ASSIGN(auto trouble, LookForFallbacks(watch, action, context));
  if (trouble) return *std::move(trouble);
  const TimePoint now = context.clock.Now();
  if (now < watch.due) {
    Probe waiting =
        Waiting("service " + watch.name + " is watched until " + FormatTime(watch.due) +
                    (action.payload["fallback_lines"].empty() ? "; no failed task in " : "; no fallback in ") +
                    DurationWords(now - watch.since),
                "tfseal resume after that time");
    waiting.until = watch.due;
    return waiting;
  }
  if (const std::string missing = WhyNotStable(watch.service); !missing.empty()) {
    return Conflict("service " + watch.name + " is not stable at the end of the watch: " + missing,
                    "look at its events; tfseal rollback brings the previous revision back");
  }
  JsonValue evidence = Object({{"from", Text(FormatTime(watch.since))},
                               {"to", Text(FormatTime(now))},
                               {"revision", Text(watch.revision)},
                               {"tasks", watch.tasks},
                               {"fallbacks", 0}});
  TFSEAL_ASSIGN(auto unread, RequireReads(watch, action, context, evidence));
  if (unread) return *std::move(unread);
  return Done("the tasks of " + watch.name + " read the secret and none fell back", JsonValue(Json::objectValue),
              evidence);
}

}  // namespace

const Handler kWatchServiceHandler = {.kind = "watch_service", .probe = ProbeWatch};

}  // namespace tfseal
