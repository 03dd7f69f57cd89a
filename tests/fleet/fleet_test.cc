#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <numeric>

#include "core/file.h"
#include "fleet/inputs.h"
#include "fleet/merge.h"
#include "fleet/run_in_order.h"
#include "fleet/spool.h"
#include "policy/gate.h"
#include "report/assessment.h"
#include "terraform/read.h"
#include "tests/support/run_program.h"
#include "verifier/verify.h"

namespace tfseal::fleet {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    before_ = fs::current_path();
    fs::current_path(directory_.path());
  }
  void TearDown() override { fs::current_path(before_); }

  static void Make(const std::string& name) {
    if (const auto parent = fs::path(name).parent_path(); !parent.empty()) fs::create_directories(parent);
    ASSERT_TRUE(WriteFileAtomically(name, "{}").ok());
  }

  static std::vector<std::string> Expanded(const std::vector<std::string>& operands,
                                           Kind kind = Kind::kPlansAndStates) {
    auto found = Expand(operands, kind);
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message);
    return found.ok() ? *found : std::vector<std::string>{};
  }

 private:
  testing::TemporaryDirectory directory_;
  fs::path before_;
};

using Inputs = Folder;

TEST_F(Inputs, OfAFolderAreWhatTheirNamesSaySortedAndEachOnce) {
  for (const char* name : {"b.tfstate", "a.json", "sub/c.tfplan", "sub/deep/d.plan", "main.tf", "README.md",
                           ".terraform/modules/modules.json", ".hidden.json", "x.tfstate.backup"}) {
    Make(name);
  }
  EXPECT_THAT(Expanded({"."}), ElementsAre("a.json", "b.tfstate", "sub/c.tfplan", "sub/deep/d.plan"));
  EXPECT_THAT(Expanded({"sub", "./a.json", "sub/", "a.json"}),
              ElementsAre("a.json", "sub/c.tfplan", "sub/deep/d.plan"));
  EXPECT_THAT(Expanded({"."}, Kind::kPlans), ElementsAre("a.json", "sub/c.tfplan", "sub/deep/d.plan"));
}

TEST_F(Inputs, OfAPatternStayWithinAStepUnlessItSaysOtherwise) {
  for (const char* name :
       {"a/x.json", "a/b/x.json", "a/b/y.txt", "c/x1.json", "c/x2.json", "c/.x3.json", "c/[x].json"}) {
    Make(name);
  }
  EXPECT_THAT(Expanded({"*/x.json"}), ElementsAre("a/x.json"));
  EXPECT_THAT(Expanded({"**/x.json"}), ElementsAre("a/b/x.json", "a/x.json"));
  EXPECT_THAT(Expanded({"a/**"}), ElementsAre("a/b/x.json", "a/b/y.txt", "a/x.json"));
  EXPECT_THAT(Expanded({"c/x[13-9].json"}), ElementsAre("c/x1.json"));
  EXPECT_THAT(Expanded({"c/x[!1].json"}), ElementsAre("c/x2.json"));
  EXPECT_THAT(Expanded({"c/x?.json"}), ElementsAre("c/x1.json", "c/x2.json"));
  EXPECT_THAT(Expanded({"c/[x].json"}), ElementsAre("c/[x].json")) << "a file of that name is that file";
}

TEST_F(Inputs, ThatAreNothingAreErrorsAndAFileThatIsMissingIsLeftToItsReader) {
  fs::create_directory("empty");
  EXPECT_FALSE(Expand({"empty"}, Kind::kPlans).ok());
  EXPECT_FALSE(Expand({"*.json"}, Kind::kPlans).ok());
  EXPECT_THAT(Expanded({"missing.json"}), ElementsAre("missing.json"));
  fs::create_directory_symlink(".", "round");
  Make("a.json");
  EXPECT_THAT(Expanded({"."}), ElementsAre("a.json")) << "links to folders are not followed";
}

