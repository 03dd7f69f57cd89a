#include "terraform/value_reader.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "terraform/json_text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tfseal::terraform {
namespace {

constexpr std::size_t kFewMembers = 64;

template <class Entries, class Name>
bool HasDuplicate(const Entries& entries, Name name) {
  bool ascending = true;
  for (std::size_t i = 1; i < entries.size() && ascending; ++i) ascending = name(entries[i - 1]) < name(entries[i]);
  if (ascending) return false;
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.push_back(name(entry));
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

// Whether "true" stands anywhere in `text`; asked for every mask, and most have none.
bool ContainsTrue(std::string_view text) {
  constexpr std::size_t kSize = 4;
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i first = _mm_set1_epi8('t');
  const __m128i last = _mm_set1_epi8('e');
  for (; i + 16 + kSize - 1 <= text.size(); i += 16) {
    const void* const here = text.data() + i;
    const void* const there = text.data() + i + kSize - 1;
    const __m128i t = _mm_loadu_si128(static_cast<const __m128i*>(here));
    const __m128i e = _mm_loadu_si128(static_cast<const __m128i*>(there));
    auto places =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(t, first), _mm_cmpeq_epi8(e, last))));
    for (; places != 0; places &= places - 1) {
      if (text.substr(i + static_cast<unsigned>(__builtin_ctz(places)), kSize) == "true") return true;
    }
  }
#endif
  for (; i + kSize <= text.size(); ++i) {
    if (text[i] == 't' && text.substr(i, kSize) == "true") return true;
  }
  return false;
}

}  // namespace

bool HasDuplicateKey(std::span<const Member> members) {
  return HasDuplicate(members, [](const Member& member) { return member.key; });
}

std::size_t MemberFinder::Find(std::span<const Member> members, std::string_view key) {
  const auto is = [&](std::size_t i) {
    const std::string_view other = members[i].key;
    return other.size() == key.size() && SameBytes(other.data(), key.data(), key.size());
  };
  if (next_ < members.size() && is(next_)) return next_++;
  if (members.size() <= kFewMembers) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (is(i)) {
        next_ = i + 1;
        return i;
      }
    }
    return npos;
  }
  if (sorted_.empty()) {
    sorted_.resize(members.size());
    std::iota(sorted_.begin(), sorted_.end(), 0U);
    std::sort(sorted_.begin(), sorted_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return members[a].key < members[b].key; });
  }
  const auto found =
      std::lower_bound(sorted_.begin(), sorted_.end(), key,
                       [&](std::uint32_t i, std::string_view wanted) { return members[i].key < wanted; });
  if (found == sorted_.end() || members[*found].key != key) return npos;
  next_ = *found + std::size_t{1};
  return *found;
}

