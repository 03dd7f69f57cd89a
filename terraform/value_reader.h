#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "terraform/arena.h"
#include "terraform/document.h"
#include "terraform/interest.h"
#include "terraform/json_slice.h"
#include "terraform/shared_values.h"
#include "terraform/value.h"

namespace tfseal::terraform {

// Turns JSON values into Values in an arena and lays the masks of a plan over them. Problems are left in the
// SliceReader; what is returned then is of no use.
class ValueReader {
 public:
  // What the values of a document are kept in: their texts copied, and what they have in common kept once.
  static ValueReader Keeping(Arena& arena) { return ValueReader(arena, std::make_unique<SharedValues>(arena)); }
  // For values that are looked at and forgotten: their texts stay where they are, in the slice or in the arena.
  static ValueReader Passing(Arena& arena) { return ValueReader(arena, nullptr); }

  Value Read(SliceReader& reader, const JsonNode& node);
  // The text of a string, kept; empty for anything else.
  std::string_view Text(SliceReader& reader, const JsonNode& node) { return ReadText(reader, node).text(); }
  // The name of something that many resources have in common, a type or a provider, kept; most often the same place for
  // the same name.
  std::string_view Name(std::string_view name) { return KeptName(name); }
  // What a plan says of the attributes of one side elsewhere.
  struct Masks {
    JsonNode unknown;    // after_unknown, as in WithUnknowns(), which keeps all that is unknown
    JsonNode sensitive;  // before_sensitive, after_sensitive, sensitive_values, as in WithSensitive()
  };
  // Of an object only the attributes that `interest` wants of resources of `type`, which must stay valid as long as the
  // reader; anything else as Read. `left_out` becomes the names of the others, in the arena.
  Value ReadAttributes(SliceReader& reader, const JsonNode& node, const Interest& interest, std::string_view type,
                       NameList& left_out, const Masks& masks);

  // `value` with every place that `mask` (after_unknown) says true for made Unknown, also where `value` has nothing.
  Value WithUnknowns(SliceReader& reader, Value value, const JsonNode& mask);
  // `value` with every place marked as sensitive that `mask` (after_sensitive) says true for.
  Value WithSensitive(SliceReader& reader, const Value& value, const JsonNode& mask);
  // All of it marked.
  Value Sensitive(const Value& value);
  // A list or map with another item or member value at `place`.
  Value Replaced(const Value& container, std::size_t place, const Value& value);

  // False without looking deeper if the mask cannot say true anywhere.
  [[nodiscard]] static bool SaysTrue(const SliceReader& reader, const JsonNode& mask);

 private:
  ValueReader(Arena& arena, std::unique_ptr<SharedValues> shared) : arena_(arena), shared_(std::move(shared)) {}
  Value ReadList(SliceReader& reader, const JsonNode& node);
  Value ReadMap(SliceReader& reader, const JsonNode& node);
  Value ListWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask);
  Value MapWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask);
  // The same for the map whose members stand in members_ from `from` on. Whether anything changed.
  bool MergeUnknowns(SliceReader& reader, std::size_t from, const JsonNode& mask);
  void MergeSensitive(SliceReader& reader, std::size_t from, const JsonNode& mask);
  static constexpr std::size_t kUnwantedMax = 256;
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
      std::array<std::uint64_t, kUnwantedMax / 64> bits{};
      NameList names;
    };
    std::vector<Key> keys;  // no name twice
    std::vector<Variant> variants;
    std::uint32_t unwanted = 0;
    bool irregular = false;  // the order differs from object to object: no use
  };
  static constexpr std::size_t kKeysMax = 512;
  static constexpr std::size_t kVariantsMax = 64;
  Shape& ShapeOf(std::string_view type);
  // The place of the key that `ahead` (Members::Ahead) starts with, at `place` or behind it; the number of keys if it
  // is none of those.
  static std::size_t FindAhead(const Shape& shape, std::string_view ahead, std::size_t place);
  // Puts a key into the shape, at `place` or behind what sorts before it there, as objects and masks leave out
  // different ones. Its place; nullopt if it must not be: it is there already, or there are too many.
  std::optional<std::size_t> AddKey(Shape& shape, std::size_t place, std::string_view name, bool wanted);
  // MergeUnknowns() for what ReadByShape() has just read: the mask names attributes of the same type, so that they are
  // found by their places in the shape.
  void MergeUnknownsByShape(SliceReader& reader, std::size_t from, const JsonNode& mask, const Interest& interest,
                            std::string_view type, Shape& shape);
  // One member of a mask that says true somewhere, for the member at `place` in members_, or a new one if that is npos;
  // `name` is where the name is kept. Whether anything changed.
  bool MergeUnknown(SliceReader& reader, std::size_t place, std::string_view name, const JsonNode& mask);
  // False if the object does not fit the shape and has to be read without.
  bool ReadByShape(SliceReader& reader, const JsonNode& node, const Interest& interest, std::string_view type,
                   Shape& shape, NameList& left_out);
  // `place` becomes the one behind the key.
  bool ReadNewKey(SliceReader& reader, Members& members, const Interest& interest, std::string_view type, Shape& shape,
                  std::size_t& place, Shape::Variant& variant);
  NameList NamesOf(Shape& shape, const Shape::Variant& variant);
  void ReadWithoutShape(SliceReader& reader, const JsonNode& node, const Interest& interest, std::string_view type,
                        NameList& left_out);
  Value TakeMembers(std::size_t from);
  Value TakeItems(std::size_t from);

  // Where the text stays.
  std::string_view Kept(std::string_view text) { return shared_ == nullptr ? text : shared_->Text(text, false); }
  std::string_view KeptName(std::string_view name) { return shared_ == nullptr ? name : shared_->Name(name); }
  Value ReadText(SliceReader& reader, const JsonNode& node);

  Arena& arena_;
  std::unique_ptr<SharedValues> shared_;  // nullptr: Passing()
  // Stacks: what is above `from` belongs to the innermost list or map that is being read.
  std::vector<Value> items_;
  std::vector<Member> members_;
  // For each member that ReadByShape() read last, its place in the shape; ascending.
  std::vector<std::uint32_t> places_;
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
