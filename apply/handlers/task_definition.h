#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/handler.h"
#include "crypto/secret_bytes.h"

// Revisions of ECS task definitions: reading them, and making the next one from the one before. A revision never
// changes once it is registered; what it shows in clear it shows for good, also when it is INACTIVE.
namespace tfseal {

struct Revision {
  std::string arn;
  std::string family;
  int number = 0;
  bool active = false;
  JsonValue definition;  // as RegisterTaskDefinition answered; may hold values in clear: never into an output
};

// The number at the end of ARN or family:number; 0 if there is none.
int RevisionNumber(const std::string& arn);
// family:number, or "" where it is no ARN of a task definition.
std::string RevisionName(const std::string& arn);

Result<Revision> ReadRevision(const std::string& arn, const Action& action, RunContext& context);

// ARNs, newest first. `status` is ACTIVE, INACTIVE or DELETE_IN_PROGRESS; an empty family means every family.
Result<std::vector<std::string>> ListRevisions(const std::string& family, const char* status, const Action& action,
                                               RunContext& context);
// ACTIVE and INACTIVE revisions of a family, newest first.
Result<std::vector<Revision>> ReadRevisions(const std::string& family, const Action& action, RunContext& context);
// These revisions, read many at once. One that has been deleted meanwhile is left out.
Result<std::vector<Revision>> ReadRevisions(const std::vector<std::string>& arns, const Action& action,
                                            RunContext& context);

// The container of that name, or nullptr.
const JsonValue* ContainerOf(const JsonValue& definition, const std::string& container);
// Whether a variable of the container is there with a value in clear.
bool ShowsVariable(const JsonValue& definition, const std::string& container, const std::string& variable);
// Its value; nothing if the container has no such variable.
std::optional<SecretBytes> VariableOf(const JsonValue& definition, const std::string& container,
                                      const std::string& variable);

// {"container", "secrets": {variable: ARN}, "environment": {variable: value}, "keep_environment": [variable],
// "remove_environment": [variable]}: what `as_before_except` of a RegisterTaskDefinition call says.
// The parameters of RegisterTaskDefinition for a revision that is as `before` except for that.
Result<JsonValue> NextRevision(const JsonValue& before, const JsonValue& except, const std::string& execution_role);

// Whether the revision is already as `except` says.
bool Satisfies(const JsonValue& definition, const JsonValue& except, const std::string& execution_role);

// Answers without the values of environment variables: what may be written down.
JsonValue WithoutValues(const JsonValue& definition);

}  // namespace tfseal
