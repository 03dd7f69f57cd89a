#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "terraform/arena.h"
#include "terraform/interest.h"
#include "terraform/json_slice.h"
#include "terraform/value.h"

namespace tfseal::terraform {

// Turns JSON values into Values in an arena and lays the masks of a plan over them. Problems are left in the
// SliceReader; what is returned then is of no use.
class ValueReader {
 public:
  explicit ValueReader(Arena& arena) : arena_(arena) {}

  Value Read(SliceReader& reader, const JsonNode& node);
  // Of an object only the attributes that `interest` wants of resources of `type`, which must stay valid as long as the
  // reader; anything else as Read. `left_out` becomes the names of the others, in the arena. With `mask`:
  // WithUnknowns(), which keeps all that is unknown.
  Value ReadAttributes(SliceReader& reader, const JsonNode& node, const Interest& interest, std::string_view type,
                       std::span<const std::string_view>& left_out, const JsonNode& mask = {});

  // `value` with every place that `mask` (after_unknown) says true for made Unknown, also where `value` has nothing.
  Value WithUnknowns(SliceReader& reader, Value value, const JsonNode& mask);
  // Marks every place that `mask` (after_sensitive) says true for.
  static void MarkSensitive(SliceReader& reader, Value& value, const JsonNode& mask);
  static void MarkAllSensitive(Value& value);

  // False without looking deeper if the mask cannot say true anywhere.
  [[nodiscard]] static bool SaysTrue(const SliceReader& reader, const JsonNode& mask);

 private:
  Value ReadList(SliceReader& reader, const JsonNode& node);
  Value ReadMap(SliceReader& reader, const JsonNode& node);
  Value ListWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask);
  Value MapWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask);
  // The same for the map whose members stand in members_ from `from` on. Whether anything changed.
  bool MergeUnknowns(SliceReader& reader, std::size_t from, const JsonNode& mask);
  // The attributes of a type, in the order in which its provider writes them every time, some left out where they are
  // unknown: so that most often finding the next key ahead is all that has to be done with it.
  struct Shape {
    struct Key {
      std::uint64_t head;       // the first eight bytes of `quoted`, as far as it has them
      std::uint64_t mask;       // which of them it has
      std::string_view quoted;  // "arn":
      std::string_view name;
      std::uint32_t bit;  // its place in a Variant if it is not wanted
      bool wanted;
    };
    // Which of the unwanted attributes one object had.
    struct Variant {
      std::array<std::uint64_t, 4> bits{};
      std::span<const std::string_view> names;
    };
    std::vector<Key> keys;  // no name twice
    std::vector<Variant> variants;
    std::uint32_t unwanted = 0;
    bool irregular = false;  // the order differs from object to object: no use
  };
  static constexpr std::size_t kKeysMax = 512;
  static constexpr std::size_t kVariantsMax = 64;
  Shape& ShapeOf(std::string_view type);
  // False if the object does not fit the shape and has to be read without.
  bool ReadByShape(SliceReader& reader, const JsonNode& node, const Interest& interest, std::string_view type,
                   Shape& shape, std::span<const std::string_view>& left_out);
  bool ReadNewKey(SliceReader& reader, Members& members, const Interest& interest, std::string_view type, Shape& shape,
                  std::size_t place, Shape::Variant& variant);
  std::span<const std::string_view> NamesOf(Shape& shape, const Shape::Variant& variant);
  void ReadWithoutShape(SliceReader& reader, const JsonNode& node, const Interest& interest, std::string_view type,
                        std::span<const std::string_view>& left_out);
  Value TakeMembers(std::size_t from);
  Value TakeItems(std::size_t from);

  // `text` in the arena. The same short texts come again and again: keys, regions, engine names. A cache with one place
  // for each hash finds most of them.
  std::string_view Kept(std::string_view text);
  static constexpr std::size_t kCachedBytesMax = 40;
  static constexpr std::size_t kCachePlaces = 1024;

  Arena& arena_;
  std::vector<std::string_view> cache_ = std::vector<std::string_view>(kCachePlaces);
  // Stacks: what is above `from` belongs to the innermost list or map that is being read.
  std::vector<Value> items_;
  std::vector<Member> members_;
  std::unordered_map<std::string_view, Shape> shapes_;
  std::string_view last_type_;
  Shape* last_shape_ = nullptr;
};

// Finds a duplicate among keys, most often without work because Terraform writes attributes in ascending order.
bool HasDuplicateKey(std::span<const Member> members);

// Finds members by key in linear time over all calls if the calls follow the order of the members.
class MemberFinder {
 public:
  // The place of `key`, or npos. `members` are the same in every call, though they may have moved.
  std::size_t Find(std::span<const Member> members, std::string_view key);
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  std::size_t next_ = 0;
  std::vector<std::uint32_t> sorted_;  // made when the order does not help and there are many
};

}  // namespace tfseal::terraform
