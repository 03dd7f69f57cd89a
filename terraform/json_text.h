#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tfseal::terraform {

// The rules of JSON (RFC 8259) for single strings and scalars.

// The text that the inside of a JSON string stands for, written to `out`, which has room for raw.size() bytes
// elsewhere. Null, or what is wrong with it: a bad escape, or half a surrogate pair.
const char* Unescape(std::string_view raw, char* out, std::size_t& size);

[[nodiscard]] bool IsNumber(std::string_view text);
// A number, true, false or null.
[[nodiscard]] bool IsScalar(std::string_view text);

inline bool IsBlank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Whether `size` bytes are the same. Names are short, and a call of memcmp would cost more than the comparison.
inline bool SameBytes(const char* a, const char* b, std::size_t size) {
  const auto differ = [&](std::size_t at, auto word) {
    auto other = word;
    std::memcpy(&word, a + at, sizeof(word));
    std::memcpy(&other, b + at, sizeof(other));
    return word != other;
  };
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (differ(at, std::uint64_t{0})) return false;
    }
    return !differ(size - 8, std::uint64_t{0});
  }
  if (size >= 4) return !differ(0, std::uint32_t{0}) && !differ(size - 4, std::uint32_t{0});
  for (std::size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

// Eight bytes at a time: this is asked for every key.
inline bool HasBackslash(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t found = 0;
  const auto look = [&found](const char* bytes, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    word ^= kOnes * static_cast<unsigned char>('\\');
    found |= (word - kOnes) & ~word & (kOnes << 7U);
  };
  if (left > 64) return std::memchr(at, '\\', left) != nullptr;
  for (; left >= 8; at += 8, left -= 8) look(at, 8);
  if (text.size() >= 8 && left > 0) {
    look(text.data() + text.size() - 8, 8);
  } else {
    for (; left > 0; ++at, --left) {
      if (*at == '\\') return true;
    }
  }
  return found != 0;
}

// The number of bytes at the start of `text` that stand for themselves inside a JSON string: up to the first quote,
// backslash or control character.
inline std::size_t PlainPrefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = kOnes << 7U;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    const std::uint64_t quote = word ^ (kOnes * static_cast<unsigned char>('"'));
    const std::uint64_t backslash = word ^ (kOnes * static_cast<unsigned char>('\\'));
    // A borrow can also mark bytes above a real one; the bytes of the word are then looked at one by one.
    const std::uint64_t special =
        ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word);
    if ((special & kHigh) != 0) break;
  }
  while (i < text.size() && text[i] != '"' && text[i] != '\\' && static_cast<unsigned char>(text[i]) >= 0x20) ++i;
  return i;
}

// The offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and values above U+10FFFF are not
// either), or text.size().
[[nodiscard]] std::size_t FirstInvalidUtf8(std::string_view text);
// The number of bytes (0 to 3) at the end of `text` that start a character but do not complete it.
[[nodiscard]] std::size_t UnfinishedUtf8(std::string_view text);

}  // namespace tfseal::terraform
