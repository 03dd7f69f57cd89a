#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/check.h"

namespace tfseal::terraform {

// The states an attribute can be in. Absent: the key is not there. Null: the key is there without a value, so the
// provider's default applies. Unknown: known after apply; reading it as absent is the classic false verdict.
enum class ValueKind : std::uint8_t { kAbsent, kUnknown, kNull, kBool, kNumber, kString, kList, kMap };

struct Member;

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
  [[nodiscard]] std::span<const Member> members() const;  // of a map; empty for everything else
  [[nodiscard]] std::span<Value> mutable_items();
  [[nodiscard]] std::span<Member> mutable_members();

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
    return kind_ == other.kind_ && size_ == other.size_ && size_ > 0 &&
           ((is_map() && data_.members_ == other.data_.members_) || (is_list() && data_.items_ == other.data_.items_));
  }

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

  union {
    bool bool_;
    const char* text_;
    Value* items_;
    Member* members_;
  } data_ = {};
  std::uint32_t size_ = 0;
  ValueKind kind_ = ValueKind::kAbsent;
  bool sensitive_ = false;
};

struct Member {
  std::string_view key;
  Value value;
};

inline std::span<const Member> Value::members() const {
  return is_map() ? std::span<const Member>(data_.members_, size_) : std::span<const Member>();
}

}  // namespace tfseal::terraform
