// What of a plan's resources is known only after apply.
#include <algorithm>
#include <optional>

#include "policy/each_key.h"
#include "policy/world.h"
#include "terraform/address.h"

namespace tfseal {

using terraform::NameOfStep;
using terraform::ResourceInstance;
using terraform::StepsOf;
using terraform::Value;

bool World::IsReadDuringApply(std::string_view block_address) const {
  return std::any_of(document_.deferred_reads.begin(), document_.deferred_reads.end(),
                     [&](std::string_view address) { return BlockOf(address) == block_address; });
}

bool World::ChangesElsewhere(std::string_view block_address) const {
  if (changing_elsewhere_.empty()) {
    for (const std::string_view address : document_.changing_elsewhere) {
      changing_elsewhere_.insert(WithoutInstanceKeys(address));
    }
  }
  return changing_elsewhere_.contains(std::string(block_address));
}

bool World::MayBeUnknown(std::string_view block_address) const {
  consulted_ = true;
  if (terraform::WithoutModules(block_address).starts_with("data.")) return IsReadDuringApply(block_address);
  const auto& instances = InstancesOf(block_address);
  if (instances.empty()) return ChangesElsewhere(block_address);
  return std::any_of(instances.begin(), instances.end(), [](const ResourceInstance* instance) {
    return instance->actions.create || instance->actions.update;
  });
}

namespace {

// The instance key that `wanted` stands for, seen from `from`; empty if it has none.
std::string_view KeyWanted(std::string_view wanted, const ResourceInstance& from) {
  if (wanted == kOwnKey) return InstanceKey(from.address);
  const auto own = StepsOf(from.module_address());
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (wanted == KeyOfModule(i + 1)) return KeyOf(own[i]);
  }
  return wanted.starts_with("[each ") ? std::string_view() : wanted;
}

// Whether a reference that leads from `from` to `target` can mean what is in the module instance `module`.
bool CanMean(const Origin::Target& target, const ResourceInstance& from, std::string_view module) {
  if (target.module.empty() || module.empty()) return true;
  const auto wanted = StepsOf(target.module);
  const auto there = StepsOf(module);
  const auto own = StepsOf(from.module_address());
  bool on_the_way = true;  // from the root to `from`: of these modules it can only mean the instances that it is in
  for (std::size_t i = 0; i < std::min(wanted.size(), there.size()); ++i) {
    const std::string_view key = KeyOf(wanted[i]);
    on_the_way = on_the_way && i < own.size() && NameOfStep(own[i]) == NameOfStep(wanted[i]);
    const bool other_key = KeyOf(there[i]).empty() || KeyOf(there[i]) != KeyWanted(key, from);
    if (!key.empty() ? other_key : on_the_way && there[i] != own[i]) return false;
  }
  return true;
}

// The module instance that `target` leads to from `from`, if CanMean says yes of one alone.
std::optional<std::string> OnlyModuleMeant(const Origin::Target& target, const ResourceInstance& from) {
  const std::string_view path = PartsOf(target.address).module;
  if (path.empty()) return std::string();
  const auto wanted = StepsOf(target.module);
  const auto own = StepsOf(from.module_address());
  if (wanted.size() != StepsOf(path).size()) return std::nullopt;
  std::string only;
  bool on_the_way = true;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    on_the_way = on_the_way && i < own.size() && NameOfStep(own[i]) == NameOfStep(wanted[i]);
    if (!only.empty()) only += '.';
    if (const std::string_view key = KeyOf(wanted[i]); !key.empty()) {
      only.append(NameOfStep(wanted[i])).append(KeyWanted(key, from));
    } else if (on_the_way) {
      only.append(own[i]);
    } else {
      return std::nullopt;
    }
  }
  return only;
}

}  // namespace

const World::Instances& World::InModule(const Instances& block, std::string_view module) const {
  static const Instances kNone;
  auto& modules = by_module_[&block];
  if (modules.empty()) {
    for (const ResourceInstance* instance : block) modules[instance->module_address()].push_back(instance);
  }
  const auto found = modules.find(module);
  return found == modules.end() ? kNone : found->second;
}

bool World::UnknownUntilApply(const Origin::Target& target, const ResourceInstance* from) const {
  consulted_ = true;
  if (target.data_source) return IsReadDuringApply(target.address);
  const Instances& block = InstancesOf(target.address);
  if (block.empty()) return ChangesElsewhere(target.address);  // none, or left out by the reader
  if (from == nullptr) return UnknownUntilApply(target, nullptr, block);
  // What leads to one module instance is looked for there alone: all of them ask, each for its own.
  const auto only = OnlyModuleMeant(target, *from);
  if (!only) return UnknownUntilApply(target, from, block);
  const Instances& meant = InModule(block, *only);
  const auto [known, is_new] = unknown_.try_emplace({&meant, target.key, target.attribute}, false);
  if (is_new) known->second = UnknownUntilApply(target, from, meant);
  return known->second;
}

bool World::UnknownUntilApply(const Origin::Target& target, const ResourceInstance* from,
                              const Instances& among) const {
  for (const ResourceInstance* instance : among) {
    if (!target.key.empty() && InstanceKey(instance->address) != target.key) continue;
    if (from != nullptr && !CanMean(target, *from, instance->module_address())) continue;
    const Value value = target.attribute.empty() ? Value() : AttributesOf(*instance).Get(target.attribute);
    const bool changes = instance->actions.create || (instance->actions.update && !target.attribute.empty());
    // What the reader left out is known: it keeps everything that is not.
    const bool said = !value.absent() || (changes && Mentions(*instance, target.attribute));
    if (said ? value.AnyUnknown() : changes) return true;
  }
  return false;
}

}  // namespace tfseal
