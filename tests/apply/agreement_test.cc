// When a Terraform plan agrees with what was done outside of Terraform: on plans that real Terraform made.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "apply/handler.h"
#include "apply/terraform_agreement.h"
#include "core/time_text.h"
#include "planner/action_kind.h"
#include "planner/parameters.h"
#include "terraform/read.h"
#include "tests/support/run_program.h"
#include "tests/support/sim_cloud.h"

namespace tfseal {
namespace {

using Kind = Agreement::Kind;

const std::string kBeta = "module.cluster[\"z360-beta\"].aws_rds_cluster.this";
const std::string kBetaCluster = "z360-beta-addonsstack-n53yvqoutypc-dbdbcluster-1aamvltsjji0";

terraform::Document Fixture(const std::string& name) {
  auto read = terraform::ReadDocument(std::string(TFSEAL_SOURCE_DIR) + "/fixtures/terraform-json/z360/" + name,
                                      terraform::Interest::Everything());
  EXPECT_TRUE(read.ok()) << name;
  return std::move(read).value();
}

Action Reconcile(const std::string& address, const std::vector<std::string>& drift,
                 const std::vector<std::string>& changes = {}) {
  return MakeAction(kReconcileTerraform,
                    {address, "aws_rds_cluster", address == kBeta ? kBetaCluster : "", "108782097218", "us-east-1"},
                    Object({{"recipe", "T1"},
                            {"set", JsonValue(Json::objectValue)},
                            {"hcl", "resource {}"},
                            {"commands", Texts({"terraform plan -detailed-exitcode"})},
                            {"expected_drift", Texts(drift)},
                            {"expected_changes", Texts(changes)}}));
}

// An address that a plan changes, destroying it or not.
std::string Changed(const terraform::Document& plan, bool destroyed) {
  for (const auto& resource : plan.resources) {
    if (destroyed ? resource.actions.destroy : resource.actions.update && !resource.actions.destroy) {
      return std::string(resource.address);
    }
  }
  ADD_FAILURE();
  return {};
}

// An empty plan says nothing about an object that was replaced and is still there.
TEST(Agreement, AnEmptyPlanOfTheOldObjectDoesNotAgree) {
  const auto plan = Fixture("02-noop.json");
  Action action = Reconcile(kBeta, {});
  action.payload["identity"] = Object({{"cluster_identifier", "another"}});
  const Agreement agreement = JudgeAgreement(plan, action, {});
  EXPECT_EQ(agreement.kind, Kind::kDiffers) << agreement.text;
  EXPECT_NE(agreement.text.find("cluster_identifier"), std::string::npos) << agreement.text;
  for (const auto& resource : plan.resources) {
    if (resource.address == kBeta)
      action.payload["identity"]["cluster_identifier"] = std::string(resource.after.Get("cluster_identifier").text());
  }
  EXPECT_EQ(JudgeAgreement(plan, action, {}).kind, Kind::kAgrees);
  // What is only known once something was made, and was not looked up, tells nothing.
  action.payload["identity"]["cluster_identifier"] = Object({{"output_of", "00ff"}, {"field", "Name"}});
  EXPECT_EQ(JudgeAgreement(plan, action, {}).kind, Kind::kDiffers);
}

TEST(Agreement, APlanWithoutChangesAgrees) {
  const auto plan = Fixture("02-noop.json");
  const Agreement agreement = JudgeAgreement(plan, Reconcile(kBeta, {}), {});
  EXPECT_EQ(agreement.kind, Kind::kAgrees) << agreement.text;
  EXPECT_FALSE(agreement.evidence["sha256"].asString().empty());
}

// Every environment has the same addresses: an empty plan of another workspace says nothing about this database.
TEST(Agreement, AnEmptyPlanOfAnotherWorkspaceDoesNotAgree) {
  const auto plan = Fixture("02-noop.json");
  const Action here = Reconcile(kBeta, {});
  const auto judged = [&](Target target) {
    const Agreement agreement = JudgeAgreement(plan, MakeAction(kReconcileTerraform, target, here.payload), {});
    return std::pair(agreement.kind, agreement.text);
  };
  Target target = here.target;
  EXPECT_EQ(judged(target).first, Kind::kAgrees) << judged(target).second;
  target.identifier = "z360-gamma";
  EXPECT_EQ(judged(target).first, Kind::kDiffers);
  EXPECT_NE(judged(target).second.find(kBetaCluster), std::string::npos) << judged(target).second;
  target = here.target;
  target.account = "210987654321";
  EXPECT_EQ(judged(target).first, Kind::kDiffers);
  EXPECT_NE(judged(target).second.find("108782097218"), std::string::npos) << judged(target).second;
  target = here.target;
  target.region = "eu-west-1";
  EXPECT_EQ(judged(target).first, Kind::kDiffers);
  // AWS writes identifiers small.
  target = here.target;
  target.identifier[0] = 'Z';
  EXPECT_EQ(judged(target).first, Kind::kAgrees) << judged(target).second;
}

TEST(Agreement, AnAddressThatThePlanDoesNotKnowIsNotAgreedUpon) {
  EXPECT_EQ(JudgeAgreement(Fixture("02-noop.json"), Reconcile("aws_rds_cluster.other", {}), {}).kind, Kind::kDiffers);
}

TEST(Agreement, AReplacementAndACreationAreDangerous) {
  const auto flip = Fixture("04-encrypt-flip-staging.json");
  const std::string address = Changed(flip, true);
  EXPECT_EQ(JudgeAgreement(flip, Reconcile(address, {}), {}).kind, Kind::kDangerous);
  // Also where it is another address, that nobody is going to bring in line.
  EXPECT_EQ(JudgeAgreement(flip, Reconcile(kBeta, {}), {}).kind, Kind::kDangerous);
  const Agreement create = JudgeAgreement(Fixture("01-create.json"), Reconcile(kBeta, {}), {});
  EXPECT_EQ(create.kind, Kind::kDangerous);
  EXPECT_NE(create.text.find("empty"), std::string::npos) << create.text;
}

TEST(Agreement, WhatALaterActionBringsInLineDoesNotCount) {
  const auto flip = Fixture("04-encrypt-flip-staging.json");
  std::set<std::string> others;
  for (const auto& resource : flip.resources) {
    if (resource.actions.update || resource.actions.create || resource.actions.destroy) {
      others.emplace(resource.address);
    }
  }
  ASSERT_FALSE(others.contains(kBeta));
  const Agreement agreement = JudgeAgreement(flip, Reconcile(kBeta, {}), others);
  EXPECT_EQ(agreement.kind, Kind::kAgrees) << agreement.text;
  EXPECT_EQ(agreement.evidence["left_for_later"].size(), others.size());
  // Its own difference always counts.
  EXPECT_NE(JudgeAgreement(flip, Reconcile(*others.begin(), {}), others).kind, Kind::kAgrees);
}

TEST(Agreement, AnUpdateHasToBeAppliedFirst) {
  const auto plan = Fixture("03-retention-up.json");
  const std::string address = Changed(plan, false);
  const Agreement agreement = JudgeAgreement(plan, Reconcile(address, {}), {});
  EXPECT_EQ(agreement.kind, Kind::kDiffers);
  EXPECT_NE(agreement.text.find("backup_retention_period"), std::string::npos) << agreement.text;
}

TEST(Agreement, IncompletePlansSayNothing) {
  EXPECT_EQ(JudgeAgreement(Fixture("07-errored.json"), Reconcile(kBeta, {}), {}).kind, Kind::kUnusable);
  EXPECT_EQ(JudgeAgreement(Fixture("08-targeted-flip.json"), Reconcile(kBeta, {}), {}).kind, Kind::kUnusable);
  EXPECT_EQ(JudgeAgreement(Fixture("10-drift-refresh-only.json"), Reconcile(kBeta, {}), {}).kind, Kind::kUnusable);
  EXPECT_EQ(JudgeAgreement(Fixture("state-after-create.show.json"), Reconcile(kBeta, {}), {}).kind, Kind::kUnusable);
}

// The handler, without a directory: only an empty plan that was shown, and is newer than the move, will do.
struct Shown {
  testing::SimClock clock{ParseTime("2026-11-22T12:00:00Z").value()};
  testing::Machine machine;
  testing::SimCloud cloud{clock, machine};
  std::map<std::string, JsonValue> outputs;
  RunContext context{cloud, clock, outputs, {}, [](std::string_view) {}};
  Action action = Reconcile(kBeta, {});