bool ValueReader::SaysTrue(const SliceReader& reader, const JsonNode& mask) {
  if (mask.is_true()) return true;
  if (!mask.is_object() && !mask.is_array()) return false;
  return ContainsTrue(reader.raw(mask));
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
      return ReadMap(reader, node);
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

ValueReader::Shape& ValueReader::ShapeOf(std::string_view type) {
  if (last_shape_ == nullptr || last_type_ != type) {
    last_shape_ = &shapes_[type];
    last_type_ = type;
  }
  return *last_shape_;
}

Value ValueReader::ReadAttributes(SliceReader& reader, const JsonNode& node, const Interest& interest,
                                  std::string_view type, std::span<const std::string_view>& left_out,
                                  const JsonNode& mask) {
  if (!node.is_object()) return WithUnknowns(reader, Read(reader, node), mask);
  Shape& shape = ShapeOf(type);
  const std::size_t from = members_.size();
  if (shape.irregular || !ReadByShape(reader, node, interest, type, shape, left_out)) {
    members_.resize(from);
    shape.irregular = true;
    ReadWithoutShape(reader, node, interest, type, left_out);
  }
  if (mask.is_object()) {
    MergeUnknowns(reader, from, mask);
  } else if (mask.present()) {
    return WithUnknowns(reader, TakeMembers(from), mask);
  }
  return TakeMembers(from);
}

bool ValueReader::ReadByShape(SliceReader& reader, const JsonNode& node, const Interest& interest,
                              std::string_view type, Shape& shape, std::span<const std::string_view>& left_out) {
  Members members(reader, node);
  Shape::Variant present;
  std::size_t place = 0;
  while (true) {
    const std::string_view ahead = members.Ahead();
    std::uint64_t head = 0;
    if (ahead.size() >= sizeof(head)) std::memcpy(&head, ahead.data(), sizeof(head));
    const std::size_t count = shape.keys.size();
    std::size_t found = place;
    for (; found < count; ++found) {
      const Shape::Key& key = shape.keys[found];
      if ((head & key.mask) == key.head && key.quoted.size() <= ahead.size() &&
          SameBytes(key.quoted.data(), ahead.data(), key.quoted.size())) {
        break;
      }
    }
    if (found == count) {
      if (members.AtEnd()) break;
      if (!ReadNewKey(reader, members, interest, type, shape, place, present)) {
        if (shape.irregular) return false;
        break;  // the end of an empty object, or a problem
      }
      ++place;
      continue;
    }
    place = found + 1;
    JsonNode child;
    if (!members.TakeKnown(child)) break;
    const Shape::Key& key = shape.keys[found];
    if (!key.wanted) {
      present.bits[key.bit / 64] |= std::uint64_t{1} << (key.bit % 64);
      continue;
    }
    const Value value = Read(reader, child);
    members_.push_back({shape.keys[found].name, value});
  }
  left_out = NamesOf(shape, present);
  return true;
}

// Puts the key that is next into the shape, before `place`.
bool ValueReader::ReadNewKey(SliceReader& reader, Members& members, const Interest& interest, std::string_view type,
                             Shape& shape, std::size_t place, Shape::Variant& variant) {
  std::string_view name;
  JsonNode child;
  if (!members.Next(name, child)) return false;
  const bool known =
      std::any_of(shape.keys.begin(), shape.keys.end(), [&](const Shape::Key& key) { return key.name == name; });
  const bool wanted = interest.WantsAttributeOf(type, name);
  const bool fits = shape.keys.size() < kKeysMax && shape.unwanted < variant.bits.size() * 64;
  if (known || !fits || PlainPrefix(name) != name.size()) {
    shape.irregular = true;
    return false;
  }
  Shape::Key key{};
  char* const quoted = static_cast<char*>(arena_.Allocate(name.size() + 3 + sizeof(key.head), 1));
  quoted[0] = '"';
  std::memcpy(quoted + 1, name.data(), name.size());
  quoted[name.size() + 1] = '"';
  quoted[name.size() + 2] = ':';
  key.quoted = {quoted, name.size() + 3};
  key.name = key.quoted.substr(1, name.size());
  key.wanted = wanted;
  std::memcpy(&key.head, quoted, std::min(sizeof(key.head), key.quoted.size()));
  key.mask =
      key.quoted.size() >= sizeof(key.head) ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * key.quoted.size())) - 1;
  if (!wanted) {
    key.bit = shape.unwanted++;
    variant.bits[key.bit / 64] |= std::uint64_t{1} << (key.bit % 64);
  }
  shape.keys.insert(shape.keys.begin() + static_cast<std::ptrdiff_t>(place), key);
  if (!wanted) return true;
  const Value value = Read(reader, child);
  members_.push_back({key.name, value});
  return true;
}

std::span<const std::string_view> ValueReader::NamesOf(Shape& shape, const Shape::Variant& variant) {
  for (const Shape::Variant& known : shape.variants) {
    if (known.bits == variant.bits) return known.names;
  }
  auto* const names = arena_.AllocateArray<std::string_view>(shape.unwanted);
  std::size_t count = 0;
  for (const Shape::Key& key : shape.keys) {
    if (!key.wanted && (variant.bits[key.bit / 64] >> (key.bit % 64) & 1U) != 0) names[count++] = key.name;
  }
  const std::span<const std::string_view> all(names, count);
  if (shape.variants.size() < kVariantsMax) shape.variants.push_back({variant.bits, all});
  return all;
}

