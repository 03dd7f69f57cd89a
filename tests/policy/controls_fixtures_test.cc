// What every control says about plans that the real Terraform wrote: fixtures/controls/.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
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

constexpr Verdict kVerdicts[] = {Verdict::kPass, Verdict::kFail, Verdict::kUnknown, Verdict::kNotApplicable};

// A line of not-made.csv or never.csv.
struct Exception {
  std::set<std::string> controls;
  Verdict verdict;
};

std::vector<Exception> ReadExceptions(const std::string& file) {
  std::vector<Exception> exceptions;
  for (const auto& row : ReadLines(fs::path(kFolder) / file, true)) {
    EXPECT_FALSE(row[2].empty()) << file << ": " << row[0] << " " << row[1] << ": no reason";
    Exception exception{{}, VerdictNamed(row[1])};
    std::istringstream names(row[0]);
    for (std::string name; names >> name;) {
      EXPECT_NE(FindControl(name), nullptr) << file << ": there is no control " << name;
      EXPECT_TRUE(exception.controls.insert(name).second) << file << ": twice in a line: " << name;
    }
    exceptions.push_back(std::move(exception));
  }
  return exceptions;
}

bool Excuses(const std::vector<Exception>& exceptions, const std::string& control, Verdict verdict) {
  return std::any_of(exceptions.begin(), exceptions.end(), [&](const Exception& exception) {
    return exception.verdict == verdict && exception.controls.contains(control);
  });
}

// Each control passes, fails, is unknown and is not applicable in some plan or state that the real Terraform wrote,
// unless it is written down why not. What is written down is needed, and true of all that is judged anywhere.
TEST(ControlFixtures, ShowEveryVerdictOfEveryControl) {
  std::map<std::string, std::set<Verdict>> shown;
  std::map<std::string, std::set<Verdict>> given;  // by the product, in a document or in a table of cases
  for (const Fixture& fixture : Fixtures()) {
    for (const auto& [what, verdict] : ReadTruth(fixture.truth)) shown[what.first].insert(verdict);
    for (const auto& [what, verdict] : Judged(fixture)) given[what.first].insert(verdict);
  }
  for (const auto& table : {DatabaseControlCases(), StoreControlCases(), EnvironmentControlCases()}) {
    for (const ControlCase& row : table) given[std::string(row.control)].insert(row.want);
  }
  const auto not_made = ReadExceptions("not-made.csv");  // Terraform cannot make it
  const auto never = ReadExceptions("never.csv");        // nothing that the control judges can be that
  for (const Control* control : AllControls()) {
    const std::string id(control->id);
    for (const Verdict verdict : kVerdicts) {
      const bool is_shown = shown[id].contains(verdict);
      const bool is_given = given[id].contains(verdict);
      const bool is_not_made = Excuses(not_made, id, verdict);
      const bool is_never = Excuses(never, id, verdict);
      EXPECT_TRUE(is_shown || is_not_made || is_never)
          << id << " " << Name(verdict) << " is in no truth.csv, not in not-made.csv and not in never.csv";
      EXPECT_FALSE(is_shown && is_not_made) << id << " " << Name(verdict) << " is in not-made.csv, but was made";
      EXPECT_FALSE(is_given && is_never) << id << " " << Name(verdict) << " is in never.csv, but was given";
      EXPECT_FALSE(is_not_made && !is_given) << id << " " << Name(verdict) << " is in not-made.csv, but no case has it";
    }
  }
}

}  // namespace
}  // namespace tfseal
