#include "planner/terraform_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "planner/parameters.h"
#include "tests/support/run_program.h"

// What is written for Terraform, and what is refused because it is known to destroy (observed with Terraform 1.11.4 and
// provider 5.100).
namespace tfseal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

RepairRequest Cluster(RepairRecipe recipe) {
  RepairRequest request;
  request.recipe = recipe;
  request.address = "aws_rds_cluster.main";
  request.new_address = "aws_rds_cluster.main_encrypted";
  request.type = "aws_rds_cluster";
  request.identifier = "orders";
  request.addresses_in_state = {"aws_rds_cluster.main"};
  request.set = Object({{"cluster_identifier", "orders"},
                        {"engine", "aurora-postgresql"},
                        {"storage_encrypted", true},
                        {"kms_key_id", "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"},
                        {"skip_final_snapshot", false},
                        {"final_snapshot_identifier", "orders-final"},
                        {"backup_retention_period", 14}});
  return request;
}

TEST(TerraformRepair, OfARenameSwapOnlyChangesArguments) {
  const auto repair = RepairTerraform(Cluster(RepairRecipe::kRenameSwap));
  ASSERT_TRUE(repair.ok());
  EXPECT_THAT(repair->hcl, HasSubstr("storage_encrypted         = true"));
  EXPECT_THAT(repair->hcl, HasSubstr("prevent_destroy = true"));
  EXPECT_THAT(repair->hcl, Not(HasSubstr("import {")));
  EXPECT_THAT(repair->commands, ElementsAre("terraform plan -refresh-only", "terraform plan -out=repair.tfplan",
                                            "tfseal gate repair.tfplan", "terraform apply repair.tfplan",
                                            "terraform plan -detailed-exitcode"));
  EXPECT_THAT(repair->expected_drift, ::testing::Contains("storage_encrypted"));
}

TEST(TerraformRepair, RefusesTheRenameSwapForInstancesBecauseTheirStateFollowsTheOldOne) {
  RepairRequest request = Cluster(RepairRecipe::kRenameSwap);
  request.type = "aws_db_instance";
  const auto repair = RepairTerraform(request);
  ASSERT_FALSE(repair.ok());
  EXPECT_THAT(repair.error().message, HasSubstr("would delete that"));
}

TEST(TerraformRepair, ForgetsTheOldAddressAndImportsTheNewOne) {
  const auto repair = RepairTerraform(Cluster(RepairRecipe::kNewAddress));
  ASSERT_TRUE(repair.ok());
  EXPECT_THAT(repair->hcl, HasSubstr("removed {\n  from = aws_rds_cluster.main\n\n  lifecycle {\n    destroy = false"));
  EXPECT_THAT(repair->hcl, HasSubstr("import {\n  to = aws_rds_cluster.main_encrypted\n  id = \"orders\"\n}"));
  EXPECT_THAT(repair->expected_changes, ::testing::Contains("skip_final_snapshot"));
}

TEST(TerraformRepair, RefusesAnImportAtAnAddressThatTheStateHas) {
  RepairRequest request = Cluster(RepairRecipe::kNewAddress);
  request.addresses_in_state.push_back(request.new_address);
  const auto repair = RepairTerraform(request);
  ASSERT_FALSE(repair.ok());
  EXPECT_THAT(repair.error().message, HasSubstr("skipped silently"));
  request.new_address = request.address;
  EXPECT_FALSE(RepairTerraform(request).ok());
}

TEST(TerraformRepair, RemovesTheAddressFromTheStateBeforeItImportsThere) {
  const auto repair = RepairTerraform(Cluster(RepairRecipe::kStateSurgery));
  ASSERT_TRUE(repair.ok());
  ASSERT_GE(repair->commands.size(), 3U);
  EXPECT_THAT(repair->commands[0], HasSubstr("state pull"));
  EXPECT_EQ(repair->commands[1], "terraform state rm 'aws_rds_cluster.main'");
}

TEST(TerraformRepair, AlwaysSaysThatARemovedBlockKeepsTheDatabase) {
  for (const RepairRecipe recipe : {RepairRecipe::kNewAddress, RepairRecipe::kTwoMerges}) {
    const auto repair = RepairTerraform(Cluster(recipe));
    ASSERT_TRUE(repair.ok());
    EXPECT_THAT(repair->hcl, HasSubstr("destroy = false"));
  }
}

TEST(TerraformRepair, StripsTheSnapshotThatWouldReplaceTheImportedCluster) {
  RepairRequest request = Cluster(RepairRecipe::kStateSurgery);
  request.has_snapshot_identifier = true;
  const auto repair = RepairTerraform(request);
  ASSERT_TRUE(repair.ok());
  EXPECT_THAT(repair->remove, ElementsAre("snapshot_identifier"));
}

struct VersionCase {
  bool opentofu;
  const char* version;
  RepairRecipe recipe;
  bool possible;
};

class TerraformVersions : public ::testing::TestWithParam<VersionCase> {};

TEST_P(TerraformVersions, HaveWhatTheRecipeNeeds) {
  RepairRequest request = Cluster(GetParam().recipe);
  request.opentofu = GetParam().opentofu;
  request.version = GetParam().version;
  EXPECT_EQ(RepairTerraform(request).ok(), GetParam().possible);
}

