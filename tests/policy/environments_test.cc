// The plans of terraform-examples/environments against every finding that a person expects of them.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "core/file.h"
#include "policy/gate.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

const std::string kFolder = TFSEAL_SOURCE_DIR "/fixtures/terraform-json/environments/";

std::string Content(const std::string& path) {
  auto text = ReadFileBounded(path, std::size_t{1} << 20U);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? std::move(text).value() : std::string();
}

// By plan: "TFS-ENV-002 fail required module.database.aws_rds_cluster.database".
std::map<std::string, std::multiset<std::string>> Expected() {
  std::map<std::string, std::multiset<std::string>> by_plan;
  std::istringstream lines(Content(kFolder + "findings.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    by_plan[line.substr(0, line.find(' '))].insert(line.substr(line.find(' ') + 1));
  }
  return by_plan;
}

TEST(Environments, HaveTheFindingsThatAPersonExpectsAndNoOthers) {
  auto read = ReadPolicyFile(Content(kFolder + "tfseal.yaml"), "tfseal.yaml");
  ASSERT_TRUE(std::holds_alternative<PolicyFile>(read));
  const PolicyFile& policy = std::get<PolicyFile>(read);
  ASSERT_EQ(policy.environments.size(), 4U);
  const auto expected = Expected();
  ASSERT_EQ(expected.size(), 4U);
  for (const auto& [plan, want] : expected) {
    const std::string text = Content(kFolder + plan);
    auto document = terraform::ReadDocumentFromMemory(text, plan, GateInterest(policy));
    ASSERT_TRUE(document.ok()) << plan;
    const GateReport report = Gate(*document, policy, 0);
    std::multiset<std::string> got;
    for (const Finding& finding : report.findings) {
      got.insert(std::string(finding.control.view()) + " " + std::string(Name(finding.verdict)) +
                 (finding.required ? " required " : " advice ") + std::string(finding.address.view()));
    }
    EXPECT_EQ(got, want) << plan;
    // Nothing may hide by being left out of the document that the reader keeps.
    auto whole = terraform::ReadDocumentFromMemory(text, plan, GateInterest());
    ASSERT_TRUE(whole.ok()) << plan;
    EXPECT_EQ(Gate(*whole, policy, 0).findings.size(), report.findings.size()) << plan;
  }
}

// A `match` that fits nothing lets everything be judged by less than was meant.
TEST(Environments, ThatMatchNothingAreTold) {
  const auto notes_under = [](std::string policy_text) {
    auto read = ReadPolicyFile(policy_text, "tfseal.yaml");
    EXPECT_TRUE(std::holds_alternative<PolicyFile>(read));
    const PolicyFile& policy = std::get<PolicyFile>(read);
    const std::string plan = kFolder + "prod-01-create.json";
    auto document = terraform::ReadDocumentFromMemory(Content(plan), plan, GateInterest(policy));
    EXPECT_TRUE(document.ok());
    std::string notes;
    for (const std::string& note : Gate(*document, policy, 0).notes) notes += note + '\n';
    std::string of_state;
    for (const std::string& note : Evaluate(*document, policy, 0).notes) of_state += note + '\n';
    EXPECT_EQ(of_state, notes);
    return notes;
  };
  const std::string wrong = notes_under(
      "version: 1\nenvironments: { production: { match: { tags: { Environment: prod } } }, "
      "dev: { match: { names: [nothing] } } }\n");
  EXPECT_NE(wrong.find("nothing here belongs to an environment of the policy (production, dev)"), std::string::npos)
      << wrong;
  EXPECT_NE(wrong.find("Environment=production"), std::string::npos) << wrong;
  EXPECT_EQ(notes_under("version: 1\nenvironments: { p: { match: { tags: { Environment: production } } } }\n"), "");
  EXPECT_EQ(notes_under("version: 1\n"), "");
}

// The policy of the example and of its captured plans is one.
TEST(Environments, AreJudgedByThePolicyOfTheExample) {
  EXPECT_EQ(Content(kFolder + "tfseal.yaml"),
            Content(TFSEAL_SOURCE_DIR "/terraform-examples/environments/tfseal.yaml"));
}

}  // namespace
}  // namespace tfseal
