#include "report/clean.h"

#include <fmt/format.h>

#include "core/visible_text.h"

namespace tfseal::report {
namespace {

// Whether `text` starts what GitHub and GitLab make a link of by themselves.
bool StartsLink(std::string_view text) {
  return text.starts_with("://") || text.starts_with("www.");
}

bool IsWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether `text` starts with one of HTML's: "&lt;", "&#60;".
bool IsEntity(std::string_view text) {
  std::size_t end = text.starts_with("&#") ? 2 : 1;
  while (end < text.size() && IsWord(text[end])) ++end;
  return end < text.size() && text[end] == ';';
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
    // "GH-12" is a reference at GitHub, "[vulnerability:12]" one at GitLab.
    const bool of_github = c == '-' && i >= 2 && (text[i - 2] | 0x20) == 'g' && (text[i - 1] | 0x20) == 'h';
    const bool of_gitlab = c == '[' && before_word && (text[i + 1] < '0' || text[i + 1] > '9');
    const bool starts_reference =
        of_github || of_gitlab || std::string_view("@#!%&$~^").find(c) != std::string_view::npos;
    if (before_word && starts_reference) cell += kApart;
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

std::string OscalMarkup(std::string_view text) {
  std::string markup;
  const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : ' '; };
  const auto is_punctuation = [](char c) { return c > ' ' && c < 0x7F && !IsWord(c); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = at(i + 1);
    bool escape = false;
    switch (text[i]) {
      case '*':
      case '~':
      case '^':
      case '<':
        escape = true;
        break;
      case '_':  // within a word it stands for itself
        escape = i == 0 || !IsWord(text[i - 1]) || !IsWord(next);
        break;
      case ']':
        escape = next == '(';
        break;
      case '{':
        escape = next == '{';
        break;
      case '&':
        escape = IsEntity(text.substr(i));
        break;
      case '\\':
        escape = is_punctuation(next);
        break;
      case '[':
      case '#':
      case '-':
      case '+':
      case '>':
      case '=':
        escape = i == 0;  // where a paragraph could become something else
        break;
      default:
        break;
    }
    if (escape) markup += '\\';
    markup += text[i];
  }
  return markup;
}

std::string SarifText(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (const char c : text) {
    if (c == '(' && plain.ends_with(']')) plain += ' ';
    plain += c;
  }
  return plain;
}

std::string CsvField(std::string_view text) {
  // The last four are the wide forms of the first, which spreadsheets of East Asia take for the same.
  constexpr std::string_view kStarts[] = {
      "=", "+", "-", "@", "\t", "\r", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
  std::string field = "\"";
  for (const std::string_view start : kStarts) {
    if (text.starts_with(start)) field += '\'';
  }
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
