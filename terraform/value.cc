#include "terraform/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "terraform/json_text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tfseal::terraform {

// Eight bytes at a time: controls ask for attributes a million times.
std::size_t FirstStepEnd(std::string_view path) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  const auto none_is = [](std::uint64_t word, char c) {
    const std::uint64_t zero_where_equal = word ^ (kOnes * static_cast<unsigned char>(c));
    return ((zero_where_equal - kOnes) & ~zero_where_equal & (kOnes << 7U)) == 0;
  };
  std::size_t end = 0;
  for (std::uint64_t word = 0; end + sizeof(word) <= path.size(); end += sizeof(word)) {
    std::memcpy(&word, path.data() + end, sizeof(word));
    if (!none_is(word, '.') || !none_is(word, '[')) break;
  }
  while (end < path.size() && path[end] != '.' && path[end] != '[') ++end;
  return end;
}

Value Value::List(std::span<Value> items) {
  Value value(ValueKind::kList, Size(items.size()));
  value.data_.items_ = items.data();
  return value;
}

Value Value::Map(std::span<Member> members) {
  Value value(ValueKind::kMap, Size(members.size()));
  value.data_.members_ = members.data();
  return value;
}

Value Value::Map(const SharedMap* map, std::size_t size) {
  Value value(ValueKind::kMap, Size(size));
  value.data_.shared_ = map;
  value.is_shared_ = true;
  return value;
}

ValueTable::Number ValueTable::Add(const Value& value, Arena& arena) {
  const std::uint32_t chunk = size_ / kChunk;
  if (size_ % kChunk == 0) {
    if (chunk == room_) {
      TFSEAL_CHECK(size_ < UINT32_MAX / 2);
      room_ = room_ == 0 ? 4 : room_ * 2;
      auto* const larger = arena.AllocateArray<Value*>(room_);
      std::copy(chunks_, chunks_ + chunk, larger);
      chunks_ = larger;
    }
    chunks_[chunk] = arena.AllocateArray<Value>(kChunk);
  }
  chunks_[chunk][size_ % kChunk] = value;
  return size_++;
}

bool Value::empty() const {
  if (unset()) return true;
  return size_ == 0 && (kind_ == ValueKind::kString || is_list() || is_map());
}

std::optional<bool> Value::AsBool() const {
  if (kind_ == ValueKind::kBool) return data_.bool_;
  if (kind_ == ValueKind::kString && text() == "true") return true;
  if (kind_ == ValueKind::kString && text() == "false") return false;
  return std::nullopt;
}

std::optional<double> Value::AsNumber() const {
  if (kind_ != ValueKind::kNumber && kind_ != ValueKind::kString) return std::nullopt;
  const std::string_view digits = text();
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::size_t SharedNames::Find(std::string_view name, std::size_t size) const {
  const std::uint8_t tag = TagOf(name);
  const auto is = [&](std::size_t i) {
    return names[i].size() == name.size() && SameBytes(names[i].data(), name.data(), name.size());
  };
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(static_cast<char>(tag));
  for (std::size_t start = 0; start < size; start += kTagsAtOnce) {
    const void* const here = tags + start;
    const __m128i sixteen = _mm_loadu_si128(static_cast<const __m128i*>(here));
    auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, wanted)));
    for (; found != 0; found &= found - 1) {
      const std::size_t i = start + static_cast<unsigned>(__builtin_ctz(found));
      if (i < size && is(i)) return i;
    }
  }
#else
  for (std::size_t i = 0; i < size; ++i) {
    if (tags[i] == tag && is(i)) return i;
  }
#endif
  return npos;
}

Value Value::Get(std::string_view key) const {
  if (unknown()) return Unknown();
  if (!is_map()) return {};
  if (is_shared_) {
    const std::size_t place = data_.shared_->names->Find(key, size_);
    return place == SharedNames::npos ? Value() : data_.shared_->At(place);
  }
  // Most keys differ in length or in their last letter; a call of memcmp for each of the others would cost more.
  const char last = key.empty() ? '\0' : key.back();
  for (const Member *member = data_.members_, *end = member + size_; member != end; ++member) {
    if (member->key.size() != key.size() || (!key.empty() && member->key.back() != last)) continue;
    if (SameBytes(member->key.data(), key.data(), key.size())) return member->value;
  }
  return {};
}

Value Value::Get(std::size_t index) const {
  if (unknown()) return Unknown();
  return index < items().size() ? items()[index] : Value();
}

Value Value::At(std::string_view path) const {
  // The name of an attribute, most of the time.
  if (is_map() && is_shared_ && data_.shared_->names->plain && !path.empty()) {
    const std::size_t place = data_.shared_->names->Find(path, size_);
    if (place != SharedNames::npos) return data_.shared_->At(place);
  }
  if (is_map() && FirstStepEnd(path) == path.size()) return path.empty() ? *this : Get(path);
  Value value = *this;
  while (!path.empty()) {
    const std::size_t end = FirstStepEnd(path);
    std::string_view step = path.substr(0, end);
    if (path.front() == '[') {
      const std::size_t close = path.find(']');
      step = path.substr(1, close - 1);
      path = close == std::string_view::npos ? std::string_view() : path.substr(close + 1);
    } else {
      path = end == path.size() ? std::string_view() : path.substr(path[end] == '.' ? end + 1 : end);
    }
    if (path.starts_with('.')) path.remove_prefix(1);
    std::size_t index = 0;
    const auto [last, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool is_index = error == std::errc() && last == step.data() + step.size();
    if (is_index && !value.is_map()) {
      value = value.Get(index);
    } else {
      if (value.items().size() == 1) value = value.Get(std::size_t{0});
      value = value.Get(step);
    }
  }
  return value;
}

const void* Value::NamesIdentity() const {
  return is_map() && is_shared_ ? data_.shared_->names : nullptr;
}

bool Value::AnyUnknown() const {
  if (unknown()) return true;
  for (const Value& item : items()) {
    if (item.AnyUnknown()) return true;
  }
  for (const Member& member : members()) {
    if (member.value.AnyUnknown()) return true;
  }
  return false;
}

bool Value::SameAs(const Value& other) const {
  if (kind_ != other.kind_ || unknown()) return false;
  switch (kind_) {
    case ValueKind::kBool:
      return data_.bool_ == other.data_.bool_;
    case ValueKind::kNumber:
      return text() == other.text() || (AsNumber().has_value() && AsNumber() == other.AsNumber());
    case ValueKind::kString:
      return text() == other.text();
    case ValueKind::kList:
      if (size_ != other.size_) return false;
      for (std::size_t i = 0; i < size_; ++i) {
        if (!items()[i].SameAs(other.items()[i])) return false;
      }
      return true;
    case ValueKind::kMap:
      if (size_ != other.size_) return false;
      for (const Member& member : members()) {
        if (!member.value.SameAs(other.Get(member.key))) return false;
      }
      return true;
    default:
      return true;
  }
}

}  // namespace tfseal::terraform
