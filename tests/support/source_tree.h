#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The project's own sources and build files, read so that the house rules can be checked by a test.
namespace tfseal::testing {

struct SourceFile {
  std::string path;                   // root-relative: "core/json.cc"
  std::vector<std::string> lines;     // as they are
  std::vector<std::string> code;      // the same lines without comments and without the content of literals
  std::vector<std::string> includes;  // of quoted includes, as written
};

// One target of a CMakeLists.txt: a library, a program or a test.
struct Target {
  std::string name;
  std::vector<std::string> sources;  // root-relative
  std::set<std::string> depends;     // direct, our own targets only
};

struct SourceTree {
  std::filesystem::path root;
  std::vector<std::string> files;          // everything but build output and hidden folders, root-relative, sorted
  std::map<std::string, SourceFile> code;  // the .cc and .h among them
  std::map<std::string, Target> targets;

  // A target's own name and everything it may include from, through any number of steps.
  [[nodiscard]] std::set<std::string> Reach(const std::string& target) const;
  // The targets a file can belong to: a source's own; a header's that of the source beside it, or, without one, every
  // target of the nearest folder that has any.
  [[nodiscard]] std::set<std::string> OwnersOf(const std::string& path) const;
};

SourceTree ReadSourceTree(const std::filesystem::path& root);

// The position of `word` in `line` where no letter, digit or underscore touches it, or npos.
std::size_t FindWord(std::string_view line, std::string_view word);

}  // namespace tfseal::testing
