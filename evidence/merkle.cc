#include "evidence/merkle.h"

#include "crypto/digest.h"

namespace tfseal::evidence {
namespace {

std::string Node(std::string_view left, std::string_view right) {
  std::string bytes(1, '\x01');
  bytes.append(left);
  bytes.append(right);
  return Sha256Raw(bytes);
}

}  // namespace

void MerkleTree::Append(std::string_view leaf) {
  std::string bytes(1, '\0');
  bytes.append(leaf);
  roots_.push_back(Sha256Raw(bytes));
  ++size_;
  for (std::uint64_t rest = size_; rest % 2 == 0; rest /= 2) {
    const std::string right = std::move(roots_.back());
    roots_.pop_back();
    roots_.back() = Node(roots_.back(), right);
  }
}

std::string MerkleTree::Root() const {
  if (roots_.empty()) return Sha256Raw("");
  std::string root = roots_.back();
  for (std::size_t i = roots_.size() - 1; i-- > 0;) root = Node(roots_[i], root);
  return root;
}

}  // namespace tfseal::evidence
