#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "terraform/document.h"
#include "terraform/interest.h"
#include "terraform/json_slice.h"
#include "terraform/json_text.h"
#include "terraform/slicer.h"
#include "terraform/value_reader.h"

namespace tfseal::terraform {

// What the readers of the parts of one document share.
struct ReadContext {
  Slicer& slicer;
  Document& document;
  const Interest& interest;
  ValueReader values;

  ReadContext(Slicer& the_slicer, Document& the_document, const Interest& the_interest)
      : slicer(the_slicer),
        document(the_document),
        interest(the_interest),
        values(ValueReader::Keeping(the_document.arena)) {}

  // Makes the reader's problem the slicer's, with the address it is about. Always false.
  bool Fail(const SliceReader& reader, std::string_view address);
  bool Fail(std::string_view address, std::string_view problem, std::string_view hint);

  // Enters the array that is next; steps over null instead. False if nothing was entered.
  bool EnterArrayOrNull();
  bool EnterObjectOrNull();

  // `text` in the arena; most often the same place again for the same text, as types and providers repeat.
  std::string_view Interned(std::string_view text, std::string_view& last);
};

// `mode` of a resource; documents edited by hand may leave it out. What is neither must not be taken for a data source.
inline bool KnownMode(std::string_view mode) {
  return mode.empty() || mode == "managed" || mode == "data";
}

// Whether `key` is one of `keys` but for a single byte: damage, not a key of a later version.
bool IsDamagedKey(std::string_view key, std::span<const std::string_view> keys);

// The first of `keys`, from `next` on, that `ahead` (Members::Ahead) starts with in quotes and followed by a colon; the
// number of keys if none does.
template <std::size_t kCount>
std::size_t NextAhead(std::string_view ahead, const std::array<std::string_view, kCount>& keys, std::size_t next) {
  for (std::size_t i = next; i < kCount; ++i) {
    const std::size_t size = keys[i].size();
    if (size + 3 <= ahead.size() && ahead[size + 1] == '"' && ahead[size + 2] == ':' &&
        SameBytes(ahead.data() + 1, keys[i].data(), size) && ahead[0] == '"') {
      return i;
    }
  }
  return kCount;
}

// The members of an object whose keys are known beforehand, picked in one walk. A known key that comes twice is a
// problem of the reader, so is one with a wrong byte; any other unknown key is stepped over.
template <std::size_t kCount>
std::array<JsonNode, kCount> PickMembers(SliceReader& reader, const JsonNode& object,
                                         const std::array<std::string_view, kCount>& keys) {
  std::array<JsonNode, kCount> picked{};
  Members members(reader, object);
  std::string_view key;
  JsonNode value;
  std::size_t next = 0;  // most members come in the order of `keys`
  while (true) {
    std::size_t i = NextAhead(members.Ahead(), keys, next);
    if (i < kCount) {
      if (!members.TakeKnown(value)) break;
    } else {
      if (!members.Next(key, value)) break;
      for (i = 0; i < kCount && keys[i] != key;) ++i;
    }
    if (i == kCount) {
      if (IsDamagedKey(key, keys)) reader.Fail("is damaged: a key has a wrong letter, before its value", value.begin);
      continue;
    }
    next = i + 1;
    if (picked[i].present()) reader.Fail("says the same key twice in an object, the second time", value.begin);
    picked[i] = value;
  }
  return picked;
}

}  // namespace tfseal::terraform
