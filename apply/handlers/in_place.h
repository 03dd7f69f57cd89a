#pragma once

#include <string>
#include <vector>

#include "apply/handler.h"

// Changes that AWS makes in place: payload {settings, attributes, previous}.
namespace tfseal {

struct LiveSetting {
  std::string setting;     // path in the payload's settings: Attributes.KmsMasterKeyId
  JsonValue live;          // what AWS has; null if nothing is set
  const char* attribute;   // how Terraform, and with it the payload's `previous`, names it
  bool names_key = false;  // id, ARN and alias of one key are equal
};

// Done if all settings of the action are there; a conflict if one is neither wanted nor what the plan was made from.
Result<Probe> JudgeSettings(const Action& action, RunContext& context, const std::vector<LiveSetting>& settings);

// Looks once more right before the change: fails if a setting is not what the plan was made from, or if the key that
// the action sets cannot be used.
Status RequireUnchanged(const Action& action, RunContext& context, Result<Probe> (*probe)(const Action&, RunContext&));

// The key that the action sets, at this path of its settings; empty if it sets none.
Result<std::string> WantedKey(const Action& action, std::string_view path, RunContext& context);

}  // namespace tfseal
