#include "tests/support/source_tree.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "core/check.h"

namespace tfseal::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> LinesOf(const fs::path& path) {
  std::ifstream file(path);
  TFSEAL_CHECK(file.is_open());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Blanks out comments and literals, one line at a time; remembers what is open from line to line.
class CodeOnly {
 public:
  std::string Strip(const std::string& line) {
    std::string code;
    for (std::size_t i = 0; i < line.size();) {
      if (!raw_end_.empty()) {
        i = SkipTo(line, i, raw_end_);
      } else if (in_comment_) {
        i = SkipTo(line, i, "*/");
      } else if (line.compare(i, 2, "//") == 0) {
        break;
      } else if (line.compare(i, 2, "/*") == 0) {
        in_comment_ = true;
        i += 2;
      } else if (line.compare(i, 2, "R\"") == 0 && (i == 0 || !IsWordCharacter(line[i - 1]))) {
        const std::size_t open = line.find('(', i);
        raw_end_ = ")" + line.substr(i + 2, open - i - 2) + "\"";
        i = open + 1;
      } else if (line[i] == '"' || (line[i] == '\'' && (i == 0 || !IsWordCharacter(line[i - 1])))) {
        i = SkipLiteral(line, i);
        code += "\"\"";
      } else {
        code += line[i++];
      }
    }
    return code;
  }

 private:
  std::size_t SkipTo(const std::string& line, std::size_t from, const std::string& end) {
    const std::size_t found = line.find(end, from);
    if (found == std::string::npos) return line.size();
    const std::size_t after = found + end.size();
    raw_end_.clear();
    in_comment_ = false;
    return after;
  }

  static std::size_t SkipLiteral(const std::string& line, std::size_t from) {
    std::size_t i = from + 1;
    while (i < line.size() && line[i] != line[from]) i += line[i] == '\\' ? 2 : 1;
    return i + 1;
  }

  bool in_comment_ = false;
  std::string raw_end_;
};

SourceFile ReadSource(const fs::path& root, const std::string& path) {
  SourceFile file;
  file.path = path;
  file.lines = LinesOf(root / path);
  CodeOnly stripper;
  constexpr std::string_view kInclude = "#include \"";
  for (const std::string& line : file.lines) {
    if (line.starts_with(kInclude)) {
      file.includes.push_back(line.substr(kInclude.size(), line.find('"', kInclude.size()) - kInclude.size()));
    }
    file.code.push_back(stripper.Strip(line));
  }
  return file;
}

// The commands of a CMakeLists.txt as lists of words, the command's name first.
std::vector<std::vector<std::string>> CMakeCommands(const fs::path& path) {
  std::string text;
  for (const std::string& line : LinesOf(path)) text += line.substr(0, line.find('#')) + "\n";
  std::vector<std::vector<std::string>> commands;
  for (std::size_t open = text.find('('); open != std::string::npos; open = text.find('(', open)) {
    std::size_t name_end = open;
    while (name_end > 0 && std::isspace(static_cast<unsigned char>(text[name_end - 1])) != 0) --name_end;
    std::size_t name = name_end;
    while (name > 0 && IsWordCharacter(text[name - 1])) --name;
    std::size_t close = open + 1;
    for (int depth = 1; close < text.size() && depth > 0; ++close) {
      if (text[close] == '(') ++depth;
      if (text[close] == ')') --depth;
    }
    std::vector<std::string> words = {text.substr(name, name_end - name)};
    std::istringstream arguments(text.substr(open + 1, close - open - 2));
    for (std::string word; arguments >> word;) words.push_back(word);
    commands.push_back(std::move(words));
    open = close;
  }
  return commands;
}

// The words after `keyword` up to the next keyword.
std::vector<std::string> After(const std::vector<std::string>& words, std::string_view keyword) {
  static const std::set<std::string_view> keywords = {"NAME",  "SOURCES", "DEPENDS", "LIBRARIES",
                                                      "UNITY", "PRIVATE", "PUBLIC",  "INTERFACE"};
  std::vector<std::string> found;
  auto word = std::find(words.begin(), words.end(), keyword);
  if (word == words.end()) return found;
  for (++word; word != words.end() && !keywords.contains(*word); ++word) found.push_back(*word);
  return found;
}

class TargetReader {
 public:
  TargetReader(SourceTree& tree, std::string folder) : tree_(tree), folder_(std::move(folder)) {}

