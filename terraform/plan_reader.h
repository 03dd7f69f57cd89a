#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "terraform/element_reader.h"

namespace tfseal::terraform {

// resource_changes, resource_drift, checks, deferred_changes and relevant_attributes of a plan.
class PlanReader {
 public:
  explicit PlanReader(ReadContext& context) : context_(context) {}

  // The array of changes that is next, to the end of `into`. `counts`: also Document::resources_seen and the like.
  bool ReadChanges(std::vector<ResourceInstance>& into, bool counts);
  bool ReadChecks();
  bool ReadDeferredChanges();
  bool ReadRelevantAttributes();

 private:
  bool ReadChange(const JsonSlice& slice, std::vector<ResourceInstance>& into, bool counts);
  bool ReadActions(SliceReader& reader, const JsonNode& node, Actions& actions, std::string_view address);
  // before and after, with their masks; `nodes` are the members of the change.
  void ReadStates(SliceReader& reader, std::span<const JsonNode> nodes, ResourceInstance& resource);
  void ReadRareParts(SliceReader& reader, std::span<const JsonNode> nodes, const JsonNode& replace_paths,
                     OnDemand<RareParts>& rare);
  void ReadReplacePaths(SliceReader& reader, const JsonNode& node, std::vector<std::string>& paths);

  ReadContext& context_;
  std::string_view last_type_;
  std::string_view last_provider_;
};

}  // namespace tfseal::terraform
