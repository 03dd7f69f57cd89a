#pragma once

#include <memory>

namespace tfseal {

// What few objects of a kind have, in one word of memory as long as an object has none of it. Parts is copyable and has
// a default constructor; what nobody has written reads as a default one.
template <class Parts>
class OnDemand {
 public:
  OnDemand() = default;
  OnDemand(const OnDemand& other)
      : parts_(other.parts_ == nullptr ? nullptr : std::make_unique<Parts>(*other.parts_)) {}
  OnDemand(OnDemand&& other) noexcept = default;
  OnDemand& operator=(OnDemand other) noexcept {
    parts_.swap(other.parts_);
    return *this;
  }
  ~OnDemand() = default;

  const Parts* operator->() const { return parts_ == nullptr ? &None() : parts_.get(); }
  // To be written; made with the first call.
  Parts& Own() {
    if (parts_ == nullptr) parts_ = std::make_unique<Parts>();
    return *parts_;
  }

 private:
  static const Parts& None() {
    static const auto* const kNone = new Parts();  // as long as the program
    return *kNone;
  }
  std::unique_ptr<Parts> parts_;
};

}  // namespace tfseal
