// Every state in which a database, a snapshot or a name can be found, and what is made of it.
#include "tests/apply/handlers/database_world.h"
#include "tests/apply/handlers/handler_case.h"

namespace tfseal {
namespace {

using testing::DatabaseWorld;
using testing::HandlerCase;
using testing::Is;
using testing::kKey;
using enum ProbeState;

JsonValue Snapshot() {
  return Object({{"service", "rds"}, {"snapshot", "orders-fenced"}, {"quiescent_at", "2026-11-22T04:59:30.500Z"}});
}

class ClusterSnapshots : public ::testing::Test {
 protected:
  ClusterSnapshots() { world.AddCluster("orders", "cluster-OLD"); }
  JsonValue& Taken() {
    JsonValue& snapshot = world.cluster_snapshots["orders-fenced"];
    snapshot = Object({{"DBClusterSnapshotIdentifier", "orders-fenced"},
                       {"DBClusterIdentifier", "orders"},
                       {"Status", "available"},
                       {"Engine", "aurora-postgresql"},
                       {"MasterUsername", "app"},
                       {"SnapshotCreateTime", Text(world.now)}});
    return snapshot;
  }
  DatabaseWorld world;
};

TEST_F(ClusterSnapshots, AreTakenOnce) {
  HandlerCase step(world, kSnapshotCluster, Snapshot());
  EXPECT_THAT(step.Look(), Is(kNotDone));
  EXPECT_EQ(step.CarryOut(), 1);
  const Probe done = step.Look();
  EXPECT_THAT(done, Is(kDone));
  EXPECT_EQ(done.output["DBClusterSnapshot"]["SnapshotCreateTime"], world.now);
  EXPECT_EQ(step.CarryOut(), 0);
  EXPECT_EQ(world.changes.size(), 1U);
}

TEST_F(ClusterSnapshots, AreFoundWhenTheReplyWasLost) {
  HandlerCase step(world, kSnapshotCluster, Snapshot());
  world.lose_next_reply = true;
  EXPECT_EQ(step.CarryOut(), 1);
  EXPECT_THAT(step.Look(), Is(kDone));
  // A second try is told that it exists already; only the look says whose it is.
  const Status again = step.Act();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_THAT(step.Look(), Is(kDone));
  EXPECT_EQ(world.cluster_snapshots.size(), 1U);
}

TEST_F(ClusterSnapshots, AreJudgedByStatusSourceAndTime) {
  HandlerCase step(world, kSnapshotCluster, Snapshot());
  Taken()["Status"] = "creating";
  EXPECT_THAT(step.Look(), Is(kUnderway, "creating"));
  Taken()["Status"] = "failed";
  EXPECT_THAT(step.Look(), Is(kConflict, "failed"));
  Taken()["DBClusterIdentifier"] = "invoices";
  EXPECT_THAT(step.Look(), Is(kConflict, "of invoices, not of orders"));
  Taken()["SnapshotCreateTime"] = "2026-11-22T04:59:29Z";
  EXPECT_THAT(step.Look(), Is(kNotDone, "orders-fenced-2"));
  Taken()["SnapshotCreateTime"] = "2026-11-22T04:59:31Z";
  EXPECT_THAT(step.Look(), Is(kDone));
}

// An attempt that was taken back left its snapshot: it is a recovery point, and lacks what was written since.
TEST_F(ClusterSnapshots, OfAnEarlierAttemptStayAndAnotherOneIsTaken) {
  HandlerCase step(world, kSnapshotCluster, Snapshot());
  Taken()["SnapshotCreateTime"] = "2026-11-22T04:59:29Z";
  EXPECT_EQ(step.CarryOut(), 1);
  const Probe done = step.Look();
  EXPECT_THAT(done, Is(kDone, "orders-fenced-2"));
  EXPECT_EQ(done.output["DBClusterSnapshot"]["DBClusterSnapshotIdentifier"], "orders-fenced-2");
  EXPECT_EQ(step.CarryOut(), 0);
  EXPECT_EQ(world.cluster_snapshots.size(), 2U);
}

TEST_F(ClusterSnapshots, AreNotTakenOfWhatIsNotAvailable) {
  HandlerCase step(world, kSnapshotCluster, Snapshot());
  for (const auto& [status, state] :
       std::map<std::string, ProbeState>{{"modifying", kUnderway},
                                         {"backing-up", kUnderway},
                                         {"stopped", kConflict},
                                         {"deleting", kConflict},
                                         {"incompatible-network", kConflict},
                                         {"inaccessible-encryption-credentials", kConflict},
                                         {"", kUnderway}}) {
    world.clusters["orders"]["Status"] = status;
    EXPECT_THAT(step.Look(), Is(state)) << status;
  }
  EXPECT_TRUE(world.changes.empty());
}

TEST_F(ClusterSnapshots, NeedTheProof) {
  JsonValue payload = Snapshot();
  payload["quiescent_at"] = OutputOf("0123", "quiescent_at");
  HandlerCase step(world, kSnapshotCluster, payload);
  EXPECT_THAT(step.Look(), Is(kNotDone));
  EXPECT_FALSE(step.Act().ok());
  EXPECT_TRUE(world.changes.empty());
}

TEST_F(ClusterSnapshots, AreRestoredUnderTheKeyOnly) {
  Taken();
  HandlerCase step(world, kRestoreCluster,
                   Object({{"service", "rds"},
                           {"new_cluster", "orders-encrypted"},
                           {"key", kKey},
                           {"snapshot", "orders-fenced"},
                           {"settings", Object({{"Engine", "aurora-postgresql"}})}}));
  EXPECT_THAT(step.Look(), Is(kNotDone));
  EXPECT_EQ(step.CarryOut(), 1);
  EXPECT_THAT(step.Look(), Is(kDone));
  EXPECT_EQ(step.Look().output["DBCluster"]["DbClusterResourceId"], "cluster-NEW");
  JsonValue& copy = world.clusters["orders-encrypted"];
  copy["Status"] = "creating";
  EXPECT_THAT(step.Look(), Is(kUnderway));
  copy["Status"] = "inaccessible-encryption-credentials-recoverable";
  EXPECT_THAT(step.Look(), Is(kConflict, "cannot use its key"));
  copy["Status"] = "available";
  copy["KmsKeyId"] = "arn:aws:kms:us-east-1:111122223333:key/another";
  EXPECT_THAT(step.Look(), Is(kConflict, "instead of"));
  copy["StorageEncrypted"] = false;
  EXPECT_THAT(step.Look(), Is(kConflict, "is not encrypted"));
  copy["StorageEncrypted"] = true;
  copy["KmsKeyId"] = kKey;
  copy["StorageEncryptionType"] = "sse-rds";
  EXPECT_THAT(step.Look(), Is(kConflict, "sse-rds"));
  copy.removeMember("StorageEncryptionType");
  copy["ClusterCreateTime"] = "2026-11-21T00:00:00Z";
  EXPECT_THAT(step.Look(), Is(kConflict, "before the snapshot"));
  copy["ClusterCreateTime"] = world.now;
  copy["MasterUsername"] = "somebody";
  EXPECT_THAT(step.Look(), Is(kConflict, "MasterUsername"));
}

class Renames : public ::testing::Test {
 protected:
  Renames()
      : away(world, kRenameCluster,
             Object({{"service", "rds"}, {"from", "orders"}, {"to", "orders-old"}, {"resource", "cluster-OLD"}})),
        in(world, kRenameCluster,
           Object({{"service", "rds"}, {"from", "orders-encrypted"}, {"to", "orders"}, {"resource", "cluster-NEW"}})) {
    world.AddCluster("orders", "cluster-OLD");
    world.AddCluster("orders-encrypted", "cluster-NEW");
  }
  DatabaseWorld world;
  HandlerCase away, in;
};

TEST_F(Renames, AreToldApartInEveryState) {
  EXPECT_THAT(away.Look(), Is(kNotDone));
  EXPECT_THAT(in.Look(), Is(kConflict, "cluster-OLD, not cluster-NEW"));  // the name is taken still
  EXPECT_EQ(away.CarryOut(), 1);
  EXPECT_THAT(away.Look(), Is(kDone));
  EXPECT_THAT(in.Look(), Is(kNotDone));
  EXPECT_EQ(in.CarryOut(), 1);
  EXPECT_THAT(in.Look(), Is(kDone));
  EXPECT_THAT(away.Look(), Is(kDone));  // although another database is called orders again
  EXPECT_EQ(world.clusters["orders"]["DbClusterResourceId"], "cluster-NEW");
  // And back, in the reverse order.
  EXPECT_THAT(in.LookBack(), Is(kDone));
  EXPECT_TRUE(in.Undo().ok());
  EXPECT_THAT(in.LookBack(), Is(kNotDone));
  EXPECT_THAT(away.LookBack(), Is(kDone));
  EXPECT_TRUE(away.Undo().ok());
  EXPECT_THAT(away.LookBack(), Is(kNotDone));
  EXPECT_THAT(away.Look(), Is(kNotDone));
  EXPECT_EQ(world.clusters["orders"]["DbClusterResourceId"], "cluster-OLD");
}

TEST_F(Renames, AreUnderwayInBetween) {
  world.clusters["orders"]["Status"] = "renaming";
  EXPECT_THAT(away.Look(), Is(kUnderway, "renamed"));
  // Under the new name, but not usable yet; then with the endpoint of the old name.
  JsonValue moved = world.clusters["orders"];
  world.clusters.erase("orders");
  moved["DBClusterIdentifier"] = "orders-old";
  world.clusters["orders-old"] = moved;
  EXPECT_THAT(away.Look(), Is(kUnderway));
  world.clusters["orders-old"]["Status"] = "available";
  EXPECT_THAT(away.Look(), Is(kUnderway, "endpoint"));
  world.clusters["orders-old"]["Endpoint"] = "orders-old.cluster-c1.us-east-1.rds.amazonaws.com";
  EXPECT_THAT(away.Look(), Is(kDone));
}

TEST_F(Renames, StopWhereSomebodyElseWasAtWork) {
  world.AddCluster("orders-old", "cluster-FOREIGN");
  EXPECT_THAT(away.Look(), Is(kConflict, "cluster-FOREIGN"));
  world.clusters.erase("orders-old");
  JsonValue moved = world.clusters["orders"];
  world.clusters.erase("orders");
  EXPECT_THAT(away.Look(), Is(kConflict, "not there under any name"));
  moved["DBClusterIdentifier"] = "somewhere";
  world.clusters["somewhere"] = moved;
  EXPECT_THAT(away.Look(), Is(kConflict, "is called somewhere"));
  // The name alone never decides what is renamed.
  world.AddCluster("orders", "cluster-FOREIGN");
  EXPECT_FALSE(away.Act().ok());
  EXPECT_TRUE(world.changes.empty());
}

TEST_F(Renames, SurviveALostReply) {
  world.lose_next_reply = true;
  EXPECT_EQ(away.CarryOut(), 1);
  EXPECT_THAT(away.Look(), Is(kDone));
  EXPECT_EQ(world.changes.size(), 1U);
}

class Fences : public ::testing::Test {
 protected:
  Fences()
      : step(world, kFenceDatabase,
             Object({{"service", "rds"},
                     {"identifier", "orders"},
                     {"cluster", true},
                     {"quarantine", "sg-fence"},
                     {"security_groups", Texts({"sg-app"})},
                     {"members", Texts({"orders-1"})},
                     {"round", "first"}})) {
    world.AddCluster("orders", "cluster-OLD");
    world.AddInstance("orders-1", "db-1");
  }
  void Give(JsonValue& database, const char* group, const char* status = "active") {
    database["VpcSecurityGroups"][0] = Object({{"VpcSecurityGroupId", group}, {"Status", status}});
  }
  DatabaseWorld world;
  HandlerCase step;
};

TEST_F(Fences, HoldForTheClusterAndItsInstances) {
  EXPECT_THAT(step.Look(), Is(kNotDone));
  EXPECT_TRUE(step.Act().ok());
  EXPECT_THAT(step.Look(), Is(kUnderway, "instance orders-1"));
  Give(world.instances["orders-1"], "sg-fence", "adding");
  EXPECT_THAT(step.Look(), Is(kUnderway));
  Give(world.instances["orders-1"], "sg-fence");
  const Probe done = step.Look();
  EXPECT_THAT(done, Is(kDone));
  EXPECT_EQ(done.evidence["security_group"], "sg-fence");
  EXPECT_THAT(step.LookBack(), Is(kDone));
  EXPECT_TRUE(step.Undo().ok());
  Give(world.instances["orders-1"], "sg-app");
  EXPECT_THAT(step.LookBack(), Is(kNotDone));
}

TEST_F(Fences, AreNotPutUpOverGroupsThatThePlanDoesNotKnow) {
  world.clusters["orders"]["VpcSecurityGroups"].append(
      Object({{"VpcSecurityGroupId", "sg-new"}, {"Status", "active"}}));
  const Status sent = step.Act();
  ASSERT_FALSE(sent.ok());
  EXPECT_THAT(sent.error().message, ::testing::HasSubstr("sg-app, sg-new"));
  EXPECT_TRUE(world.changes.empty());
}

class Retirements : public ::testing::Test {
 protected:
  Retirements()
      : retire(world, kRetireCluster,
               Object({{"service", "rds"},
                       {"identifier", "orders-old"},
                       {"resource", "cluster-OLD"},
                       {"quarantine", "sg-fence"},
                       {"final_snapshot", "orders-final"}})) {
    old = &world.AddCluster("orders-old", "cluster-OLD");
    (*old)["VpcSecurityGroups"][0]["VpcSecurityGroupId"] = "sg-fence";
  }
  DatabaseWorld world;
  JsonValue* old = nullptr;
  HandlerCase retire;
};

TEST_F(Retirements, KeepAFinalSnapshot) {
  EXPECT_THAT(retire.Look(), Is(kNotDone));
  EXPECT_EQ(retire.CarryOut(), 1);
  EXPECT_THAT(retire.Look(), Is(kDone, "orders-final is kept"));
  world.cluster_snapshots["orders-final"]["Status"] = "creating";
  EXPECT_THAT(retire.Look(), Is(kUnderway));
  world.cluster_snapshots.clear();
  EXPECT_THAT(retire.Look(), Is(kConflict, "final snapshot orders-final is not there"));
}

TEST_F(Retirements, NeverTakeTheLiveDatabase) {
  const JsonValue kept = *old;
  const auto refused = [&](const char* why) {
    EXPECT_THAT(retire.Look(), Is(kConflict, why));
    EXPECT_FALSE(retire.Act().ok());
    EXPECT_TRUE(world.changes.empty());
    *old = kept;
  };
  (*old)["DbClusterResourceId"] = "cluster-NEW";
  refused("not the original cluster-OLD");
  (*old)["VpcSecurityGroups"][0]["VpcSecurityGroupId"] = "sg-app";
  refused("not fenced any more");
  (*old)["DBClusterMembers"].append(Object({{"DBInstanceIdentifier", "x"}}));
  EXPECT_FALSE(retire.Act().ok());
  *old = kept;
  world.cluster_snapshots["orders-final"] = Object({{"DBClusterSnapshotIdentifier", "orders-final"}});
  EXPECT_FALSE(retire.Act().ok());
  EXPECT_TRUE(world.changes.empty());
}

TEST_F(Retirements, ReleaseProtectionOnlyAfterTheComparison) {
  HandlerCase release(world, kReleaseProtection,
                      Object({{"service", "rds"},
                              {"identifier", "orders-old"},
                              {"cluster", true},
                              {"verified_by", "00ff"},
                              {"resource", "cluster-OLD"},
                              {"quarantine", "sg-fence"}}));
  EXPECT_THAT(release.Look(), Is(kNotDone));
  EXPECT_FALSE(release.Act().ok());
  EXPECT_TRUE(world.changes.empty());
  release.outputs["00ff"] = Object({{"compared_at", "2026-11-22T05:00:00.000Z"}});
  EXPECT_EQ(release.CarryOut(), 1);
  EXPECT_FALSE(world.clusters["orders-old"]["DeletionProtection"].asBool());
  EXPECT_THAT(release.LookBack(), Is(kDone));
  EXPECT_TRUE(release.Undo().ok());
  EXPECT_THAT(release.LookBack(), Is(kNotDone));
}

TEST(Inventory, NamesBothValuesOfEveryDifference) {
  DatabaseWorld world;
  JsonValue& cluster = world.AddCluster("orders", "cluster-OLD");
  cluster["DBClusterMembers"].append(Object({{"DBInstanceIdentifier", "orders-1"}}));
  world.AddInstance("orders-1", "db-1");
  JsonValue manifest = Object({{"restore", Object({{"Engine", "aurora-postgresql"},
                                                   {"EngineVersion", "16.4"},
                                                   {"Port", 5432},
                                                   {"DeletionProtection", true}})},
                               {"modify", Object({{"BackupRetentionPeriod", 7}})},
                               {"security_groups", Texts({"sg-app"})}});
  manifest["members"].append(Object({{"DBInstanceClass", "db.r6g.large"}}));
  HandlerCase step(world, kRecordInventory,
                   Object({{"service", "rds"}, {"manifest", manifest}, {"members", Texts({"orders-1"})}}));
  const Probe done = step.Look();
  ASSERT_THAT(done, Is(kDone));
  EXPECT_EQ(done.output["resources"]["orders"], "cluster-OLD");
  EXPECT_EQ(done.output["resources"]["orders-1"], "db-1");
  EXPECT_EQ(done.output["manifest"]["settings"]["BackupRetentionPeriod"], 7);
  cluster["BackupRetentionPeriod"] = 3;
  EXPECT_THAT(step.Look(), Is(kConflict, "BackupRetentionPeriod is 3, the documents say 7"));
  cluster["BackupRetentionPeriod"] = 7;
  cluster["HttpEndpointEnabled"] = true;  // a restore would lose it
  EXPECT_THAT(step.Look(), Is(kConflict, "EnableHttpEndpoint is true, the documents say not set"));
  cluster["HttpEndpointEnabled"] = false;
  cluster["CustomEndpoints"].append("reports.cluster-custom-c1.us-east-1.rds.amazonaws.com");
  EXPECT_THAT(step.Look(), Is(kConflict, "custom endpoint reports is there, but not in the documents"));
  cluster["CustomEndpoints"].clear();
  cluster["AssociatedRoles"].append(Object({{"RoleArn", "arn:role"}, {"Status", "ACTIVE"}}));
  EXPECT_THAT(step.Look(), Is(kConflict, "role arn:role is there"));
  cluster["AssociatedRoles"].clear();
  cluster["DBClusterMembers"].append(Object({{"DBInstanceIdentifier", "orders-2"}}));
  EXPECT_THAT(step.Look(), Is(kConflict, "instance orders-2 is there"));
  cluster["DBClusterMembers"].resize(1);
  cluster["ActivityStreamStatus"] = "started";
  EXPECT_THAT(step.Look(), Is(kWaiting, "activity stream"));
  step.context.settings.approvals[step.action.id] = "seen to";
  EXPECT_THAT(step.Look(), Is(kDone));
}

}  // namespace
}  // namespace tfseal
