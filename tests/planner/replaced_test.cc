#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planner/action_kind.h"
#include "tests/planner/plan_cases.h"

// Stores that another object takes the place of: tests/golden/volumes-and-files, and what is changed in it.
namespace tfseal {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

JsonValue State() {
  const std::string path = std::string(TFSEAL_SOURCE_DIR) + "/tests/golden/volumes-and-files/state.json";
  return ParseJson(ReadFileBounded(path, 1 << 22).value()).value();
}

JsonValue& ValuesOf(JsonValue& state, const std::string& address) {
  for (JsonValue& resource : state["values"]["root_module"]["resources"]) {
    if (resource["address"] == address) return resource["values"];
  }
  ADD_FAILURE() << address;
  return state;
}

ActionPlan PlanOf(const JsonValue& state) {
  auto document =
      terraform::ReadDocumentFromMemory(WriteJsonDocument(state), "state.json", terraform::Interest::Everything());
  EXPECT_TRUE(document.ok());
  const auto policy = test::PolicyOf("version: 1\ndefaults:\n  require: [encryption, customer_key]\n");
  auto plan = MakePlan(std::span(&*document, 1), policy, {.strategy = "", .now = test::kNow});
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
  return plan.ok() ? std::move(plan).value() : ActionPlan{};
}

std::vector<const Action*> OfKind(const ActionPlan& plan, const ActionKind& kind) {
  std::vector<const Action*> found;
  for (const Action& action : plan.actions) {
    if (action.kind == &kind) found.push_back(&action);
  }
  return found;
}

std::string ReasonFor(const ActionPlan& plan, const std::string& address) {
  for (const Unresolved& unresolved : plan.unresolved) {
    if (unresolved.address == address) return unresolved.reason;
  }
  return {};
}

TEST(Volumes, OfOneInstanceMoveInOneOutage) {
  const ActionPlan plan = PlanOf(State());
  EXPECT_TRUE(plan.complete());
  EXPECT_EQ(OfKind(plan, kStopInstance).size(), 1U);
  EXPECT_EQ(OfKind(plan, kStartInstance).size(), 1U);
  EXPECT_EQ(OfKind(plan, kSwapVolume).size(), 2U);    // the root and the attached one
  EXPECT_EQ(OfKind(plan, kCreateVolume).size(), 3U);  // and the one that is attached to nothing
  EXPECT_TRUE(OfKind(plan, kStartInstance)[0]->point_of_no_return);
  EXPECT_EQ(OfKind(plan, kStopInstance)[0]->approvals, 1);
}

TEST(Replaced, StoresAreKept) {
  const ActionPlan plan = PlanOf(State());
  for (const Action& action : plan.actions) {
    for (const ApiCall& call : action.calls) {
      const bool deletes = call.operation.starts_with("Delete") && call.operation != "DeleteReplicationConfiguration";
      EXPECT_FALSE(deletes) << call.operation;
      EXPECT_NE(call.operation, "CreateReplaceRootVolumeTask");
    }
  }
}

TEST(Replaced, AddressesAreToldFromTheObjectsThatAreKept) {
  const ActionPlan plan = PlanOf(State());
  for (const Action* action : OfKind(plan, kReconcileTerraform)) {
    if (action->payload["recipe"] != "T3") continue;
    EXPECT_TRUE(action->payload.isMember("identity")) << action->target.address;
    EXPECT_THAT(action->payload["hcl"].asString(), HasSubstr("import {"));
  }
}

TEST(Volumes, AreRefusedWithTheReason) {
  const struct {
    const char* address;
    const char* attribute;
    JsonValue value;
    const char* refused;
    const char* reason;
  } kCases[] = {
      {"aws_ebs_volume.scenes", "multi_attach_enabled", true, "aws_ebs_volume.scenes", "several instances"},
      {"aws_ebs_volume.archive", "outpost_arn", "arn:aws:outposts:::op-1", "aws_ebs_volume.archive", "Outpost"},
      {"aws_instance.render", "instance_lifecycle", "spot", "aws_ebs_volume.scenes", "spot"},
      {"aws_instance.render", "disable_api_stop", true, "aws_instance.render", "disable_api_stop"},
      {"aws_efs_file_system.assets", "performance_mode", "maxIO", "aws_efs_file_system.assets", "maxIO"},
  };
  for (const auto& tested : kCases) {
    JsonValue state = State();
    ValuesOf(state, tested.address)[tested.attribute] = tested.value;
    const ActionPlan plan = PlanOf(state);
    EXPECT_THAT(ReasonFor(plan, tested.refused), HasSubstr(tested.reason)) << tested.address;
  }
}

// A block of the instance itself is not what Terraform lets go of.
TEST(Volumes, OfABlockOfTheInstanceAreNotTouched) {
  JsonValue state = State();
  JsonValue& blocks = ValuesOf(state, "aws_instance.render")["ebs_block_device"];
  JsonValue own = blocks[0];
  own["volume_id"] = "vol-0000000000000000a";
  own["device_name"] = "/dev/sdg";
  blocks.append(own);
  const ActionPlan plan = PlanOf(state);
  EXPECT_THAT(ReasonFor(plan, "aws_instance.render"), HasSubstr("ebs_block_device"));
  EXPECT_THAT(OfKind(plan, kStopInstance), IsEmpty());
}

// Without a role that AWS Backup may copy with, a person copies.
TEST(Vaults, AreCopiedByAPersonWhereNoRoleIsNamed) {
  JsonValue state = State();
  ValuesOf(state, "aws_backup_selection.daily")["iam_role_arn"] = "";
  const ActionPlan plan = PlanOf(state);
  EXPECT_THAT(OfKind(plan, kCopyRecoveryPoints), IsEmpty());
  EXPECT_EQ(OfKind(plan, kManual).size(), 1U);
  EXPECT_TRUE(plan.complete());
}

}  // namespace
}  // namespace tfseal
