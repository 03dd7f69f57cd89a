#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/action_kind.h"
#include "planner/action_plan.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An action of a harmless kind that makes the given call.
ActionPlan PlanThatCalls(const std::string& service, const std::string& operation, const JsonValue& parameters) {
  Action action = MakeAction(kCheckHealth, {"", "", "orders", "", ""}, Object({{"application", "orders"}}));
  action.calls.push_back({service, operation, parameters, false});
  ActionPlan plan;
  plan.actions.push_back(action);
  return plan;
}

struct ForbiddenCase {
  const char* name;
  const char* service;
  const char* operation;
  JsonValue parameters;
  const char* says;
};

class ForbiddenCall : public ::testing::TestWithParam<ForbiddenCase> {};

TEST_P(ForbiddenCall, IsRefused) {
  const ForbiddenCase& c = GetParam();
  EXPECT_THAT(ForbiddenCalls(PlanThatCalls(c.service, c.operation, c.parameters)), ElementsAre(HasSubstr(c.says)));
}

const JsonValue kKey = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

INSTANTIATE_TEST_SUITE_P(
    Promises, ForbiddenCall,
    ::testing::Values(
        ForbiddenCase{"SkippedFinalSnapshot", "rds", "DeleteDBCluster",
                      Object({{"DBClusterIdentifier", "orders"}, {"SkipFinalSnapshot", true}}), "final snapshot"},
        ForbiddenCase{"SilentFinalSnapshot", "rds", "DeleteDBCluster", Object({{"DBClusterIdentifier", "orders"}}),
                      "final snapshot"},
        ForbiddenCase{"UnnamedFinalSnapshot", "rds", "DeleteDBInstance", Object({{"SkipFinalSnapshot", false}}),
                      "names no final snapshot"},
        ForbiddenCase{"AutomatedBackupsByDefault", "rds", "DeleteDBCluster",
                      Object({{"SkipFinalSnapshot", false}, {"FinalDBSnapshotIdentifier", "last"}}),
                      "deletes automated backups by default"},
        ForbiddenCase{"AutomatedBackups", "rds", "DeleteDBInstance",
                      Object({{"SkipFinalSnapshot", false},
                              {"FinalDBSnapshotIdentifier", "last"},
                              {"DeleteAutomatedBackups", true}}),
                      "deletes automated backups"},
        ForbiddenCase{"SecretWithoutRecovery", "secretsmanager", "UpdateSecret",
                      Object({{"ForceDeleteWithoutRecovery", true}}), "without recovery"},
        ForbiddenCase{"DeletedSecret", "secretsmanager", "DeleteSecret", Object({}), "DeleteSecret"},
        ForbiddenCase{"DeletedKey", "kms", "ScheduleKeyDeletion", Object({{"KeyId", kKey}}), "ScheduleKeyDeletion"},
        ForbiddenCase{"RotationOff", "kms", "DisableKeyRotation", Object({{"KeyId", kKey}}), "DisableKeyRotation"},
        ForbiddenCase{"DeletedSnapshot", "rds", "DeleteDBClusterSnapshot", Object({}), "DeleteDBClusterSnapshot"},
        ForbiddenCase{"ProtectionDropped", "rds", "ModifyDBCluster", Object({{"DeletionProtection", false}}),
                      "without approval"},
        ForbiddenCase{"TableProtectionDropped", "dynamodb", "UpdateTable",
                      Object({{"DeletionProtectionEnabled", false}}), "without approval"},
        ForbiddenCase{"BackupsOff", "rds", "ModifyDBInstance", Object({{"BackupRetentionPeriod", 0}}),
                      "switches automated backups off"},
        ForbiddenCase{"RecoveryOff", "dynamodb", "UpdateContinuousBackups",
                      Object({{"PointInTimeRecoverySpecification", Object({{"PointInTimeRecoveryEnabled", false}})}}),
                      "point-in-time"},
        ForbiddenCase{"ClusterSnapshotCopiedWithKey", "rds", "CopyDBClusterSnapshot", Object({{"KmsKeyId", kKey}}),
                      "rejects"},
        ForbiddenCase{"InstanceRestoredWithKey", "rds", "RestoreDBInstanceFromDBSnapshot", Object({{"KmsKeyId", kKey}}),
                      "does not have"},
        ForbiddenCase{"RestoredWithoutKey", "docdb", "RestoreDBClusterFromSnapshot", Object({}), "without a key"},
        ForbiddenCase{"KeyByAlias", "rds", "RestoreDBClusterFromSnapshot", Object({{"KmsKeyId", "alias/aws/rds"}}),
                      "key ARN"},
        ForbiddenCase{"KeyByAliasArn", "rds", "CopyDBSnapshot",
                      Object({{"KmsKeyId", "arn:aws:kms:us-east-1:123456789012:alias/data"}}), "key ARN"},
        ForbiddenCase{"Public", "rds", "ModifyDBInstance", Object({{"PubliclyAccessible", true}}), "public"},
        ForbiddenCase{"Unencrypted", "redshift", "ModifyCluster", Object({{"Encrypted", false}}), "encryption"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(ForbiddenCalls, LooksAtRollbacksToo) {
  Action action = MakeAction(kCheckHealth, {}, Object({{"application", "orders"}}));
  action.rollback.calls.push_back({"secretsmanager", "DeleteSecret", JsonValue(Json::objectValue), false});
  ActionPlan plan;
  plan.actions.push_back(action);
  EXPECT_EQ(ForbiddenCalls(plan).size(), 1U);
}

JsonValue Comparison() {
  return Object({{"service", "rds"},
                 {"original", "orders"},
                 {"copy", "orders-encrypted"},
                 {"cluster", true},
                 {"key", kKey},
                 {"checks", Texts({"row counts"})}});
}

TEST(ForbiddenCalls, LetsProtectionGoOnlyAfterTheCopyWasCompared) {
  const Action compared = MakeAction(kValidateCopy, {"", "", "orders", "", ""}, Comparison());
  const JsonValue payload =
      Object({{"service", "rds"}, {"identifier", "orders-old"}, {"cluster", true}, {"verified_by", Text(compared.id)}});
  Action released = MakeAction(kReleaseProtection, {"", "", "orders", "", ""}, payload);
  ActionPlan plan;
  plan.actions = {compared, released};
  EXPECT_THAT(ForbiddenCalls(plan), ElementsAre(HasSubstr("before a verified copy exists")));
  released.needs = {compared.id};
  plan.actions = {compared, released};
  EXPECT_THAT(ForbiddenCalls(plan), IsEmpty());
  released.approvals = 0;
  plan.actions = {compared, released};
  EXPECT_THAT(ForbiddenCalls(plan), ElementsAre(HasSubstr("without approval")));
}

TEST(ForbiddenCalls, LetsAClusterLeaveItsGlobalDatabaseOnlyAfterTheCopyWasCompared) {
  const Action compared = MakeAction(kValidateCopy, {"", "", "orders", "", ""}, Comparison());
  Action left = MakeAction(kLeaveGlobalCluster, {"", "", "orders", "", ""},
                           Object({{"global_cluster", "world"},
                                   {"cluster_arn", "arn:aws:rds:us-east-1:123456789012:cluster:orders"},
                                   {"secondary", true},
                                   {"compared", OutputOf(compared.id, "compared_at")}}));
  ActionPlan plan;
  plan.actions = {compared, left};
  EXPECT_THAT(ForbiddenCalls(plan), ElementsAre(HasSubstr("before a verified copy exists")));
  left.needs = {compared.id};
  plan.actions = {compared, left};
  EXPECT_THAT(ForbiddenCalls(plan), IsEmpty());
  left.approvals = 0;
  plan.actions = {compared, left};
  EXPECT_THAT(ForbiddenCalls(plan), ElementsAre(HasSubstr("without approval")));
}

TEST(ForbiddenCalls, SeesRetentionThatIsLowered) {
  Action action = MakeAction(kModifyCluster, {"", "", "orders", "", ""},
                             Object({{"service", "rds"},
                                     {"settings", Object({{"BackupRetentionPeriod", 7}})},
                                     {"attributes", Object({{"backup_retention_period", 7}})},
                                     {"previous", Object({{"backup_retention_period", 35}})}}));
  ActionPlan plan;
  plan.actions = {action};
  EXPECT_THAT(ForbiddenCalls(plan), ElementsAre(HasSubstr("lowers the retention")));
}

}  // namespace
}  // namespace tfseal
