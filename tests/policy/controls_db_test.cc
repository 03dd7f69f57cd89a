#include <gtest/gtest.h>

#include <map>
#include <set>

#include "policy/controls/declarations.h"
#include "tests/policy/control_cases.h"

namespace tfseal {

namespace {

TEST(DatabaseControls, JudgeEveryCaseAsTheDomainDoes) {
  const auto cases = DatabaseControlCases();
  ASSERT_FALSE(cases.empty());
  for (const ControlCase& row : cases) {
    const Judgement judgement = Judge(row);
    EXPECT_EQ(Name(judgement.verdict), Name(row.want)) << Describe(row) << "\n  " << judgement.message;
    EXPECT_FALSE(judgement.message.empty()) << Describe(row);
  }
}

TEST(DatabaseControls, ReadNothingThatTheyDoNotDeclare) {
  // The reader of a plan only keeps what is declared. So a document without any of the other attributes must be judged
  // alike; the cases hold attributes that a control does not read only where it reads them of other resources.
  for (const ControlCase& row : DatabaseControlCases()) {
    const Control* control = FindControl(row.control);
    ASSERT_NE(control, nullptr) << row.control;
    Estate estate;
    estate.Add({std::string(row.type) + ".it", row.attributes, row.references});
    for (const TestResource& other : row.others) estate.Add(other);
    KeepOnly(&estate.document(), control->reads, {"arn", "key_id", "id", "name", "target_key_id"});
    const Judgement judgement = estate.Judge(row.control, std::string(row.type) + ".it", row.requirements, row.now);
    EXPECT_EQ(Name(judgement.verdict), Name(row.want)) << Describe(row) << "\n  " << judgement.message;
  }
}

// Every control of this section is tried, and with every verdict that it can give.
TEST(DatabaseControls, HaveACaseForEveryVerdict) {
  std::map<std::string_view, std::set<Verdict>> verdicts;
  for (const ControlCase& row : DatabaseControlCases()) {
    verdicts[row.control].insert(row.want);
  }
  EXPECT_GT(verdicts.size(), 100U);
  for (const auto& [id, seen] : verdicts) {
    EXPECT_TRUE(seen.contains(Verdict::kPass) || id == "TFS-ELASTICACHE-010")
        << id;                                                                  // a lone Redis cannot be encrypted
    EXPECT_TRUE(seen.contains(Verdict::kFail) || id == "TFS-STORE-001") << id;  // AWS always encrypts these
    EXPECT_TRUE(seen.contains(Verdict::kUnknown) || id == "TFS-STORE-001") << id;
  }
}

// A retention that is lowered below the minimum is worse than one that always was below it.
TEST(DatabaseControls, TheStrengthOfARetentionIsItsDays) {
  Estate estate;
  estate.Add({"aws_rds_cluster.it", R"({"backup_retention_period": 3})"});
  const Judgement judgement = estate.Judge("TFS-RDS-003", "aws_rds_cluster.it");
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  EXPECT_EQ(judgement.strength, 3);
}

TEST(DatabaseControls, AKeyOfThisPlanPassesWithAnObligation) {
  Estate estate;
  estate.Add({"aws_rds_cluster.it", R"({"storage_encrypted": true, "kms_key_id": "<unknown>"})",
              R"({"kms_key_id": ["aws_kms_key.db.arn", "aws_kms_key.db"]})"});
  estate.Add({"aws_kms_key.db", R"({"arn": "<unknown>"})", "{}"});
  const Judgement judgement = estate.Judge("TFS-RDS-002", "aws_rds_cluster.it");
  EXPECT_EQ(judgement.verdict, Verdict::kPass);
  ASSERT_EQ(judgement.obligations.size(), 1U);
  EXPECT_EQ(judgement.obligations[0].attribute, "kms_key_id");
  EXPECT_EQ(judgement.obligations[0].resolved_to, "aws_kms_key.db");
}

// Modules pass everything on, mostly null: what cannot come from anything unknown is AWS's default, not a question.
TEST(DatabaseControls, ANullThatAModulePassesOnIsTheDefault) {
  Estate estate;
  estate.Add({"module.db.aws_rds_cluster_instance.it",
              R"({"publicly_accessible": "<unknown>", "performance_insights_enabled": "<unknown>"})",
              R"({"publicly_accessible": ["var.public"], "performance_insights_enabled": ["var.insights"]})"});
  estate.Add({"module.db.aws_rds_cluster.it",
              R"({"storage_encrypted": true, "kms_key_id": "<unknown>", "backup_retention_period": "<unknown>"})",
              R"({"kms_key_id": ["var.key"], "backup_retention_period": ["var.days"]})"});
  const auto verdict = [&](std::string_view control, std::string_view address) {
    return Name(estate.Judge(control, address).verdict);
  };
  EXPECT_EQ(verdict("TFS-RDS-011", "module.db.aws_rds_cluster_instance.it"), "pass");
  EXPECT_EQ(verdict("TFS-RDS-012", "module.db.aws_rds_cluster_instance.it"), "not_applicable");
  EXPECT_EQ(verdict("TFS-RDS-002", "module.db.aws_rds_cluster.it"), "fail");
  EXPECT_EQ(verdict("TFS-RDS-003", "module.db.aws_rds_cluster.it"), "fail");
}

// Terraform prints no dynamic blocks. A block that the provider computes stays as it was where nobody writes it, so one
// that an update makes unknown is written; of a new resource the sources tell.
TEST(DatabaseControls, ABlockThatAnUpdateMakesUnknownIsNotUnwritten) {
  constexpr TestResource kDomain{"aws_opensearch_domain.it",
                                 R"({"encrypt_at_rest": "<unknown>", "node_to_node_encryption": "<unknown>"})",
                                 R"({"domain_name": ["var.name"]})"};
  constexpr std::string_view kBefore =
      R"({"encrypt_at_rest": [{"enabled": true}], "node_to_node_encryption": [{"enabled": true}]})";
  Estate updated;
  updated.Add(kDomain, kBefore);
  Estate created;
  created.Add(kDomain, {});
  for (const std::string_view control : {"TFS-OPENSEARCH-001", "TFS-OPENSEARCH-002", "TFS-OPENSEARCH-003"}) {
    EXPECT_EQ(updated.Judge(control, kDomain.address).verdict, Verdict::kUnknown) << control;
    EXPECT_EQ(created.Judge(control, kDomain.address).verdict, Verdict::kFail) << control;
  }
  created.document().sources[std::string(kDomain.address)].dynamic_blocks = {"encrypt_at_rest"};
  EXPECT_EQ(created.Judge("TFS-OPENSEARCH-001", kDomain.address).verdict, Verdict::kUnknown);
  EXPECT_EQ(created.Judge("TFS-OPENSEARCH-003", kDomain.address).verdict, Verdict::kFail);
}

// timestamp() answers only during apply, and all that the plan says of it is that the attribute is written.
TEST(DatabaseControls, AFunctionThatRefersToNothingCanBeAnything) {
  Estate estate;
  estate.Add({"aws_db_instance.it", R"({"publicly_accessible": "<unknown>", "skip_final_snapshot": "<unknown>"})",
              R"({"publicly_accessible": [], "skip_final_snapshot": []})"});
  EXPECT_EQ(Name(estate.Judge("TFS-RDS-028", "aws_db_instance.it").verdict), "unknown");
  EXPECT_EQ(Name(estate.Judge("TFS-RDS-025", "aws_db_instance.it").verdict), "unknown");
}

// A local value is not recorded in the plan, so it may well be unknown.
TEST(DatabaseControls, ALocalValueCanBeAnything) {
  Estate estate;
  estate.Add({"aws_rds_cluster.it", R"({"storage_encrypted": true, "kms_key_id": "<unknown>"})",
              R"({"kms_key_id": ["local.key"]})"});
  EXPECT_EQ(Name(estate.Judge("TFS-RDS-002", "aws_rds_cluster.it").verdict), "unknown");
}

// Fixing encryption by editing one line is the accident this product exists to prevent.
TEST(DatabaseControls, NoRemedyTellsToSwitchEncryptionOnInPlace) {
  for (const Control* control : AllControls()) {
    if (control->topic != Topic::kEncryption) continue;
    EXPECT_FALSE(control->remedy.starts_with("set storage_encrypted")) << control->id;
    EXPECT_FALSE(control->remedy.starts_with("set encrypted")) << control->id;
  }
}

}  // namespace
}  // namespace tfseal
