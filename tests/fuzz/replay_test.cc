// Runs the fuzz target over the stored inputs, with every compiler.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tfseal {
namespace {

// What hurts most where it does not belong.
constexpr char kBytes[] = "{}[]\",:\\ 0tn\xFF";

int FuzzOne(const std::string& bytes) {
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  return LLVMFuzzerTestOneInput(input.data(), input.size());
}

TEST(FuzzCorpus, IsReadOrRefused) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path corpus = std::string(TFSEAL_SOURCE_DIR) + "/tests/fuzz/corpus";
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) files.push_back(entry.path());
  ASSERT_GE(files.size(), 4U);
  std::mt19937 random(7);
  for (const std::filesystem::path& file : files) {
    SCOPED_TRACE(file.filename().string());
    const Result<std::string> bytes = ReadFileBounded(file.string(), std::size_t{1} << 20U);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(FuzzOne(*bytes), 0);
    for (int round = 0; round < 300; ++round) {
      std::string damaged = *bytes;
      for (unsigned changes = 1 + random() % 4; changes > 0 && !damaged.empty(); --changes) {
        damaged[random() % damaged.size()] = kBytes[random() % (sizeof(kBytes) - 1)];
      }
      EXPECT_EQ(FuzzOne(damaged), 0);
    }
  }
}

}  // namespace
}  // namespace tfseal
