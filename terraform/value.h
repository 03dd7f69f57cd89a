#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/check.h"
#include "terraform/arena.h"

namespace tfseal::terraform {

// The states an attribute can be in. Absent: the key is not there. Null: the key is there without a value, so the
// provider's default applies. Unknown: known after apply; reading it as absent is the classic false verdict.
enum class ValueKind : std::uint8_t { kAbsent, kUnknown, kNull, kBool, kNumber, kString, kList, kMap };

struct Member;
class MemberRange;
struct SharedMap;

// Where a dot or bracket ends the first step of a path, or the path does.
[[nodiscard]] std::size_t FirstStepEnd(std::string_view path);

// An attribute value as Terraform reported it, with the unknown and the sensitive mask already applied to every leaf.
// A cheap view into the arena of its Document, valid as long as that lives. The zero value is Absent.
//
// Numbers keep their source text, because Terraform writes integers that a double cannot hold. Sensitive values can
// be judged, never printed: whatever renders a value must ask sensitive() first.
class Value {
 public:
  Value() = default;

  static Value Unknown() { return Value(ValueKind::kUnknown, 0); }
  static Value Null() { return Value(ValueKind::kNull, 0); }
  static Value Bool(bool flag) {
    Value value(ValueKind::kBool, 0);
    value.data_.bool_ = flag;
    return value;
  }
  static Value Number(std::string_view text) { return Text(ValueKind::kNumber, text); }  // a JSON number
  static Value String(std::string_view text) { return Text(ValueKind::kString, text); }  // unescaped UTF-8
  static Value List(std::span<Value> items);
  static Value Map(std::span<Member> members);  // in document order; keys are unique
  static Value Map(const SharedMap* map, std::size_t size);

  [[nodiscard]] ValueKind kind() const { return kind_; }
  [[nodiscard]] bool absent() const { return kind_ == ValueKind::kAbsent; }
  [[nodiscard]] bool unknown() const { return kind_ == ValueKind::kUnknown; }
  [[nodiscard]] bool null() const { return kind_ == ValueKind::kNull; }
  [[nodiscard]] bool is_list() const { return kind_ == ValueKind::kList; }
  [[nodiscard]] bool is_map() const { return kind_ == ValueKind::kMap; }
  // Absent or null: nobody set it, the provider's default applies.
  [[nodiscard]] bool unset() const { return kind_ == ValueKind::kAbsent || kind_ == ValueKind::kNull; }
  // Something definite that is there: neither absent, null nor unknown.
  [[nodiscard]] bool known() const { return kind_ >= ValueKind::kBool; }
  // Unset, an empty string, list or map: what "not configured" looks like in states and in plans.
  [[nodiscard]] bool empty() const;

  [[nodiscard]] bool sensitive() const { return sensitive_; }
  void set_sensitive(bool sensitive) { sensitive_ = sensitive; }

  // nullopt unless it is a boolean or, since some attributes are string-typed booleans
  // (aws_elasticache_replication_group.at_rest_encryption_enabled), the text "true" or "false".
  [[nodiscard]] std::optional<bool> AsBool() const;
  // nullopt unless it is a number, or a string that is one, within the range of a double.
  [[nodiscard]] std::optional<double> AsNumber() const;
  // The text of a string or number; empty for everything else.
  [[nodiscard]] std::string_view text() const {
    if (kind_ != ValueKind::kNumber && kind_ != ValueKind::kString) return {};
    return {data_.text_, size_};
  }

  [[nodiscard]] std::span<const Value> items() const {  // of a list; empty for everything else
    return is_list() ? std::span<const Value>(data_.items_, size_) : std::span<const Value>();
  }
  [[nodiscard]] MemberRange members() const;  // of a map; empty for everything else

  // The member `key` of a map or item `index` of a list. Unknown if this value is unknown, else Absent if it is
  // missing.
  [[nodiscard]] Value Get(std::string_view key) const;
  [[nodiscard]] Value Get(std::size_t index) const;
  // "rule[0].lifecycle.delete_after", "rule.0.lifecycle". A list of exactly one block may be entered without an index,
  // as Terraform's own references do not do but people do: "server_side_encryption.enabled".
  [[nodiscard]] Value At(std::string_view path) const;

  // True if this value, or anything inside it, is unknown.
  [[nodiscard]] bool AnyUnknown() const;

  // Whether both are views of one and the same map or list. False says nothing.
  [[nodiscard]] bool IsSameObject(const Value& other) const {
    return (is_map() || is_list()) && size_ > 0 && IsSameView(other);
  }
  // Whether both are the same scalar, or views of the same text, map or list, and marked alike. False says nothing.
  [[nodiscard]] bool IsSameView(const Value& other) const {
    return kind_ == other.kind_ && size_ == other.size_ && sensitive_ == other.sensitive_ && word() == other.word();
  }
  // Of what IsSameView() compares.
  [[nodiscard]] std::uint64_t ViewHash() const {
    const std::uint64_t rest = std::uint64_t{size_} << 16U | static_cast<std::uint64_t>(kind_) << 1U | sensitive_;
    return (word() ^ rest * 0xD6E8FEB86659FD93ULL) * 0x9E3779B97F4A7C15ULL;
  }

