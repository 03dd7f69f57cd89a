#include "crypto/formats/json_places.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/formats/value_text.h"

namespace tfseal::formats {

Result<JsonPlaces> JsonPlaces::Parse(std::string text) {
  JsonPlaces places;
  places.text_ = std::move(text);
  Result<JsonValue> root = ParseJson(places.text_);
  // The parser's own message may quote the document.
  if (!root.ok() || !root->isObject()) return Refused("document", "is not a JSON object");
  places.root_ = std::move(root).value();
  return places;
}

Result<const JsonValue*> JsonPlaces::Find(const JsonPath& path) const {
  const JsonValue* value = &root_;
  for (const std::string& name : path) {
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

}  // namespace tfseal::formats
