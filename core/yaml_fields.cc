#include "core/yaml_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/suggest.h"

namespace tfseal {

std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view nearest = Nearest(word, candidates);
  return nearest.empty() ? std::string() : fmt::format("did you mean \"{}\"?", nearest);
}

void YamlFields::Fields(const YamlNode& node, const std::string& what, const std::vector<Field>& fields) {
  if (node.kind != YamlNode::Kind::kMap) {
    Mistake(node, fmt::format("{} must be a map of keys to values", what));
    return;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlNode& key = node.keys[i];
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == key.text; });
    if (field == fields.end()) {
      std::vector<std::string_view> names;
      for (const Field& each : fields) names.push_back(each.name);
      std::string hint = DidYouMean(key.text, names);
      if (hint.empty()) hint = fmt::format("the keys here are {}", fmt::join(names, ", "));
      Mistake(key, fmt::format("unknown key \"{}\" in {}", key.text, what), std::move(hint));
    } else if (node.items[i].kind == YamlNode::Kind::kNull) {
      Mistake(key, fmt::format("\"{}\" has no value", key.text), "give it one or remove the line");
    } else {
      field->read(node.items[i]);
    }
  }
}

void YamlFields::Required(const YamlNode& node, const std::string& what, std::span<const std::string_view> names) {
  if (node.kind != YamlNode::Kind::kMap) return;
  for (const std::string_view name : names) {
    const bool there =
        std::any_of(node.keys.begin(), node.keys.end(), [&](const YamlNode& key) { return key.text == name; });
    if (!there) Mistake(node, fmt::format("{} needs \"{}\"", what, name));
  }
}

std::optional<std::string> YamlFields::Text(const YamlNode& node, std::string_view what) {
  if (node.kind != YamlNode::Kind::kScalar) {
    Mistake(node, fmt::format("{} must be text", what));
    return std::nullopt;
  }
  if (node.text.empty()) {
    Mistake(node, fmt::format("{} must not be empty", what));
    return std::nullopt;
  }
  return node.text;
}

void YamlFields::Text(const YamlNode& node, std::string_view what, std::string& into) {
  if (auto text = Text(node, what)) into = std::move(*text);
}

void YamlFields::Integer(const YamlNode& node, std::string_view what, int minimum, int maximum, int& into) {
  int number = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [last, error] = std::from_chars(node.text.data(), end, number);
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || error != std::errc() || last != end) {
    Mistake(node, fmt::format("{} must be a whole number", what), node.quoted ? "write it without quotes" : "");
  } else if (number < minimum || number > maximum) {
    Mistake(node, fmt::format("{} must be from {} to {}", what, minimum, maximum));
  } else {
    into = number;
  }
}

void YamlFields::Boolean(const YamlNode& node, std::string_view what, bool& into) {
  const bool is_true = node.text == "true";
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || (!is_true && node.text != "false")) {
    Mistake(node, fmt::format("{} must be true or false", what));
  } else {
    into = is_true;
  }
}

std::optional<std::size_t> YamlFields::OneOf(const YamlNode& node, std::string_view what,
                                             std::span<const std::string_view> names) {
  const auto text = Text(node, what);
  if (!text) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string hint = DidYouMean(*text, names);
  if (hint.empty()) hint = fmt::format("one of {}", fmt::join(names, ", "));
  Mistake(node, fmt::format("unknown value \"{}\" of {}", *text, what), std::move(hint));
  return std::nullopt;
}

std::vector<std::string> YamlFields::Texts(const YamlNode& node, const std::string& what,
                                           const std::function<std::string(std::string_view)>& check) {
  std::vector<std::string> texts;
  if (node.kind != YamlNode::Kind::kList) {
    Mistake(node, fmt::format("{} must be a list", what), "write [a, b], also for one");
    return texts;
  }
  for (const YamlNode& item : node.items) {
    const auto text = Text(item, fmt::format("an item of {}", what));
    if (!text) continue;
    if (std::string wrong = check(*text); !wrong.empty()) {
      Mistake(item, std::move(wrong));
    } else {
      texts.push_back(*text);
    }
  }
  if (node.items.empty()) Mistake(node, fmt::format("{} is empty", what), "name something or remove the line");
  return texts;
}

std::vector<Diagnostic> YamlFields::TakeMistakes() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return std::move(mistakes_);
}

}  // namespace tfseal
