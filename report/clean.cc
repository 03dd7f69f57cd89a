#include "report/clean.h"

#include <fmt/format.h>

#include "core/visible_text.h"

namespace tfseal::report {
namespace {

// Whether `text` at `at` starts what GitHub and GitLab make a link of by themselves.
bool StartsLink(std::string_view text) {
  return text.starts_with("://") || text.starts_with("www.");
}

bool IsWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string Clean(std::string_view text) {
  return Visible(text);
}

std::string Xml(std::string_view text) {
  std::string xml;
  xml.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\'':
        xml += "&#39;";
        break;
      default:
        xml += c;
    }
  }
  return xml;
}

std::string Html(std::string_view text) {
  return Xml(text);
}

std::string MarkdownCell(std::string_view text) {
  // Empty, and enough to keep what is beside it from being read as one word: GitHub and GitLab look for mentions,
  // references and addresses in the text that is left after the Markdown, so that an entity hides nothing from them.
  constexpr std::string_view kApart = "<span></span>";
  std::string cell;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool before_word = i + 1 < text.size() && IsWord(text[i + 1]);
    if (StartsLink(text.substr(i))) cell += kApart;
    if (c == '<') {
      cell += "&lt;";
    } else if (c == '>') {
      cell += "&gt;";
    } else if (c == '&') {
      cell += "&amp;";
    } else {
      const bool starts_block = i == 0 && (c == '-' || c == '+');
      if (starts_block || std::string_view("|\\`*_~[]$#").find(c) != std::string_view::npos) cell += '\\';
      cell += c;
    }
    if (before_word && std::string_view("@#!%&$~").find(c) != std::string_view::npos) cell += kApart;
  }
  return cell;
}

std::string MarkdownCode(std::string_view text) {
  if (text.empty()) return "";
  const bool plain = text.find_first_of("`|<>") == std::string_view::npos && text.front() != ' ' && text.back() != ' ';
  if (plain) return fmt::format("`{}`", text);
  // Bars and back-ticks end cells and code spans, whatever stands before them; entities do neither.
  std::string code = "<code>";
  for (const char c : text) {
    const bool as_is = IsWord(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80;
    code += as_is ? std::string(1, c) : fmt::format("&#{};", static_cast<int>(c));
  }
  return code + "</code>";
}

std::string CsvField(std::string_view text) {
  std::string field = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) field += '\'';
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

std::string Shortened(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0;
  std::size_t keep = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (characters == characters_max - 3) keep = i;
    if (++characters > characters_max) return std::string(text.substr(0, keep)) + "...";
  }
  return std::string(text);
}

}  // namespace tfseal::report
