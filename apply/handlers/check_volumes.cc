#include <fmt/format.h>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/keys.h"
#include "apply/handlers/list.h"
#include "apply/handlers/machines.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr const char* kPlanAgain =
    "take what was changed into the configuration, refresh the state, and write the plan again";

// Empty, or in what the volume is not what the documents say.
std::string VolumeDiffers(const JsonValue& wanted, const JsonValue& live, const std::string& instance) {
  const JsonValue& settings = wanted["settings"];
  for (const char* name : {"VolumeType", "Size", "AvailabilityZone", "Iops", "Throughput"}) {
    if (!settings.isMember(name) || !live.isMember(name)) continue;
    const bool same =
        settings[name].isString() ? settings[name] == live[name] : settings[name].asInt64() == live[name].asInt64();
    // Emulated and young volumes tell no throughput; nothing is lost where it is not known.
    if (!same && !(live[name].isNumeric() && live[name].asInt64() == 0)) {
      return fmt::format("its {} is another one than in the documents", name);
    }
  }
  if (live["MultiAttachEnabled"].isBool() && live["MultiAttachEnabled"].asBool()) {
    return "it can be attached to several instances";
  }
  const std::string device = TextOf(wanted, "device");
  const std::string attachment = AttachmentOf(live, instance, device);
  if (device.empty()) return live["Attachments"].empty() ? "" : "it is attached, and the documents do not say to what";
  if (attachment != "attached" || live["Attachments"].size() != 1) {
    return fmt::format("it is not attached to {} alone as {}", instance, device);
  }
  return {};
}

// Empty, or why nobody may stop the instance.
std::string MachineProblem(const JsonValue& machine) {
  for (const JsonValue& tag : machine["Tags"]) {
    if (TextOf(tag, "Key") == "aws:autoscaling:groupName") {
      return "it belongs to the auto scaling group " + TextOf(tag, "Value") + ", which replaces it when it is stopped";
    }
  }
  if (TextOf(machine, "InstanceLifecycle") == "spot")
    return "it is a spot instance, which is replaced when it is stopped";
  if (const std::string root = TextOf(machine, "RootDeviceType"); !root.empty() && root != "ebs") {
    return "its root is an instance store, so it cannot be stopped";
  }
  return {};
}

Result<bool> HasInstanceStore(const JsonValue& machine, const Action& action, RunContext& context) {
  JsonValue types(Json::arrayValue);
  types.append(TextOf(machine, "InstanceType"));
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ec2", "DescribeInstanceTypes", Object({{"InstanceTypes", types}}), action, context));
  const JsonValue* supported = FieldAt(answer, "InstanceTypes[0].InstanceStorageSupported");
  return supported == nullptr || !supported->isBool() || supported->asBool();
}

Result<std::optional<Probe>> LookAtMachine(const std::string& instance, JsonValue& output, const Action& action,
                                           RunContext& context) {
  if (instance.empty()) return std::optional<Probe>();
  TFSEAL_ASSIGN(const JsonValue machine, DescribeMachine(instance, action, context));
  const std::string state = StateOfMachine(machine);
  if (state != "running" && state != "stopped") {
    return std::optional<Probe>(
        Conflict(fmt::format("instance {} is {}", instance, state), "wait until it runs or is stopped"));
  }
  if (const std::string problem = MachineProblem(machine); !problem.empty()) {
    return std::optional<Probe>(Conflict(fmt::format("instance {}: {}", instance, problem),
                                         "take it out of there first, or move its data another way"));
  }
  output["State"] = state;
  if (state == "stopped" || context.settings.approvals.contains(action.id)) return std::optional<Probe>();
  TFSEAL_ASSIGN(const bool store, HasInstanceStore(machine, action, context));
  if (!store) return std::optional<Probe>();
  return std::optional<Probe>(
      Waiting(fmt::format("instance {} may have an instance store ({}), whose content is lost when it is stopped",
                          instance, TextOf(machine, "InstanceType")),
              ApproveCommand(action) + " once nothing on it is needed any more"));
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const std::string instance = TextOf(action.payload, "instance");
  JsonValue output(Json::objectValue);
  for (const JsonValue& wanted : action.payload["volumes"]) {
    const std::string id = TextOf(wanted, "volume");
    TFSEAL_ASSIGN(const JsonValue live, DescribeVolume(id, action, context));
    if (const std::string differs = VolumeDiffers(wanted, live, instance); !differs.empty()) {
      return Conflict(fmt::format("volume {}: {}", id, differs), kPlanAgain);
    }
  }
  TFSEAL_ASSIGN(const JsonValue keys, ResolveParameters(action.payload["keys"], context.outputs));
  for (const JsonValue& key : keys) TFSEAL_TRY(RequireUsableKey(key.asString(), action, context));
  TFSEAL_ASSIGN(const auto held, LookAtMachine(instance, output, action, context));
  if (held) return *held;
  JsonValue evidence = output;
  evidence["volumes"] = action.payload["volumes"].size();
  return Done("the volumes are as the documents say", output, evidence);
}

}  // namespace

const Handler kCheckVolumesHandler = {.kind = "check_volumes", .probe = Look};

}  // namespace tfseal
