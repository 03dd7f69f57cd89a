#include "terraform/planned_only.h"

#include <string_view>
#include <unordered_set>

#include "terraform/address.h"
#include "terraform/state_reader.h"

namespace tfseal::terraform {

bool PlannedOnly::Collect() {
  return StateReader(context_).ReadValues(planned_, false);
}

bool PlannedOnly::AddMissing() {
  if (planned_.empty()) return true;
  std::vector<ResourceInstance>& resources = context_.document.resources;
  std::unordered_set<std::string_view> changed;
  for (const ResourceInstance& resource : resources) changed.insert(resource.address);
  for (ResourceInstance& resource : planned_) {
    const std::string_view without_key =
        resource.address.substr(0, resource.address.size() - InstanceKey(resource.index).size());
    // Some documents leave the key out in the changes.
    if (changed.contains(resource.address) || changed.contains(without_key)) continue;
    resource.planned_values_only = true;
    ++context_.document.resources_seen;
    resources.push_back(std::move(resource));
  }
  return true;
}

}  // namespace tfseal::terraform
