#include "apply/handlers/machines.h"

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

JsonValue Only(const std::string& id) {
  JsonValue list(Json::arrayValue);
  list.append(id);
  return list;
}

}  // namespace

Result<JsonValue> DescribeMachine(const std::string& instance, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeInstances", Object({{"InstanceIds", Only(instance)}}), action, context));
  const JsonValue* machine = FieldAt(answer, "Reservations[0].Instances[0]");
  if (machine == nullptr) return Error{ErrorCode::kNotFound, "there is no instance " + instance, ""};
  return *machine;
}

Result<JsonValue> DescribeVolume(const std::string& volume, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeVolumes", Object({{"VolumeIds", Only(volume)}}), action, context));
  const JsonValue* found = FieldAt(answer, "Volumes[0]");
  if (found == nullptr) return Error{ErrorCode::kNotFound, "there is no volume " + volume, ""};
  return *found;
}

std::string StateOfMachine(const JsonValue& machine) {
  const JsonValue* name = FieldAt(machine, "State.Name");
  return name != nullptr && name->isString() ? name->asString() : "";
}

std::string AttachmentOf(const JsonValue& volume, const std::string& instance, const std::string& device) {
  for (const JsonValue& attachment : volume["Attachments"]) {
    const std::string state = TextOf(attachment, "State");
    if (state == "detached") continue;
    const bool here = TextOf(attachment, "InstanceId") == instance && TextOf(attachment, "Device") == device;
    return here ? state : "elsewhere";
  }
  return {};
}

}  // namespace tfseal
