#include "apply/handlers/databases.h"

#include <algorithm>

#include "apply/handlers/calls.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : static_cast<int>(c); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
    return lower(static_cast<unsigned char>(x)) == lower(static_cast<unsigned char>(y));
  });
}

// The one of a list that has this name: services answer with more where a filter is not understood.
std::optional<JsonValue> Named(const JsonValue& answer, const char* list, const char* member, const std::string& name) {
  for (const JsonValue& item : answer[list]) {
    if (SameName(TextOf(item, member), name)) return item;
  }
  return std::nullopt;
}

const char* ListOf(bool cluster) {
  return cluster ? "DBClusters" : "DBInstances";
}

// DocumentDB and Neptune tell tags only by another call; RDS has them in the description.
Status AddTags(const DatabaseName& name, JsonValue& described, const Action& action, RunContext& context) {
  if (name.service == "rds" || described.isMember("TagList")) return {};
  const std::string arn = TextOf(described, name.cluster ? "DBClusterArn" : "DBInstanceArn");
  if (arn.empty()) return {};
  TFSEAL_ASSIGN(const auto answer, ReadIfThere(name.service, "ListTagsForResource",
                                               Object({{"ResourceName", Text(arn)}}), action, context));
  if (answer) described["TagList"] = (*answer)["TagList"];
  return {};
}

bool IsFailure(std::string_view status) {
  return status == "failed" || status == "restore-error" || status == "storage-full" ||
         status.starts_with("incompatible-") || status.starts_with("insufficient-");
}

Probe Broken(const std::string& what, const std::string& status) {
  if (status.starts_with("inaccessible-encryption-credentials")) {
    return Conflict(what + " cannot use its key (" + status + ")",
                    "enable the key and let RDS use it, then start the database again within seven days; after that "
                    "only a backup can be restored");
  }
  return Conflict(what + " is " + status,
                  "look at its events (aws rds describe-events), mend it or move it aside, then run tfseal resume");
}

}  // namespace

std::string TextOf(const JsonValue& object, const char* member) {
  return object.isObject() && object[member].isString() ? object[member].asString() : std::string();
}

DatabaseName NameIn(const Action& action, const char* identifier_field, bool cluster) {
  const std::string service = TextOf(action.payload, "service");
  return {service.empty() ? "rds" : service, cluster, TextOf(action.payload, identifier_field)};
}

Result<std::optional<JsonValue>> FindDatabase(const DatabaseName& name, const Action& action, RunContext& context) {
  const char* parameter = name.cluster ? "DBClusterIdentifier" : "DBInstanceIdentifier";
  TFSEAL_ASSIGN(const auto answer,
                ReadIfThere(name.service, name.cluster ? "DescribeDBClusters" : "DescribeDBInstances",
                            Object({{parameter, Text(name.identifier)}}), action, context));
  if (!answer) return std::optional<JsonValue>();
  std::optional<JsonValue> found = Named(*answer, ListOf(name.cluster), parameter, name.identifier);
  if (found) TFSEAL_TRY(AddTags(name, *found, action, context));
  return found;
}

Result<JsonValue> GetDatabase(const DatabaseName& name, const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(auto found, FindDatabase(name, action, context));
  if (!found) {
    return Error{ErrorCode::kConflict, name.Text() + " is not there",
                 "find out who renamed or deleted it; nothing further is changed"};
  }
  return *std::move(found);
}

Result<std::optional<JsonValue>> FindByResource(const DatabaseName& any_name, const std::string& resource,
                                                const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld(any_name.service, any_name.cluster ? "DescribeDBClusters" : "DescribeDBInstances",
                          JsonValue(Json::objectValue), action, context));
  return Named(answer, ListOf(any_name.cluster), any_name.cluster ? "DbClusterResourceId" : "DbiResourceId", resource);
}

Result<std::optional<JsonValue>> FindSnapshot(const DatabaseName& of, const std::string& snapshot, const Action& action,
                                              RunContext& context) {
  const char* parameter = of.cluster ? "DBClusterSnapshotIdentifier" : "DBSnapshotIdentifier";
  TFSEAL_ASSIGN(const auto answer,
                ReadIfThere(of.service, of.cluster ? "DescribeDBClusterSnapshots" : "DescribeDBSnapshots",
                            Object({{parameter, Text(snapshot)}}), action, context));
  if (!answer) return std::optional<JsonValue>();
  return Named(*answer, of.cluster ? "DBClusterSnapshots" : "DBSnapshots", parameter, snapshot);
}

std::string StatusOf(const JsonValue& described) {
  const std::string instance = TextOf(described, "DBInstanceStatus");
  return instance.empty() ? TextOf(described, "Status") : instance;
}

// An instance of a cluster names its cluster too, so its own name comes first.
std::string IdentifierOf(const JsonValue& described) {
  const std::string instance = TextOf(described, "DBInstanceIdentifier");
  return instance.empty() ? TextOf(described, "DBClusterIdentifier") : instance;
}

