#include "core/json_text.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "core/check.h"

namespace tfseal {
namespace {

constexpr bool MustBeEscaped(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// The place of the first byte from `from` on that must be escaped, or the end. Eight at a time; a borrow can also mark
// bytes above a real one, so that the bytes of a marked word are looked at one by one.
std::size_t CleanPrefix(std::string_view text, std::size_t from) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  std::size_t i = from;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof(word));
    const std::uint64_t quote = word ^ (kOnes * static_cast<unsigned char>('"'));
    const std::uint64_t backslash = word ^ (kOnes * static_cast<unsigned char>('\\'));
    const std::uint64_t special =
        ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word);
    if ((special & (kOnes << 7U)) != 0) break;
  }
  while (i < text.size() && !MustBeEscaped(text[i])) ++i;
  return i;
}

void AppendEscaped(std::string& text, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      text += "\\\"";
      break;
    case '\\':
      text += "\\\\";
      break;
    case '\n':
      text += "\\n";
      break;
    case '\r':
      text += "\\r";
      break;
    case '\t':
      text += "\\t";
      break;
    default:
      text += "\\u00";
      text += kHex[static_cast<unsigned char>(c) >> 4U];
      text += kHex[static_cast<unsigned char>(c) & 15U];
  }
}

}  // namespace

void JsonText::Key(std::string_view key) {
  BeforeValue();
  Quote(key);
  text_ += one_line_ ? ":" : ": ";
  after_key_ = true;
}

void JsonText::String(std::string_view value) {
  BeforeValue();
  Quote(value);
}

void JsonText::Number(std::uint64_t value) {
  BeforeValue();
  text_ += std::to_string(value);
}

void JsonText::Bool(bool value) {
  BeforeValue();
  text_ += value ? "true" : "false";
}

void JsonText::Strings(const std::vector<std::string>& values) {
  BeginArray();
  for (const std::string& value : values) String(value);
  EndArray();
}

std::string JsonText::Finish() {
  TFSEAL_CHECK(depth_ == 0 && (sink_ || !text_.empty()));
  text_ += '\n';
  return std::move(text_);
}

void JsonText::Begin(char bracket) {
  BeforeValue();
  text_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonText::End(char bracket) {
  TFSEAL_CHECK(depth_ > 0);
  --depth_;
  if (!first_) NewLine();
  text_ += bracket;
  first_ = false;
  if (sink_ && text_.size() >= kPieceBytes) {
    sink_(text_);
    text_.clear();
  }
}

void JsonText::BeforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) text_ += ',';
  first_ = false;
  NewLine();
}

void JsonText::NewLine() {
  if (one_line_) return;
  constexpr std::string_view kLine = "\n                ";  // as deep as most documents go
  const std::size_t size = 1 + 2 * depth_;
  text_.append(kLine.substr(0, size));
  if (size > kLine.size()) text_.append(size - kLine.size(), ' ');
}

void JsonText::Quote(std::string_view text) {
  std::size_t i = CleanPrefix(text, 0);
  if (i == text.size()) {
    const std::size_t start = text_.size();
    text_.resize(start + i + 2, '"');
    if (i > 0) std::memcpy(text_.data() + start + 1, text.data(), i);
    return;
  }
  text_ += '"';
  std::size_t clean = 0;
  for (; i < text.size(); i = CleanPrefix(text, i + 1)) {
    text_.append(text.substr(clean, i - clean));
    AppendEscaped(text_, text[i]);
    clean = i + 1;
  }
  text_.append(text.substr(clean));
  text_ += '"';
}

}  // namespace tfseal