TEST(Shard, PartsAreDisjointAndTogetherEverything) {
  std::vector<int> sizes(7, 0);
  for (int i = 0; i < 7'000; ++i) {
    const std::string path = "states/service-" + std::to_string(i) + ".tfstate";
    int owners = 0;
    for (int index = 1; index <= 7; ++index) {
      if (!IsIn({index, 7}, path)) continue;
      ++owners;
      ++sizes[static_cast<std::size_t>(index - 1)];
    }
    EXPECT_EQ(owners, 1) << path;
  }
  for (const int size : sizes) EXPECT_NEAR(size, 1'000, 200);
  EXPECT_TRUE(IsIn({}, "x"));
}

TEST(Shard, IsReadStrictly) {
  ASSERT_TRUE(ParseShard("2/8"));
  EXPECT_EQ(ParseShard("2/8")->index, 2);
  for (const char* wrong : {"", "0/4", "5/4", "1", "1/", "/4", "-1/4", "1/4 ", "a/b", "1/4/2", "1/1000000"}) {
    EXPECT_FALSE(ParseShard(wrong)) << wrong;
  }
}

TEST(RunInOrder, HandsOverInOrderWhateverEndsFirstAndKeepsNoMoreThanAllowed) {
  for (const int threads : {1, 2, 5, 64}) {
    std::atomic<std::size_t> started = 0;
    std::size_t taken = 0;
    std::size_t furthest = 0;
    std::uint64_t sum = 0;
    RunInOrder<std::string>(
        2'000, threads,
        [&](std::size_t i) {
          ++started;
          std::uint64_t busy = i;  // of different length, so that they overtake each other
          for (std::size_t k = 0; k < (i * 7'919) % 503; ++k) busy = busy * 31 + k;
          return std::to_string(i) + (busy == 42 ? "!" : "");
        },
        [&](std::size_t i, const std::string& text) {
          EXPECT_EQ(i, taken);
          EXPECT_EQ(text.substr(0, text.find('!')), std::to_string(i));
          furthest = std::max(furthest, started.load() - taken);
          ++taken;
          sum += i;
        });
    EXPECT_EQ(taken, 2'000U);
    EXPECT_EQ(sum, 1'999'000U);
    EXPECT_LE(furthest, static_cast<std::size_t>(threads) * (kAheadPerThread + 1) + 1) << threads;
  }
  RunInOrder<int>(
      0, 4, [](std::size_t) { return 1; }, [](std::size_t, int) { FAIL(); });
}

TEST(Spool, GivesTheLinesBackAsOftenAsAsked) {
  for (const std::size_t memory : {std::size_t{0}, std::size_t{100}, std::size_t{1} << 20}) {
    Spool spool(memory);
    std::vector<std::string> wanted;
    for (int i = 0; i < 5'000; ++i) {
      wanted.push_back(std::string(static_cast<std::size_t>(i % 211), 'x') + std::to_string(i));
      ASSERT_TRUE(spool.Append(wanted.back() + "\n").ok());
    }
    wanted.emplace_back(300'000, 'y');
    ASSERT_TRUE(spool.Append(wanted.back() + "\n").ok());
    for (int round = 0; round < 2; ++round) {
      std::vector<std::string> read;
      ASSERT_TRUE(spool.Read([&](std::string_view line) { read.emplace_back(line); }).ok());
      EXPECT_EQ(read, wanted);
    }
  }
}

// As the command line judges them: several threads read, judge and write down at once.
std::string JudgedTogether(const std::vector<std::string>& paths, int threads) {
  const PolicyFile policy;
  std::string all;
  RunInOrder<std::string>(
      paths.size(), threads,
      [&](std::size_t i) {
        const auto document = terraform::ReadDocument(paths[i], GateInterest());
        if (!document.ok()) return document.error().message + "\n";
        report::Circumstances circumstances;
        circumstances.among_many = paths[i];
        const Listing listing = Listing::kEverything;
        JudgedDocument judged;
        judged.path = paths[i];
        if (document->kind == terraform::DocumentKind::kPlan) {
          const GateReport report = Gate(*document, policy, 1'780'000'000, listing);
          judged.assessment = report::AssessGate(report, *document, policy, circumstances);
        } else {
          const VerifyReport report = Verify({&*document, 1}, policy, {}, 1'780'000'000, listing);
          judged.assessment = report::AssessVerify(report, {&*document, 1}, policy, circumstances);
        }
        return Keep(judged).lines;
      },
      [&](std::size_t, const std::string& lines) { all += lines; });
  return all;
}

TEST(RunInOrder, ThreadsThatJudgeDoNotDisturbEachOther) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(TFSEAL_SOURCE_DIR "/fixtures/terraform-json")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".json") && name != "truth.json") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_GT(paths.size(), 60U);
  const std::string one = JudgedTogether(paths, 1);
  EXPECT_GT(one.size(), 100'000U);
  EXPECT_EQ(JudgedTogether(paths, 4), one);
}

// What Merge() says of a text that is no part.
std::string Refusal(const std::string& text) {
  const auto merged = Merge({{"a.json", text}});
  return merged.ok() ? "" : merged.error().message;
}

TEST(Merge, RefusesWhatIsNoWholeReport) {
  EXPECT_THAT(Refusal(""), HasSubstr("cut short"));
  EXPECT_THAT(Refusal("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(Refusal("{}"), HasSubstr("not a report over many documents"));
  EXPECT_THAT(Refusal("{\"record\":\"finding\",\"address\":\"a.b\",\"control\":\"X\",\"fingerprint\":\"f\"}\n"),
              HasSubstr("does not say its document"));
  EXPECT_THAT(Refusal("{\"record\":\"surprise\"}\n"), HasSubstr("no record"));
  const std::string document = "{\"record\":\"document\",\"path\":\"a\",\"verdict\":\"pass\"}\n";
  EXPECT_THAT(Refusal(document), HasSubstr("cut short"));
  EXPECT_THAT(Refusal(document + document), HasSubstr("twice"));
  const std::string verdict =
      "{\"record\":\"verdict\",\"schema\":\"tfseal/fleet/v1\",\"command\":\"gate\",\"summary\":{\"documents\":2}}\n";
  EXPECT_THAT(Refusal(document + verdict), HasSubstr("damaged"));
}

}  // namespace
}  // namespace tfseal::fleet