INSTANTIATE_TEST_SUITE_P(Matrix, TerraformVersions,
                         ::testing::Values(VersionCase{false, "1.4.7", RepairRecipe::kStateSurgery, false},
                                           VersionCase{false, "1.5.0", RepairRecipe::kStateSurgery, true},
                                           VersionCase{false, "1.6.6", RepairRecipe::kNewAddress, false},
                                           VersionCase{false, "1.7.0", RepairRecipe::kNewAddress, true},
                                           VersionCase{false, "1.6.0", RepairRecipe::kTwoMerges, false},
                                           VersionCase{true, "1.9.0", RepairRecipe::kNewAddress, false},
                                           VersionCase{true, "1.10.0", RepairRecipe::kNewAddress, true},
                                           VersionCase{true, "1.5.0", RepairRecipe::kStateSurgery, false},
                                           VersionCase{true, "1.6.0", RepairRecipe::kStateSurgery, true},
                                           VersionCase{false, "0.13.0", RepairRecipe::kRenameSwap, true},
                                           VersionCase{false, "", RepairRecipe::kNewAddress, true}));

TEST(TerraformRepair, RefusesToMoveWhatIsStillDeclared) {
  EXPECT_FALSE(MovedBlock("aws_rds_cluster.main", "aws_rds_cluster.legacy", true).ok());
  const auto moved = MovedBlock("aws_rds_cluster.main", "aws_rds_cluster.legacy", false);
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(*moved, "moved {\n  from = aws_rds_cluster.main\n  to   = aws_rds_cluster.legacy\n}\n");
}

TEST(TerraformRepair, WarnsThatABlockMakesOthersToo) {
  RepairRequest request = Cluster(RepairRecipe::kRenameSwap);
  request.address = R"(module.cluster["a"].aws_rds_cluster.this)";
  request.shares_block_with = {R"(module.cluster["b"].aws_rds_cluster.this)"};
  const auto repair = RepairTerraform(request);
  ASSERT_TRUE(repair.ok());
  EXPECT_THAT(repair->hcl, HasSubstr(R"(module.cluster["b"].aws_rds_cluster.this)"));
  EXPECT_THAT(repair->hcl, HasSubstr(R"(resource "aws_rds_cluster" "this")"));
}

TEST(HclValue, QuotesTextSoThatItStaysText) {
  EXPECT_EQ(HclValue("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(HclValue("${path.root} %{if true}"), R"("$${path.root} %%{if true}")");
  EXPECT_EQ(HclValue(JsonValue(7)), "7");
  EXPECT_EQ(HclValue(Texts({"a", "b"})), R"(["a", "b"])");
}

testing::ProgramRun Terraform(std::vector<std::string> words, const std::string& directory) {
  words.insert(words.begin(), {"/usr/bin/env", "terraform"});
  testing::ProgramOptions options;
  options.directory = directory;
  options.environment["CHECKPOINT_DISABLE"] = "1";
  return testing::RunProgram(words, options);
}

bool TerraformIsThere() {
  return Terraform({"version"}, "/").exit_code == 0;
}

TEST(TerraformRepair, IsFormattedAsTerraformWants) {
  if (!TerraformIsThere()) GTEST_SKIP() << "terraform is not on PATH";
  for (const RepairRecipe recipe :
       {RepairRecipe::kRenameSwap, RepairRecipe::kNewAddress, RepairRecipe::kStateSurgery, RepairRecipe::kTwoMerges}) {
    const auto repair = RepairTerraform(Cluster(recipe));
    ASSERT_TRUE(repair.ok());
    const testing::TemporaryDirectory folder;
    ASSERT_TRUE(WriteFileAtomically(folder.path() + "/main.tf", repair->hcl).ok());
    const auto run = Terraform({"fmt", "-check", "-diff"}, folder.path());
    EXPECT_EQ(run.exit_code, 0) << Name(recipe) << "\n" << run.out << run.err;
  }
}

// Needs the provider, which `terraform init` finds through a mirror (TF_CLI_CONFIG_FILE); tests use no network.
TEST(TerraformRepair, IsValidForTheProvider) {
  if (!TerraformIsThere()) GTEST_SKIP() << "terraform is not on PATH";
  const auto configured = testing::RunProgram({"/bin/sh", "-c", "test -n \"$TF_CLI_CONFIG_FILE\""});
  if (configured.exit_code != 0) GTEST_SKIP() << "TF_CLI_CONFIG_FILE names no provider mirror";
  const std::string provider =
      "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = "
      "\"5.100.0\"\n"
      "    }\n  }\n}\n\n";
  for (const RepairRecipe recipe :
       {RepairRecipe::kRenameSwap, RepairRecipe::kNewAddress, RepairRecipe::kStateSurgery}) {
    const auto repair = RepairTerraform(Cluster(recipe));
    ASSERT_TRUE(repair.ok());
    const testing::TemporaryDirectory folder;
    ASSERT_TRUE(WriteFileAtomically(folder.path() + "/main.tf", provider + repair->hcl).ok());
    const auto init = Terraform({"init", "-backend=false", "-input=false"}, folder.path());
    if (init.exit_code != 0) GTEST_SKIP() << "the provider is not in the mirror: " << init.err;
    const auto run = Terraform({"validate"}, folder.path());
    EXPECT_EQ(run.exit_code, 0) << Name(recipe) << "\n" << run.out << run.err;
  }
}

}  // namespace
}  // namespace tfseal
