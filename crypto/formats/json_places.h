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

  // nullopt: there is no such member, or it is null. kInvalidInput: it is something else than a text, or what is on the
  // way to it is no object.
  [[nodiscard]] Result<std::optional<std::string>> TextAt(const JsonPath& path) const;
  // `texts` need no escaping. kInvalidInput: there is no text at one of the places, or one of them holds escapes.
  [[nodiscard]] Result<std::string> With(std::span<const std::pair<JsonPath, std::string>> texts) const;
  [[nodiscard]] const JsonValue& root() const { return root_; }

 private:
  [[nodiscard]] Result<const JsonValue*> Find(const JsonPath& path) const;

  std::string text_;
  JsonValue root_;
};

}  // namespace tfseal::formats
