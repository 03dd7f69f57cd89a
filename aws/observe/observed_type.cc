#include "aws/observe/observed_type.h"

#include <algorithm>
#include <array>

#include "aws/observe/types/declarations.h"

namespace tfseal::observe {
namespace {

constexpr NotObservedType kNotObserved[] = {
#define TFSEAL_OBSERVED(constant)
#define TFSEAL_NOT_OBSERVED(type, reason) {type, reason},
#include "aws/observe/list.inc"
#undef TFSEAL_OBSERVED
#undef TFSEAL_NOT_OBSERVED
};

auto SortedTypes() {
  std::array types = {
#define TFSEAL_OBSERVED(constant) &(constant),
#define TFSEAL_NOT_OBSERVED(type, reason)
#include "aws/observe/list.inc"
#undef TFSEAL_OBSERVED
#undef TFSEAL_NOT_OBSERVED
  };
  std::sort(types.begin(), types.end(), [](const ObservedType* a, const ObservedType* b) { return a->type < b->type; });
  return types;
}

}  // namespace

std::span<const ObservedType* const> ObservedTypes() {
  static const auto& types = *new auto(SortedTypes());
  return types;
}

std::span<const NotObservedType> NotObservedTypes() {
  return kNotObserved;
}

const ObservedType* FindObservedType(std::string_view type) {
  const auto types = ObservedTypes();
  const auto found = std::lower_bound(types.begin(), types.end(), type,
                                      [](const ObservedType* a, std::string_view b) { return a->type < b; });
  return found != types.end() && (*found)->type == type ? *found : nullptr;
}

std::string_view WhyNotObserved(std::string_view type) {
  for (const NotObservedType& other : kNotObserved) {
    if (other.type == type) return other.reason;
  }
  return {};
}

}  // namespace tfseal::observe
