#include <fmt/format.h>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

// What it waits for is held back before it is looked at: the waves before are what it requires, and the executor counts
// the approvals.
Result<Probe> ProbeOpenWave(const Action& action, RunContext& context) {
  JsonValue evidence(Json::objectValue);
  evidence["wave"] = action.payload["wave"];
  const auto by = context.settings.approvals.find(action.id);
  if (by != context.settings.approvals.end()) evidence["approved_by"] = by->second;
  return Done(fmt::format("wave {} is open", action.payload["wave"].asInt()), JsonValue(Json::objectValue), evidence);
}

}  // namespace

const Handler kOpenWaveHandler = {.kind = "open_wave", .probe = ProbeOpenWave};

}  // namespace tfseal
