#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/run_program.h"

// The fixtures mark every secret: what starts with this text is one.
namespace tfseal::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "CANARY";
constexpr const char* kMarkInBase64 = "Q0FOQVJZ";

TEST(Secrets, NoneOfAnyFixtureReachesTheFacts) {
  int documents = 0;
  std::size_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(TFSEAL_SOURCE_DIR "/fixtures/terraform-json")) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "truth.json") continue;
    ++documents;
    for (const std::vector<std::string>& flags :
         {std::vector<std::string>{"--output", "jsonl"}, std::vector<std::string>{"--verbose"}}) {
      std::vector<std::string> arguments = {TfsealBinary(), "facts", entry.path().string()};
      arguments.insert(arguments.end(), flags.begin(), flags.end());
      const ProgramRun run = RunProgram(arguments);
      EXPECT_EQ(run.exit_code, 0) << entry.path() << run.err;
      bytes += run.out.size();
      for (const std::string& stream : {run.out, run.err}) {
        EXPECT_EQ(stream.find(kMark), std::string::npos) << entry.path() << " " << flags.front();
        EXPECT_EQ(stream.find(kMarkInBase64), std::string::npos) << entry.path() << " " << flags.front();
      }
    }
  }
  EXPECT_GT(documents, 80);
  EXPECT_GT(bytes, 1'000'000U);
}

}  // namespace
}  // namespace tfseal::testing
