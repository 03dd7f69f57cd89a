#include "terraform/value_reader.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tfseal::terraform {
namespace {

constexpr std::size_t kFewMembers = 16;

}  // namespace

bool HasDuplicateKey(std::span<const Member> members) {
  bool ascending = true;
  for (std::size_t i = 1; i < members.size() && ascending; ++i) ascending = members[i - 1].key < members[i].key;
  if (ascending) return false;
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const Member& member : members) keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

std::size_t MemberFinder::Find(std::string_view key) {
  if (next_ < members_.size() && members_[next_].key == key) return next_++;
  if (members_.size() <= kFewMembers) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].key == key) {
        next_ = i + 1;
        return i;
      }
    }
    return npos;
  }
  if (sorted_.empty()) {
    sorted_.resize(members_.size());
    std::iota(sorted_.begin(), sorted_.end(), 0U);
    std::sort(sorted_.begin(), sorted_.end(),
              [this](std::uint32_t a, std::uint32_t b) { return members_[a].key < members_[b].key; });
  }
  const auto found =
      std::lower_bound(sorted_.begin(), sorted_.end(), key,
                       [this](std::uint32_t i, std::string_view wanted) { return members_[i].key < wanted; });
  if (found == sorted_.end() || members_[*found].key != key) return npos;
  next_ = *found + std::size_t{1};
  return *found;
}

bool ValueReader::SaysTrue(const SliceReader& reader, const JsonNode& mask) {
  if (mask.is_true()) return true;
  if (!mask.is_object() && !mask.is_array()) return false;
  return reader.raw(mask).find("true") != std::string_view::npos;
}

std::string_view ValueReader::Kept(std::string_view text) {
  if (text.size() > kCachedBytesMax || text.empty()) return arena_.Copy(text);
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  const std::size_t part = std::min<std::size_t>(text.size(), 8);
  std::memcpy(&head, text.data(), part);
  std::memcpy(&tail, text.data() + text.size() - part, part);
  const std::uint64_t hash = (head ^ (tail << 7U | tail >> 57U) ^ text.size()) * 0x9E3779B97F4A7C15ULL;
  std::string_view& place = cache_[hash >> 54U];
  if (place != text) place = arena_.Copy(text);
  return place;
}

Value ValueReader::TakeMembers(std::size_t from) {
  const std::size_t count = members_.size() - from;
  if (count == 0) return Value::Map({});
  Member* kept = arena_.AllocateArray<Member>(count);
  std::copy(members_.begin() + static_cast<std::ptrdiff_t>(from), members_.end(), kept);
  members_.resize(from);
  return Value::Map({kept, count});
}

Value ValueReader::TakeItems(std::size_t from) {
  const std::size_t count = items_.size() - from;
  if (count == 0) return Value::List({});
  Value* kept = arena_.AllocateArray<Value>(count);
  std::copy(items_.begin() + static_cast<std::ptrdiff_t>(from), items_.end(), kept);
  items_.resize(from);
  return Value::List({kept, count});
}

Value ValueReader::Read(SliceReader& reader, const JsonNode& node) {
  switch (node.kind) {
    case '"':
      return Value::String(Kept(reader.Text(node)));
    case '{':
      return ReadMap(reader, node, nullptr);
    case '[':
      return ReadList(reader, node);
    case 't':
      return Value::Bool(true);
    case 'f':
      return Value::Bool(false);
    case 'n':
      return Value::Null();
    default:
      return node.present() ? Value::Number(Kept(reader.raw(node))) : Value();
  }
}

Value ValueReader::ReadAttributes(SliceReader& reader, const JsonNode& node, const Interest& interest) {
  return node.is_object() ? ReadMap(reader, node, &interest) : Read(reader, node);
}

Value ValueReader::ReadList(SliceReader& reader, const JsonNode& node) {
  const std::size_t from = items_.size();
  Elements elements(reader, node);
  JsonNode element;
  while (elements.Next(element)) {
    const Value value = Read(reader, element);
    items_.push_back(value);
  }
  return TakeItems(from);
}

