#pragma once

#include <span>
#include <string_view>

namespace tfseal {

// The candidate nearest to `word` by edit distance, for "did you mean"; empty if none is near enough to help.
std::string_view Nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace tfseal
