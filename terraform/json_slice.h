#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "terraform/arena.h"
#include "terraform/json_text.h"
#include "terraform/slicer.h"

namespace tfseal::terraform {

// A value inside a slice: where its text begins and ends, and its place in the index.
struct JsonNode {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t entry = 0;  // of the quote or bracket it starts with
  char kind = 0;            // { [ or "; n, t, f or 0 for a number; 0 as well for no value

  [[nodiscard]] bool present() const { return end > begin; }
  [[nodiscard]] bool is_object() const { return kind == '{'; }
  [[nodiscard]] bool is_array() const { return kind == '['; }
  [[nodiscard]] bool is_string() const { return kind == '"'; }
  [[nodiscard]] bool is_true() const { return kind == 't'; }
  [[nodiscard]] bool is_null() const { return kind == 'n'; }
  [[nodiscard]] bool is_number() const { return present() && kind == 0; }
};

// Reads a slice in any order, without copying it. Everything it walks over is checked to the full JSON grammar; values
// that are stepped over are checked as far as BlockScan does. After the first problem every loop ends.
class SliceReader {
 public:
  // Strings that hold escapes are written to the arena.
  SliceReader(const JsonSlice& slice, Arena& arena) : slice_(slice), arena_(arena) {}

  [[nodiscard]] JsonNode root() const { return {0, static_cast<std::uint32_t>(slice_.size), 0, slice_.text[0]}; }
  [[nodiscard]] std::string_view raw(const JsonNode& node) const {
    return {slice_.text + node.begin, node.end - node.begin};
  }
  // The text of a string, in the slice or, if it holds escapes, in the arena; empty for anything else.
  std::string_view Text(const JsonNode& node) {
    if (!node.is_string()) return {};
    const std::string_view inside(slice_.text + node.begin + 1, node.end - node.begin - 2);
    return slice_.plain || !HasBackslash(inside) ? inside : Unescaped(inside, node.begin);
  }
  [[nodiscard]] bool IsInSlice(std::string_view text) const {
    return text.data() >= slice_.text && text.data() < slice_.text + slice_.size;
  }
  // The same, always in the arena.
  std::string_view KeptText(const JsonNode& node) { return Kept(Text(node)); }
  // A text of this reader, in the arena.
  std::string_view Kept(std::string_view text) { return IsInSlice(text) ? arena_.Copy(text) : text; }

  [[nodiscard]] bool failed() const { return problem_ != nullptr; }
  [[nodiscard]] const char* problem() const { return problem_; }
  [[nodiscard]] std::uint64_t problem_offset() const { return slice_.offset + problem_at_; }
  void Fail(const char* problem, std::size_t at) {
    if (problem_ != nullptr) return;
    problem_ = problem;
    problem_at_ = at;
  }
  [[nodiscard]] Arena& arena() { return arena_; }

 private:
  friend class Members;
  friend class Elements;
  // Most documents have no blanks at all.
  bool OnlyBlanks(std::size_t from, std::size_t to) { return from == to || CheckBlanks(from, to); }
  bool CheckBlanks(std::size_t from, std::size_t to);
  std::string_view Unescaped(std::string_view inside, std::size_t at);
  // The value behind the separator at `entry`; `after` becomes the entry of the separator behind it.
  bool ReadValue(std::uint32_t entry, JsonNode& value, std::uint32_t& after) {
    const char* const text = slice_.text;
    std::uint32_t begin = slice_.at[entry] + 1;
    while (IsBlank(text[begin])) ++begin;
    const std::uint32_t next = entry + 1;
    value.begin = begin;
    value.entry = next;
    if (slice_.at[next] != begin) return ReadScalar(value, after);
    const char c = text[begin];
    value.kind = c;
    if (c == '"') {
      after = next + 2;
    } else if (c == '{' || c == '[') {
      after = slice_.match[next] + 1;
    } else {
      Fail("is damaged: a value is missing", begin);
      return false;
    }
    value.end = slice_.at[after - 1] + 1;
    return OnlyBlanks(value.end, slice_.at[after]);
  }
  bool ReadScalar(JsonNode& value, std::uint32_t& after) {
    const char* const text = slice_.text + value.begin;
    std::uint32_t end = slice_.at[value.entry];
    while (IsBlank(slice_.text[end - 1])) --end;
    value.end = end;
    value.kind = *text == 't' || *text == 'f' || *text == 'n' ? *text : '\0';
    after = value.entry;
    const std::size_t size = end - value.begin;
    if (size == 4 && (std::memcmp(text, "null", 4) == 0 || std::memcmp(text, "true", 4) == 0)) return true;
    if (size == 5 && std::memcmp(text, "false", 5) == 0) return true;
    if (IsScalar({text, size})) return true;
    Fail("is damaged: something that is not a JSON value stands", value.begin);
    return false;
  }
  [[nodiscard]] char At(std::uint32_t entry) const { return slice_.text[slice_.at[entry]]; }

