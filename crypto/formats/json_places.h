#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace tfseal::formats {

using JsonPath = std::vector<std::string>;

// A JSON document in which the texts of some places are looked up and replaced, and of which every other byte stays as
// it is: numbers that are too precise for us, the order of the members.
class JsonPlaces {
 public:
  static Result<JsonPlaces> Parse(std::string text);

  // nullopt: there is no such member, or it or something on the way to it is null. kInvalidInput: it is something else
  // than a text, or what is on the way to it is no object.
  [[nodiscard]] Result<std::optional<std::string>> TextAt(const JsonPath& path) const;
  // `texts` need no escaping. kInvalidInput: there is no text at one of the places, or one of them holds escapes.
  [[nodiscard]] Result<std::string> With(std::span<const std::pair<JsonPath, std::string>> texts) const;
  // The same document with a text at a place that has none yet, in new objects where there are none on the way to it;
  // nullopt: with null in the place of a text.
  [[nodiscard]] Result<std::string> Put(const JsonPath& path, const std::optional<std::string>& text) const;
  // Every number in it is 0.
  [[nodiscard]] const JsonValue& root() const { return root_; }

 private:
  // What stands in the document in the place of a value.
  [[nodiscard]] Result<std::string> Exchanged(const JsonValue& value, std::string_view fresh) const;
  [[nodiscard]] Result<const JsonValue*> Find(const JsonPath& path) const;

  std::string text_;
  JsonValue root_;
};

}  // namespace tfseal::formats
