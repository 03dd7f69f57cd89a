#include <dirent.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/file.h"
#include "policy/gate.h"

namespace tfseal {
namespace {

constexpr const char* kNotTypes[] = {"aws_managed", "aws_owned"};

// Every "aws_..." literal of a file; one that ends in an underscore is the beginning of a family of types.
std::set<std::string> TypesNamedIn(const std::string& path) {
  std::set<std::string> types;
  const auto text = ReadFileBounded(path, std::size_t{1} << 20U);
  EXPECT_TRUE(text.ok()) << path;
  if (!text.ok()) return types;
  for (std::size_t at = text->find("\"aws_"); at != std::string::npos; at = text->find("\"aws_", at + 1)) {
    const std::size_t end = text->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at + 1);
    if ((*text)[end] == '"' && (*text)[end - 1] != '_') types.insert(text->substr(at + 1, end - at - 1));
  }
  for (const char* name : kNotTypes) types.erase(name);
  return types;
}

std::vector<std::string> SourcesIn(const std::string& folder) {
  std::vector<std::string> paths;
  DIR* directory = opendir(folder.c_str());
  EXPECT_NE(directory, nullptr) << folder;
  while (const dirent* entry = directory != nullptr ? readdir(directory) : nullptr) {
    const std::string name = entry->d_name;
    if (name.ends_with(".cc")) paths.push_back(folder + "/" + name);
  }
  if (directory != nullptr) closedir(directory);
  return paths;
}

// A type that a control looks up but that the reader leaves out would silently be "not there".
TEST(GateInterest, KeepsEveryTypeThatAControlOrAChangeClassNames) {
  const std::string policy = std::string(TFSEAL_SOURCE_DIR) + "/policy";
  std::vector<std::string> paths = SourcesIn(policy + "/controls");
  ASSERT_GT(paths.size(), 20U);
  for (const char* file : {"/judge.cc", "/world.cc", "/change_class.cc", "/gate.cc"}) paths.push_back(policy + file);
  for (const std::string& path : paths) {
    for (const std::string& type : TypesNamedIn(path)) {
      EXPECT_TRUE(GateInterest().WantsType(type)) << type << " in " << path;
    }
  }
}

}  // namespace
}  // namespace tfseal
