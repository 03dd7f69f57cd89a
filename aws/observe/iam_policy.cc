#include "aws/observe/iam_policy.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "aws/observe/observed_type.h"
#include "aws/observe/permission.h"

namespace tfseal::observe {
namespace {

JsonValue Strings(const std::set<std::string>& texts) {
  JsonValue list(Json::arrayValue);
  for (const std::string& text : texts) list.append(text);
  return list;
}

JsonValue Statement(std::string_view name, const std::set<std::string>& actions,
                    const std::set<std::string>& resources) {
  JsonValue statement(Json::objectValue);
  statement["Sid"] = std::string(name);
  statement["Effect"] = "Allow";
  statement["Action"] = Strings(actions);
  statement["Resource"] = Strings(resources);
  return statement;
}

JsonValue Policy(JsonValue statements) {
  JsonValue policy(Json::objectValue);
  policy["Version"] = "2012-10-17";
  policy["Statement"] = std::move(statements);
  return policy;
}

bool Wanted(std::span<const std::string_view> types, std::string_view type) {
  if (types.empty()) return true;
  for (const std::string_view each : types) {
    if (each == type) return true;
  }
  return false;
}

// Which member of a call names its object, and the ARN that makes of it; $ stands for the member's text.
struct Named {
  std::string_view service;
  std::string_view member;
  std::string_view resource;  // after "arn:partition:service:region:account:"
  std::string_view arn_service;
};
constexpr Named kNamed[] = {
    {"rds", "DBClusterIdentifier", "cluster:$", "rds"},
    {"rds", "NewDBClusterIdentifier", "cluster:$", "rds"},
    {"rds", "DBInstanceIdentifier", "db:$", "rds"},
    {"rds", "NewDBInstanceIdentifier", "db:$", "rds"},
    {"rds", "DBClusterSnapshotIdentifier", "cluster-snapshot:$", "rds"},
    {"rds", "FinalDBSnapshotIdentifier", "*-snapshot:$", "rds"},
    {"rds", "DBSnapshotIdentifier", "snapshot:$", "rds"},
    {"rds", "SourceDBSnapshotIdentifier", "snapshot:$", "rds"},
    {"rds", "TargetDBSnapshotIdentifier", "snapshot:$", "rds"},
    {"rds", "SnapshotIdentifier", "*snapshot:$", "rds"},
    {"rds", "DBSubnetGroupName", "subgrp:$", "rds"},
    {"rds", "DBClusterParameterGroupName", "cluster-pg:$", "rds"},
    {"rds", "DBParameterGroupName", "pg:$", "rds"},
    {"rds", "OptionGroupName", "og:$", "rds"},
    {"rds", "DBProxyName", "db-proxy:*", "rds"},
    {"redshift", "ClusterIdentifier", "cluster:$", "redshift"},
    {"secretsmanager", "SecretId", "secret:$*", "secretsmanager"},
    {"secretsmanager", "Name", "secret:$-*", "secretsmanager"},
    {"dynamodb", "TableName", "table/$", "dynamodb"},
    {"elasticache", "ReplicationGroupId", "replicationgroup:$", "elasticache"},
    {"logs", "logGroupName", "log-group:$*", "logs"},
    {"kms", "KeyId", "key/$", "kms"},
    {"kms", "TargetKeyId", "key/$", "kms"},
    {"kms", "AliasName", "$", "kms"},
    {"kinesis", "StreamName", "stream/$", "kinesis"},
};

// Actions that make something new, whose ARN nobody knows yet, or that know no ARNs.
bool HasNoResource(std::string_view action) {
  constexpr std::string_view kActions[] = {"cloudtrail:LookupEvents",
                                           "ec2:CreateSecurityGroup",
                                           "ecs:ListClusters",
                                           "ecs:ListServices",
                                           "ecs:ListTaskDefinitions",
                                           "ecs:ListTasks",
                                           "ecs:RegisterTaskDefinition",
                                           "events:ListRuleNamesByTarget",
                                           "events:ListRules",
                                           "events:ListTargetsByRule",
                                           "iam:GetPolicy",
                                           "iam:GetPolicyVersion",
                                           "kms:CreateKey",
                                           "kms:ListAliases",
                                           "kms:ListKeys",
                                           "rds:DescribeDBEngineVersions",
                                           "sts:GetCallerIdentity"};
  for (const std::string_view each : kActions) {
    if (action == each) return true;
  }
  return action.find(":Describe") != std::string_view::npos && !action.starts_with("kms:") &&
         !action.starts_with("secretsmanager:");
}

// What AWS asks for beside the action of a call: for tags in it, and for what it does on the caller's behalf. Source:
// AWS Service Authorization Reference, "dependent actions".
struct Dependent {
  std::string_view action;
  std::string_view member;  // only where the call has it; empty: always
  std::string_view needs;
};
constexpr Dependent kDependent[] = {
    {"ec2:CreateSecurityGroup", "TagSpecifications", "ec2:CreateTags"},
    {"ecs:RegisterTaskDefinition", "", "ecs:TagResource"},
    {"iam:CreateRole", "Tags", "iam:TagRole"},
    {"kms:CreateKey", "Tags", "kms:TagResource"},
    {"rds:CopyDBSnapshot", "", "rds:AddTagsToResource"},
    {"rds:CreateBlueGreenDeployment", "", "rds:AddTagsToResource"},
    {"rds:CreateBlueGreenDeployment", "", "rds:CreateDBCluster"},
    {"rds:CreateBlueGreenDeployment", "", "rds:CreateDBInstance"},
    {"rds:CreateBlueGreenDeployment", "", "rds:CreateDBInstanceReadReplica"},
    {"rds:CreateDBClusterSnapshot", "Tags", "rds:AddTagsToResource"},
    {"rds:CreateDBInstance", "", "rds:AddTagsToResource"},
    {"rds:CreateDBInstanceReadReplica", "", "rds:AddTagsToResource"},
    {"rds:CreateDBSnapshot", "Tags", "rds:AddTagsToResource"},
    {"rds:DeleteDBCluster", "FinalDBSnapshotIdentifier", "rds:CreateDBClusterSnapshot"},
    {"rds:DeleteDBInstance", "FinalDBSnapshotIdentifier", "rds:CreateDBSnapshot"},
    {"rds:RestoreDBClusterFromSnapshot", "", "rds:AddTagsToResource"},
    {"rds:RestoreDBInstanceFromDBSnapshot", "", "rds:AddTagsToResource"},
    {"rds:SwitchoverBlueGreenDeployment", "", "rds:ModifyDBCluster"},
    {"rds:SwitchoverBlueGreenDeployment", "", "rds:ModifyDBInstance"},
    {"rds:SwitchoverBlueGreenDeployment", "", "rds:PromoteReadReplica"},
    {"secretsmanager:CreateSecret", "Tags", "secretsmanager:TagResource"},
};

// The prefix of the ARNs of a service in the call's account and region.
std::string ArnPrefix(const NeededCall& call, std::string_view partition, std::string_view service) {
  const bool global = service == "iam" || service == "s3";
  return fmt::format("arn:{}:{}:{}:{}:", partition, service,
                     global                ? ""
                     : call.region.empty() ? "*"
                                           : call.region,
                     service == "s3"        ? ""
                     : call.account.empty() ? "*"
                                            : call.account);
}

std::set<std::string> ResourcesOf(const NeededCall& call, std::string_view partition) {
  std::set<std::string> resources;
  const std::string account = call.account.empty() ? "*" : call.account;
  const std::string region = call.region.empty() ? "*" : call.region;
  for (auto member = call.parameters.begin(); member != call.parameters.end(); ++member) {
    if (!member->isString() || member->asString().empty()) continue;
    const std::string text = member->asString();
    // What is attached to a role, or deployed to a service, is no object of the call.
    if (std::string_view(member.name()) == "PolicyArn" || std::string_view(member.name()) == "taskDefinition") continue;
    if (text.starts_with("arn:")) {
      // Roles are passed, keys are used through services: both have statements of their own.
      const bool own = text.find(fmt::format(":{}:", call.service)) != std::string::npos;
      if (own) resources.insert(text);
      continue;
    }
    for (const Named& named : kNamed) {
      if (named.service != call.service || named.member != member.name()) continue;
      std::string resource(named.resource);
      resource.replace(resource.find('$') == std::string::npos ? resource.size() : resource.find('$'),
                       resource.find('$') == std::string::npos ? 0 : 1, text);
      resources.insert(fmt::format("arn:{}:{}:{}:{}:{}", partition, named.arn_service, region, account, resource));
    }
    if (call.service == "s3" && std::string_view(member.name()) == "Bucket") {
      resources.insert(fmt::format("arn:{}:s3:::{}", partition, text));
    }
    if (call.service == "iam" && std::string_view(member.name()) == "RoleName") {
      resources.insert(fmt::format("arn:{}:iam::{}:role/{}", partition, account, text));
    }
    if (call.service == "ecs" && std::string_view(member.name()) == "service") {
      const std::string cluster = call.parameters["cluster"].isString() ? call.parameters["cluster"].asString() : "*";
      resources.insert(fmt::format("arn:{}:ecs:{}:{}:service/{}/{}", partition, region, account,
                                   cluster.substr(cluster.rfind('/') + 1), text));
    }
  }
  return resources;
}

void CollectArns(const JsonValue& value, std::string_view part, std::set<std::string>* arns) {
  if (value.isObject() || value.isArray()) {
    for (const JsonValue& each : value) CollectArns(each, part, arns);
  } else if (value.isString() && value.asString().starts_with("arn:") &&
             value.asString().find(part) != std::string::npos) {
    arns->insert(value.asString());
  }
}

// Keys that calls of other services name: those services use them for the caller, and the caller must be allowed to let
// them. Source: RDS and Secrets Manager user guides, "AWS KMS key management".
void AddKeyUse(const std::map<std::string, std::set<std::string>>& keys, JsonValue* statements) {
  std::size_t number = 0;
  for (const auto& [via, arns] : keys) {
    JsonValue use = Statement(fmt::format("UseKeysThrough{}", ++number),
                              {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
                               "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
                              arns);
    use["Condition"]["StringEquals"]["kms:ViaService"] = via;
    statements->append(use);
    JsonValue grant = Statement(fmt::format("GrantKeysThrough{}", number), {"kms:CreateGrant"}, arns);
    grant["Condition"]["StringEquals"]["kms:ViaService"] = via;
    grant["Condition"]["Bool"]["kms:GrantIsForAWSResource"] = "true";
    statements->append(grant);
  }
}

}  // namespace

JsonValue PolicyForVerify(std::span<const std::string_view> types, std::span<const std::string> regions) {
  std::set<std::string> actions = {"kms:DescribeKey", "sts:GetCallerIdentity"};
  const auto add = [&](std::string_view service, std::string_view operation) {
    actions.insert(ActionOf(service, operation));
  };
  for (const ObservedType* type : ObservedTypes()) {
    if (!Wanted(types, type->type)) continue;
    for (const Read& read : type->reads) add(read.service, read.operation);
    if (!type->listing.service.empty()) add(type->listing.service, type->listing.operation);
  }
  if (actions.contains("rds:DescribeDBClusters") || actions.contains("rds:DescribeDBInstances")) {
    add("rds", "DescribeDBInstanceAutomatedBackups");
    add("rds", "DescribeDBClusterAutomatedBackups");
  }
  JsonValue statements(Json::arrayValue);
  std::set<std::string> global;
  for (auto action = actions.begin(); action != actions.end();) {
    const bool everywhere =
        action->starts_with("iam:") || action->starts_with("sts:") || *action == "s3:ListAllMyBuckets";
    if (everywhere) global.insert(*action);
    action = everywhere ? actions.erase(action) : std::next(action);
  }
  if (!global.empty()) statements.append(Statement("ReadGlobalServices", global, {"*"}));
  if (!actions.empty()) {
    JsonValue reads = Statement("ReadSettings", actions, {"*"});
    if (!regions.empty()) {
      for (const std::string& region : regions)
        reads["Condition"]["StringEquals"]["aws:RequestedRegion"].append(region);
    }
    statements.append(reads);
  }
  return Policy(std::move(statements));
}

JsonValue PolicyForCalls(std::span<const NeededCall> calls, std::string_view partition) {
  // Actions that may be done to the same resources share a statement.
  std::map<std::string, std::set<std::string>> resources_of;
  std::map<std::string, std::set<std::string>> keys;
  std::set<std::string> roles;
  std::set<std::string> attached;
  for (const NeededCall& call : calls) {
    const std::string action = ActionOf(call.service, call.operation);
    std::set<std::string> resources;
    if (!HasNoResource(action)) resources = ResourcesOf(call, partition);
    if (resources.empty() && HasNoResource(action)) resources.insert("*");
    if (resources.empty()) {
      const std::string prefix = ArnPrefix(call, partition, action.substr(0, action.find(':')));
      resources.insert(prefix + (call.service == "kms" ? "key/*" : "*"));
    }
    if (call.parameters["PolicyArn"].isString()) attached.insert(call.parameters["PolicyArn"].asString());
    if (action == "iam:CreateRole" && call.parameters["RoleName"].isString()) {
      roles.insert(ArnPrefix(call, partition, "iam") + "role/" + call.parameters["RoleName"].asString());
    }
    resources_of[action].insert(resources.begin(), resources.end());
    for (const Dependent& dependent : kDependent) {
      const bool has = dependent.member.empty() || call.parameters.isMember(std::string(dependent.member));
      if (dependent.action != action || !has) continue;
      const std::string service(dependent.needs.substr(0, dependent.needs.find(':')));
      resources_of[std::string(dependent.needs)].insert(ArnPrefix(call, partition, service) + "*");
    }
    // The roles of the definition that is copied are known when it is read.
    if (action == "ecs:RegisterTaskDefinition") roles.insert(ArnPrefix(call, partition, "iam") + "role/*");
    CollectArns(call.parameters, ":role/", &roles);
    if (call.service == "kms") continue;
    std::set<std::string> arns;
    CollectArns(call.parameters, ":key/", &arns);
    // A key that the plan makes has no ARN yet.
    for (const char* name : {"KmsKeyId", "SSEKMSKeyId", "KMSMasterKeyId", "kmsKeyId"}) {
      if (call.parameters[name].isObject()) arns.insert(ArnPrefix(call, partition, "kms") + "key/*");
    }
    if (arns.empty()) continue;
    const std::string via = fmt::format("{}.{}.amazonaws.com", call.service, call.region.empty() ? "*" : call.region);
    keys[via].insert(arns.begin(), arns.end());
  }
  std::map<std::pair<std::set<std::string>, bool>, std::set<std::string>> by_resources;
  for (auto& [action, resources] : resources_of) {
    if (resources.contains("*")) resources = {"*"};
    by_resources[{resources, action.ends_with("RolePolicy") && action.find("tach") != std::string::npos}].insert(
        action);
  }
  JsonValue statements(Json::arrayValue);
  std::size_t number = 0;
  for (const auto& [group, actions] : by_resources) {
    const std::set<std::string>& resources = group.first;
    JsonValue statement = Statement(fmt::format("Actions{}", ++number), actions, resources);
    const bool attaches = actions.contains("iam:AttachRolePolicy") || actions.contains("iam:DetachRolePolicy");
    if (attaches && actions.size() <= 2 && !attached.empty()) {
      statement["Condition"]["ArnEquals"]["iam:PolicyARN"] = Strings(attached);
    }
    statements.append(statement);
  }
  AddKeyUse(keys, &statements);
  if (!roles.empty()) {
    JsonValue pass = Statement("PassRoles", {"iam:PassRole"}, roles);
    pass["Condition"]["StringEquals"]["iam:PassedToService"].append("ecs-tasks.amazonaws.com");
    pass["Condition"]["StringEquals"]["iam:PassedToService"].append("monitoring.rds.amazonaws.com");
    pass["Condition"]["StringEquals"]["iam:PassedToService"].append("rds.amazonaws.com");
    statements.append(pass);
  }
  return Policy(std::move(statements));
}

}  // namespace tfseal::observe
