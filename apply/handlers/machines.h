#pragma once

#include <optional>
#include <string>

#include "apply/handler.h"

// EC2 instances and their volumes.
namespace tfseal {

// kNotFound if there is none.
Result<JsonValue> DescribeMachine(const std::string& instance, const Action& action, RunContext& context);
Result<JsonValue> DescribeVolume(const std::string& volume, const Action& action, RunContext& context);

// running, stopped, stopping ..
std::string StateOfMachine(const JsonValue& machine);

// How a volume is attached to the instance: attaching, attached, detaching, busy; empty if it is not, and "elsewhere"
// if it is attached to another instance or device.
std::string AttachmentOf(const JsonValue& volume, const std::string& instance, const std::string& device);

}  // namespace tfseal
