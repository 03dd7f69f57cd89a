#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tfseal {

// A literal as a template argument, so that a control can write its lists where it needs them:
//   .types = kNames<"aws_rds_cluster">, .reads = kNames<"storage_encrypted", "kms_key_id">
template <std::size_t N>
struct NameLiteral {
  char text[N] = {};
  constexpr NameLiteral(const char (&literal)[N]) {
    std::copy_n(literal, N, text);
  }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] constexpr std::string_view view() const { return {text, N - 1}; }
};

template <NameLiteral... names>
inline constexpr std::string_view kNames[] = {names.view()...};

}  // namespace tfseal
