#include "apply/handlers/calls.h"

#include <algorithm>

#include "core/check.h"
#include "planner/action_kind.h"

namespace tfseal {
namespace {

const ApiCall& Find(const std::vector<ApiCall>& calls, std::string_view operation) {
  const auto found = std::find_if(calls.begin(), calls.end(),
                                  [operation](const ApiCall& call) { return call.operation == operation; });
  TFSEAL_CHECK(found != calls.end());
  return *found;
}

}  // namespace

const ApiCall& CallOf(const Action& action, std::string_view operation) {
  return Find(action.calls, operation);
}

const ApiCall& RollbackCallOf(const Action& action, std::string_view operation) {
  return Find(action.rollback.calls, operation);
}

Result<JsonValue> SendCall(const ApiCall& call, const Action& action, RunContext& context) {
  return SendCall(call, call.parameters, action, context);
}

Result<JsonValue> SendCall(const ApiCall& call, const JsonValue& parameters, const Action& action,
                           RunContext& context) {
  TFSEAL_ASSIGN(JsonValue resolved, ResolveParameters(parameters, context.outputs));
  return context.api.Send({call.service, call.operation, action.target.region, std::move(resolved)});
}

Result<JsonValue> ReadWorld(std::string service, std::string operation, JsonValue parameters, const Action& action,
                            RunContext& context) {
  return aws::SendPaged(context.api,
                        {std::move(service), std::move(operation), action.target.region, std::move(parameters)});
}

Result<std::optional<JsonValue>> ReadIfThere(std::string service, std::string operation, JsonValue parameters,
                                             const Action& action, RunContext& context) {
  auto read = ReadWorld(std::move(service), std::move(operation), std::move(parameters), action, context);
  if (read.ok()) return std::optional<JsonValue>(std::move(read).value());
  if (read.error().code == ErrorCode::kNotFound) return std::optional<JsonValue>();
  return read.error();
}

Result<std::string> ResolvedText(const Action& action, const char* field, RunContext& context) {
  if (!action.payload.isMember(field)) return std::string();
  TFSEAL_ASSIGN(const JsonValue value, ResolveParameters(action.payload[field], context.outputs));
  if (!value.isString()) {
    return Error{ErrorCode::kInvalidInput, std::string(action.kind->name) + ": " + field + " is not a text",
                 "write the plan again with tfseal plan"};
  }
  return value.asString();
}

Probe NotDone(std::string text) {
  Probe probe;
  probe.text = std::move(text);
  return probe;
}

Probe Underway(std::string text) {
  Probe probe;
  probe.state = ProbeState::kUnderway;
  probe.text = std::move(text);
  return probe;
}

Probe Done(std::string text, JsonValue output, JsonValue evidence) {
  Probe probe;
  probe.state = ProbeState::kDone;
  probe.text = std::move(text);
  probe.output = std::move(output);
  probe.evidence = std::move(evidence);
  return probe;
}

Probe Waiting(std::string text, std::string hint) {
  Probe probe;
  probe.state = ProbeState::kWaiting;
  probe.text = std::move(text);
  probe.hint = std::move(hint);
  return probe;
}

Probe Conflict(std::string text, std::string hint) {
  Probe probe;
  probe.state = ProbeState::kConflict;
  probe.text = std::move(text);
  probe.hint = std::move(hint);
  return probe;
}

Probe EffectGone(std::string text) {
  return NotDone(std::move(text));
}

Probe EffectThere(std::string text) {
  return Done(std::move(text));
}

std::string ApproveCommand(const Action& action) {
  return "tfseal approve ACTIONS --action " + action.id + " --by NAME --reason TEXT";
}

Error InTheWay(std::string message, std::string hint) {
  return {ErrorCode::kConflict, std::move(message), std::move(hint)};
}

}  // namespace tfseal
