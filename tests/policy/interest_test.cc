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
std::set<std::string> TypesNamedInText(const std::string& text) {
  std::set<std::string> types;
  for (std::size_t at = text.find("\"aws_"); at != std::string::npos; at = text.find("\"aws_", at + 1)) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at + 1);
    if (text[end] == '"' && text[end - 1] != '_') types.insert(text.substr(at + 1, end - at - 1));
  }
  for (const char* name : kNotTypes) types.erase(name);
  return types;
}

std::set<std::string> TypesNamedIn(const std::string& path) {
  const auto text = ReadFileBounded(path, std::size_t{1} << 20U);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? TypesNamedInText(*text) : std::set<std::string>();
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

// The file without the lists of the types that its controls judge and without questions for the own type: what is left
// names types that are looked at from elsewhere.
std::string WithoutOwnTypes(std::string text) {
  for (std::size_t at = text.find("Types[] = {"); at != std::string::npos; at = text.find("Types[] = {", at)) {
    text.erase(at, text.find("};", at) - at);
  }
  for (const char* question : {"== \"aws_", "!= \"aws_"}) {
    for (std::size_t at = text.find(question); at != std::string::npos; at = text.find(question, at)) {
      text.erase(at, text.find('"', at + 4) - at);
    }
  }
  return text;
}

// Of a type that another control looks at, the reader must not leave out what only that control reads.
TEST(GateInterest, KnowsEveryTypeThatAControlLooksAtFromElsewhere) {
  const std::string policy = std::string(TFSEAL_SOURCE_DIR) + "/policy";
  std::vector<std::string> paths = SourcesIn(policy + "/controls");
  for (const char* file : {"/judge.cc", "/plaintext.cc", "/iam_policy.cc", "/controls/database.h"}) {
    paths.push_back(policy + file);
  }
  const std::set<std::string> data_sources = {"aws_kms_secrets", "aws_secretsmanager_random_password"};
  std::size_t seen = 0;
  for (const std::string& path : paths) {
    const auto text = ReadFileBounded(path, std::size_t{1} << 20U);
    ASSERT_TRUE(text.ok()) << path;
    for (const std::string& type : TypesNamedInText(WithoutOwnTypes(*text))) {
      if (data_sources.contains(type)) continue;
      ++seen;
      EXPECT_TRUE(IsSeenByOtherControls(type)) << type << " in " << path << ": add it to kSeenByOthers";
    }
  }
  EXPECT_GT(seen, 50U);
  EXPECT_FALSE(IsSeenByOtherControls("aws_sqs_queue"));
}

}  // namespace
}  // namespace tfseal
