#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/check.h"
#include "core/file.h"
#include "core/json.h"
#include "planner/action_kind.h"
#include "tests/support/run_program.h"

// Every folder of tests/golden is a case: `command` is what follows "tfseal" on the command line, run in the folder;
// want.actions.json, want.txt and want.exit are what it has to give. `golden_test --update` writes them anew, and the
// difference is what has to be reviewed.
namespace tfseal {
namespace {

namespace fs = std::filesystem;

bool update = false;

std::vector<fs::path> Cases() {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(fs::path(TFSEAL_SOURCE_DIR) / "tests/golden")) {
    if (entry.is_directory()) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string ContentOf(const fs::path& path) {
  const auto content = ReadFileBounded(path.string(), std::size_t{64} << 20);
  return content.ok() ? *content : std::string();
}

std::vector<std::string> CommandOf(const fs::path& folder, const std::string& out) {
  std::vector<std::string> words = {testing::TfsealBinary()};
  TFSEAL_CHECK(
      !words[0].empty());  // TFSEAL_BIN, which ctest sets: without it --update would write nothing over everything
  std::istringstream line(ContentOf(folder / "command"));
  const std::string fixtures = std::string(TFSEAL_SOURCE_DIR) + "/fixtures/terraform-json";
  for (std::string word; line >> word;) {
    if (const auto at = word.find("{fixtures}"); at != std::string::npos) word.replace(at, 10, fixtures);
    words.push_back(word);
  }
  for (const char* word : {"--out", out.c_str(), "--output", "text", "--now", "2026-11-22T00:00:00Z", "--quiet"}) {
    words.emplace_back(word);
  }
  return words;
}

void Compare(const fs::path& want, const std::string& got) {
  if (update) {
    ASSERT_TRUE(WriteFileAtomically(want.string(), got).ok());
    return;
  }
  const std::string wanted = ContentOf(want);
  if (wanted == got) return;
  const auto differ = std::mismatch(wanted.begin(), wanted.end(), got.begin(), got.end());
  const auto line = std::count(wanted.begin(), differ.first, '\n') + 1;
  ADD_FAILURE() << want << " differs in line " << line << "; run golden_test --update and review the difference";
}

class Golden : public ::testing::TestWithParam<fs::path> {};

TEST_P(Golden, PlansAsBefore) {
  const fs::path& folder = GetParam();
  const testing::TemporaryDirectory scratch;
  const std::string out = scratch.path() + "/actions.json";
  testing::ProgramOptions options;
  options.directory = folder.string();
  const testing::ProgramRun run = testing::RunProgram(CommandOf(folder, out), options);
  ASSERT_FALSE(run.timed_out);
  const std::string actions = ContentOf(out);
  EXPECT_FALSE(actions.empty()) << run.err;
  for (const std::string& text : {run.out, run.err, actions}) {
    EXPECT_EQ(text.find("CANARY"), std::string::npos) << "a secret was printed";
    EXPECT_EQ(text.find("Q0FOQVJZ"), std::string::npos) << "a secret was printed";
  }
  Compare(folder / "want.actions.json", actions);
  Compare(folder / "want.txt", run.out);
  Compare(folder / "want.exit", std::to_string(run.exit_code) + "\n");
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, ::testing::ValuesIn(Cases()), [](const auto& tested) {
  std::string name = tested.param.filename().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(GoldenCases, HaveEveryKindOfAction) {
  std::set<std::string> seen;
  ASSERT_GT(Cases().size(), 5U);
  for (const fs::path& folder : Cases()) {
    const auto plan = ParseJson(ContentOf(folder / "want.actions.json"));
    ASSERT_TRUE(plan.ok()) << folder;
    for (const JsonValue& action : (*plan)["actions"]) seen.insert(action["kind"].asString());
  }
  for (const ActionKind* kind : AllActionKinds()) EXPECT_TRUE(seen.contains(std::string(kind->name))) << kind->name;
}

}  // namespace
}  // namespace tfseal

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  tfseal::update = argc > 1 && std::string_view(argv[1]) == "--update";
  return RUN_ALL_TESTS();
}
