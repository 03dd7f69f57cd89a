#include "terraform/json_slice.h"

#include "terraform/json_text.h"

namespace tfseal::terraform {

bool SliceReader::CheckBlanks(std::size_t from, std::size_t to) {
  for (; from < to; ++from) {
    if (!IsBlank(slice_.text[from])) {
      Fail("is damaged: something stands where only blanks may be", from);
      return false;
    }
  }
  return true;
}

std::string_view SliceReader::Unescaped(std::string_view inside, std::size_t at) {
  char* out = static_cast<char*>(arena_.Allocate(inside.size(), 1));
  std::size_t size = 0;
  if (const char* problem = Unescape(inside, out, size)) {
    Fail(problem, at);
    return {};
  }
  arena_.GiveBackFrom(out + size);
  return {out, size};
}

bool Elements::Next(JsonNode& value) {
  if (done_ || reader_.failed()) return false;
  const JsonSlice& slice = reader_.slice_;
  if (first_) {
    first_ = false;
    if (slice.match[next_] == next_ + 1) {
      // Either only blanks or one scalar.
      std::uint32_t at = slice.at[next_] + 1;
      while (IsBlank(slice.text[at])) ++at;
      if (at == slice.at[next_ + 1]) {
        done_ = true;
        return false;
      }
    }
  } else {
    const char separator = reader_.At(next_);
    if (separator == ']') {
      done_ = true;
      return false;
    }
    if (separator != ',') {
      reader_.Fail("is damaged: a comma is missing", slice.at[next_]);
      return false;
    }
  }
  return reader_.ReadValue(next_, value, next_);
}

}  // namespace tfseal::terraform
