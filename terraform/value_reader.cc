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

// Whether a < b; most names that follow each other differ in their first letters.
bool Ascends(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < 4 && i < a.size() && i < b.size(); ++i) {
    if (a[i] != b[i]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
  }
  return a < b;
}

template <class Entries, class Name>
bool HasDuplicate(const Entries& entries, Name name) {
  bool ascending = true;
  for (std::size_t i = 1; i < entries.size() && ascending; ++i)
    ascending = Ascends(name(entries[i - 1]), name(entries[i]));
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

Value ValueReader::TakeMembers(std::size_t from) {
  const std::span<Member> members = std::span<Member>(members_).subspan(from);
  Value map = Value::Map(std::span<Member>());
  if (shared_ != nullptr) {
    map = shared_->Map(members);
  } else if (!members.empty()) {
    Member* kept = arena_.AllocateArray<Member>(members.size());
    std::copy(members.begin(), members.end(), kept);
    map = Value::Map({kept, members.size()});
  }
  members_.resize(from);
  return map;
}

Value ValueReader::TakeItems(std::size_t from) {
  const std::span<Value> items = std::span<Value>(items_).subspan(from);
  Value list = Value::List({});
  if (shared_ != nullptr) {
    list = shared_->List(items);
  } else if (!items.empty()) {
    Value* kept = arena_.AllocateArray<Value>(items.size());
    std::copy(items.begin(), items.end(), kept);
    list = Value::List({kept, items.size()});
  }
  items_.resize(from);
  return list;
}

Value ValueReader::ReadText(SliceReader& reader, const JsonNode& node) {
  const std::string_view text = reader.Text(node);
  if (shared_ == nullptr) return Value::String(text);
  return Value::String(shared_->Text(text, !reader.IsInSlice(text)));
}

Value ValueReader::Read(SliceReader& reader, const JsonNode& node) {
  switch (node.kind) {
    case '"':
      return ReadText(reader, node);
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
                                  std::string_view type, NameList& left_out, const Masks& masks) {
  if (!node.is_object()) {
    return WithSensitive(reader, WithUnknowns(reader, Read(reader, node), masks.unknown), masks.sensitive);
  }
  Shape& shape = ShapeOf(type);
  const std::size_t from = members_.size();
  if (shape.irregular || !ReadByShape(reader, node, interest, type, shape, left_out)) {
    members_.resize(from);
    shape.irregular = true;
    ReadWithoutShape(reader, node, interest, type, left_out);
  }
  if (masks.unknown.is_object() && !shape.irregular) {
    MergeUnknownsByShape(reader, from, masks.unknown, interest, type, shape);
  } else if (masks.unknown.is_object()) {
    MergeUnknowns(reader, from, masks.unknown);
  } else if (masks.unknown.present()) {
    return WithSensitive(reader, WithUnknowns(reader, TakeMembers(from), masks.unknown), masks.sensitive);
  }
  // Before the map is made, so that none is kept that is not marked.
  if (!masks.sensitive.is_object()) return WithSensitive(reader, TakeMembers(from), masks.sensitive);
  if (SaysTrue(reader, masks.sensitive)) MergeSensitive(reader, from, masks.sensitive);
  return TakeMembers(from);
}

std::size_t ValueReader::FindAhead(const Shape& shape, std::string_view ahead, std::size_t place) {
  std::uint64_t head = 0;
  if (ahead.size() >= sizeof(head)) std::memcpy(&head, ahead.data(), sizeof(head));
  const std::size_t count = shape.keys.size();
  for (; place < count; ++place) {
    const Shape::Key& key = shape.keys[place];
    if ((head & key.mask) == key.head && key.quoted.size() <= ahead.size() &&
        SameBytes(key.quoted.data(), ahead.data(), key.quoted.size())) {
      break;
    }
  }
  return place;
}

bool ValueReader::ReadByShape(SliceReader& reader, const JsonNode& node, const Interest& interest,
                              std::string_view type, Shape& shape, NameList& left_out) {
  Members members(reader, node);
  Shape::Variant present;
  std::size_t place = 0;
  places_.clear();
  while (true) {
    const std::size_t found = FindAhead(shape, members.Ahead(), place);
    if (found == shape.keys.size()) {
      if (members.AtEnd()) break;
      if (!ReadNewKey(reader, members, interest, type, shape, place, present)) {
        if (shape.irregular) return false;
        break;  // the end of an empty object, or a problem
      }
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
    places_.push_back(static_cast<std::uint32_t>(found));
  }
  left_out = NamesOf(shape, present);
  return true;
}

std::optional<std::size_t> ValueReader::AddKey(Shape& shape, std::size_t place, std::string_view name, bool wanted) {
  const bool known =
      std::any_of(shape.keys.begin(), shape.keys.end(), [&](const Shape::Key& key) { return key.name == name; });
  if (known || shape.keys.size() >= kKeysMax || shape.unwanted >= kUnwantedMax || PlainPrefix(name) != name.size()) {
    return std::nullopt;
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
  if (!wanted) key.bit = shape.unwanted++;
  while (place < shape.keys.size() && shape.keys[place].name < name) ++place;
  shape.keys.insert(shape.keys.begin() + static_cast<std::ptrdiff_t>(place), key);
  return place;
}

// Puts the key that is next into the shape, at `place` or behind it.
bool ValueReader::ReadNewKey(SliceReader& reader, Members& members, const Interest& interest, std::string_view type,
                             Shape& shape, std::size_t& place, Shape::Variant& variant) {
  std::string_view name;
  JsonNode child;
  if (!members.Next(name, child)) return false;
  const auto added = AddKey(shape, place, name, interest.WantsAttributeOf(type, name));
  if (!added.has_value()) {
    shape.irregular = true;
    return false;
  }
  place = *added + 1;
  const Shape::Key& key = shape.keys[*added];
  if (!key.wanted) {
    variant.bits[key.bit / 64] |= std::uint64_t{1} << (key.bit % 64);
    return true;
  }
  const Value value = Read(reader, child);
  members_.push_back({shape.keys[*added].name, value});
  places_.push_back(static_cast<std::uint32_t>(*added));
  return true;
}

NameList ValueReader::NamesOf(Shape& shape, const Shape::Variant& variant) {
  for (const Shape::Variant& known : shape.variants) {
    if (known.bits == variant.bits) return known.names;
  }
  std::vector<std::string_view> names;
  for (const Shape::Key& key : shape.keys) {
    if (!key.wanted && (variant.bits[key.bit / 64] >> (key.bit % 64) & 1U) != 0) names.push_back(key.name);
  }
  const NameList all(names, arena_);
  if (shape.variants.size() < kVariantsMax) shape.variants.push_back({variant.bits, all});
  return all;
}

void ValueReader::ReadWithoutShape(SliceReader& reader, const JsonNode& node, const Interest& interest,
                                   std::string_view type, NameList& left_out) {
  Members members(reader, node);
  std::vector<std::string_view> names;
  std::vector<std::string_view> unwanted;
  std::string_view key;
  JsonNode child;
  while (members.Next(key, child)) {
    names.push_back(KeptName(key));
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
  left_out = NameList(unwanted, arena_);
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
    members_.push_back({KeptName(key), value});
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
  for (const Member& member : value.members()) members_.push_back(member);
  if (MergeUnknowns(reader, from, mask)) return TakeMembers(from);
  members_.resize(from);
  return value;
}

bool ValueReader::MergeUnknown(SliceReader& reader, std::size_t place, std::string_view name, const JsonNode& mask) {
  const bool is_new = place == MemberFinder::npos;
  const Value before = is_new ? Value() : members_[place].value;
  const Value merged = WithUnknowns(reader, before, mask);
  if (merged.absent()) return false;
  if (is_new) {
    members_.push_back({name, merged});
  } else {
    members_[place].value = merged;
  }
  return true;
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
    const bool is_new = place == MemberFinder::npos;
    changed = MergeUnknown(reader, is_new ? place : from + place, is_new ? KeptName(key) : key, child) || changed;
  }
  // The known ones are unique, and those behind them were not found among them.
  if (HasDuplicateKey(std::span<const Member>(members_).subspan(from + known))) {
    reader.Fail("says the same key twice in a mask that starts", mask.begin);
  }
  return changed;
}

void ValueReader::MergeUnknownsByShape(SliceReader& reader, std::size_t from, const JsonNode& mask,
                                       const Interest& interest, std::string_view type, Shape& shape) {
  Members members(reader, mask);
  std::size_t place = 0;
  std::size_t next = 0;  // among the members that are known
  while (true) {
    const std::size_t found = FindAhead(shape, members.Ahead(), place);
    JsonNode child;
    if (found == shape.keys.size()) {
      if (members.AtEnd()) return;
      // Learnt for the next resource; this mask is read from its start again. Merging twice is the same as once.
      std::string_view name;
      if (members.Next(name, child)) AddKey(shape, place, name, interest.WantsAttributeOf(type, name));
      members_.resize(from + places_.size());
      MergeUnknowns(reader, from, mask);
      return;
    }
    place = found + 1;
    if (!members.TakeKnown(child)) return;
    if (!SaysTrue(reader, child)) continue;
    while (next < places_.size() && places_[next] < found) ++next;
    const bool is_known = next < places_.size() && places_[next] == found;
    MergeUnknown(reader, is_known ? from + next : MemberFinder::npos, shape.keys[found].name, child);
  }
}

Value ValueReader::Sensitive(const Value& value) {
  Value marked = value;
  if (value.is_list()) {
    const std::size_t from = items_.size();
    for (const Value& item : value.items()) {
      const Value inside = Sensitive(item);
      items_.push_back(inside);
    }
    marked = TakeItems(from);
  } else if (value.is_map()) {
    const std::size_t from = members_.size();
    for (const Member& member : value.members()) {
      const Value inside = Sensitive(member.value);
      members_.push_back({member.key, inside});
    }
    marked = TakeMembers(from);
  }
  marked.set_sensitive(true);
  return marked;
}

Value ValueReader::Replaced(const Value& container, std::size_t place, const Value& value) {
  Value replaced = container;
  if (container.is_list()) {
    const std::size_t from = items_.size();
    items_.insert(items_.end(), container.items().begin(), container.items().end());
    items_[from + place] = value;
    replaced = TakeItems(from);
  } else {
    const std::size_t from = members_.size();
    for (const Member& member : container.members()) members_.push_back(member);
    members_[from + place].value = value;
    replaced = TakeMembers(from);
  }
  replaced.set_sensitive(container.sensitive());
  return replaced;
}

Value ValueReader::WithSensitive(SliceReader& reader, const Value& value, const JsonNode& mask) {
  if (mask.is_true()) return Sensitive(value);
  if (!SaysTrue(reader, mask) || value.unset()) return value;
  // A mask of another shape than the value: nothing may be shown.
  if (mask.is_array() ? !value.is_list() : !value.is_map()) return Sensitive(value);
  if (mask.is_array()) {
    const std::size_t from = items_.size();
    const std::size_t size = value.items().size();
    items_.insert(items_.end(), value.items().begin(), value.items().end());
    Elements elements(reader, mask);
    JsonNode element;
    for (std::size_t i = 0; elements.Next(element); ++i) {
      if (i >= size) continue;
      const Value before = items_[from + i];
      const Value marked = WithSensitive(reader, before, element);
      items_[from + i] = marked;
    }
    return TakeItems(from);
  }
  const std::size_t from = members_.size();
  for (const Member& member : value.members()) members_.push_back(member);
  MergeSensitive(reader, from, mask);
  return TakeMembers(from);
}

void ValueReader::MergeSensitive(SliceReader& reader, std::size_t from, const JsonNode& mask) {
  const std::size_t size = members_.size() - from;
  Members members(reader, mask);
  std::string_view key;
  JsonNode child;
  MemberFinder finder;
  while (members.Next(key, child)) {
    if (!SaysTrue(reader, child)) continue;
    const std::size_t place = finder.Find(std::span<const Member>(members_).subspan(from, size), key);
    if (place == MemberFinder::npos) continue;
    const Value before = members_[from + place].value;
    const Value marked = WithSensitive(reader, before, child);
    members_[from + place].value = marked;
  }
}

}  // namespace tfseal::terraform
