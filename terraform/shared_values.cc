#include "terraform/shared_values.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "terraform/json_text.h"

namespace tfseal::terraform {
namespace {

constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

template <class Word>
std::uint64_t WordAt(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Of its first, middle and last bytes. `text` is not empty.
std::uint64_t HashOf(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    const std::uint64_t middle = WordAt<std::uint64_t>(at + (size - 8) / 2);
    const std::uint64_t tail = WordAt<std::uint64_t>(at + size - 8);
    return (WordAt<std::uint64_t>(at) ^ (tail << 7U | tail >> 57U) ^ (middle << 23U | middle >> 41U) ^ size) * kMix;
  }
  const std::uint64_t word = size >= 4 ? WordAt<std::uint32_t>(at) << 32U | WordAt<std::uint32_t>(at + size - 4)
                                       : WordAt<std::uint8_t>(at) << 16U | WordAt<std::uint8_t>(at + size / 2) << 8U |
                                             WordAt<std::uint8_t>(at + size - 1);
  return (word ^ size << 56U) * kMix;
}

bool SameText(std::string_view a, std::string_view b) {
  constexpr std::size_t kShort = 64;
  if (a.size() != b.size()) return false;
  return a.size() <= kShort ? SameBytes(a.data(), b.data(), a.size()) : a == b;
}

std::uint64_t Mixed(std::uint64_t hash, std::uint64_t word) {
  return (hash ^ word) * kMix ^ hash >> 29U;
}

// The names are shared themselves, so that most often the same name stands at the same place.
std::uint64_t Identity(std::string_view name) {
  return std::hash<const void*>()(name.data()) ^ name.size();
}

}  // namespace

SharedValues::SharedValues(Arena& arena) : arena_(arena) {
  MakePlaces(kFewBits);
}

void SharedValues::MakePlaces(unsigned bits) {
  shift_ = 64 - bits;
  texts_.assign(std::size_t{1} << bits, {});
  keys_.assign(std::size_t{1} << bits, {});
  numbers_.assign(std::size_t{1} << bits, {});
  names_.assign(std::size_t{1} << bits, {});
  lists_.assign(std::size_t{1} << bits, {});
  maps_.assign(std::size_t{1} << bits, {});
}

std::string_view SharedValues::Text(std::string_view text, bool is_last_in_arena) {
  if (text.empty()) return {};
  if (text.size() > kSharedBytesMax) return is_last_in_arena ? text : arena_.Copy(text);
  std::string_view& place = texts_[HashOf(text) >> shift_];
  if (!SameText(place, text)) {
    place = is_last_in_arena ? text : arena_.Copy(text);
  } else if (is_last_in_arena) {
    arena_.GiveBackFrom(text.data());
  }
  return place;
}

std::string_view SharedValues::Name(std::string_view name) {
  if (name.empty()) return {};
  // Four places for each hash: two names that push each other out would be kept again and again.
  const std::size_t first = HashOf(name) >> shift_;
  for (std::size_t i = 0; i < 4; ++i) {
    std::string_view& place = keys_[first ^ i];
    if (SameText(place, name)) return place;
    if (place.empty()) return place = arena_.Copy(name);
  }
  return keys_[first] = arena_.Copy(name);
}

ValueTable::Number SharedValues::NumberOf(const Value& value) {
  Numbered& place = numbers_[value.ViewHash() >> shift_];
  if (!place.used || !place.value.IsSameView(value)) place = {value, table_->Add(value, arena_), true};
  return place.number;
}

const SharedNames* SharedValues::NamesOf(std::span<const Member> members) {
  std::uint64_t hash = members.size();
  for (const Member& member : members) hash = Mixed(hash, Identity(member.key));
  KeptNames& place = names_[hash >> shift_];
  const bool same = place.size == members.size() &&
                    std::equal(members.begin(), members.end(), place.names->names,
                               [](const Member& a, std::string_view b) { return Identity(a.key) == Identity(b); });
  if (!same) {
    auto* const names = arena_.AllocateArray<std::string_view>(members.size());
    std::transform(members.begin(), members.end(), names, [](const Member& member) { return member.key; });
    constexpr std::size_t kAtOnce = SharedNames::kTagsAtOnce;
    auto* const tags = arena_.AllocateArray<std::uint8_t>((members.size() + kAtOnce - 1) / kAtOnce * kAtOnce);
    std::transform(names, names + members.size(), tags, SharedNames::TagOf);
    const bool plain = std::all_of(names, names + members.size(),
                                   [](std::string_view name) { return FirstStepEnd(name) == name.size(); });
    auto* const kept = arena_.AllocateArray<SharedNames>(1);
    *kept = {table_, names, tags, plain};
    place = {kept, members.size()};
  }
  return place.names;
}

Value SharedValues::List(std::span<const Value> items) {
  if (items.empty()) return Value::List({});
  std::uint64_t hash = items.size();
  for (const Value& item : items) hash = Mixed(hash, item.ViewHash());
  Value& place = lists_[hash >> shift_];
  const std::span<const Value> known = place.items();
  const bool same = std::equal(known.begin(), known.end(), items.begin(), items.end(),
                               [](const Value& a, const Value& b) { return a.IsSameView(b); });
  if (!same) {
    auto* const kept = arena_.AllocateArray<Value>(items.size());
    std::copy(items.begin(), items.end(), kept);
    place = Value::List({kept, items.size()});
  }
  return place;
}

Value SharedValues::Map(std::span<const Member> members) {
  if (members.empty()) return Value::Map(std::span<Member>());
  if (table_ == nullptr) table_ = arena_.AllocateArray<ValueTable>(1);
  // Only a document that keeps many values is worth large tables; what the small ones held is merely kept again.
  if (shift_ == 64 - kFewBits && ++maps_seen_ > kManyMaps) MakePlaces(kManyBits);
  const SharedNames* const names = NamesOf(members);
  scratch_.clear();
  std::uint64_t hash = std::hash<const void*>()(names);
  for (const Member& member : members) {
    scratch_.push_back(NumberOf(member.value));
    hash = Mixed(hash, scratch_.back());
  }
  KeptMap& place = maps_[hash >> shift_];
  const bool same = place.size == members.size() && place.map->names == names &&
                    std::equal(scratch_.begin(), scratch_.end(), place.map->numbers());
  if (!same) {
    const std::size_t bytes = scratch_.size() * sizeof(ValueTable::Number);
    auto* const map = new (arena_.Allocate(sizeof(SharedMap) + bytes, alignof(SharedMap))) SharedMap{names};
    std::memcpy(static_cast<void*>(map + 1), scratch_.data(), bytes);
    place = {map, members.size()};
  }
  return Value::Map(place.map, place.size);
}

}  // namespace tfseal::terraform
