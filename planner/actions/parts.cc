#include "planner/actions/parts.h"

namespace tfseal {
namespace {

// Snapshots and restores have no published duration; a day is beyond what any size on record has taken and keeps a
// run from waiting for ever. Reaching it stops the wait, not the database.
constexpr int kDayInSeconds = 24 * 60 * 60;
constexpr int kDatabaseInterval = 30;

}  // namespace

ApiCall Change(std::string service, std::string operation, JsonValue parameters) {
  return {std::move(service), std::move(operation), std::move(parameters), false};
}

ApiCall Read(std::string service, std::string operation, JsonValue parameters) {
  return {std::move(service), std::move(operation), std::move(parameters), true};
}

ApiCall SuspendScaling(const Action& action, bool suspended) {
  return Change(
      "application-autoscaling", "RegisterScalableTarget",
      Object({{"ServiceNamespace", "ecs"},
              {"ResourceId", Text("service/" + TextField(action, "cluster") + "/" + TextField(action, "service"))},
              {"ScalableDimension", "ecs:service:DesiredCount"},
              {"SuspendedState", Object({{"DynamicScalingInSuspended", suspended},
                                         {"DynamicScalingOutSuspended", suspended},
                                         {"ScheduledScalingSuspended", suspended}})}}));
}

PollRule UntilClusterIs(std::string_view service, const JsonValue& cluster, std::string_view status) {
  return {.call = Read(std::string(service), "DescribeDBClusters", Object({{"DBClusterIdentifier", cluster}})),
          .field = "DBClusters[0].Status",
          .success = {std::string(status)},
          .failure = {"failed", "incompatible-parameters", "inaccessible-encryption-credentials",
                      "inaccessible-encryption-credentials-recoverable"},
          .interval_seconds = kDatabaseInterval,
          .deadline_seconds = kDayInSeconds};
}

PollRule UntilInstanceIs(std::string_view service, const JsonValue& instance, std::string_view status) {
  return {.call = Read(std::string(service), "DescribeDBInstances", Object({{"DBInstanceIdentifier", instance}})),
          .field = "DBInstances[0].DBInstanceStatus",
          .success = {std::string(status)},
          .failure = {"failed", "incompatible-restore", "incompatible-network", "incompatible-parameters",
                      "incompatible-option-group", "restore-error", "inaccessible-encryption-credentials",
                      "inaccessible-encryption-credentials-recoverable"},
          .interval_seconds = kDatabaseInterval,
          .deadline_seconds = kDayInSeconds};
}

PollRule UntilCacheIs(const JsonValue& cache, std::string_view status) {
  return {.call = Read("elasticache", "DescribeReplicationGroups", Object({{"ReplicationGroupId", cache}})),
          .field = "ReplicationGroups[0].Status",
          .success = {std::string(status)},
          .failure = {"create-failed"},
          .interval_seconds = kDatabaseInterval,
          .deadline_seconds = kDayInSeconds};
}

PollRule UntilMachineIs(const JsonValue& instance, std::string_view state) {
  JsonValue instances(Json::arrayValue);
  instances.append(instance);
  return {.call = Read("ec2", "DescribeInstances", Object({{"InstanceIds", instances}})),
          .field = "Reservations[0].Instances[0].State.Name",
          .success = {std::string(state)},
          .failure = {"terminated"},
          .interval_seconds = 15,
          .deadline_seconds = 60 * 60};
}

ApiCall ConnectionsOf(const JsonValue& file_system) {
  JsonValue dimensions(Json::arrayValue);
  dimensions.append(Object({{"Name", "FileSystemId"}, {"Value", file_system}}));
  JsonValue statistics(Json::arrayValue);
  statistics.append("Sum");
  const JsonValue now = Object({{"value_from", "the time of the look"}});
  return Read("cloudwatch", "GetMetricStatistics",
              Object({{"Namespace", "AWS/EFS"},
                      {"MetricName", "ClientConnections"},
                      {"Dimensions", dimensions},
                      {"Period", 60},
                      {"Statistics", statistics},
                      {"StartTime", now},
                      {"EndTime", now}}));
}

Condition Check(std::string check, std::string text) {
  return {std::move(check), "", "", std::move(text)};
}

void SetsAttributes(Action& action, const JsonValue& attributes) {
  if (attributes.isNull() || attributes.empty()) return;
  action.effects.push_back({Effect::What::kSet, action.target.address, action.target.type, attributes});
}

void DeriveInPlace(Action& action, std::string service, std::string operation, JsonValue identity) {
  JsonValue forward = identity;
  for (const std::string& name : action.payload["settings"].getMemberNames()) {
    forward[name] = action.payload["settings"][name];
  }
  action.summary = "change " + NamesOf(action.payload["attributes"]) + " of " + action.target.identifier + " in place";
  action.calls.push_back(Change(std::move(service), std::move(operation), std::move(forward)));
  action.preconditions.push_back(Check("unchanged_since_plan", "the settings are still what the documents say: " +
                                                                   NamesOf(action.payload["attributes"])));
  action.rollback.text =
      "no data is involved; setting the previous value again would lower the protection, which the "
      "plan never does by itself";
  action.rollback.possible = false;
  action.risk = Risk::kLow;
  action.downtime.basis = "applied in place";
  SetsAttributes(action, action.payload["attributes"]);
}

std::string NamesOf(const JsonValue& object) {
  std::string names;
  for (const std::string& name : object.getMemberNames()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace tfseal
