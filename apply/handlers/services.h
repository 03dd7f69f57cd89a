#pragma once

#include <optional>

#include "apply/handler.h"

// ECS services that use a database, and their auto scaling. The payload names `cluster` and `service`.
namespace tfseal {

Result<JsonValue> GetService(const Action& action, RunContext& context);

// Whether the service is auto scaled, and whether that is suspended altogether.
struct Scaling {
  bool there = false;
  bool suspended = false;
};
Result<Scaling> ScalingOf(const Action& action, RunContext& context);

// How many tasks the service is to run, as the payload says. Zero and nothing are errors.
Result<int> WantedCount(const Action& action, RunContext& context);

// The service runs nothing, and auto scaling does not start it again.
Result<Probe> LookIfStopped(const Action& action, RunContext& context);
// It runs as many tasks as it did before, by one finished deployment that was begun after it was stopped.
Result<Probe> LookIfRunning(const Action& action, RunContext& context);

}  // namespace tfseal
