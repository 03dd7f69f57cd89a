#include <gtest/gtest.h>

#include <map>
#include <set>

#include "policy/gate.h"
#include "policy/policy_file.h"
#include "tests/policy/control_cases.h"

namespace tfseal {
namespace {

TEST(EnvironmentControls, JudgeEveryCaseAsTheDomainDoes) {
  const auto cases = EnvironmentControlCases();
  ASSERT_FALSE(cases.empty());
  for (const ControlCase& row : cases) {
    const Judgement judgement = Judge(row);
    EXPECT_EQ(Name(judgement.verdict), Name(row.want)) << Describe(row) << "\n  " << judgement.message;
    EXPECT_FALSE(judgement.message.empty()) << Describe(row);
  }
}

// The reader of a plan only keeps what is declared.
TEST(EnvironmentControls, ReadNothingThatTheyDoNotDeclare) {
  for (const ControlCase& row : EnvironmentControlCases()) {
    const Control* control = FindControl(row.control);
    ASSERT_NE(control, nullptr) << row.control;
    Estate estate;
    const std::string address = std::string(row.type) + ".it";
    estate.Add({address, row.attributes, row.references});
    for (const TestResource& other : row.others) estate.Add(other);
    KeepOnly(&estate.document(), control->reads, {"arn", "key_id", "id", "name", "target_key_id"});
    const Judgement judgement = estate.Judge(row.control, address, row.requirements, row.now);
    EXPECT_EQ(Name(judgement.verdict), Name(row.want)) << Describe(row) << "\n  " << judgement.message;
  }
}

TEST(EnvironmentControls, HaveACaseForEveryVerdict) {
  std::map<std::string_view, std::set<Verdict>> verdicts;
  for (const ControlCase& row : EnvironmentControlCases()) verdicts[row.control].insert(row.want);
  std::size_t seen = 0;
  for (const Control* control : AllControls()) {
    if (!control->id.starts_with("TFS-ENV-")) continue;
    ++seen;
    ASSERT_NE(control->asked, nullptr) << control->id << " would be judged for everybody";
    EXPECT_FALSE(control->IsAsked({})) << control->id;
    EXPECT_TRUE(verdicts[control->id].contains(Verdict::kNotApplicable)) << control->id;
    if (control->topic == Topic::kPinnedVersions) continue;  // judged on the document: environment_settings_test
    for (const Verdict verdict : {Verdict::kPass, Verdict::kFail, Verdict::kUnknown}) {
      EXPECT_TRUE(verdicts[control->id].contains(verdict)) << control->id << " " << Name(verdict);
    }
  }
  EXPECT_EQ(seen, 25U);
}

// Whoever asks for nothing pays for nothing: not one of the types around databases is read.
TEST(EnvironmentControls, AreNotReadForUnlessSomebodyAsks) {
  PolicyFile nobody;
  const terraform::Interest interest = GateInterest(nobody);
  for (const char* type : {"aws_subnet", "aws_route", "aws_security_group_rule", "aws_cloudwatch_metric_alarm",
                           "aws_budgets_budget", "aws_vpc_endpoint"}) {
    EXPECT_FALSE(interest.WantsType(type)) << type;
    EXPECT_TRUE(GateInterest().WantsType(type)) << type;
  }
  EXPECT_FALSE(interest.WantsAttributeOf("aws_rds_cluster", "preferred_backup_window"));
  PolicyFile somebody;
  somebody.environments.emplace_back().requirements.settings.backup_window = ParseDayWindow("03:00-04:00");
  EXPECT_TRUE(GateInterest(somebody).WantsAttributeOf("aws_rds_cluster", "preferred_backup_window"));
}

}  // namespace
}  // namespace tfseal