Value ValueReader::ReadMap(SliceReader& reader, const JsonNode& node, const Interest* interest) {
  const std::size_t from = members_.size();
  Members members(reader, node);
  std::string_view key;
  JsonNode child;
  while (members.Next(key, child)) {
    if (interest != nullptr && !interest->WantsAttribute(key)) continue;
    const Value value = Read(reader, child);
    members_.push_back({Kept(key), value});
  }
  if (HasDuplicateKey(std::span<const Member>(members_).subspan(from))) {
    reader.Fail("says the same key twice in an object that starts", node.begin);
  }
  return TakeMembers(from);
}

Value ValueReader::WithUnknowns(SliceReader& reader, Value value, const JsonNode& mask, const Interest* interest) {
  if (mask.is_true()) return Value::Unknown();
  if (value.unknown() || !SaysTrue(reader, mask)) return value;
  // A mask of another shape than the value: nothing is certain then.
  if (mask.is_array())
    return value.unset() || value.is_list() ? ListWithUnknowns(reader, value, mask) : Value::Unknown();
  return value.unset() || value.is_map() ? MapWithUnknowns(reader, value, mask, interest) : Value::Unknown();
}

Value ValueReader::ListWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask) {
  const std::size_t from = items_.size();
  items_.insert(items_.end(), value.items().begin(), value.items().end());
  const std::size_t known = value.items().size();
  Elements elements(reader, mask);
  JsonNode element;
  bool any = known > 0;
  for (std::size_t i = 0; elements.Next(element); ++i) {
    const Value item = WithUnknowns(reader, i < known ? value.items()[i] : Value::Null(), element);
    any = any || item.AnyUnknown();
    if (i < known) {
      items_[from + i] = item;
    } else {
      items_.push_back(item);
    }
  }
  if (!any) {
    items_.resize(from);
    return value;
  }
  return TakeItems(from);
}

Value ValueReader::MapWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask,
                                   const Interest* interest) {
  const std::size_t from = members_.size();
  const std::span<const Member> known = value.members();
  members_.insert(members_.end(), known.begin(), known.end());
  MemberFinder finder(known);
  Members members(reader, mask);
  std::string_view key;
  JsonNode child;
  bool changed = false;
  while (members.Next(key, child)) {
    if (interest != nullptr && !interest->WantsAttribute(key)) continue;
    if (!SaysTrue(reader, child)) continue;
    const std::size_t place = finder.Find(key);
    const Value before = place == MemberFinder::npos ? Value() : known[place].value;
    const Value merged = WithUnknowns(reader, before, child);
    if (merged.absent()) continue;
    changed = true;
    if (place == MemberFinder::npos) {
      members_.push_back({Kept(key), merged});
    } else {
      members_[from + place].value = merged;
    }
  }
  if (!changed) {
    members_.resize(from);
    return value;
  }
  if (HasDuplicateKey(std::span<const Member>(members_).subspan(from))) {
    reader.Fail("says the same key twice in a mask that starts", mask.begin);
  }
  return TakeMembers(from);
}

void ValueReader::MarkAllSensitive(Value& value) {
  value.set_sensitive(true);
  for (Value& item : value.mutable_items()) MarkAllSensitive(item);
  for (Member& member : value.mutable_members()) MarkAllSensitive(member.value);
}

void ValueReader::MarkSensitive(SliceReader& reader, Value& value, const JsonNode& mask) {
  if (mask.is_true()) {
    MarkAllSensitive(value);
    return;
  }
  if (!SaysTrue(reader, mask) || value.unset()) return;
  if (mask.is_array() ? !value.is_list() : !value.is_map()) {
    MarkAllSensitive(value);  // a mask of another shape than the value: nothing may be shown
    return;
  }
  if (mask.is_array()) {
    Elements elements(reader, mask);
    JsonNode element;
    const std::span<Value> items = value.mutable_items();
    for (std::size_t i = 0; elements.Next(element); ++i) {
      if (i < items.size()) MarkSensitive(reader, items[i], element);
    }
    return;
  }
  Members members(reader, mask);
  std::string_view key;
  JsonNode child;
  const std::span<Member> places = value.mutable_members();
  MemberFinder finder(places);
  while (members.Next(key, child)) {
    if (!SaysTrue(reader, child)) continue;
    const std::size_t place = finder.Find(key);
    if (place != MemberFinder::npos) MarkSensitive(reader, places[place].value, child);
  }
}

}  // namespace tfseal::terraform