  Shown() {
    action.needs = {"opened"};
    context.done["opened"] = {ParseTime("2026-11-22T11:00:00Z").value(), JsonValue(Json::objectValue)};
  }
  ProbeState Probe(const std::string& made) {
    if (!made.empty()) context.shown[action.id]["plan_json"]["made"] = made;
    return FindHandler("reconcile_terraform")->probe(action, context).value().state;
  }
};

TEST(Reconcile, WaitsUntilAPlanOfAfterTheMoveWasShown) {
  EXPECT_EQ(Shown().Probe(""), ProbeState::kWaiting);
  EXPECT_EQ(Shown().Probe("2026-11-22T10:59:59Z"), ProbeState::kWaiting);
  EXPECT_EQ(Shown().Probe("not a time"), ProbeState::kWaiting);
  EXPECT_EQ(Shown().Probe("2026-11-22T11:30:00Z"), ProbeState::kDone);
}

TEST(Reconcile, WritesOnceWhatHasToBeWritten) {
  const testing::TemporaryDirectory directory;
  Shown shown;
  shown.context.settings.terraform_out = directory.path() + "/repair.tf";
  EXPECT_EQ(shown.Probe(""), ProbeState::kWaiting);
  EXPECT_EQ(shown.Probe(""), ProbeState::kWaiting);
  EXPECT_EQ(directory.Listing(), std::vector<std::string>{"repair.tf"});
}

// A directory whose `terraform` answers with the fixtures and counts its plans, and whose state can be moved on.
class Directory {
 public:
  Directory() {
    const std::string program = folder_.path() + "/bin/terraform";
    std::filesystem::create_directory(folder_.path() + "/bin");
    std::ofstream(program) << "#!/bin/sh\n"
                              "case $1 in\n"
                              "state) printf '{\"lineage\":\"one\",\"serial\":%s}' $(cat serial) ;;\n"
                              "plan) echo >>plans ;;\n"
                              "show) cat "
                           << TFSEAL_SOURCE_DIR << "/fixtures/terraform-json/z360/02-noop.json ;;\nesac\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    SetSerial(1);
    ::setenv("PATH", (folder_.path() + "/bin:/usr/bin:/bin").c_str(), 1);
  }
  ~Directory() { ::setenv("PATH", "/usr/bin:/bin", 1); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const std::string& path() const { return folder_.path(); }
  void SetSerial(int serial) const { std::ofstream(folder_.path() + "/serial") << serial; }
  [[nodiscard]] std::uintmax_t plans() const { return std::filesystem::file_size(folder_.path() + "/plans"); }

 private:
  testing::TemporaryDirectory folder_;
};

TEST(Reconcile, OnePlanAnswersForAllThatLookAtIt) {
  const Directory directory;
  Shown run;
  run.context.settings.terraform_dir = directory.path();
  run.context.settings.terraform_program = "terraform";
  EXPECT_EQ(run.Probe(""), ProbeState::kDone);
  EXPECT_EQ(run.Probe(""), ProbeState::kDone);
  EXPECT_EQ(directory.plans(), 1U);
  // Somebody applied something.
  directory.SetSerial(2);
  EXPECT_EQ(run.Probe(""), ProbeState::kDone);
  EXPECT_EQ(directory.plans(), 2U);
  // Somebody may have written something.
  run.clock.SleepFor(std::chrono::minutes(2));
  EXPECT_EQ(run.Probe(""), ProbeState::kDone);
  EXPECT_EQ(directory.plans(), 3U);
}

}  // namespace
}  // namespace tfseal
