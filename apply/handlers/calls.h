#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apply/handler.h"

// What most handlers do: send the calls that the plan shows, look at the world, and say where an action stands.
namespace tfseal {

// The call of the action, or of its rollback, with this operation. One that the kind does not make is a bug.
const ApiCall& CallOf(const Action& action, std::string_view operation);
const ApiCall& RollbackCallOf(const Action& action, std::string_view operation);

// Sends a call of the plan in the region of the action's target, with what earlier actions answered filled in.
Result<JsonValue> SendCall(const ApiCall& call, const Action& action, RunContext& context);
// The same with parameters that the handler has completed.
Result<JsonValue> SendCall(const ApiCall& call, const JsonValue& parameters, const Action& action, RunContext& context);

// A read that the plan does not list, of all pages.
Result<JsonValue> ReadWorld(std::string service, std::string operation, JsonValue parameters, const Action& action,
                            RunContext& context);
// Nothing if there is no such thing.
Result<std::optional<JsonValue>> ReadIfThere(std::string service, std::string operation, JsonValue parameters,
                                             const Action& action, RunContext& context);

// A field of the payload that is a text, or what an earlier action answered; empty if the payload has none.
Result<std::string> ResolvedText(const Action& action, const char* field, RunContext& context);

Probe NotDone(std::string text);
Probe Underway(std::string text);
Probe Done(std::string text, JsonValue output = JsonValue(Json::objectValue),
           JsonValue evidence = JsonValue(Json::objectValue));
Probe Waiting(std::string text, std::string hint);
Probe Conflict(std::string text, std::string hint);

// What probe_undone says: the effect is gone, or it is still there and `undo` takes it away.
Probe EffectGone(std::string text);
Probe EffectThere(std::string text);

// The command by which a person confirms what only a person can.
std::string ApproveCommand(const Action& action);

// A conflict that is found on the way to a change.
Error InTheWay(std::string message, std::string hint);

}  // namespace tfseal
