#include "apply/terraform_agreement.h"

#include <gtest/gtest.h>

#include "core/json.h"
#include "terraform/interest.h"
#include "terraform/read.h"

namespace tfseal {
namespace {

using Kind = Agreement::Kind;

constexpr char kAddress[] = "aws_rds_cluster.orders";

// A whole plan about one cluster, with the arguments before and after; `later`: more changes, each after a comma.
Agreement Judge(const std::string& actions, const std::string& before, const std::string& after,
                const std::string& later = "") {
  const std::string text =
      R"({"format_version":"1.2","terraform_version":"1.11.4","complete":true,"errored":false,)"
      R"("timestamp":"2026-01-01T00:00:00Z","planned_values":{"root_module":{}},"configuration":{"root_module":{}},)"
      R"("resource_changes":[{"address":"aws_rds_cluster.orders","mode":"managed","type":"aws_rds_cluster",)"
      R"("name":"orders","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":[")" +
      actions + R"("],"before":)" + before + R"(,"after":)" + after +
      R"(,"after_unknown":{},"before_sensitive":{},"after_sensitive":{}}})" + later + "]}";
  const auto plan = terraform::ReadDocumentFromMemory(text, "plan.json", terraform::Interest::Everything());
  EXPECT_TRUE(plan.ok());
  Action action;
  action.target.address = kAddress;
  action.payload["set"]["skip_final_snapshot"] = false;
  action.payload["set"]["final_snapshot_identifier"] = "orders-final";
  return JudgeAgreement(*plan, action, {});
}

constexpr char kAsAsked[] = R"({"skip_final_snapshot":false,"final_snapshot_identifier":"orders-final"})";
constexpr char kUntouched[] = R"({"skip_final_snapshot":true,"final_snapshot_identifier":null})";

TEST(TerraformAgreement, AnEmptyPlanOfAnUntouchedConfigurationIsNotEnough) {
  EXPECT_EQ(Judge("no-op", kAsAsked, kAsAsked).kind, Kind::kAgrees);
  const Agreement untouched = Judge("no-op", kUntouched, kUntouched);
  EXPECT_EQ(untouched.kind, Kind::kDiffers);
  EXPECT_NE(untouched.text.find("final_snapshot_identifier, skip_final_snapshot"), std::string::npos) << untouched.text;
}

TEST(TerraformAgreement, WhatOnlyTerraformKnowsIsToBeAppliedIfItIsWhatWasAskedFor) {
  const Agreement asked = Judge("update", kUntouched, kAsAsked);
  EXPECT_EQ(asked.kind, Kind::kDiffers);
  EXPECT_NE(asked.hint.find("apply it"), std::string::npos) << asked.hint;
  for (const char* after : {kUntouched, R"({"skip_final_snapshot":true,"final_snapshot_identifier":"orders-final"})",
                            R"({"skip_final_snapshot":false,"final_snapshot_identifier":""})"}) {
    const Agreement other = Judge("update", kAsAsked, after);
    EXPECT_EQ(other.kind, Kind::kDiffers);
    EXPECT_NE(other.hint.find("do not apply"), std::string::npos) << after << other.hint;
  }
  // Beside something that AWS is told of, nothing is to be applied.
  const Agreement more = Judge("update", R"({"skip_final_snapshot":true,"storage_encrypted":true})",
                               R"({"skip_final_snapshot":false,"storage_encrypted":false})");
  EXPECT_NE(more.hint.find("do not apply"), std::string::npos) << more.hint;
}

TEST(TerraformAgreement, WhatIsDestroyedLaterInThePlanIsSeenToo) {
  const Agreement both =
      Judge("update", kUntouched, kAsAsked,
            R"(,{"address":"aws_rds_cluster.users","mode":"managed","type":"aws_rds_cluster","name":"users",)"
            R"("provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["delete"],"before":{},)"
            R"("after":null,"after_unknown":{},"before_sensitive":{},"after_sensitive":false}})");
  EXPECT_EQ(both.kind, Kind::kDangerous) << both.text;
  EXPECT_NE(both.text.find("aws_rds_cluster.users"), std::string::npos) << both.text;
}

}  // namespace
}  // namespace tfseal
