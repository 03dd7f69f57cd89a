#include "planner/simulate.h"

#include <algorithm>
#include <map>
#include <set>

#include "planner/existing_world.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

// ARNs of keys that the plan creates, by the id of the creating action.
using Outputs = std::map<std::string, std::string>;

JsonValue Resolve(const JsonValue& value, const Outputs& outputs) {
  if (IsOutput(value)) {
    const auto found = outputs.find(value["output_of"].asString());
    return found == outputs.end() ? JsonValue() : JsonValue(found->second);
  }
  if (!value.isObject() && !value.isArray()) return value;
  JsonValue resolved(value.type());
  if (value.isObject()) {
    for (const std::string& name : value.getMemberNames()) resolved[name] = Resolve(value[name], outputs);
  } else {
    for (const JsonValue& item : value) resolved.append(Resolve(item, outputs));
  }
  return resolved;
}

// {"container", "references": {variable: secret}, "remove": [variable]} on the JSON text of container_definitions.
bool MoveContainerVariables(WorldEdit& world, const Effect& effect) {
  auto containers = ParseJson(world.TextOf(effect.address, "container_definitions"));
  if (!containers || !containers->isArray()) return false;
  const JsonValue& references = effect.attributes["references"];
  const JsonValue& removed = effect.attributes["remove"];
  for (JsonValue& container : *containers) {
    if (!container.isObject() || container["name"] != effect.attributes["container"]) continue;
    JsonValue kept(Json::arrayValue);
    for (const JsonValue& variable : container["environment"]) {
      const std::string name = TextAt(variable, "name");
      const bool goes = std::find(removed.begin(), removed.end(), JsonValue(name)) != removed.end();
      if (!variable.isObject() || (!goes && !references.isMember(name))) kept.append(variable);
    }
    container["environment"] = kept;
    for (const std::string& name : references.getMemberNames()) {
      container["secrets"].append(Object({{"name", Text(name)}, {"valueFrom", "arn:aws:secretsmanager:simulated"}}));
    }
  }
  return world.Set(effect.address, Object({{"container_definitions", Text(WriteJsonLine(*containers))}}));
}

bool Apply(WorldEdit& world, const Effect& effect, const Outputs& outputs) {
  switch (effect.what) {
    case Effect::What::kSet:
      return world.Set(effect.address, Resolve(effect.attributes, outputs));
    case Effect::What::kAdd:
      world.Add(effect.address, effect.type, Resolve(effect.attributes, outputs));
      return true;
    case Effect::What::kMoveContainerVariables:
      return MoveContainerVariables(world, effect);
  }
  return false;
}

bool Decides(const Finding& finding) {
  return finding.verdict == Verdict::kFail && finding.required && !finding.waived;
}

}  // namespace

Result<std::vector<terraform::Document>> SimulatedWorlds(const ActionPlan& plan,
                                                         std::span<const terraform::Document> existing) {
  std::vector<WorldEdit> edits;
  edits.reserve(existing.size());
  for (const terraform::Document& world : existing) edits.emplace_back(world);
  Outputs outputs;
  for (const Action& action : plan.actions) {
    if (action.input < 0 || static_cast<std::size_t>(action.input) >= edits.size()) {
      return Error{ErrorCode::kInvalidInput, "the plan was made from other documents", ""};
    }
    for (const Effect& effect : action.effects) {
      if (effect.what == Effect::What::kAdd && effect.attributes["arn"].isString()) {
        outputs.emplace(action.id, effect.attributes["arn"].asString());
      }
      if (!Apply(edits[static_cast<std::size_t>(action.input)], effect, outputs)) {
        return Error{ErrorCode::kInternal, effect.address + " of action " + action.id + " is not in the documents", ""};
      }
    }
  }
  std::vector<terraform::Document> worlds;
  worlds.reserve(edits.size());
  for (WorldEdit& edit : edits) worlds.push_back(std::move(edit).Build());
  return worlds;
}

Result<Simulation> Simulate(const ActionPlan& plan, std::span<const terraform::Document> existing,
                            const PolicyFile& policy, UnixSeconds now) {
  TFSEAL_ASSIGN(const std::vector<terraform::Document> worlds, SimulatedWorlds(plan, existing));
  std::set<std::pair<std::string, std::string>> unresolved;
  for (const Unresolved& entry : plan.unresolved) unresolved.emplace(entry.control, entry.address);
  std::set<std::pair<std::string, std::string>> not_passing;
  Simulation simulation;
  for (const terraform::Document& world : worlds) {
    for (const Finding& finding : Evaluate(world, policy, now).findings) {
      if (finding.waived || finding.verdict == Verdict::kPass) continue;
      not_passing.emplace(finding.control, finding.address);
      if (Decides(finding) && !unresolved.contains({finding.control, finding.address})) {
        simulation.failing.push_back(finding);
      }
    }
  }
  std::set<std::string> broken;
  for (const Action& action : plan.actions) {
    for (const Condition& condition : action.postconditions) {
      if (condition.check != "control" || unresolved.contains({condition.control, condition.address})) continue;
      if (not_passing.contains({condition.control, condition.address})) {
        broken.insert(condition.control + " would not pass on " + condition.address + " after " + action.summary);
      }
    }
  }
  simulation.broken_promises.assign(broken.begin(), broken.end());
  return simulation;
}

}  // namespace tfseal
