#include "terraform/json_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tfseal::terraform {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Four hexadecimal digits; UINT32_MAX if they are not.
std::uint32_t HexUnit(std::string_view digits) {
  if (digits.size() < 4) return UINT32_MAX;
  std::uint32_t unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = digits[i];
    const char lower = static_cast<char>(c | 0x20);
    std::uint32_t digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      digit = static_cast<std::uint32_t>(lower - 'a') + 10;
    } else {
      return UINT32_MAX;
    }
    unit = unit << 4U | digit;
  }
  return unit;
}

char* Encode(std::uint32_t code_point, char* out) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
    return out;
  }
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6U);
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | code_point >> 12U);
    } else {
      put(0xF0 | code_point >> 18U);
      put(0x80 | (code_point >> 12U & 0x3F));
    }
    put(0x80 | (code_point >> 6U & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
  return out;
}

// `raw` starts after "\u"; takes the digits, and those of a low half that must follow a high one.
const char* TakeUnicodeEscape(std::string_view& raw, char*& out) {
  std::uint32_t unit = HexUnit(raw);
  if (unit == UINT32_MAX) return "an escape \\u without four hexadecimal digits";
  raw.remove_prefix(4);
  if ((unit & 0xFC00) == 0xDC00) return "half a surrogate pair";
  if ((unit & 0xFC00) == 0xD800) {
    const std::uint32_t low = raw.starts_with("\\u") ? HexUnit(raw.substr(2)) : UINT32_MAX;
    if (low == UINT32_MAX || (low & 0xFC00) != 0xDC00) return "half a surrogate pair";
    raw.remove_prefix(6);
    unit = 0x10000 + ((unit & 0x3FF) << 10U) + (low & 0x3FF);
  }
  out = Encode(unit, out);
  return nullptr;
}

// Moves what stands before the first backslash of `raw` to `out`. Sixteen bytes at a time: texts that hold escapes at
// all, addresses with keys and policies, have one every few bytes. What is written behind `out` for that is still
// within raw.size() bytes from where it stood.
void TakePlain(std::string_view& raw, char*& out) {
  std::size_t plain = 0;
#if defined(__SSE2__)
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; plain + 16 <= raw.size(); plain += 16) {
    const void* const from = raw.data() + plain;
    void* const to = out + plain;
    const __m128i bytes = _mm_loadu_si128(static_cast<const __m128i*>(from));
    _mm_storeu_si128(static_cast<__m128i*>(to), bytes);
    const auto places = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash)));
    if (places == 0) continue;
    plain += static_cast<unsigned>(__builtin_ctz(places));
    raw.remove_prefix(plain);
    out += plain;
    return;
  }
#endif
  for (; plain < raw.size() && raw[plain] != '\\'; ++plain) out[plain] = raw[plain];
  raw.remove_prefix(plain);
  out += plain;
}

}  // namespace

const char* Unescape(std::string_view raw, char* out, std::size_t& size) {
  char* const start = out;
  while (!raw.empty()) {
    TakePlain(raw, out);
    if (raw.empty()) break;
    if (raw.size() < 2) return "a backslash without anything after it";
    const char kind = raw[1];
    raw.remove_prefix(2);
    switch (kind) {
      case '"':
      case '\\':
      case '/':
        *out++ = kind;
        break;
      case 'b':
        *out++ = '\b';
        break;
      case 'f':
        *out++ = '\f';
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 'r':
        *out++ = '\r';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'u':
        if (const char* problem = TakeUnicodeEscape(raw, out)) return problem;
        break;
      default:
        return "an escape that JSON does not know";
    }
  }
  size = static_cast<std::size_t>(out - start);
  return nullptr;
}

bool IsNumber(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t first = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i > first;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t whole = i;
  if (!digits() || (text[whole] == '0' && i - whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

bool IsScalar(std::string_view text) {
  if (text.empty()) return false;
  switch (text.front()) {
    case 't':
      return text == "true";
    case 'f':
      return text == "false";
    case 'n':
      return text == "null";
    default:
      return IsNumber(text);
  }
}

std::size_t FirstInvalidUtf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if (!IsContinuation(text[i + k])) return i;
    }
    if (length > 2) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
          (lead == 0xF4 && second > 0x8F)) {
        return i;
      }
    }
    i += length;
  }
  return i;
}

std::size_t UnfinishedUtf8(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte >= 0xC0) {
      const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
      return length > back ? back : 0;
    }
    if (byte < 0x80) return 0;
  }
  return 0;
}

}  // namespace tfseal::terraform
