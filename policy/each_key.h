#pragma once

#include <string>
#include <string_view>

namespace tfseal {

// The instance key of a step of an address, with brackets; empty if it has none.
inline std::string_view KeyOf(std::string_view step) {
  const auto bracket = step.find('[');
  return bracket == std::string_view::npos ? std::string_view() : step.substr(bracket);
}

// In the place of the instance key of a module that for_each goes over: the key of whatever asks, or the key of the
// module instance that it is in, so many steps from the root.
inline constexpr std::string_view kOwnKey = "[each]";
inline std::string KeyOfModule(std::size_t steps) {
  return "[each " + std::to_string(steps) + "]";
}

}  // namespace tfseal
