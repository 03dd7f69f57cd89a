#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "apply/handlers/machines.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

std::string StatusIn(const JsonValue& status, const char* member) {
  return status.isObject() && status[member].isObject() ? TextAt(status[member], "Status") : "";
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string id = TextAt(action.payload, "instance");
  TFSEAL_ASSIGN(const std::string was, ResolvedText(action, "state", context));
  TFSEAL_ASSIGN(const JsonValue machine, DescribeMachine(id, action, context));
  const std::string state = StateOfMachine(machine);
  const JsonValue seen = Object({{"InstanceId", Text(id)}, {"State", Text(state)}});
  if (state == "stopped" && was == "stopped")
    return Done("instance " + id + " was stopped before, and stays so", seen, seen);
  if (state == "stopped") return NotDone("instance " + id + " is stopped");
  if (state == "pending" || state == "stopping") return Underway("instance " + id + " is " + state);
  if (state != "running") return Conflict("instance " + id + " is " + state, "find out who ended it");
  JsonValue instances(Json::arrayValue);
  instances.append(id);
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeInstanceStatus", Object({{"InstanceIds", instances}}), action, context));
  const JsonValue* status = FieldAt(answer, "InstanceStatuses[0]");
  if (status == nullptr || StatusIn(*status, "InstanceStatus") != "ok" || StatusIn(*status, "SystemStatus") != "ok") {
    return Underway("instance " + id + " runs and has not passed its status checks yet");
  }
  return Done("instance " + id + " runs and has passed its status checks", seen, seen);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(CallOf(action, "StartInstances"), action, context));
  return {};
}

}  // namespace

const Handler kStartInstanceHandler = {.kind = "start_instance", .probe = Look, .execute = Act};

}  // namespace tfseal
