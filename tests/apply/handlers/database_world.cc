#include "tests/apply/handlers/database_world.h"

#include "planner/parameters.h"

namespace tfseal::testing {
namespace {

Error NotFound(const std::string& code) {
  return {ErrorCode::kNotFound, "not there", "", code};
}

Result<JsonValue> List(const std::map<std::string, JsonValue>& things, const char* list, const char* identity,
                       const JsonValue& parameters, const char* missing) {
  JsonValue answer(Json::objectValue);
  answer[list] = JsonValue(Json::arrayValue);
  if (parameters.isMember(identity)) {
    const auto found = things.find(parameters[identity].asString());
    if (found == things.end()) return NotFound(missing);
    answer[list].append(found->second);
    return answer;
  }
  for (const auto& [name, thing] : things) answer[list].append(thing);
  return answer;
}

JsonValue Groups(const JsonValue& ids) {
  JsonValue groups(Json::arrayValue);
  for (const JsonValue& id : ids) groups.append(Object({{"VpcSecurityGroupId", id}, {"Status", "active"}}));
  return groups;
}

}  // namespace

JsonValue& DatabaseWorld::AddCluster(const std::string& name, const std::string& resource) {
  JsonValue& cluster = clusters[name];
  cluster = Object({{"DBClusterIdentifier", Text(name)},
                    {"DbClusterResourceId", Text(resource)},
                    {"Status", "available"},
                    {"Engine", "aurora-postgresql"},
                    {"EngineVersion", "16.4"},
                    {"MasterUsername", "app"},
                    {"StorageEncrypted", false},
                    {"DeletionProtection", true},
                    {"BackupRetentionPeriod", 7},
                    {"Port", 5432},
                    {"Endpoint", Text(name + ".cluster-c1.us-east-1.rds.amazonaws.com")},
                    {"ClusterCreateTime", Text(now)}});
  cluster["VpcSecurityGroups"] = Groups(Texts({"sg-app"}));
  return cluster;
}

JsonValue& DatabaseWorld::AddInstance(const std::string& name, const std::string& resource) {
  JsonValue& instance = instances[name];
  instance = Object({{"DBInstanceIdentifier", Text(name)},
                     {"DbiResourceId", Text(resource)},
                     {"DBInstanceStatus", "available"},
                     {"Engine", "aurora-postgresql"},
                     {"DBInstanceClass", "db.r6g.large"}});
  instance["VpcSecurityGroups"] = Groups(Texts({"sg-app"}));
  return instance;
}

Result<JsonValue> DatabaseWorld::Modify(std::map<std::string, JsonValue>& kind, const char* identity,
                                        const char* new_identity, const JsonValue& parameters) {
  const auto found = kind.find(parameters[identity].asString());
  if (found == kind.end()) return NotFound("DBClusterNotFoundFault");
  JsonValue& thing = found->second;
  if (parameters.isMember("VpcSecurityGroupIds"))
    thing["VpcSecurityGroups"] = Groups(parameters["VpcSecurityGroupIds"]);
  for (const char* same : {"DeletionProtection", "BackupRetentionPeriod", "PreferredBackupWindow"}) {
    if (parameters.isMember(same)) thing[same] = parameters[same];
  }
  if (parameters.isMember(new_identity)) {
    const std::string name = parameters[new_identity].asString();
    if (kind.contains(name)) return Error{ErrorCode::kConflict, "taken", "", "DBClusterAlreadyExistsFault"};
    JsonValue renamed = thing;
    renamed[identity] = name;
    if (renamed["Endpoint"].isString()) renamed["Endpoint"] = name + ".cluster-c1.us-east-1.rds.amazonaws.com";
    kind.erase(found);
    kind[name] = renamed;
  }
  return JsonValue(Json::objectValue);
}

Result<JsonValue> DatabaseWorld::Serve(const aws::Call& call) {
  const JsonValue& p = call.parameters;
  const std::string& operation = call.operation;
  if (const auto given = answers.find(operation); given != answers.end()) return given->second;
  if (operation == "DescribeDBClusters") {
    return List(clusters, "DBClusters", "DBClusterIdentifier", p, "DBClusterNotFoundFault");
  }
  if (operation == "DescribeDBInstances") {
    return List(instances, "DBInstances", "DBInstanceIdentifier", p, "DBInstanceNotFound");
  }
  if (operation == "DescribeDBClusterSnapshots") {
    return List(cluster_snapshots, "DBClusterSnapshots", "DBClusterSnapshotIdentifier", p,
                "DBClusterSnapshotNotFoundFault");
  }
  if (operation == "DescribeDBSnapshots") {
    return List(snapshots, "DBSnapshots", "DBSnapshotIdentifier", p, "DBSnapshotNotFound");
  }
  changes.push_back(operation);
  if (operation == "ModifyDBCluster") return Modify(clusters, "DBClusterIdentifier", "NewDBClusterIdentifier", p);
  if (operation == "ModifyDBInstance") return Modify(instances, "DBInstanceIdentifier", "NewDBInstanceIdentifier", p);
  if (operation == "CreateDBClusterSnapshot" || operation == "DeleteDBCluster") {
    const std::string of = p["DBClusterIdentifier"].asString();
    const bool deletes = operation == "DeleteDBCluster";
    if (!clusters.contains(of)) return NotFound("DBClusterNotFoundFault");
    const std::string name = p[deletes ? "FinalDBSnapshotIdentifier" : "DBClusterSnapshotIdentifier"].asString();
    if (cluster_snapshots.contains(name)) {
      return Error{ErrorCode::kConflict, "taken", "", "DBClusterSnapshotAlreadyExistsFault"};
    }
    cluster_snapshots[name] = Object({{"DBClusterSnapshotIdentifier", Text(name)},
                                      {"DBClusterIdentifier", Text(of)},
                                      {"Status", "available"},
                                      {"Engine", "aurora-postgresql"},
                                      {"MasterUsername", "app"},
                                      {"SnapshotCreateTime", Text(now)}});
    if (deletes) clusters.erase(of);
    return JsonValue(Json::objectValue);
  }
  if (operation == "RestoreDBClusterFromSnapshot") {
    JsonValue& made = AddCluster(p["DBClusterIdentifier"].asString(), "cluster-NEW");
    made["StorageEncrypted"] = p.isMember("KmsKeyId");
    made["KmsKeyId"] = p["KmsKeyId"];
    return JsonValue(Json::objectValue);
  }
  return Error{ErrorCode::kInternal, "the world of the test has no " + operation, ""};
}

Result<JsonValue> DatabaseWorld::Send(const aws::Call& call) {
  const std::size_t before = changes.size();
  auto answer = Serve(call);
  if (lose_next_reply && changes.size() > before) {
    lose_next_reply = false;
    return Error{ErrorCode::kOutcomeUnknown, "the answer was lost", ""};
  }
  return answer;
}

std::vector<Result<JsonValue>> DatabaseWorld::SendAll(std::span<const aws::Call> calls) {
  std::vector<Result<JsonValue>> results;
  for (const aws::Call& call : calls) results.push_back(Send(call));
  return results;
}

}  // namespace tfseal::testing
