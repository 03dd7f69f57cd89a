#pragma once

#include <string>
#include <vector>

#include "terraform/element_reader.h"

namespace tfseal::terraform {

// Resources that are in planned_values and in no entry of resource_changes: those of refresh-only plans, and of plans
// that somebody trimmed. planned_values comes first in a document, so its resources have to be held until the changes
// are known.
class PlannedOnly {
 public:
  explicit PlannedOnly(ReadContext& context) : context_(context) {}

  // The value of planned_values, which is next.
  bool Collect();
  // At the end of the document: adds those without a change to Document::resources.
  bool AddMissing();

 private:
  ReadContext& context_;
  std::vector<ResourceInstance> planned_;
};

}  // namespace tfseal::terraform
