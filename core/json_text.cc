#include "core/json_text.h"

#include <utility>

#include "core/check.h"

namespace tfseal {
namespace {

constexpr bool MustBeEscaped(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
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
  text_ += ": ";
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
  TFSEAL_CHECK(depth_ == 0 && !text_.empty());
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
  text_ += '\n';
  text_.append(2 * depth_, ' ');
}

void JsonText::Quote(std::string_view text) {
  text_ += '"';
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!MustBeEscaped(text[i])) continue;
    text_.append(text.substr(clean, i - clean));
    AppendEscaped(text_, text[i]);
    clean = i + 1;
  }
  text_.append(text.substr(clean));
  text_ += '"';
}

}  // namespace tfseal
