#include "crypto/formats/json_places.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/formats/value_text.h"

namespace tfseal::formats {

namespace {

// The same with 0 and blanks in the place of every number: nobody looks at them, and there are some that our parser has
// no room for.
std::string WithoutNumbers(std::string text) {
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_text = !in_text;
    if (in_text && text[i] == '\\') ++i;
    if (in_text || (text[i] != '-' && (text[i] < '0' || text[i] > '9'))) continue;
    const std::size_t end = std::min(text.find_first_not_of("+-.0123456789Ee", i), text.size());
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(i), text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    text[i] = '0';
    i = end - 1;
  }
  return text;
}

}  // namespace

Result<JsonPlaces> JsonPlaces::Parse(std::string text) {
  JsonPlaces places;
  places.text_ = std::move(text);
  Result<JsonValue> root = ParseJson(WithoutNumbers(places.text_));
  // The parser's own message may quote the document.
  if (!root.ok() || !root->isObject()) return Refused("document", "is not a JSON object");
  places.root_ = std::move(root).value();
  return places;
}

Result<const JsonValue*> JsonPlaces::Find(const JsonPath& path) const {
  const JsonValue* value = &root_;
  for (const std::string& name : path) {
    if (value->isNull()) return nullptr;
    if (!value->isObject()) return Refused(fmt::format("{}", fmt::join(path, ".")), "is not in an object");
    if (!value->isMember(name)) return nullptr;
    value = &(*value)[name];
  }
  return value;
}

Result<std::optional<std::string>> JsonPlaces::TextAt(const JsonPath& path) const {
  TFSEAL_ASSIGN(const JsonValue* const value, Find(path));
  if (value == nullptr || value->isNull()) return std::optional<std::string>();
  if (!value->isString()) return Refused(fmt::format("{}", fmt::join(path, ".")), "is not a text");
  return std::optional<std::string>(value->asString());
}

Result<std::string> JsonPlaces::With(std::span<const std::pair<JsonPath, std::string>> texts) const {
  struct Piece {
    std::size_t begin, end;
    const std::string* text;
  };
  std::vector<Piece> pieces;
  for (const auto& [path, text] : texts) {
    const std::string name = fmt::format("{}", fmt::join(path, "."));
    TFSEAL_ASSIGN(const JsonValue* const value, Find(path));
    if (value == nullptr || !value->isString()) return Refused(name, "is not a text in the document that is there");
    const auto begin = static_cast<std::size_t>(value->getOffsetStart());
    const auto end = static_cast<std::size_t>(value->getOffsetLimit());
    // What is replaced is known exactly, or not at all.
    if (end > text_.size() || begin >= end || text_.substr(begin, end - begin) != "\"" + value->asString() + "\"") {
      return Refused(name, "is written with escapes");
    }
    pieces.push_back({begin, end, &text});
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  std::string document;
  std::size_t at = 0;
  for (const Piece& piece : pieces) {
    if (piece.begin < at) return Refused("document", "has two texts at one place");
    document.append(text_, at, piece.begin - at);
    document += '"' + *piece.text + '"';
    at = piece.end;
  }
  document.append(text_, at);
  return document;
}

Result<std::string> JsonPlaces::Exchanged(const JsonValue& value, std::string_view fresh) const {
  const auto begin = static_cast<std::size_t>(value.getOffsetStart());
  const auto end = static_cast<std::size_t>(value.getOffsetLimit());
  const bool is_there = begin < end && end <= text_.size();
  const Result<JsonValue> read = is_there ? ParseJson("[" + text_.substr(begin, end - begin) + "]")
                                          : Result<JsonValue>(Refused("document", "has no such place"));
  // What is exchanged is known exactly, or not at all.
  if (!read.ok() || read->size() != 1 || (*read)[0U] != value)
    return Refused("document", "is written in an unknown way");
  return text_.substr(0, begin) + std::string(fresh) + text_.substr(end);
}

Result<std::string> JsonPlaces::Put(const JsonPath& path, const std::optional<std::string>& text) const {
  const std::string name = fmt::format("{}", fmt::join(path, "."));
  const JsonValue* value = &root_;
  std::size_t step = 0;
  for (; step < path.size() && value->isObject() && value->isMember(path[step]); ++step) value = &(*value)[path[step]];
  const bool ends_here = step == path.size();
  if (ends_here ? !value->isNull() && !value->isString() : !value->isNull() && !value->isObject()) {
    return Refused(name, ends_here ? "is not a text" : "is not in an object");
  }
  std::string fresh = text.has_value() ? '"' + *text + '"' : "null";
  const std::size_t made_from = value->isObject() && !ends_here ? step + 1 : step;
  for (std::size_t i = path.size(); i > made_from; --i) fresh = "{" + WriteJsonLine(path[i - 1]) + ": " + fresh + "}";
  if (ends_here || value->isNull()) return Exchanged(*value, fresh);
  // Behind the last member.
  const auto end = static_cast<std::size_t>(value->getOffsetLimit());
  if (end < 2 || end > text_.size() || text_[end - 1] != '}')
    return Refused("document", "is written in an unknown way");
  std::string document = text_;
  document.insert(end - 1, (value->empty() ? "" : ", ") + WriteJsonLine(path[step]) + ": " + fresh);
  return document;
}

}  // namespace tfseal::formats
