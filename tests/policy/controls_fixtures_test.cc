// What every control says about plans that the real Terraform wrote: fixtures/controls/.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "policy/control.h"
#include "policy/gate.h"
#include "policy/policy_file.h"
#include "terraform/read.h"
#include "terraform/source_tree.h"
#include "tests/policy/control_cases.h"
#include "tests/support/scenarios.h"

namespace tfseal {
namespace {

namespace fs = std::filesystem;
using terraform::Document;
using terraform::ResourceInstance;
using testing::FileContent;

constexpr std::string_view kFolder = TFSEAL_SOURCE_DIR "/fixtures/controls";
constexpr UnixSeconds kNow = 1767225600;  // 2026-01-01T00:00:00Z

// By control and address.
using Verdicts = std::map<std::pair<std::string, std::string>, Verdict>;

Verdict VerdictNamed(std::string_view name) {
  for (const Verdict verdict : {Verdict::kPass, Verdict::kFail, Verdict::kUnknown, Verdict::kNotApplicable}) {
    if (Name(verdict) == name) return verdict;
  }
  ADD_FAILURE() << "no verdict is called " << name;
  return Verdict::kError;
}

// What stands before the first comma, between, and behind the last or, where the last field may hold commas, the
// second one. The lines are sorted, and no line is there twice.
std::vector<std::vector<std::string>> ReadLines(const fs::path& path, bool commas_at_end) {
  std::vector<std::vector<std::string>> rows;
  std::string last;
  const std::string text = FileContent(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t first = line.find(',');
    const std::size_t second = commas_at_end ? line.find(',', first + 1) : line.rfind(',');
    if (first == std::string::npos || second == std::string::npos || first == second) {
      ADD_FAILURE() << path << ": not three fields: " << line;
      continue;
    }
    EXPECT_LT(last, line) << path << ": not sorted";
    last = line;
    rows.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return rows;
}

Verdicts ReadTruth(const fs::path& path) {
  Verdicts truth;
  for (const auto& row : ReadLines(path, false)) {
    EXPECT_NE(FindControl(row[0]), nullptr) << path << ": there is no control " << row[0];
    EXPECT_TRUE(truth.try_emplace({row[0], row[1]}, VerdictNamed(row[2])).second)
        << path << ": twice: " << row[0] << " " << row[1];
  }
  return truth;
}

// A document and what it was judged to be.
struct Fixture {
  std::string name;   // "qldb/plan.json"
  fs::path document;  // what Terraform wrote
  fs::path truth;
  fs::path policy;  // empty: the built-in defaults
};

const std::vector<Fixture>& Fixtures() {
  static const auto& fixtures = *new std::vector<Fixture>([] {
    std::vector<Fixture> found;
    for (const auto& entry : fs::directory_iterator(kFolder)) {
      if (!entry.is_directory()) continue;
      const fs::path policy = fs::exists(entry.path() / "tfseal.yaml") ? entry.path() / "tfseal.yaml" : fs::path();
      for (const auto& [document, truth] : {std::pair("plan.json", "truth.csv"), {"state.json", "truth-state.csv"}}) {
        EXPECT_EQ(fs::exists(entry.path() / document), fs::exists(entry.path() / truth))
            << entry.path() << ": " << document << " and " << truth << " belong together";
        if (!fs::exists(entry.path() / document) || !fs::exists(entry.path() / truth)) continue;
        found.push_back({fmt::format("{}/{}", entry.path().filename().string(), document), entry.path() / document,
                         entry.path() / truth, policy});
      }
    }
    std::sort(found.begin(), found.end(), [](const Fixture& a, const Fixture& b) { return a.name < b.name; });
    return found;
  }());
  return fixtures;
}

PolicyFile PolicyOf(const Fixture& fixture) {
  if (fixture.policy.empty()) return {};
  auto policy = ReadPolicyFile(FileContent(fixture.policy), fixture.policy);
  if (auto* read = std::get_if<PolicyFile>(&policy)) return std::move(*read);
  ADD_FAILURE() << fixture.policy << " has mistakes";
  return {};
}

// Of several findings of a control at one address (as when a plan passes but loosens) the worst counts.
void Note(const std::vector<Finding>& findings, Verdicts* verdicts) {
  for (const Finding& finding : findings) {
    Verdict& verdict =
        verdicts->try_emplace({std::string(finding.control), std::string(finding.address)}, Verdict::kPass)
            .first->second;
    if (finding.verdict == Verdict::kFail || verdict == Verdict::kPass) verdict = finding.verdict;
  }
}

enum class Sources : std::uint8_t { kNotThere, kOfTheFolder };

// What the product says of all instances that the document leaves in place. A report does not list what a control does
// not apply to: that is everything else of its types.
Verdicts Judged(const Fixture& fixture, const PolicyFile& policy, const terraform::Interest& interest,
                Sources sources = Sources::kNotThere) {
  auto document = terraform::ReadDocumentFromMemory(FileContent(fixture.document), fixture.name, interest);
  if (!document.ok()) {
    ADD_FAILURE() << fixture.name << ": " << document.error().message;
    return {};
  }
  if (sources == Sources::kOfTheFolder) {
    EXPECT_TRUE(terraform::AttachSources(fixture.document.parent_path(), document.value()).ok()) << fixture.name;
  }
  Verdicts verdicts;
  const auto note = [&](const Report& report) {
    Note(report.findings, &verdicts);
    Note(report.passes, &verdicts);
  };
  if (document->kind == terraform::DocumentKind::kPlan) {
    const GateReport report = Gate(*document, policy, kNow, Listing::kEverything);
    EXPECT_NE(report.verdict, GateVerdict::kUnusable) << fixture.name;
    note(report);
  } else {
    note(Evaluate(*document, policy, kNow, Listing::kEverything));
  }
  for (const ResourceInstance& instance : document->resources) {
    if (!instance.has_after()) continue;
    for (const Control* control : AllControls()) {
      if (std::find(control->types.begin(), control->types.end(), instance.type) == control->types.end()) continue;
      verdicts.try_emplace({std::string(control->id), std::string(instance.address)}, Verdict::kNotApplicable);
    }
  }
  return verdicts;
}

Verdicts Judged(const Fixture& fixture) {
  const PolicyFile policy = PolicyOf(fixture);
  return Judged(fixture, policy, GateInterest(policy));
}

TEST(ControlFixtures, AreJudgedAsTheTruthSays) {
  ASSERT_FALSE(Fixtures().empty());
  for (const Fixture& fixture : Fixtures()) {
    const Verdicts truth = ReadTruth(fixture.truth);
    EXPECT_FALSE(truth.empty()) << fixture.name;
    std::set<std::string> listed;
    for (const auto& [what, verdict] : truth) listed.insert(what.first);
    const Verdicts judged = Judged(fixture);
    EXPECT_EQ(Judged(fixture, PolicyOf(fixture), terraform::Interest::Everything()), judged) << fixture.name;
    for (const auto& [what, verdict] : truth) {
      const auto found = judged.find(what);
      EXPECT_EQ(found == judged.end() ? "not judged" : Name(found->second), Name(verdict))
          << fixture.name << ": " << what.first << " " << what.second;
    }
    for (const auto& [what, verdict] : judged) {
      if (!listed.contains(what.first)) continue;
      EXPECT_TRUE(truth.contains(what)) << fixture.name << " does not list " << what.first << "," << what.second << ","
                                        << Name(verdict);
    }
  }
}

// A block that is not known yet and one that is not there look alike in a plan, not in the sources.
TEST(ControlFixtures, AreTruerWithTheirSources) {
  const auto& fixtures = Fixtures();
  const auto fixture = std::find_if(fixtures.begin(), fixtures.end(),
                                    [](const Fixture& each) { return each.name == "dynamic-blocks-new/plan.json"; });
  ASSERT_NE(fixture, fixtures.end());
  Verdicts truth = ReadTruth(fixture->truth);
  truth[{"TFS-DYNAMODB-001", "module.both.aws_dynamodb_table.later"}] = Verdict::kUnknown;
  truth[{"TFS-DYNAMODB-001", "module.outer.module.inner.aws_dynamodb_table.later"}] = Verdict::kFail;
  truth[{"TFS-OPENSEARCH-001", "aws_opensearch_domain.of_output"}] = Verdict::kUnknown;
  truth[{"TFS-OPENSEARCH-002", "aws_opensearch_domain.of_output"}] = Verdict::kUnknown;
  const Verdicts judged = Judged(*fixture, {}, GateInterest(), Sources::kOfTheFolder);
  for (const auto& [what, verdict] : truth) {
    const auto found = judged.find(what);
    EXPECT_EQ(found == judged.end() ? "not judged" : Name(found->second), Name(verdict))
        << what.first << " " << what.second;
  }
}

// Every verdict that a control can give, by the tables of its cases.
std::map<std::string, std::set<Verdict>> VerdictsOfControls() {
  std::map<std::string, std::set<Verdict>> verdicts;
  for (const Control* control : AllControls()) verdicts[std::string(control->id)];
  for (const auto& table : {DatabaseControlCases(), StoreControlCases(), EnvironmentControlCases()}) {
    for (const ControlCase& row : table) verdicts[std::string(row.control)].insert(row.want);
  }
  return verdicts;
}

// Whether a line of not-made.csv is about a control. "TFS-S3,*,not yet made" stands for all verdicts of TFS-S3-001 and
// its like, as long as nobody made them.
bool IsAbout(const std::vector<std::string>& row, const std::string& control) {
  return row[1] == "*" ? control.starts_with(row[0] + "-") : control == row[0];
}

TEST(ControlFixtures, ShowEveryVerdictThatTerraformCanMake) {
  std::map<std::string, std::set<Verdict>> made;
  for (const Fixture& fixture : Fixtures()) {
    for (const auto& [what, verdict] : ReadTruth(fixture.truth)) made[what.first].insert(verdict);
  }
  const auto not_made = ReadLines(fs::path(kFolder) / "not-made.csv", true);
  const auto controls = VerdictsOfControls();
  for (const auto& [control, verdicts] : controls) {
    for (const Verdict verdict : verdicts) {
      const bool excused = std::any_of(not_made.begin(), not_made.end(), [&](const auto& row) {
        return IsAbout(row, control) && (row[1] == "*" || row[1] == Name(verdict));
      });
      EXPECT_TRUE(excused || made[control].contains(verdict))
          << control << " " << Name(verdict) << " is in no truth.csv and not in not-made.csv";
    }
  }
  for (const auto& row : not_made) {
    EXPECT_FALSE(row[2].empty()) << row[0] << " " << row[1] << ": no reason";
    bool needed = false;
    for (const auto& [control, verdicts] : controls) {
      if (!IsAbout(row, control)) continue;
      needed = needed || (row[1] == "*" ? made[control].empty()
                                        : verdicts.contains(VerdictNamed(row[1])) &&
                                              !made[control].contains(VerdictNamed(row[1])));
    }
    EXPECT_TRUE(needed) << "not-made.csv: " << row[0] << "," << row[1] << " is made, or no control gives it";
  }
}

}  // namespace
}  // namespace tfseal
