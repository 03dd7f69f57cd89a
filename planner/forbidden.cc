#include <algorithm>
#include <set>
#include <unordered_map>

#include "planner/action_kind.h"
#include "planner/action_plan.h"

namespace tfseal {
namespace {

using ActionsById = std::unordered_map<std::string_view, const Action*>;

struct Step {
  const ActionsById& by_id;
  const Action& action;
  const ApiCall& call;
};

const JsonValue& At(const JsonValue& object, const char* name) {
  return object.isObject() && object.isMember(name) ? object[name] : JsonValue::nullSingleton();
}

bool IsTrue(const JsonValue& value) {
  return value.isBool() && value.asBool();
}
bool IsFalse(const JsonValue& value) {
  return value.isBool() && !value.asBool();
}

// Calls that destroy what nobody can bring back, or that weaken for good. Key retirement is a plan of its own.
bool AlwaysForbidden(const ApiCall& call) {
  static constexpr std::string_view kOperations[] = {
      "DeleteDBClusterSnapshot",
      "DeleteDBSnapshot",
      "DeleteDBClusterAutomatedBackup",
      "DeleteDBInstanceAutomatedBackup",
      "DeleteSecret",
      "ScheduleKeyDeletion",
      "DisableKey",
      "DisableKeyRotation",
      "DeleteImportedKeyMaterial",
      "DeleteTable",
      "DeleteBackup",
      "DeleteStream",
      "DeleteBucket",
      "DeleteBucketEncryption",
      "DeletePublicAccessBlock",
      "DeleteBackupVault",
      "DeleteRecoveryPoint",
      "DeleteBackupVaultLockConfiguration",
      "DeleteFileSystem",
      "DeleteVolume",
      "DeleteSnapshot",
      "DeleteReplicationGroup",
      "DeleteDomain",
      "DeleteElasticsearchDomain",
      "DeleteLogGroup",
      "DisassociateKmsKey",
      "StopStreamEncryption",
      "StopLogging",
      "DeleteTrail",
      "DeleteGlobalCluster",
      "DeleteRepository",
      "DeleteQueue",
      "DeleteTopic",
      "DeleteClusterSnapshot",
  };
  return std::find(std::begin(kOperations), std::end(kOperations), call.operation) != std::end(kOperations);
}

bool IsAncestor(const ActionsById& by_id, const Action& action, std::string_view id) {
  std::set<std::string_view> seen;
  std::vector<const Action*> open = {&action};
  while (!open.empty()) {
    const Action* at = open.back();
    open.pop_back();
    for (const std::string& need : at->needs) {
      if (need == id) return true;
      const auto found = by_id.find(need);
      if (found != by_id.end() && seen.insert(found->first).second) open.push_back(found->second);
    }
  }
  return false;
}

// A member of a cluster has no data of its own; AWS takes no final snapshot of it.
bool HoldsNoDataOfItsOwn(const Action& action) {
  return action.kind == &kDeleteClusterMember;
}

std::string DeletionProblem(const Step& step) {
  const JsonValue& parameters = step.call.parameters;
  const std::string& operation = step.call.operation;
  if (operation != "DeleteDBCluster" && operation != "DeleteDBInstance" && operation != "DeleteCluster") return {};
  if (IsTrue(At(parameters, "DeleteAutomatedBackups"))) return "deletes automated backups";
  if (HoldsNoDataOfItsOwn(step.action)) return {};
  if (!IsFalse(At(parameters, "SkipFinalSnapshot")) && !IsFalse(At(parameters, "SkipFinalClusterSnapshot"))) {
    return "skips the final snapshot";
  }
  if (!At(parameters, "FinalDBSnapshotIdentifier").isString() &&
      !At(parameters, "FinalClusterSnapshotIdentifier").isString()) {
    return "names no final snapshot";
  }
  if (step.call.service == "rds" && !IsFalse(At(parameters, "DeleteAutomatedBackups"))) {
    return "deletes automated backups by default";
  }
  return {};
}

std::string ProtectionProblem(const Step& step) {
  const JsonValue& parameters = step.call.parameters;
  if (!IsFalse(At(parameters, "DeletionProtection")) && !IsFalse(At(parameters, "DeletionProtectionEnabled")))
    return {};
  const JsonValue& verified_by = At(step.action.payload, "verified_by");
  if (step.action.approvals < 1) return "drops deletion protection without approval";
  if (!verified_by.isString() || !IsAncestor(step.by_id, step.action, verified_by.asString())) {
    return "drops deletion protection before a verified copy exists";
  }
  const auto verifies = step.by_id.find(verified_by.asString());
  if (verifies == step.by_id.end() ||
      (verifies->second->kind != &kValidateCopy && verifies->second->kind != &kSwitchBlueGreen)) {
    return "drops deletion protection before a verified copy exists";
  }
  return {};
}

// Nothing brings a cluster with data back into a global database.
std::string GlobalProblem(const Step& step) {
  if (step.call.operation != "RemoveFromGlobalCluster") return {};
  if (step.action.approvals < 1) return "takes a cluster out of a global database without approval";
  const bool verified = std::any_of(step.by_id.begin(), step.by_id.end(), [&step](const auto& entry) {
    return entry.second->kind == &kValidateCopy && IsAncestor(step.by_id, step.action, entry.first);
  });
  return verified ? "" : "takes a cluster out of a global database before a verified copy exists";
}

std::string RetentionProblem(const Step& step) {
  static constexpr std::pair<const char*, const char*> kRetentions[] = {
      {"BackupRetentionPeriod", "backup_retention_period"},
      {"AutomatedSnapshotRetentionPeriod", "automated_snapshot_retention_period"},
      {"SnapshotRetentionLimit", "snapshot_retention_limit"},
  };
  for (const auto& [parameter, attribute] : kRetentions) {
    const JsonValue& now = At(step.call.parameters, parameter);
    const JsonValue& before = At(At(step.action.payload, "previous"), attribute);
    if (!now.isNumeric()) continue;
    if (before.isNumeric() && now.asDouble() < before.asDouble() && step.action.approvals < 1) {
      return "lowers the retention of backups without approval";
    }
    if (now.asDouble() < 1) return "switches automated backups off";
  }
  if (step.call.operation == "UpdateContinuousBackups" &&
      IsFalse(At(At(step.call.parameters, "PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled"))) {
    return "switches point-in-time recovery off";
  }
  return {};
}

std::string KeyProblem(const Step& step) {
  const std::string& operation = step.call.operation;
  const JsonValue& key = At(step.call.parameters, "KmsKeyId");
  if (operation == "CopyDBClusterSnapshot" && !key.isNull()) {
    return "copies a cluster snapshot with a key, which AWS rejects for an unencrypted source";
  }
  if (operation == "RestoreDBInstanceFromDBSnapshot" && !key.isNull()) {
    return "restores an instance snapshot with a key, which the API does not have";
  }
  const bool database = step.call.service == "rds" || step.call.service == "docdb" || step.call.service == "neptune";
  if (database && (operation == "RestoreDBClusterFromSnapshot" || operation == "CopyDBSnapshot") && key.isNull()) {
    return "restores or copies without a key";
  }
  if (database && key.isString() && key.asString().find(":key/") == std::string::npos) {
    return "names the key of a database by something else than its key ARN";
  }
  return {};
}

std::string MoreProblems(const Step& step) {
  const JsonValue& parameters = step.call.parameters;
  if (AlwaysForbidden(step.call)) return "calls " + step.call.operation + ", which no plan contains";
  if (IsTrue(At(parameters, "ForceDeleteWithoutRecovery"))) return "deletes a secret without recovery";
  if (IsTrue(At(parameters, "PubliclyAccessible"))) return "makes a database public";
  if (IsFalse(At(parameters, "StorageEncrypted")) || IsFalse(At(parameters, "Encrypted"))) return "removes encryption";
  if (step.call.operation == "PutBucketVersioning" &&
      At(At(parameters, "VersioningConfiguration"), "Status") != JsonValue("Enabled")) {
    return "suspends versioning of a bucket";
  }
  return {};
}

}  // namespace

std::vector<std::string> ForbiddenCalls(const ActionPlan& plan) {
  std::vector<std::string> problems;
  ActionsById by_id;
  for (const Action& action : plan.actions) by_id.emplace(action.id, &action);
  for (const Action& action : plan.actions) {
    std::vector<const ApiCall*> calls;
    for (const ApiCall& call : action.calls) calls.push_back(&call);
    for (const ApiCall& call : action.rollback.calls) calls.push_back(&call);
    for (const ApiCall* call : calls) {
      const Step step{by_id, action, *call};
      for (const auto check :
           {DeletionProblem, ProtectionProblem, GlobalProblem, RetentionProblem, KeyProblem, MoreProblems}) {
        if (const std::string problem = check(step); !problem.empty()) {
          problems.push_back(action.id + " (" + std::string(action.kind->name) + " " + action.target.identifier + ") " +
                             problem);
        }
      }
    }
  }
  return problems;
}

}  // namespace tfseal
