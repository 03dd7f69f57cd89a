#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tfseal::terraform {

// The rules of JSON (RFC 8259) for single strings and scalars.

// The text that the inside of a JSON string stands for, written to `out`, which has room for raw.size() bytes. Null, or
// what is wrong with it: a bad escape, or half a surrogate pair.
const char* Unescape(std::string_view raw, char* out, std::size_t& size);

[[nodiscard]] bool IsNumber(std::string_view text);
// A number, true, false or null.
[[nodiscard]] bool IsScalar(std::string_view text);

inline bool IsBlank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline bool HasBackslash(std::string_view text) {
  for (const char c : text) {
    if (c == '\\') return true;
  }
  return false;
}

// The offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and values above U+10FFFF are not
// either), or text.size().
[[nodiscard]] std::size_t FirstInvalidUtf8(std::string_view text);
// The number of bytes (0 to 3) at the end of `text` that start a character but do not complete it.
[[nodiscard]] std::size_t UnfinishedUtf8(std::string_view text);

}  // namespace tfseal::terraform
