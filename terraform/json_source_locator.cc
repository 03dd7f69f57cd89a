#include "terraform/json_source_locator.h"

#include <string>
#include <utility>

#include "core/json.h"

namespace tfseal::terraform {
namespace {

constexpr int kDepthMax = 256;

// Walks over the text once. What a value is for is known from where it stands.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  ConfigurationBlocks Find() {
    SkipBlanks();
    Members([&](const std::string& key) {
      if (key == "resource") {
        return Labels(2, [&](int line) { return Resource(line); });
      }
      if (key == "module") {
        return Labels(1, [&](int line) { return Module(line); });
      }
      return Value(key == "//" ? &found_.strays : nullptr, &found_.strays);
    });
    return std::move(found_);
  }

 private:
  // `labels_left` objects whose keys are labels, each of which may be a list of such, around the bodies of blocks.
  template <class Body>
  bool Labels(int labels_left, const Body& body) {
    if (labels_left == 0) {
      const int line = line_;  // of a list of bodies, all of them stand where it opens
      if (Peek() == '{') return body(line);
      if (Peek() == '[') {
        return Items([&] { return Peek() == '{' ? body(line) : Value(nullptr, &found_.strays); });
      }
    }
    const int depth = ++depth_;
    if (depth > kDepthMax) return false;
    bool ok = false;
    if (Peek() == '[') {
      ok = Items([&] { return Labels(labels_left, body); });
    } else if (Peek() == '{') {
      ok = Members([&](const std::string& key) {
        if (key == "//") return Value(&found_.strays, &found_.strays);
        labels_[2 - labels_left] = key;
        return Labels(labels_left - 1, body);
      });
    } else {
      ok = Value(nullptr, &found_.strays);
    }
    --depth_;
    return ok;
  }

  bool Resource(int line) {
    const std::size_t at = found_.resources.size();
    found_.resources.push_back({labels_[0], labels_[1], line, {}, {}});
    std::vector<CommentLine> comments;
    std::vector<std::string> dynamic;
    const bool ok = Members([&](const std::string& key) {
      if (key == "dynamic") return Dynamic(&comments, &dynamic);
      return Value(key == "//" ? &comments : nullptr, &comments);
    });
    found_.resources[at].comments = std::move(comments);
    found_.resources[at].dynamic_blocks = std::move(dynamic);
    return ok;
  }

  // {"label": {...}}, or a list of such.
  bool Dynamic(std::vector<CommentLine>* comments, std::vector<std::string>* labels) {
    const auto take = [&](const std::string& key) {
      if (key != "//") labels->push_back(key);
      return Value(nullptr, comments);
    };
    if (Peek() == '{') return Members(take);
    if (Peek() != '[') return Value(nullptr, comments);
    return Items([&] { return Peek() == '{' ? Members(take) : Value(nullptr, comments); });
  }

  bool Module(int line) {
    const std::size_t at = found_.modules.size();
    found_.modules.push_back({labels_[1], "", line, {}});
    std::vector<CommentLine> comments;
    const bool ok = Members([&](const std::string& key) {
      if (key == "source" && Peek() == '"') {
        const std::string source = Text();
        if (source.find("${") == std::string::npos) found_.modules[at].source = source;
        return true;
      }
      return Value(key == "//" ? &comments : nullptr, &comments);
    });
    found_.modules[at].comments = std::move(comments);
    return ok;
  }

  // Any value. `comment`: it is that of a "//", whose texts go there; `inner`: where those of "//" within it go.
  bool Value(std::vector<CommentLine>* comment, std::vector<CommentLine>* inner) {
    if (++depth_ > kDepthMax) return false;
    bool ok = true;
    if (Peek() == '{') {
      ok = Members([&](const std::string& key) { return Value(key == "//" ? inner : nullptr, inner); });
    } else if (Peek() == '[') {
      ok = Items([&] { return Value(comment, inner); });
    } else if (Peek() == '"') {
      const int line = line_;
      const std::string text = Text();
      constexpr std::string_view kMark = "tfseal:";
      if (comment != nullptr && text.starts_with(kMark)) comment->push_back({text.substr(kMark.size()), line});
    } else {
      ok = Word();
    }
    --depth_;
    return ok;
  }

  template <class Member>
  bool Members(const Member& member) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      if (Peek() != '"') return false;
      const std::string key = Text();
      if (!Take(':') || !member(key)) return false;
    } while (Take(','));
    return Take('}');
  }

  template <class Item>
  bool Items(const Item& item) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!item()) return false;
    } while (Take(','));
    return Take(']');
  }

  // The string that begins here, decoded; empty if it is none.
  std::string Text() {
    const std::size_t first = at_;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return "";
    }
    const std::string_view token = text_.substr(first, ++at_ - first);
    SkipBlanks();
    if (token.find('\\') == std::string_view::npos) return std::string(token.substr(1, token.size() - 2));
    const auto parsed = ParseJson("[" + std::string(token) + "]");
    const bool is_text = parsed.ok() && parsed->isArray() && parsed->size() == 1 && (*parsed)[0].isString();
    return is_text ? (*parsed)[0].asString() : "";
  }

  // A number, true, false, null.
  bool Word() {
    const std::size_t first = at_;
    while (at_ < text_.size() && std::string_view(",]}: \t\r\n\"{[").find(text_[at_]) == std::string_view::npos) ++at_;
    const bool ok = at_ > first;
    SkipBlanks();
    return ok;
  }

  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    SkipBlanks();
    return true;
  }

  void SkipBlanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int depth_ = 0;
  std::string labels_[2];  // type and name; of a module, the second
  ConfigurationBlocks found_;
};

}  // namespace

ConfigurationBlocks FindJsonBlocks(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return JsonScanner(text).Find();
}

}  // namespace tfseal::terraform
