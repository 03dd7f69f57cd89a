#pragma once

#include <string>
#include <string_view>

#include "planner/action_kind.h"
#include "planner/parameters.h"

// What several kinds of action have in common.
namespace tfseal {

using FieldType = PayloadField::Type;

// A required or optional member of the payload; null if it is not there.
inline const JsonValue& Field(const Action& action, const char* name) {
  static const JsonValue& null = JsonValue::nullSingleton();
  return action.payload.isMember(name) ? action.payload[name] : null;
}

inline std::string TextField(const Action& action, const char* name) {
  const JsonValue& value = Field(action, name);
  return value.isString() ? value.asString() : std::string();
}

ApiCall Change(std::string service, std::string operation, JsonValue parameters);
ApiCall Read(std::string service, std::string operation, JsonValue parameters);

// Suspends or resumes auto scaling of the ECS service that the payload names; carried out only if it is auto scaled.
ApiCall SuspendScaling(const Action& action, bool suspended);

// Waits for the status of a database. `service` is rds, docdb or neptune, which share the operations.
PollRule UntilClusterIs(std::string_view service, const JsonValue& cluster, std::string_view status);
PollRule UntilInstanceIs(std::string_view service, const JsonValue& instance, std::string_view status);

// Waits for the status of an ElastiCache replication group.
PollRule UntilCacheIs(const JsonValue& cache, std::string_view status);

// Waits for the state of an EC2 instance.
PollRule UntilMachineIs(const JsonValue& instance, std::string_view state);

// Connections of clients to an EFS file system in the last minutes; the executor fills in the times.
ApiCall ConnectionsOf(const JsonValue& file_system);

Condition Check(std::string check, std::string text);

// The attributes, as Terraform names them, that the target has afterwards.
void SetsAttributes(Action& action, const JsonValue& attributes);

// The common shape of a change in place: payload {service?, settings, attributes, previous}. `identity` names the
// object in the call beside the settings.
void DeriveInPlace(Action& action, std::string service, std::string operation, JsonValue identity);

// "backup_retention_period, deletion_protection"
std::string NamesOf(const JsonValue& object);

}  // namespace tfseal
