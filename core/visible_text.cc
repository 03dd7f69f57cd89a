#include "core/visible_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace tfseal {
namespace {

struct Decoded {
  std::uint32_t code = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};

// The first character of `text`, which is not empty (RFC 3629).
Decoded Decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t bytes = first >= 0xF0 ? 4U : first >= 0xE0 ? 3U : 2U;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {};
  std::uint32_t code = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, bytes, true};
}

// Not seen, or seen as something else than it is.
bool Deceives(std::uint32_t code) {
  return (code >= 0x80 && code < 0xA0) || code == 0xAD || code == 0x61C || code == 0x180E ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
         (code & 0xFFFEU) == 0xFFFE || (code >= 0xE0000 && code <= 0xE007F);
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "::name" where a line may begin: GitHub's runner passes over the space before it, whatever space that is. What is
// before `at` may be the end of a line, too: long texts are wrapped.
bool StartsColonCommand(std::string_view text, std::size_t at) {
  const bool begins = at == 0 || text[at - 1] == ' ' || static_cast<unsigned char>(text[at - 1]) >= 0x80;
  return begins && text.substr(at).starts_with("::") && at + 2 < text.size() && IsLetter(text[at + 2]);
}

// The second sharp of "##vso[" and the like, which agents look for anywhere in a line.
bool EndsSharps(std::string_view text, std::size_t at) {
  if (at == 0 || text[at] != '#' || text[at - 1] != '#') return false;
  std::size_t bracket = at + 1;
  while (bracket < text.size() && IsLetter(text[bracket])) ++bracket;
  return bracket < text.size() && text[bracket] == '[';
}

bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7F && c != ':' && c != '#';  // char may be signed: what is not ASCII is not plain either
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Decoded character = Decode(text);
    if (!character.valid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

void AppendVisible(std::string_view text, std::string& out) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t plain = at;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    out.append(text.substr(at, plain - at));
    at = plain;
    if (at == text.size()) return;
    const Decoded next = Decode(text.substr(at));
    if (!next.valid) {
      out += "\xEF\xBF\xBD";
    } else if (next.code < 0x20 || next.code == 0x7F || StartsColonCommand(text, at) || EndsSharps(text, at)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", next.code);
    } else if (Deceives(next.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", next.code);
    } else {
      out.append(text.substr(at, next.bytes));
    }
    at += next.bytes;
  }
}

std::string Visible(std::string_view text) {
  std::string visible;
  visible.reserve(text.size());
  AppendVisible(text, visible);
  return visible;
}

}  // namespace tfseal
