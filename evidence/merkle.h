#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tfseal::evidence {

// The root of a Merkle tree over leaves in their order, as RFC 6962 section 2.1 has it (SHA-256, leaves and nodes with
// prefixes of their own), in memory that grows with the logarithm of their number.
class MerkleTree {
 public:
  void Append(std::string_view leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // 32 bytes; of no leaves the SHA-256 of nothing.
  [[nodiscard]] std::string Root() const;

 private:
  // Roots of the full trees that the leaves so far make, the largest first.
  std::vector<std::string> roots_;
  std::uint64_t size_ = 0;
};

}  // namespace tfseal::evidence