  void Read(const std::vector<std::string>& words) {
    const std::string& command = words.front();
    if (command == "file" && words.size() > 2 && words[1] == "GLOB") Glob(words);
    if (command == "tfseal_library" || command == "tfseal_test") {
      const std::vector<std::string> names = After(words, "NAME");
      TFSEAL_CHECK(names.size() == 1);
      Add(names.front(), After(words, "SOURCES"), After(words, "DEPENDS"));
    }
    if ((command == "add_executable" || command == "add_library") && words.size() > 2) {
      Add(words[1], {words.begin() + 2, words.end()}, {});
    }
    if (command == "target_link_libraries" && words.size() > 2) Add(words[1], {}, {words.begin() + 2, words.end()});
  }

 private:
  void Glob(const std::vector<std::string>& words) {
    const std::string& pattern = words.back();  // "controls/*.cc"
    const std::string prefix = folder_ + pattern.substr(0, pattern.find('*'));
    const std::string suffix = pattern.substr(pattern.find('*') + 1);
    for (const std::string& file : tree_.files) {
      const bool inside = file.starts_with(prefix) && file.ends_with(suffix);
      if (inside && file.find('/', prefix.size()) == std::string::npos) globs_[words[2]].push_back(file);
    }
  }

  void Add(const std::string& name, const std::vector<std::string>& sources, const std::vector<std::string>& depends) {
    Target& target = tree_.targets[name];
    target.name = name;
    for (const std::string& source : sources) {
      if (source.starts_with("${")) {
        const std::vector<std::string>& glob = globs_[source.substr(2, source.size() - 3)];
        target.sources.insert(target.sources.end(), glob.begin(), glob.end());
      } else if (source.ends_with(".cc")) {
        target.sources.push_back((fs::path(folder_) / source).lexically_normal().string());
      }
    }
    for (const std::string& depend : depends) {
      if (depend.starts_with("tfseal_") && depend != "tfseal_flags") target.depends.insert(depend);
    }
  }

  SourceTree& tree_;
  std::string folder_;  // "core/"
  std::map<std::string, std::vector<std::string>> globs_;
};

bool IsOutput(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "build" || name == "tfseal-demo" || name == "__pycache__" || (name.starts_with(".") && name != ".ci");
}

}  // namespace

std::set<std::string> SourceTree::Reach(const std::string& target) const {
  std::set<std::string> reached;
  std::vector<std::string> open = {target};
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto found = targets.find(name);
    if (found == targets.end() || !reached.insert(name).second) continue;
    open.insert(open.end(), found->second.depends.begin(), found->second.depends.end());
  }
  return reached;
}

std::set<std::string> SourceTree::OwnersOf(const std::string& path) const {
  const std::string source = fs::path(path).replace_extension(".cc").string();
  std::set<std::string> owners;
  for (const auto& [name, target] : targets) {
    if (std::count(target.sources.begin(), target.sources.end(), source) > 0) owners.insert(name);
  }
  for (fs::path folder = fs::path(path).parent_path(); owners.empty() && !folder.empty();
       folder = folder.parent_path()) {
    for (const auto& [name, target] : targets) {
      const auto in_folder = [&](const std::string& other) { return fs::path(other).parent_path() == folder; };
      if (std::any_of(target.sources.begin(), target.sources.end(), in_folder)) owners.insert(name);
    }
  }
  return owners;
}

SourceTree ReadSourceTree(const fs::path& root) {
  SourceTree tree;
  tree.root = root;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    if (IsOutput(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      tree.files.push_back(fs::relative(entry->path(), root).generic_string());
    }
  }
  std::sort(tree.files.begin(), tree.files.end());
  for (const std::string& file : tree.files) {
    if (file.ends_with(".cc") || file.ends_with(".h")) tree.code[file] = ReadSource(root, file);
  }
  for (const std::string& file : tree.files) {
    if (!file.ends_with("CMakeLists.txt")) continue;
    TargetReader reader(tree, file.substr(0, file.size() - std::string_view("CMakeLists.txt").size()));
    for (const auto& command : CMakeCommands(root / file)) reader.Read(command);
  }
  return tree;
}

std::size_t FindWord(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const bool starts = at == 0 || !IsWordCharacter(line[at - 1]);
    const std::size_t end = at + word.size();
    if (starts && (end == line.size() || !IsWordCharacter(line[end]))) return at;
  }
  return std::string_view::npos;
}

}  // namespace tfseal::testing