void ValueReader::ReadWithoutShape(SliceReader& reader, const JsonNode& node, const Interest& interest,
                                   std::string_view type, std::span<const std::string_view>& left_out) {
  Members members(reader, node);
  std::vector<std::string_view> names;
  std::vector<std::string_view> unwanted;
  std::string_view key;
  JsonNode child;
  while (members.Next(key, child)) {
    names.push_back(Kept(key));
    if (!interest.WantsAttributeOf(type, key)) {
      unwanted.push_back(names.back());
      continue;
    }
    const Value value = Read(reader, child);
    members_.push_back({names.back(), value});
  }
  if (HasDuplicate(names, [](std::string_view name) { return name; })) {
    reader.Fail("says the same key twice in an object that starts", node.begin);
  }
  auto* const kept = arena_.AllocateArray<std::string_view>(unwanted.size());
  std::copy(unwanted.begin(), unwanted.end(), kept);
  left_out = {kept, unwanted.size()};
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

Value ValueReader::ReadMap(SliceReader& reader, const JsonNode& node) {
  const std::size_t from = members_.size();
  Members members(reader, node);
  std::string_view key;
  JsonNode child;
  while (members.Next(key, child)) {
    const Value value = Read(reader, child);
    members_.push_back({Kept(key), value});
  }
  if (HasDuplicateKey(std::span<const Member>(members_).subspan(from))) {
    reader.Fail("says the same key twice in an object that starts", node.begin);
  }
  return TakeMembers(from);
}

Value ValueReader::WithUnknowns(SliceReader& reader, Value value, const JsonNode& mask) {
  if (mask.is_true()) return Value::Unknown();
  if (value.unknown() || !SaysTrue(reader, mask)) return value;
  // A mask of another shape than the value: nothing is certain then.
  if (mask.is_array())
    return value.unset() || value.is_list() ? ListWithUnknowns(reader, value, mask) : Value::Unknown();
  return value.unset() || value.is_map() ? MapWithUnknowns(reader, value, mask) : Value::Unknown();
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

Value ValueReader::MapWithUnknowns(SliceReader& reader, const Value& value, const JsonNode& mask) {
  const std::size_t from = members_.size();
  members_.insert(members_.end(), value.members().begin(), value.members().end());
  if (MergeUnknowns(reader, from, mask)) return TakeMembers(from);
  members_.resize(from);
  return value;
}

bool ValueReader::MergeUnknowns(SliceReader& reader, std::size_t from, const JsonNode& mask) {
  const std::size_t known = members_.size() - from;
  Members members(reader, mask);
  std::string_view key;
  JsonNode child;
  bool changed = false;
  MemberFinder finder;
  while (members.Next(key, child)) {
    if (!SaysTrue(reader, child)) continue;
    const std::size_t place = finder.Find(std::span<const Member>(members_).subspan(from, known), key);
    const Value before = place == MemberFinder::npos ? Value() : members_[from + place].value;
    const Value merged = WithUnknowns(reader, before, child);
    if (merged.absent()) continue;
    changed = true;
    if (place == MemberFinder::npos) {
      members_.push_back({Kept(key), merged});
    } else {
      members_[from + place].value = merged;
    }
  }
  // The known ones are unique, and those behind them were not found among them.
  if (HasDuplicateKey(std::span<const Member>(members_).subspan(from + known))) {
    reader.Fail("says the same key twice in a mask that starts", mask.begin);
  }
  return changed;
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
  MemberFinder finder;
  while (members.Next(key, child)) {
    if (!SaysTrue(reader, child)) continue;
    const std::size_t place = finder.Find(places, key);
    if (place != MemberFinder::npos) MarkSensitive(reader, places[place].value, child);
  }
}

}  // namespace tfseal::terraform
