#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml.h"

namespace tfseal {

// "did you mean "x"?", or empty if no candidate is near.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates);

// Turns the nodes of a configuration file into typed values and remembers every mistake on the way, with its place. A
// value that is wrong leaves what it would have set as it was.
class YamlFields {
 public:
  YamlFields(std::string path, std::vector<Diagnostic> mistakes)
      : path_(std::move(path)), mistakes_(std::move(mistakes)) {}

  struct Field {
    std::string_view name;
    std::function<void(const YamlNode& value)> read;
  };

  void Mistake(const YamlNode& at, std::string message, std::string hint = "") {
    mistakes_.push_back({path_, at.line, at.column, std::move(message), std::move(hint)});
  }

  // Gives every value of a map to its field; unknown keys and keys without a value are mistakes.
  void Fields(const YamlNode& node, const std::string& what, const std::vector<Field>& fields);
  // Each of `names` must be a key of the map.
  void Required(const YamlNode& node, const std::string& what, std::span<const std::string_view> names);

  std::optional<std::string> Text(const YamlNode& node, std::string_view what);
  void Text(const YamlNode& node, std::string_view what, std::string& into);
  void Integer(const YamlNode& node, std::string_view what, int minimum, int maximum, int& into);
  void Boolean(const YamlNode& node, std::string_view what, bool& into);
  // The position in `names` of the word that the node is; nullopt after a mistake.
  std::optional<std::size_t> OneOf(const YamlNode& node, std::string_view what,
                                   std::span<const std::string_view> names);
  // The items of a list of texts; `check` returns what is wrong with one, or nothing.
  std::vector<std::string> Texts(const YamlNode& node, const std::string& what,
                                 const std::function<std::string(std::string_view)>& check);

  // In the order of the file.
  std::vector<Diagnostic> TakeMistakes();

 private:
  std::string path_;
  std::vector<Diagnostic> mistakes_;
};

}  // namespace tfseal
