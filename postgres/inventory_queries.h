#pragma once

#include <array>
#include <span>
#include <string_view>

namespace tfseal::postgres {

// One kind of object: how it is read and what is compared. The statement's columns are the name and then the aspects.
// An aspect whose name starts with "=" may be shown (it is a version, a state or a name); of the others it is only said
// that they differ, because defaults, settings and definitions can hold data.
struct InventoryQuery {
  static constexpr int kAspectsMax = 16;
  std::string_view kind;
  std::string_view sql;
  std::array<std::string_view, kAspectsMax> aspects{};
};

std::span<const InventoryQuery> InventoryQueries();

}  // namespace tfseal::postgres
