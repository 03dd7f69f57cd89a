#include "terraform/planned_only.h"

#include <algorithm>
#include <string>
#include <utility>

#include "terraform/address.h"
#include "terraform/state_reader.h"

namespace tfseal::terraform {
namespace {

constexpr std::uint64_t kHashStart = 0xCBF29CE484222325ULL;

// FNV-1a, backwards.
std::uint64_t HashBackwards(std::string_view text, std::uint64_t hash) {
  for (std::size_t i = text.size(); i > 0; --i) {
    hash = (hash ^ static_cast<unsigned char>(text[i - 1])) * 0x100000001B3ULL;
  }
  return hash;
}

bool Contains(const std::vector<std::uint64_t>& sorted, std::uint64_t hash) {
  return std::binary_search(sorted.begin(), sorted.end(), hash);
}

}  // namespace

bool PlannedOnly::Collect() {
  if (hold_) return StateReader(context_).ReadValues(planned_, false);
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string_view key;
  while (slicer.NextMember(key)) {
    if (key == "root_module" ? !CollectModule() : !slicer.Skip()) return false;
  }
  // Most of them will be in the changes.
  context_.document.resources.reserve(context_.document.resources.size() + addresses_.size());
  return !slicer.failed();
}

bool PlannedOnly::CollectModule() {
  Slicer& slicer = context_.slicer;
  if (!context_.EnterObjectOrNull()) return !slicer.failed();
  std::string module_address;
  std::size_t first = addresses_.size();
  std::size_t last = first;
  std::string_view key;
  while (slicer.NextMember(key)) {
    bool ok = true;
    if (key == "resources" && slicer.Peek() == '[') {
      first = addresses_.size();
      slicer.EnterArray();
      while (slicer.NextElement() && CollectResource()) continue;
      last = addresses_.size();
    } else if (key == "child_modules" && slicer.Peek() == '[') {
      slicer.EnterArray();
      while (slicer.NextElement() && CollectModule()) continue;
    } else if (key == "address" && slicer.Peek() == '"') {
      ok = slicer.TakeString(module_address);
    } else {
      ok = slicer.Skip();
    }
    if (!ok || slicer.failed()) return false;
  }
  if (!module_address.empty()) module_address += '.';
  for (std::size_t i = first; i < last; ++i) {
    if (addresses_[i].whole) continue;
    addresses_[i].with_key = HashBackwards(module_address, addresses_[i].with_key);
    addresses_[i].without_key = HashBackwards(module_address, addresses_[i].without_key);
  }
  return !slicer.failed();
}

bool PlannedOnly::CollectResource() {
  Slicer& slicer = context_.slicer;
  if (!slicer.EnterObject()) return false;
  std::string address;
  std::string mode;
  std::string type;
  std::string instance_key;
  std::string_view key;
  while (slicer.NextMember(key)) {
    bool taken = false;
    if (key == "provider_name" && !address.empty() && !mode.empty() && !type.empty()) {
      // Terraform writes an index before this. After a document that does not, a second look finds out.
      if (!slicer.SkipRestOfObject()) return false;
      break;
    }
    if (key == "address") {
      taken = slicer.TakeString(address);
    } else if (key == "mode") {
      taken = slicer.TakeString(mode);
    } else if (key == "type") {
      taken = slicer.TakeString(type);
    } else if (key == "index") {
      std::string index;
      if ((taken = slicer.TakeString(index))) {
        instance_key = InstanceKey(Value::String(index));
      } else if ((taken = slicer.TakeScalar(index))) {
        instance_key = InstanceKey(Value::Number(index));
      }
    }
    if (!taken && (slicer.failed() || !slicer.Skip())) return false;
  }
  if (slicer.failed()) return false;
  const std::string_view here = WithoutModules(address);
  if ((mode.empty() ? here.starts_with("data.") : mode != "managed") || !context_.interest.WantsType(type)) return true;
  std::string_view without_key = address;
  if (without_key.ends_with(instance_key)) without_key.remove_suffix(instance_key.size());
  const bool has_key = instance_key.empty() || address.ends_with(']');
  const std::uint64_t end = has_key ? kHashStart : HashBackwards(instance_key, kHashStart);
  const std::uint64_t with_key = HashBackwards(address, end);
  const std::uint64_t plain = instance_key.empty() ? with_key : HashBackwards(without_key, kHashStart);
  addresses_.push_back({with_key, plain, address.starts_with("module.")});
  return true;
}

std::vector<std::uint64_t> PlannedOnly::ChangedAddresses() const {
  std::vector<std::uint64_t> changed;
  changed.reserve(context_.document.resources.size());
  for (const ResourceInstance& resource : context_.document.resources) {
    changed.push_back(HashBackwards(resource.address, kHashStart));
  }
  std::sort(changed.begin(), changed.end());
  return changed;
}

bool PlannedOnly::NeedsSecondPass() const {
  if (addresses_.empty()) return false;
  const std::vector<std::uint64_t> changed = ChangedAddresses();
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const Address& address) {
    return !Contains(changed, address.with_key) && !Contains(changed, address.without_key);
  });
}

bool PlannedOnly::CollectAgain(ReadContext& again) {
  return StateReader(again).ReadValues(planned_, false);
}

void PlannedOnly::AddMissing() {
  if (planned_.empty()) return;
  const std::vector<std::uint64_t> changed = ChangedAddresses();
  for (ResourceInstance& resource : planned_) {
    std::string_view without_key = resource.address;
    const std::string instance_key = InstanceKey(resource.rare->index);
    if (without_key.ends_with(instance_key)) without_key.remove_suffix(instance_key.size());
    if (Contains(changed, HashBackwards(resource.address, kHashStart)) ||
        Contains(changed, HashBackwards(without_key, kHashStart))) {
      continue;
    }
    resource.planned_values_only = true;
    ++context_.document.resources_seen;
    context_.document.resources.push_back(std::move(resource));
  }
}

}  // namespace tfseal::terraform
