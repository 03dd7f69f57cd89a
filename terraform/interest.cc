#include "terraform/interest.h"

#include <bit>

namespace tfseal::terraform {

void Interest::NameSet::Assign(const std::vector<std::string_view>& names) {
  slots_.assign(std::bit_ceil(names.size() * 4 + 1), {});
  mask_ = slots_.size() - 1;
  for (const std::string_view name : names) {
    std::size_t i = Hash(name) & mask_;
    while (!slots_[i].empty() && slots_[i] != name) i = (i + 1) & mask_;
    slots_[i] = name;
  }
}

Interest Interest::Everything() {
  Interest interest;
  interest.everything_ = true;
  return interest;
}

Interest Interest::WithoutDigest() const {
  Interest interest = *this;
  interest.digest_ = false;
  return interest;
}

Interest Interest::Only(const std::vector<std::string_view>& types, const std::vector<std::string_view>& attributes) {
  Interest interest;
  interest.types_.Assign(types);
  interest.attributes_.Assign(attributes);
  return interest;
}

}  // namespace tfseal::terraform
