#pragma once

#include <optional>
#include <string>

#include "apply/handler.h"

// ECS services and their deployments.
namespace tfseal {

// kNotFound if the cluster has no such service, or only one that was deleted.
Result<JsonValue> ReadService(const std::string& cluster, const std::string& service, const Action& action,
                              RunContext& context);

// The deployment of this revision, or nullptr.
const JsonValue* DeploymentOf(const JsonValue& service, const std::string& revision);

// Empty if the service is stable: one deployment, completed, with as many tasks as wanted; else what is missing.
std::string WhyNotStable(const JsonValue& service);

// Why a deployment of the revision failed, from the service's events and its stopped tasks; empty if none did. Messages
// of ECS name tasks, images and ARNs, never values.
Result<std::string> WhyFailed(const JsonValue& service, const std::string& cluster, const std::string& revision,
                              const Action& action, RunContext& context);

// Whether the running revision is a later one of the same family that reads every secret that the wanted one reads:
// a later step of the same plan.
Result<bool> IsLaterStep(const std::string& running, const std::string& wanted, const Action& action,
                         RunContext& context);

}  // namespace tfseal