  const JsonSlice& slice_;
  Arena& arena_;
  const char* problem_ = nullptr;
  std::size_t problem_at_ = 0;
};

// The members of an object, in document order. Duplicate keys are for the caller to find. Of anything but an object:
// none.
class Members {
 public:
  Members(SliceReader& reader, const JsonNode& object)
      : reader_(reader), next_(object.entry), done_(!object.is_object()) {}
  // The key is unescaped and valid as long as the slice and the arena.
  bool Next(std::string_view& key, JsonNode& value);
  // For a caller that knows which keys to expect. The text of the next member from the quote of its key on; empty if
  // the object ends here or if something is wrong. Followed by one of TakeKnown and Next.
  [[nodiscard]] std::string_view Ahead() const {
    const JsonSlice& slice = reader_.slice_;
    if (done_ || (!first_ && reader_.At(next_) != ',')) return {};
    std::size_t start = slice.at[next_] + std::size_t{1};
    while (IsBlank(slice.text[start])) ++start;
    return {slice.text + start, slice.size - start};
  }
  // Takes the next member, after Ahead() started with its key in quotes, without escapes, and its colon. False as
  // Next().
  bool TakeKnown(JsonNode& value) {
    if (reader_.failed()) return false;
    first_ = false;
    return reader_.ReadValue(next_ + 3, value, next_);  // the key and its colon are three entries of the index
  }
  // Whether the object ends here.
  [[nodiscard]] bool AtEnd() const { return !first_ && !reader_.failed() && reader_.At(next_) == '}'; }

 private:
  SliceReader& reader_;
  std::uint32_t next_;
  bool first_ = true;
  bool done_;
};

inline bool Members::Next(std::string_view& key, JsonNode& value) {
  if (done_ || reader_.failed()) return false;
  const JsonSlice& slice = reader_.slice_;
  std::uint32_t entry = next_;
  if (!first_) {
    const char separator = reader_.At(entry);
    if (separator == '}') {
      done_ = true;
      return false;
    }
    if (separator != ',') {
      reader_.Fail("is damaged: a comma is missing", slice.at[entry]);
      return false;
    }
  }
  ++entry;
  const std::uint32_t start = slice.at[entry];
  if (!reader_.OnlyBlanks(slice.at[entry - 1] + 1, start)) return false;
  if (slice.text[start] != '"') {
    done_ = true;
    if (!first_ || slice.text[start] != '}') reader_.Fail("is damaged: a key is missing", start);
    return false;
  }
  first_ = false;
  const std::uint32_t end = slice.at[entry + 1];
  key = {slice.text + start + 1, end - start - 1};
  if (!slice.plain && HasBackslash(key)) {
    key = reader_.Text({start, end + 1, entry, '"'});
    if (reader_.failed()) return false;
  }
  entry += 2;
  if (reader_.At(entry) != ':') {
    reader_.Fail("is damaged: a colon is missing", slice.at[entry]);
    return false;
  }
  return reader_.OnlyBlanks(end + 1, slice.at[entry]) && reader_.ReadValue(entry, value, next_);
}

// The elements of an array. Of anything else: none.
class Elements {
 public:
  Elements(SliceReader& reader, const JsonNode& array)
      : reader_(reader), next_(array.entry), done_(!array.is_array()) {}
  bool Next(JsonNode& value);

 private:
  SliceReader& reader_;
  std::uint32_t next_;
  bool first_ = true;
  bool done_;
};

}  // namespace tfseal::terraform