  // Of a map that a reader keeps (SharedValues): the same for two maps only if they have the same names in the same
  // order. No member of such a map is Absent. Null for all other maps and values.
  [[nodiscard]] const void* NamesIdentity() const;

  // Same kind and content to the leaf; the sensitive mark does not count. Unknown equals nothing, not even itself.
  [[nodiscard]] bool SameAs(const Value& other) const;

 private:
  Value(ValueKind kind, std::uint32_t size) : size_(size), kind_(kind) {}
  static Value Text(ValueKind kind, std::string_view text) {
    Value value(kind, Size(text.size()));
    value.data_.text_ = text.data();
    return value;
  }
  // The slicer caps a single element far below what does not fit.
  static std::uint32_t Size(std::size_t size) {
    TFSEAL_CHECK(size <= UINT32_MAX);
    return static_cast<std::uint32_t>(size);
  }

  friend class MemberRange;
  [[nodiscard]] std::uint64_t word() const {
    if (kind_ == ValueKind::kBool) return data_.bool_ ? 1 : 0;
    return std::hash<const void*>()(data_.text_);
  }

  union {
    const char* text_;
    bool bool_;
    const Value* items_;
    const Member* members_;
    const SharedMap* shared_;
  } data_ = {};
  std::uint32_t size_ = 0;
  ValueKind kind_ = ValueKind::kAbsent;
  bool sensitive_ = false;
  bool is_shared_ = false;  // a map: which of the two representations
};

struct Member {
  std::string_view key;
  Value value;
};

// Values that many maps share, by number. It lives in the arena that it takes its memory from, and never shrinks.
class ValueTable {
 public:
  using Number = std::uint32_t;
  [[nodiscard]] const Value& operator[](Number number) const { return chunks_[number / kChunk][number % kChunk]; }
  Number Add(const Value& value, Arena& arena);

 private:
  static constexpr std::uint32_t kChunk = 1024;
  Value** chunks_ = nullptr;
  std::uint32_t room_ = 0;  // for pointers in chunks_
  Number size_ = 0;
};

// The names of all maps that have the same ones in the same order, and where their values are.
struct SharedNames {
  const ValueTable* values;
  const std::string_view* names;
  // TagOf() each name, and room behind them up to a multiple of sixteen: what a name is looked for by, because most
  // controls ask for one of some thirty names.
  const std::uint8_t* tags;
  bool plain;  // no name holds a dot or a bracket

  static constexpr std::size_t kTagsAtOnce = 16;
  static std::uint8_t TagOf(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(name[i])); };
    return static_cast<std::uint8_t>(name.size() * 157 + byte(name.size() - 1) * 85 + byte(name.size() / 2) * 31 +
                                     byte(0) * 3);
  }
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  // The place of `name` among the first `size`, which are all; npos if it is not there.
  [[nodiscard]] std::size_t Find(std::string_view name, std::size_t size) const;
};

// A map as a reader keeps it: many maps have the same names, and most values come again and again (unset, false, the
// same engine), so that a member costs four bytes instead of 32. The numbers of the values follow in memory, in the
// order of the names.
struct SharedMap {
  const SharedNames* names;
  [[nodiscard]] std::string_view Name(std::size_t i) const { return names->names[i]; }
  [[nodiscard]] const ValueTable::Number* numbers() const {
    return static_cast<const ValueTable::Number*>(static_cast<const void*>(this + 1));
  }
  [[nodiscard]] const Value& At(std::size_t i) const { return (*names->values)[numbers()[i]]; }
};

// The members of a map, made as they are asked for.
class MemberRange {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Member;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Member;
    Iterator(const Value* map, std::size_t place) : map_(map), place_(place) {}
    Member operator*() const { return MemberRange(*map_)[place_]; }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    Iterator operator++(int) { return {map_, place_++}; }
    bool operator==(const Iterator& other) const { return place_ == other.place_; }

   private:
    const Value* map_;
    std::size_t place_;
  };

  MemberRange() = default;
  explicit MemberRange(const Value& map) : map_(map) {}
  [[nodiscard]] std::size_t size() const { return map_.size_; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] Member operator[](std::size_t i) const {
    if (!map_.is_shared_) return map_.data_.members_[i];
    const SharedMap& shared = *map_.data_.shared_;
    return {shared.Name(i), shared.At(i)};
  }
  // Valid as long as the range.
  [[nodiscard]] Iterator begin() const { return {&map_, 0}; }
  [[nodiscard]] Iterator end() const { return {&map_, size()}; }

 private:
  Value map_;
};

inline MemberRange Value::members() const {
  return is_map() ? MemberRange(*this) : MemberRange();
}

}  // namespace tfseal::terraform
