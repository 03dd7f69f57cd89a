#include "apply/needed_reads.h"

#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <set>
#include <string>

#include "core/file.h"

// The table of reads says what the handlers say: both ways, by the names of operations in their sources.
namespace tfseal {
namespace {

bool IsRead(const std::string& word) {
  for (const std::string verb : {"Describe", "Get", "List", "Lookup", "Filter"}) {
    if (word.size() > verb.size() && word.starts_with(verb) &&
        std::isupper(static_cast<unsigned char>(word[verb.size()])) != 0) {
      return true;
    }
  }
  return false;
}

std::set<std::string> ReadsInSources() {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TFSEAL_SOURCE_DIR) + "/apply/handlers")) {
    if (entry.path().extension() != ".cc") continue;
    const auto text = ReadFileBounded(entry.path().string(), 1 << 20);
    EXPECT_TRUE(text.ok()) << entry.path();
    if (!text.ok()) continue;
    for (std::size_t at = text->find('"'); at != std::string::npos; at = text->find('"', at + 1)) {
      std::string word;
      for (std::size_t i = at + 1; i < text->size() && std::isalnum(static_cast<unsigned char>((*text)[i])) != 0; ++i) {
        word += (*text)[i];
      }
      if (IsRead(word) && (*text)[at + 1 + word.size()] == '"') found.insert(word);
    }
  }
  return found;
}

TEST(ReadsOfHandlers, AreAllInTheTable) {
  const std::set<std::string> sources = ReadsInSources();
  ASSERT_GT(sources.size(), 40U);
  std::set<std::string> table;
  for (const NeededRead& read : ReadsOfHandlers()) table.insert(std::string(read.operation));
  for (const std::string& operation : sources) EXPECT_TRUE(table.contains(operation)) << operation;
  for (const std::string& operation : table) EXPECT_TRUE(sources.contains(operation)) << operation << " is not read";
}

TEST(ReadsOfHandlers, AreWantedBySomethingAndOnlySecretsAreValues) {
  for (const NeededRead& read : ReadsOfHandlers()) {
    EXPECT_FALSE(read.when.empty()) << read.operation;
    EXPECT_EQ(read.value, read.operation == "GetSecretValue") << read.operation;
  }
}

}  // namespace
}  // namespace tfseal
