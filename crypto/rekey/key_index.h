#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crypto/key_wrapper.h"

namespace tfseal::rekey {

// The places of wrapped keys by what they are. A table of its own, as a node in memory for each row would take longer
// than reading the row.
class KeyIndex {
 public:
  // Empty, with room for so many keys.
  void Clear(std::size_t keys_max) {
    std::size_t slots = kSlotsMin;
    while (slots < keys_max * 2) slots *= 2;
    slots_.assign(slots, kFree);
  }

  // The place of `key` among the first `known` of `keys`; `known` if it is none of them, and from then on its place.
  std::size_t PlaceOf(const KeyName& key, std::span<const WrappedKey> keys, std::size_t known) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = KeyNameHash()(key) & mask;; slot = (slot + 1) & mask) {
      if (slots_[slot] == kFree) {
        slots_[slot] = static_cast<std::uint32_t>(known);
        return known;
      }
      const WrappedKey& other = keys[slots_[slot]];
      if (KeyName{other.blob, other.nonce} == key) return slots_[slot];
    }
  }

 private:
  static constexpr std::size_t kSlotsMin = 64;
  static constexpr std::uint32_t kFree = UINT32_MAX;
  std::vector<std::uint32_t> slots_;  // a power of two of them
};

}  // namespace tfseal::rekey
