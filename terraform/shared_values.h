#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "terraform/arena.h"
#include "terraform/value.h"

namespace tfseal::terraform {

// Keeps values in an arena, each as few times as can be found out cheaply: every kind of value has a table with one
// place for each hash, which holds the last one that was kept. So it takes constant time and memory, and a value that
// was pushed out is merely kept twice. The grown and the real plans that were looked at shrink to a third.
class SharedValues {
 public:
  explicit SharedValues(Arena& arena);

  // `text` in the arena; `text` itself if it stands there already, as the last thing that was allocated
  // (`is_last_in_arena`).
  std::string_view Text(std::string_view text, bool is_last_in_arena);
  // The same for the names of members. They have places of their own: there are few of them, and as long as none of
  // them is pushed out by the texts of values, maps with the same names are known by where their names stand.
  std::string_view Name(std::string_view name);
  Value List(std::span<const Value> items);
  Value Map(std::span<const Member> members);

 private:
  static constexpr unsigned kFewBits = 8;
  static constexpr unsigned kManyBits = 12;
  static constexpr std::size_t kManyMaps = 512;
  static constexpr std::size_t kSharedBytesMax = 16384;  // longer texts are compared by nobody

  struct Numbered {
    Value value;
    ValueTable::Number number = 0;
    bool used = false;
  };

  ValueTable::Number NumberOf(const Value& value);
  const SharedNames* NamesOf(std::span<const Member> members);
  // Empty tables, each of 2 to the power of `bits` places.
  void MakePlaces(unsigned bits);

  Arena& arena_;
  ValueTable* table_ = nullptr;  // made with the first map, in the arena, so that it lives as long as they do
  unsigned shift_ = 0;           // of a hash, to the number of its place
  std::size_t maps_seen_ = 0;
  std::vector<std::string_view> texts_;
  std::vector<std::string_view> keys_;
  std::vector<Numbered> numbers_;
  struct KeptNames {
    const SharedNames* names = nullptr;
    std::size_t size = 0;
  };
  std::vector<KeptNames> names_;
  std::vector<Value> lists_;
  struct KeptMap {
    const SharedMap* map = nullptr;
    std::size_t size = 0;
  };
  std::vector<KeptMap> maps_;
  std::vector<ValueTable::Number> scratch_;
};

}  // namespace tfseal::terraform
