#include "core/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <exception>
#include <map>
#include <set>
#include <sstream>

#include "core/visible_text.h"

namespace tfseal {
namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kNodesMax = 20'000;

// Ends the parse from inside the library's callbacks; never leaves this file.
struct Refused : std::exception {
  explicit Refused(Diagnostic diagnostic_in) : diagnostic(std::move(diagnostic_in)) {}
  Diagnostic diagnostic;
};

std::size_t CountNodes(const YamlNode& node) {
  std::size_t count = 1 + node.keys.size();
  for (const YamlNode& item : node.items) count += CountNodes(item);
  return count;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& path) : path_(path) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) Refuse(mark, "a second document starts here; the file must hold one");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(At(mark, YamlNode::Kind::kNull), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) Refuse(mark, "an alias refers to something that is not finished yet");
    YamlNode copy = target->second;
    nodes_ += CountNodes(copy);
    if (nodes_ > kNodesMax) Refuse(mark, "aliases expand to too much");
    Add(std::move(copy), 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // It would be written into reports, which nobody could read then.
    if (value.find('\0') != std::string::npos) Refuse(mark, "has a NUL character");
    if (!IsUtf8(value)) Refuse(mark, "is not valid UTF-8", "save the file as UTF-8");
    YamlNode node = At(mark, YamlNode::Kind::kScalar);
    node.text = value;
    node.quoted = tag == "!";
    Add(std::move(node), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, YamlNode::Kind::kList, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, YamlNode::Kind::kMap, anchor);
  }
  void OnMapEnd() override { Close(); }

  std::vector<Diagnostic> duplicates;
  YamlNode root;

 private:
  struct Pending {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    bool wants_value = false;  // of a map: a key was read, its value was not
    std::set<std::string> names;
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string message, std::string hint = "") const {
    throw Refused({path_, mark.line + 1, mark.column + 1, std::move(message), std::move(hint)});
  }

  static YamlNode At(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void Open(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    if (open_.size() >= kDepthMax) Refuse(mark, fmt::format("nested deeper than {} levels", kDepthMax));
    open_.push_back({At(mark, kind), anchor, false, {}});
  }

  void Close() {
    Pending done = std::move(open_.back());
    open_.pop_back();
    const YAML::Mark nowhere;
    Add(std::move(done.node), done.anchor, nowhere);
  }

  void Add(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (++nodes_ > kNodesMax) Refuse(mark, fmt::format("more than {} values", kNodesMax));
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Pending& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kMap && !parent.wants_value) {
      AddKey(parent, std::move(node));
      return;
    }
    parent.wants_value = false;
    parent.node.items.push_back(std::move(node));
  }

  void AddKey(Pending& parent, YamlNode key) {
    if (key.kind != YamlNode::Kind::kScalar) {
      throw Refused({path_, key.line, key.column, "a key must be a plain word", ""});
    }
    if (!parent.names.insert(key.text).second) {
      duplicates.push_back({path_, key.line, key.column, fmt::format("\"{}\" is there twice", key.text), ""});
    }
    parent.node.keys.push_back(std::move(key));
    parent.wants_value = true;
  }

  const std::string& path_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::vector<Pending> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
};

}  // namespace

YamlDocument ParseYaml(std::string_view text, const std::string& path) {
  const auto broken = [](Diagnostic mistake) { return YamlDocument{{}, {std::move(mistake)}, false}; };
  TreeBuilder builder(path);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return broken(refused.diagnostic);
  } catch (const YAML::Exception& error) {
    // The library's own messages describe syntax ("end of map not found"), never values.
    return broken({path, error.mark.line + 1, error.mark.column + 1, error.msg, ""});
  } catch (const std::exception&) {
    return broken({path, 0, 0, "cannot be read as YAML", ""});
  }
  return {std::move(builder.root), std::move(builder.duplicates), true};
}

}  // namespace tfseal
