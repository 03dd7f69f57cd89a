#include "terraform/source_locator.h"

#include <cctype>

namespace tfseal::terraform {
namespace {

constexpr std::string_view kEnd;
constexpr int kNestingMax = 64;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  ConfigurationBlocks Find() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (SkipBlankOrComment()) continue;
      if (c == '"') {
        SkipString();
      } else if (StartsHeredoc()) {
        SkipHeredoc();
      } else if (c == '{' || c == '[' || c == '(') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']' || c == ')') {
        if (depth > 0) --depth;
        if (depth == 0) in_module_ = false;
        ++at_;
      } else if (IsNamePart(c)) {
        const std::string_view word = TakeName();
        if (depth == 0 && word == "resource") TakeHeader();
        if (depth == 0 && word == "module") TakeModule();
        if (depth == 1 && in_module_ && word == "source") TakeSource();
      } else {
        ++at_;
      }
    }
    return std::move(found_);
  }

 private:
  static bool IsNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

  void Step() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }

  bool StartsWith(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  bool SkipBlankOrComment() {
    if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      Step();
      return true;
    }
    if (text_[at_] == '#' || StartsWith("//")) {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      return true;
    }
    if (!StartsWith("/*")) return false;
    at_ += 2;
    while (at_ < text_.size() && !StartsWith("*/")) Step();
    at_ = at_ < text_.size() ? at_ + 2 : at_;
    return true;
  }

  // A quoted template, from its opening quote to behind its closing one. "${" opens an expression, which may hold
  // strings and braces again.
  void SkipString() {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') return;  // no valid string; go on with the next line
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\\') {
        at_ += 2;
      } else if (StartsWith("$${") || StartsWith("%%{")) {
        at_ += 3;
      } else if (StartsWith("${") || StartsWith("%{")) {
        at_ += 2;
        SkipExpression();
      } else {
        ++at_;
      }
    }
  }

  void SkipExpression() {
    if (nesting_ >= kNestingMax) {
      at_ = text_.size();
      return;
    }
    ++nesting_;
    int braces = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        SkipString();
        continue;
      }
      if (c == '}' && braces-- == 0) break;
      if (c == '{') ++braces;
      Step();
    }
    if (at_ < text_.size()) ++at_;
    --nesting_;
  }

  bool StartsHeredoc() const {
    if (!StartsWith("<<")) return false;
    const std::size_t name = at_ + (StartsWith("<<-") ? 3U : 2U);
    return name < text_.size() && IsNamePart(text_[name]);
  }

  void SkipHeredoc() {
    at_ += StartsWith("<<-") ? 3U : 2U;
    const std::string_view marker = TakeName();
    while (at_ < text_.size()) {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      if (at_ >= text_.size()) return;
      Step();
      std::size_t end = text_.find('\n', at_);
      if (end == std::string_view::npos) end = text_.size();
      std::string_view line = text_.substr(at_, end - at_);
      while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
      while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
      if (line == marker) {
        at_ = end;
        return;
      }
    }
  }

  std::string_view TakeName() {
    const std::size_t first = at_;
    while (at_ < text_.size() && IsNamePart(text_[at_])) ++at_;
    return text_.substr(first, at_ - first);
  }

  // A label: a name, in quotes or bare. Empty if there is none.
  std::string_view TakeLabel() {
    SkipSpaces();
    if (at_ < text_.size() && text_[at_] == '"') {
      const std::size_t first = at_ + 1;
      const std::size_t end = text_.find_first_of("\"\n\\", first);
      if (end == std::string_view::npos || text_[end] != '"') return kEnd;
      at_ = end + 1;
      return text_.substr(first, end - first);
    }
    return TakeName();
  }

  void TakeHeader() {
    const int line = line_;
    const std::string_view type = TakeLabel();
    const std::string_view name = type.empty() ? kEnd : TakeLabel();
    SkipSpaces();
    if (name.empty() || at_ >= text_.size() || text_[at_] != '{') return;
    found_.resources.push_back({std::string(type), std::string(name), line});
  }

  void TakeModule() {
    const int line = line_;
    const std::string_view name = TakeLabel();
    SkipSpaces();
    if (name.empty() || at_ >= text_.size() || text_[at_] != '{') return;
    found_.modules.push_back({std::string(name), "", line});
    in_module_ = true;
  }

  // `= "text"` behind the name of the argument. A template is no plain string; it leads nowhere on this disk.
  void TakeSource() {
    SkipSpaces();
    if (at_ >= text_.size() || text_[at_] != '=') return;
    ++at_;
    SkipSpaces();
    if (at_ >= text_.size() || text_[at_] != '"') return;
    const std::string_view source = TakeLabel();
    if (source.find("${") == std::string_view::npos) found_.modules.back().source = source;
  }

  void SkipSpaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int nesting_ = 0;
  bool in_module_ = false;
  ConfigurationBlocks found_;
};

}  // namespace

ConfigurationBlocks FindBlocks(std::string_view text) {
  return Scanner(text).Find();
}

std::vector<BlockHeader> FindResourceBlocks(std::string_view text) {
  return FindBlocks(text).resources;
}

}  // namespace tfseal::terraform
