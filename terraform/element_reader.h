#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "terraform/document.h"
#include "terraform/interest.h"
#include "terraform/json_slice.h"
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
      : slicer(the_slicer), document(the_document), interest(the_interest), values(the_document.arena) {}

  // Makes the reader's problem the slicer's, with the address it is about. Always false.
  bool Fail(const SliceReader& reader, std::string_view address);
  bool Fail(std::string_view address, std::string_view problem, std::string_view hint);

  // Enters the array that is next; steps over null instead. False if nothing was entered.
  bool EnterArrayOrNull();
  bool EnterObjectOrNull();

  // `text` in the arena; the same place again if it is the text of the call before, as types and providers repeat.
  std::string_view Interned(std::string_view text, std::string_view& last);
};

// The members of an object whose keys are known beforehand, picked in one walk. A known key that comes twice is a
// problem of the reader, an unknown key is stepped over.
template <std::size_t kCount>
std::array<JsonNode, kCount> PickMembers(SliceReader& reader, const JsonNode& object,
                                         const std::array<std::string_view, kCount>& keys) {
  std::array<JsonNode, kCount> picked{};
  Members members(reader, object);
  std::string_view key;
  JsonNode value;
  while (members.Next(key, value)) {
    for (std::size_t i = 0; i < kCount; ++i) {
      if (keys[i].size() != key.size() || keys[i] != key) continue;
      if (picked[i].present()) reader.Fail("says the same key twice in an object, the second time", value.begin);
      picked[i] = value;
      break;
    }
  }
  return picked;
}

}  // namespace tfseal::terraform
