#include <fmt/format.h>

#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"

namespace tfseal {
namespace {

Result<Probe> ProbeManual(const Action& action, RunContext& context) {
  const auto by = context.settings.approvals.find(action.id);
  if (by == context.settings.approvals.end()) {
    std::string steps;
    for (const JsonValue& step : action.payload["steps"]) steps += (steps.empty() ? "" : "; ") + step.asString();
    return Waiting(
        fmt::format("a person does this: {}", steps),
        fmt::format("tfseal approve ACTIONS --action {} --by NAME --reason TEXT once it is done", action.id));
  }
  JsonValue evidence(Json::objectValue);
  evidence["done_by_hand"] = true;
  evidence["approved_by"] = by->second;
  return Done(fmt::format("done by hand, as {} says", by->second), JsonValue(Json::objectValue), evidence);
}

}  // namespace

const Handler kManualHandler = {.kind = "manual", .probe = ProbeManual};

}  // namespace tfseal
