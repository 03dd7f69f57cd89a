#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "terraform/element_reader.h"

namespace tfseal::terraform {

// Resources that are in planned_values and in no entry of resource_changes: those of refresh-only plans, and of plans
// that somebody trimmed. planned_values comes first in a document, so the first pass only remembers a hash of each
// address; if any of them turns out to have no change, the document is read again for those. What comes through a pipe
// cannot be read again, so of that everything is held until the changes are known.
class PlannedOnly {
 public:
  PlannedOnly(ReadContext& context, bool can_read_again) : context_(context), hold_(!can_read_again) {}

  // The value of planned_values, which is next.
  bool Collect();
  // At the end of the first pass: whether there are resources without a change that are not held.
  [[nodiscard]] bool NeedsSecondPass() const;
  // The value of planned_values, which is next in a second pass; `again` is a context over the same document.
  bool CollectAgain(ReadContext& again);
  // Whether there is a resource in it, of those that are wanted.
  [[nodiscard]] bool any() const { return !addresses_.empty() || !planned_.empty(); }
  // Adds what was found to Document::resources.
  void AddMissing();

 private:
  // A hash of an address, from its last byte to its first, so that the module's address can be put before it once that
  // is known: it comes after the resources.
  struct Address {
    std::uint64_t with_key;
    std::uint64_t without_key;  // documents edited by hand may leave the instance key out in the changes
    bool whole;                 // starts with its module
  };

  bool CollectModule();
  bool CollectResource();
  [[nodiscard]] std::vector<std::uint64_t> ChangedAddresses() const;

  ReadContext& context_;
  const bool hold_;
  std::vector<Address> addresses_;
  std::vector<ResourceInstance> planned_;
};

}  // namespace tfseal::terraform
