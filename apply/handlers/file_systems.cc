#include "apply/handlers/file_systems.h"

#include <fmt/format.h>

#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "core/time_text.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// CloudWatch gets a value a minute, and a minute late.
constexpr std::chrono::minutes kRecent{5};

}  // namespace

Result<JsonValue> DescribeFileSystem(const std::string& id, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("efs", "DescribeFileSystems", Object({{"FileSystemId", Text(id)}}), action, context));
  if (answer["FileSystems"].empty()) return Error{ErrorCode::kNotFound, "there is no file system " + id, ""};
  return answer["FileSystems"][0];
}

Result<std::optional<JsonValue>> FindReplication(const std::string& source, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto answer, ReadIfThere("efs", "DescribeReplicationConfigurations",
                                               Object({{"FileSystemId", Text(source)}}), action, context));
  if (!answer || (*answer)["Replications"].empty()) return std::optional<JsonValue>();
  return std::optional<JsonValue>((*answer)["Replications"][0]);
}

Result<std::optional<double>> RecentConnections(const Action& action, RunContext& context) {
  JsonValue parameters = CallOf(action, "GetMetricStatistics").parameters;
  const TimePoint now = context.clock.Now();
  parameters["StartTime"] = FormatTime(now - kRecent);
  parameters["EndTime"] = FormatTime(now);
  TFSEAL_ASSIGN(const JsonValue answer, ReadWorld("cloudwatch", "GetMetricStatistics", parameters, action, context));
  std::optional<double> most;
  for (const JsonValue& point : answer["Datapoints"]) {
    if (point["Sum"].isNumeric()) most = std::max(most.value_or(0), point["Sum"].asDouble());
  }
  return most;
}

Result<Probe> WaitForNoConnections(const std::string& instruction, const JsonValue& output, const Action& action,
                                   RunContext& context) {
  std::string clients;
  for (const JsonValue& client : action.payload["clients"])
    clients += (clients.empty() ? "" : ", ") + client.asString();
  const auto by = context.settings.approvals.find(action.id);
  if (by == context.settings.approvals.end()) {
    return Waiting(
        fmt::format("a person does this: {}{}{}", instruction, clients.empty() ? "" : "; the documents name ", clients),
        ApproveCommand(action) + " once it is done");
  }
  TFSEAL_ASSIGN(const auto connections, RecentConnections(action, context));
  const std::string file_system = TextOf(action.payload, "file_system");
  if (connections.value_or(0) > 0) {
    Probe probe =
        Waiting(fmt::format("{} of the last minutes' connections to {} are still counted", *connections, file_system),
                "unmount it where it is still mounted; tfseal resume looks again");
    probe.until = context.clock.Now() + kRecent;
    return probe;
  }
  JsonValue evidence = output;
  evidence["approved_by"] = by->second;
  evidence["connections_counted"] = connections.has_value();
  return Done(fmt::format("nobody is connected to {}, and {} says that nothing mounts it", file_system, by->second),
              output, evidence);
}

}  // namespace tfseal
