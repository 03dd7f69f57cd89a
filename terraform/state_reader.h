#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "terraform/element_reader.h"

namespace tfseal::terraform {

// Resources as they are: `values` of a shown state, prior_state and planned_values of a plan, and raw states.
class StateReader {
 public:
  explicit StateReader(ReadContext& context) : context_(context) {}

  // The object {"root_module": ...} that is next: `values` of a shown state, planned_values.
  bool ReadValues(std::vector<ResourceInstance>& into, bool counts);
  // prior_state: a shown state of its own, {"format_version", "values"}.
  bool ReadShownState(std::vector<ResourceInstance>& into, bool counts);
  // `resources` of a raw state, version 4.
  bool ReadRawResources(std::vector<ResourceInstance>& into);
  // Whether there was a resource, of any type, in what was read as values or as a shown state.
  [[nodiscard]] bool any() const { return any_; }
  // What is damaged in a raw state, if that is what it is; empty if nothing is.
  [[nodiscard]] const std::string& raw_damage() const { return raw_damage_; }

 private:
  bool ReadModule(std::vector<ResourceInstance>& into, bool counts);
  bool ReadResource(const JsonSlice& slice, std::vector<ResourceInstance>& into, bool counts);
  bool ReadRawResource(const JsonSlice& slice, std::vector<ResourceInstance>& into);
  // What all instances of an entry of a raw state have.
  struct RawBlock {
    std::string_view module_address;
    std::string_view type;
    std::string_view name;
    std::string_view provider_name;
  };
  // Returns whether it has attributes.
  bool ReadRawInstance(SliceReader& reader, const JsonNode& node, const RawBlock& block,
                       std::vector<ResourceInstance>& into);
  // `value` with what the rest of a path leads to marked as sensitive; of a whole object nothing is marked by that.
  Value WithSensitivePath(SliceReader& reader, Elements& steps, const Value& value, bool is_whole);
  NameList ReadStrings(SliceReader& reader, const JsonNode& node);

  ReadContext& context_;
  std::string_view last_type_;
  std::string_view last_provider_;
  bool any_ = false;
  std::string raw_damage_;
};

}  // namespace tfseal::terraform
