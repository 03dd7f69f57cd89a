#include "terraform/source_locator.h"

#include <cctype>
#include <iterator>
#include <utility>

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
      if (SkipBlankOrComment(depth)) continue;
      if (c == '"') {
        SkipString();
      } else if (StartsHeredoc()) {
        SkipHeredoc();
      } else if (c == '{' || c == '[' || c == '(') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']' || c == ')') {
        if (depth > 0) --depth;
        if (depth == 0) {
          in_module_ = in_resource_ = false;
          last_code_line_ = line_;
        }
        ++at_;
      } else if (IsNamePart(c)) {
        if (depth == 0) last_code_line_ = line_;
        const std::string_view word = TakeName();
        if (depth == 0 && word == "resource") TakeHeader();
        if (depth == 0 && word == "module") TakeModule();
        if (depth == 1 && in_module_ && word == "source") TakeSource();
        if (depth == 1 && in_resource_ && word == "dynamic") TakeDynamic();
      } else {
        ++at_;
      }
    }
    MoveTo(found_.strays, above_);
    return std::move(found_);
  }

 private:
  static bool IsNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

  void Step() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }

  bool StartsWith(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  bool SkipBlankOrComment(int depth) {
    if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      Step();
      return true;
    }
    const int line = line_;
    std::size_t first = at_ + 1;
    if (text_[at_] == '#' || StartsWith("//")) {
      if (text_[at_] != '#') ++first;
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      TakeComment(text_.substr(first, at_ - first), line, depth);
      return true;
    }
    if (!StartsWith("/*")) return false;
    at_ += 2;
    first = at_;
    while (at_ < text_.size() && !StartsWith("*/")) Step();
    TakeComment(text_.substr(first, at_ - first), line, depth);
    at_ = at_ < text_.size() ? at_ + 2 : at_;
    return true;
  }

  static void MoveTo(std::vector<CommentLine>& to, std::vector<CommentLine>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
  }

  // A comment belongs to the block it is in, or to the one whose header follows it at once.
  void TakeComment(std::string_view text, int line, int depth) {
    if (depth == 0 && line > above_ends_ + 1) MoveTo(found_.strays, above_);
    if (depth == 0) above_ends_ = line_;
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
    constexpr std::string_view kMark = "tfseal:";
    if (!text.starts_with(kMark)) return;
    CommentLine comment{std::string(text.substr(kMark.size())), line};
    if (in_resource_) {
      found_.resources.back().comments.push_back(std::move(comment));
    } else if (in_module_) {
      found_.modules.back().comments.push_back(std::move(comment));
    } else if (depth == 0 && line != last_code_line_) {
      above_.push_back(std::move(comment));
    } else {
      found_.strays.push_back(std::move(comment));
    }
  }

  // What stands right above a header on `line`; what stands further up belongs to nobody.
  std::vector<CommentLine> CommentsAbove(int line) {
    if (line != above_ends_ + 1) MoveTo(found_.strays, above_);
    return std::exchange(above_, {});
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
    found_.resources.push_back({std::string(type), std::string(name), line, CommentsAbove(line), {}});
    in_resource_ = true;
  }

  void TakeModule() {
    const int line = line_;
    const std::string_view name = TakeLabel();
    SkipSpaces();
    if (name.empty() || at_ >= text_.size() || text_[at_] != '{') return;
    found_.modules.push_back({std::string(name), "", line, CommentsAbove(line)});
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

  void TakeDynamic() {
    const std::string_view label = TakeLabel();
    SkipSpaces();
    if (label.empty() || at_ >= text_.size() || text_[at_] != '{') return;
    found_.resources.back().dynamic_blocks.emplace_back(label);
  }

  void SkipSpaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int nesting_ = 0;
  bool in_module_ = false;
  bool in_resource_ = false;
  int last_code_line_ = 0;          // on which something other than a comment stands at the top level
  int above_ends_ = 0;              // last line of the comments that stand in a row, at the top level
  std::vector<CommentLine> above_;  // those of them that speak to tfseal
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
