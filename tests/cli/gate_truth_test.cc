// The binary against the verdicts of fixtures/terraform-json: every plan and state there, as a user would run it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/json.h"
#include "tests/support/run_program.h"
#include "tests/support/scenarios.h"

namespace tfseal {
namespace {

using testing::ProgramOptions;
using testing::ProgramRun;
using testing::RunProgram;
using testing::Scenario;
using testing::TemporaryDirectory;

int ExitCodeOf(const std::string& verdict) {
  static const std::map<std::string, int> codes = {{"allow", 0}, {"unusable", 1}, {"deny", 3}, {"review", 4}};
  return codes.at(verdict);
}

// Values of `key` by the `address` they stand at, over the entries for which `counts` holds.
using ByAddress = std::map<std::string, std::set<std::string>>;
template <class Counts>
ByAddress Collect(const JsonValue& entries, const char* key, Counts counts) {
  ByAddress found;
  for (const JsonValue& entry : entries) {
    if (counts(entry)) found[entry["address"].asString()].insert(entry[key].asString());
  }
  return found;
}

// Runs in an empty directory, which must stay empty, and checks what holds for every command and every input.
ProgramRun RunTfseal(const std::vector<std::string>& arguments) {
  const TemporaryDirectory directory;
  ProgramOptions options;
  options.directory = directory.path();
  options.environment = {{"NO_COLOR", "1"}};
  std::vector<std::string> words = {testing::TfsealBinary()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  ProgramRun run = RunProgram(words, options);
  EXPECT_FALSE(run.timed_out);
  EXPECT_EQ(run.signal, 0) << run.err;
  EXPECT_TRUE(directory.Listing().empty()) << "left files behind";
  // The text itself is not printed: it would put the secret into the test log.
  EXPECT_FALSE(testing::ShowsCanary(run.out)) << "a secret of the input on stdout";
  EXPECT_FALSE(testing::ShowsCanary(run.err)) << "a secret of the input on stderr";
  return run;
}

class GateTruth : public ::testing::TestWithParam<Scenario> {};

TEST_P(GateTruth, JudgesAsAPersonDid) {
  const Scenario& want = GetParam();
  ASSERT_FALSE(testing::TfsealBinary().empty());
  const ProgramRun run = RunTfseal({"gate", want.path, "--config", want.config, "--output", "json"});
  EXPECT_EQ(run.exit_code, ExitCodeOf(want.verdict)) << run.err;
  if (want.verdict == "unusable" && run.out.empty()) {
    EXPECT_FALSE(run.err.empty()) << "unusable without a word";
    return;
  }
  const auto report = ParseJson(run.out);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ((*report)["verdict"].asString(), want.verdict);
  ASSERT_TRUE((*report)["findings"].isArray());
  ASSERT_TRUE((*report)["destroys"].isArray());

  const ByAddress destroyed = Collect((*report)["destroys"], "class", [](const JsonValue&) { return true; });
  const ByAddress failing = Collect((*report)["findings"], "topic",
                                    [](const JsonValue& finding) { return finding["verdict"].asString() == "fail"; });
  const auto has = [](const ByAddress& found, const std::pair<std::string, std::string>& pair) {
    const auto it = found.find(pair.first);
    return it != found.end() && it->second.contains(pair.second);
  };
  if (want.verdict == "allow") {
    EXPECT_TRUE(destroyed.empty()) << destroyed.begin()->first;
  }
  if (want.verdict == "unusable") return;  // what else it says about a plan that cannot be applied is a courtesy
  for (const auto& pair : want.destroys) {
    EXPECT_TRUE(has(destroyed, pair)) << "destroys[] lacks " << pair.first << " as " << pair.second;
  }
  for (const auto& pair : want.must_fail) {
    EXPECT_TRUE(has(failing, pair)) << pair.first << " does not fail " << pair.second;
  }
  for (const auto& pair : want.must_not_fail) {
    EXPECT_FALSE(has(failing, pair)) << pair.first << " fails " << pair.second << ", which is wrong";
    if (pair.second == "data_loss") {
      EXPECT_FALSE(destroyed.contains(pair.first)) << pair.first << " is not destroyed";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GateTruth, ::testing::ValuesIn(testing::Scenarios()),
                         [](const auto& test) { return testing::TestName(test.param.name); });

std::vector<Scenario> States() {
  std::vector<Scenario> states;
  for (const Scenario& scenario : testing::Scenarios()) {
    if (scenario.verify_exit.has_value()) states.push_back(scenario);
  }
  return states;
}

class VerifyTruth : public ::testing::TestWithParam<Scenario> {};

TEST_P(VerifyTruth, EndsWithTheRightCode) {
  const Scenario& want = GetParam();
  ASSERT_FALSE(testing::TfsealBinary().empty());
  const ProgramRun run = RunTfseal({"verify", want.path, "--config", want.config, "--output", "json"});
  EXPECT_EQ(run.exit_code, want.verify_exit.value_or(-1)) << run.err;
  EXPECT_TRUE(ParseJson(run.out).ok());
}

INSTANTIATE_TEST_SUITE_P(Fixtures, VerifyTruth, ::testing::ValuesIn(States()),
                         [](const auto& test) { return testing::TestName(test.param.name); });

}  // namespace
}  // namespace tfseal
