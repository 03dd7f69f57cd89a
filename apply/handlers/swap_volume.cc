#include <fmt/format.h>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "apply/handlers/list.h"
#include "apply/handlers/machines.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// The swap, or going back: the same with the volumes exchanged.
struct Swap {
  std::string instance, device, goes, comes;
  bool with_instance = false;
  const std::vector<ApiCall>* calls = nullptr;
};

Result<Swap> SwapOf(const Action& action, RunContext& context, bool back) {
  Swap swap;
  swap.instance = TextOf(action.payload, "instance");
  swap.device = TextOf(action.payload, "device");
  swap.goes = TextOf(action.payload, "old_volume");
  TFSEAL_ASSIGN(swap.comes, ResolvedText(action, "new_volume", context));
  swap.with_instance = action.payload["delete_on_termination"].asBool();
  swap.calls = back ? &action.rollback.calls : &action.calls;
  if (back) std::swap(swap.goes, swap.comes);
  return swap;
}

bool GoesWithInstance(const JsonValue& machine, const std::string& volume) {
  for (const JsonValue& mapping : machine["BlockDeviceMappings"]) {
    const JsonValue& ebs = mapping["Ebs"];
    if (TextOf(ebs, "VolumeId") == volume) {
      return ebs["DeleteOnTermination"].isBool() && ebs["DeleteOnTermination"].asBool();
    }
  }
  return false;
}

Result<Probe> LookAt(const Swap& swap, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue machine, DescribeMachine(swap.instance, action, context));
  TFSEAL_ASSIGN(const JsonValue goes, DescribeVolume(swap.goes, action, context));
  TFSEAL_ASSIGN(const JsonValue comes, DescribeVolume(swap.comes, action, context));
  const std::string going = AttachmentOf(goes, swap.instance, swap.device);
  const std::string coming = AttachmentOf(comes, swap.instance, swap.device);
  const auto next = [](std::string text, std::string step) {
    Probe probe = NotDone(std::move(text));
    probe.step = std::move(step);
    return probe;
  };
  if (going == "elsewhere" || coming == "elsewhere") {
    return Conflict(fmt::format("volume {} is attached somewhere else", going == "elsewhere" ? swap.goes : swap.comes),
                    "find out who did that; nothing further is changed");
  }
  if (going == "detaching" || coming == "attaching") {
    return Underway(fmt::format("{} gives way to {}", swap.goes, swap.comes));
  }
  if (coming == "attached" && going.empty()) {
    if (swap.with_instance && !GoesWithInstance(machine, swap.comes)) {
      return next(fmt::format("volume {} would stay when {} is terminated", swap.comes, swap.instance), "flag");
    }
    JsonValue evidence = Object({{"InstanceId", Text(swap.instance)},
                                 {"Device", Text(swap.device)},
                                 {"attached", Text(swap.comes)},
                                 {"kept", Text(swap.goes)}});
    return Done(fmt::format("volume {} is at {} of {}", swap.comes, swap.device, swap.instance), evidence, evidence);
  }
  if (StateOfMachine(machine) != "stopped") {
    return Conflict(
        fmt::format("instance {} is {}, so no volume is taken from it", swap.instance, StateOfMachine(machine)),
        "find out who started it; then tfseal rollback, and plan again");
  }
  if (going == "attached") return next(fmt::format("volume {} is at {}", swap.goes, swap.device), "detach");
  if (going.empty() && coming.empty()) {
    return next(fmt::format("nothing is at {} of {}", swap.device, swap.instance), "attach");
  }
  return Conflict(fmt::format("volume {} is {}", swap.goes, going), "look at it in the console, then tfseal resume");
}

Status Step(const Swap& swap, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Probe probe, LookAt(swap, action, context));
  if (probe.state != ProbeState::kNotDone) return InTheWay(probe.text, probe.hint);
  const std::string operation = probe.step == "detach"   ? "DetachVolume"
                                : probe.step == "attach" ? "AttachVolume"
                                                         : "ModifyInstanceAttribute";
  for (const ApiCall& call : *swap.calls) {
    if (call.operation != operation) continue;
    TFSEAL_TRY(SendCall(call, action, context));
    return {};
  }
  return InTheWay("the plan has no " + operation, "write the plan again with tfseal plan");
}

Result<Probe> Look(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Swap swap, SwapOf(action, context, false));
  return LookAt(swap, action, context);
}

Status Act(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Swap swap, SwapOf(action, context, false));
  return Step(swap, action, context);
}

Result<Probe> LookUndone(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Swap swap, SwapOf(action, context, true));
  TFSEAL_ASSIGN(Probe probe, LookAt(swap, action, context));
  // Done means here: the old volume is back, so the effect is gone.
  if (probe.state == ProbeState::kDone) return EffectGone(probe.text);
  if (probe.state == ProbeState::kNotDone) probe.state = ProbeState::kDone;
  return probe;
}

Status Undo(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const Swap swap, SwapOf(action, context, true));
  return Step(swap, action, context);
}

}  // namespace

const Handler kSwapVolumeHandler = {
    .kind = "swap_volume", .probe = Look, .execute = Act, .probe_undone = LookUndone, .undo = Undo};

}  // namespace tfseal