std::string ResourceOf(const JsonValue& described) {
  const std::string instance = TextOf(described, "DbiResourceId");
  return instance.empty() ? TextOf(described, "DbClusterResourceId") : instance;
}

std::set<std::string> SecurityGroupsOf(const JsonValue& described) {
  std::set<std::string> groups;
  for (const JsonValue& group : described["VpcSecurityGroups"]) {
    const std::string status = TextOf(group, "Status");
    if (!status.empty() && status != "active") return {};
    groups.insert(TextOf(group, "VpcSecurityGroupId"));
  }
  return groups;
}

std::optional<Probe> NotAvailable(const DatabaseName& name, const JsonValue& described) {
  const std::string status = StatusOf(described);
  if (status == "available") return std::nullopt;
  if (IsFailure(status) || status.starts_with("inaccessible-encryption-credentials"))
    return Broken(name.Text(), status);
  if (status == "deleting") {
    return Conflict(name.Text() + " is being deleted", "find out who deletes it; nothing further is changed");
  }
  if (status == "stopped") {
    return Conflict(name.Text() + " is stopped", "start it (aws " + name.service + " start-db-" +
                                                     (name.cluster ? "cluster" : "instance") +
                                                     "), then run tfseal resume");
  }
  return Underway(name.Text() + " is " + (status.empty() ? "in an unknown state" : status));
}

std::optional<Probe> SnapshotNotAvailable(const std::string& snapshot, const JsonValue& described) {
  const std::string status = TextOf(described, "Status");
  if (status == "available") return std::nullopt;
  if (IsFailure(status)) {
    return Conflict("snapshot " + snapshot + " is " + status,
                    "delete the failed snapshot yourself (aws rds describe-events says why it failed), then run tfseal "
                    "resume: it is taken again");
  }
  if (status == "deleting") {
    return Conflict("snapshot " + snapshot + " is being deleted", "find out who deletes it, then run tfseal resume");
  }
  const JsonValue& progress = described["PercentProgress"];
  return Underway("snapshot " + snapshot + " is " + (status.empty() ? "in an unknown state" : status) +
                  (progress.isNumeric() ? ", " + std::to_string(progress.asInt()) + " %" : ""));
}

std::string WrongKey(const JsonValue& described, const std::string& key) {
  const bool encrypted = described["StorageEncrypted"].asBool() || described["Encrypted"].asBool();
  const std::string under = TextOf(described, "KmsKeyId");
  const std::string type = TextOf(described, "StorageEncryptionType");
  if (!encrypted) return "is not encrypted";
  if (!type.empty() && type != "sse-kms") return "is encrypted by " + type + " instead of a key of yours";
  if (under != key) return "is encrypted under " + (under.empty() ? "no named key" : under) + " instead of " + key;
  return {};
}

JsonValue Essentials(const JsonValue& described) {
  JsonValue kept(Json::objectValue);
  for (const char* member : {"DBClusterIdentifier",
                             "DBClusterArn",
                             "DbClusterResourceId",
                             "DBInstanceIdentifier",
                             "DBInstanceArn",
                             "DbiResourceId",
                             "Endpoint",
                             "ReaderEndpoint",
                             "Port",
                             "Engine",
                             "EngineVersion",
                             "StorageEncrypted",
                             "KmsKeyId",
                             "StorageEncryptionType",
                             "ClusterCreateTime",
                             "InstanceCreateTime",
                             "DBClusterSnapshotIdentifier",
                             "DBClusterSnapshotArn",
                             "DBSnapshotIdentifier",
                             "DBSnapshotArn",
                             "SnapshotCreateTime",
                             "Encrypted"}) {
    if (described.isMember(member)) kept[member] = described[member];
  }
  return kept;
}

Status SendChange(const ApiCall& call, const Action& action, RunContext& context) {
  TFSEAL_TRY(SendCall(call, action, context));
  return {};
}

Status IsTheOldOne(const DatabaseName& name, const JsonValue& described, const Action& action, RunContext& context) {
  const char* hint = "nothing is deleted; find out which database has this name, and retire the old one by hand";
  if (!action.payload.isMember("resource")) {
    return InTheWay(name.Text() + ": the plan does not say which database it was",
                    "write the plan again, then apply it");
  }
  TFSEAL_ASSIGN(const std::string recorded, ResolvedText(action, "resource", context));
  if (recorded.empty() || ResourceOf(described) != recorded) {
    return InTheWay(
        name.Text() + " is " + ResourceOf(described) + ", not the original " + recorded + " that was recorded", hint);
  }
  TFSEAL_ASSIGN(const std::string quarantine, ResolvedText(action, "quarantine", context));
  // Replicas are not fenced: they only follow.
  const bool follows = !TextOf(described, "ReadReplicaSourceDBInstanceIdentifier").empty();
  if (!follows && !quarantine.empty() && SecurityGroupsOf(described) != std::set<std::string>{quarantine}) {
    return InTheWay(name.Text() + " is not fenced any more: its security groups are not " + quarantine + " alone",
                    hint);
  }
  return {};
}

}  // namespace tfseal
