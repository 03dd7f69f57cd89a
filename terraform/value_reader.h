#pragma once

#include <span>
#include <string_view>
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
  // Of an object only the attributes that `interest` wants; anything else as Read.
  Value ReadAttributes(SliceReader& reader, const JsonNode& node, const Interest& interest);

  // `value` with every place that `mask` (after_unknown) says true for made Unknown, also where `value` has nothing.
  // With `interest`: at the top only the attributes it wants.
  Value WithUnknowns(SliceReader& reader, Value value, const JsonNode& mask, const Interest* interest = nullptr);
  // Marks every place that `mask` (after_sensitive) says true for.
  static void MarkSensitive(SliceReader& reader, Value& value, const JsonNode& mask);
  static void MarkAllSensitive(Value& value);

  // False without looking deeper if the mask cannot say true anywhere.
  [[nodiscard]] static bool SaysTrue(const SliceReader& reader, const JsonNode& mask);

 private:
  Value ReadList(SliceReader& reader, const JsonNode& node);
  Value ReadMap(SliceReader& reader, const JsonNode& node, const Interest* interest);
  Value ListWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask);
  Value MapWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask, const Interest* interest);
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
};

// Finds a duplicate among keys, most often without work because Terraform writes attributes in ascending order.
bool HasDuplicateKey(std::span<const Member> members);

// Finds members by key in linear time over all calls if the calls follow the order of the members.
class MemberFinder {
 public:
  explicit MemberFinder(std::span<const Member> members) : members_(members) {}
  // The place of `key`, or npos.
  std::size_t Find(std::string_view key);
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  std::span<const Member> members_;
  std::size_t next_ = 0;
  std::vector<std::uint32_t> sorted_;  // made when the order does not help and there are many
};

}  // namespace tfseal::terraform
