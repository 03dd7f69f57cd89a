#include "planner/move_steps.h"

#include <algorithm>
#include <map>

#include "planner/existing_world.h"
#include "planner/identifiers.h"
#include "planner/parameters.h"
#include "planner/restore_settings.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

// Target tracking, which is what Aurora readers use; the names are those of the Application Auto Scaling API.
JsonValue ScalingPolicies(const Site& site, std::string_view resource_id) {
  std::map<std::string, JsonValue> by_name;
  for (const ResourceInstance* policy : site.world->Where("aws_appautoscaling_policy", "resource_id", resource_id)) {
    const Value& attributes = policy->after;
    const Value tracking = attributes.At("target_tracking_scaling_policy_configuration[0]");
    JsonValue json =
        Object({{"name", Text(attributes.Get("name").text())}, {"type", Text(attributes.Get("policy_type").text())}});
    if (tracking.is_map()) {
      json["target_tracking"] =
          Object({{"TargetValue", ToJson(tracking.Get("target_value"))},
                  {"ScaleInCooldown", ToJson(tracking.Get("scale_in_cooldown"))},
                  {"ScaleOutCooldown", ToJson(tracking.Get("scale_out_cooldown"))},
                  {"DisableScaleIn", ToJson(tracking.Get("disable_scale_in"))},
                  {"PredefinedMetricSpecification",
                   Object({{"PredefinedMetricType",
                            ToJson(tracking.At("predefined_metric_specification[0].predefined_metric_type"))}})}});
    }
    by_name[json["name"].asString()] = json;
  }
  JsonValue policies(Json::arrayValue);
  for (const auto& [name, policy] : by_name) policies.append(policy);
  return policies;
}

constexpr int kDefaultPort = 5432;  // of a document that does not say

std::vector<std::string> ChecksBefore(const Database& database) {
  std::vector<std::string> checks = {
      "no modification of " + database.target.identifier + " is pending",
      "quotas allow one more database and one more snapshot",
      "the subnet group has free addresses",
      "the caller may call kms:CreateGrant and kms:DescribeKey for the key",
      "deletion protection of the original is on and its backup retention is at least what is required",
      "the engine version is still offered",
      "no rotation of a connected secret is in flight",
  };
  if (const std::string global = database.Text("global_cluster_identifier"); !global.empty()) {
    checks.push_back("the cluster is in no global database but " + global + ", which it leaves");
  }
  return checks;
}

std::vector<std::string> ChecksAfter(const Database& database) {
  std::vector<std::string> checks = {
      "every setting of the manifest, one by one",
      "storage is encrypted under the ARN of the key",
      "login as the application's role",
      "TLS is accepted, and required where it was",
      "an automated backup was made and the earliest restorable time is there",
  };
  const std::string& engine = database.engine;
  if (engine.find("postgres") != std::string::npos) {
    checks.emplace_back("row counts and checksums of every table, values of sequences, extensions");
  } else if (engine.find("mysql") != std::string::npos || engine == "mariadb") {
    checks.emplace_back("row counts and checksums of every table, auto-increment values, events and triggers");
  } else if (database.service == "docdb") {
    checks.emplace_back("document counts and hashes of every collection, indexes");
  } else if (database.service == "neptune") {
    checks.emplace_back("counts of vertices, edges and labels");
  } else {
    checks.emplace_back("row counts and checksums of every table");
  }
  if (database.attributes.Get("iam_database_authentication_enabled").AsBool() == true) {
    checks.emplace_back("login by IAM; policies for rds-db:connect name the new resource id");
  }
  if (HasManagedPassword(database)) {
    checks.emplace_back("the managed master password is in a new secret with a new ARN; its readers use that one");
  }
  return checks;
}

}  // namespace

std::string MoveSteps::Add(const ActionKind& kind, JsonValue payload, const std::vector<std::string>& needs) {
  return AddFor(request_.database.target, kind, std::move(payload), needs);
}

std::string MoveSteps::AddFor(const Target& target, const ActionKind& kind, JsonValue payload,
                              const std::vector<std::string>& needs) {
  return draft_.Add(kind, target, std::move(payload), request_.place, needs, request_.motives);
}

JsonValue MoveSteps::ResourceOf(const std::string& identifier) const {
  return OutputOf(inventory_, "resources." + identifier);
}

// Those that run; one that is stopped already is left alone.
JsonValue MoveSteps::Users() const {
  JsonValue users(Json::arrayValue);
  for (const DatabaseUser& user : request_.database.users) {
    if (user.desired_count == 0) continue;
    users.append(Object({{"cluster", Text(user.cluster)}, {"service", Text(user.service)}}));
  }
  return users;
}

// How many tasks a service ran before it was stopped; where the documents do not say, the inventory does. `user` counts
// as Users() does.
JsonValue MoveSteps::DesiredCount(std::size_t user) const {
  std::size_t at = 0;
  for (const DatabaseUser& other : request_.database.users) {
    if (other.desired_count == 0 || at++ != user) continue;
    if (other.desired_count) return *other.desired_count;
    return OutputOf(inventory_, "services[" + std::to_string(user) + "].desiredCount");
  }
  return {};
}

JsonValue MoveSteps::Quarantine() {
  const Database& database = request_.database;
  Target target;
  target.type = "aws_security_group";
  target.identifier =
      "tfseal-quarantine" + (database.vpc.empty() ? "-" + ShortDigest(database.arn) : "-" + database.vpc);
  target.account = database.target.account;
  target.region = database.target.region;
  std::vector<std::string> needs;
  JsonValue payload(Json::objectValue);
  if (database.vpc.empty()) needs.push_back(inventory_);
  payload["vpc"] = database.vpc.empty() ? OutputOf(inventory_, "vpc") : Text(database.vpc);
  if (database.application != nullptr && !database.application->database_operators.empty()) {
    const JsonValue port = ToJson(database.attributes.Get("port"));
    payload["operators"] = Texts(database.application->database_operators);
    payload["port"] = port.isNumeric() ? port : JsonValue(kDefaultPort);
    // Databases that admit the same operators share a group.
    target.identifier += "-" + ShortDigest(WriteJsonLine(payload));
  }
  payload["name"] = target.identifier;
  group_ = draft_.Add(kCreateQuarantineGroup, target, payload, request_.place, needs, request_.motives);
  return OutputOf(group_, "GroupId");
}

std::string MoveSteps::Prepare(const std::vector<std::string>& new_names,
                               const std::vector<std::string>& new_snapshots) {
  const Database& database = request_.database;
  std::vector<std::string> members;
  for (const ResourceInstance* member : database.members) members.emplace_back(member->after.Get("identifier").text());
  JsonValue inventory = Object({{"service", Text(database.service)}, {"manifest", ManifestOf(database)}});
  if (!members.empty()) inventory["members"] = Texts(members);
  if (const JsonValue users = Users(); !users.empty()) inventory["services"] = users;
  // The manifest is what the copy gets, so it is read when the changes in place are made.
  std::vector<std::string> earlier = request_.in_place;
  earlier.push_back(request_.open_wave);
  inventory_ = Add(kRecordInventory, inventory, earlier);
  std::vector<std::string> needs = request_.key.needs;
  needs.push_back(inventory_);
  needs.insert(needs.end(), request_.in_place.begin(), request_.in_place.end());
  JsonValue preflight = Object({{"service", Text(database.service)},
                                {"key", request_.key.key},
                                {"free_identifiers", Texts(new_names)},
                                {"free_snapshots", Texts(new_snapshots)},
                                {"engine", Text(database.engine)},
                                {"checks", Texts(ChecksBefore(database))}});
  if (const JsonValue days = ToJson(database.attributes.Get("backup_retention_period")); days.isNumeric()) {
    preflight["retention_days"] = days;
  }
  if (const std::string global = database.Text("global_cluster_identifier"); !global.empty()) {
    preflight["global_cluster"] = global;
  }
  if (!database.secrets.empty()) preflight["secrets"] = Texts(database.secrets);
  if (!database.engine_version.empty()) preflight["engine_version"] = database.engine_version;
  return Add(kCheckPreconditions, preflight, needs);
}

std::string MoveSteps::Fence(const std::string& after) {
  const Database& database = request_.database;
  const JsonValue group = Quarantine();
  std::vector<std::string> stopped = {after, group_};
  std::size_t number = 0;
  for (const DatabaseUser& user : database.users) {
    if (user.desired_count == 0) continue;
    Target target = database.target;
    target.address = user.address;
    target.type = "aws_ecs_service";
    target.identifier = user.service;
    JsonValue payload = Object({{"cluster", Text(user.cluster)}, {"service", Text(user.service)}});
    payload["desired_count"] = DesiredCount(number++);
    stopped.push_back(AddFor(target, kStopService, payload, {after, request_.after}));
  }
  const std::string fenced = Add(kFenceDatabase, FencePayload("first"), stopped);
  draft_.Require(fenced, request_.after);
  quiet_ = Proof("first", fenced);
  return quiet_;
}

JsonValue MoveSteps::FencePayload(const char* round) const {
  const Database& database = request_.database;
  JsonValue payload = Object({{"service", Text(database.service)},
                              {"identifier", Text(database.target.identifier)},
                              {"cluster", database.cluster},
                              {"quarantine", OutputOf(group_, "GroupId")},
                              {"security_groups", Texts(database.security_groups)},
                              {"round", Text(round)}});
  std::vector<std::string> members;
  for (const ResourceInstance* member : database.members) members.emplace_back(member->after.Get("identifier").text());
  if (database.cluster && !members.empty()) payload["members"] = Texts(members);
  return payload;
}

std::string MoveSteps::Proof(const char* round, const std::string& fenced, const std::string& copy) {
  const Database& database = request_.database;
  JsonValue payload = Object({{"service", Text(database.service)},
                              {"identifier", Text(database.target.identifier)},
                              {"cluster", database.cluster},
                              {"engine", Text(database.engine)},
                              {"round", Text(round)}});
  NameConnection(payload);
  if (!copy.empty()) {
    payload["silent_since"] = OutputOf(validated_, "next_transaction");
    payload["copy"] = copy;
  }
  return Add(kProveQuiescence, payload, {fenced});
}

// Where the connection of the database is found, as far as tfseal.yaml says.
void MoveSteps::NameConnection(JsonValue& payload) const {
  const Application* application = request_.database.application;
  if (application != nullptr && !application->database_url_env.empty()) {
    payload["url_env"] = application->database_url_env;
  }
}

std::string MoveSteps::PassOnPassword(const std::string& copy, const std::string& after) {
  const Database& database = request_.database;
  if (!HasManagedPassword(database)) return after;
  const std::string old = std::string(database.attributes.At("master_user_secret[0].secret_arn").text());
  const std::string reading = old.empty() ? "the secret of " + database.target.identifier : old;
  const std::string describe = database.cluster ? "describe-db-clusters --db-cluster-identifier "
                                                : "describe-db-instances --db-instance-identifier ";
  std::string services;
  for (const DatabaseUser& user : database.users) services += (services.empty() ? "" : ", ") + user.service;
  return Add(kManual,
             Object({{"recipe", database.cluster ? "R-CLUSTER password" : "R-RDSINST password"},
                     {"reason", Text("RDS keeps the master's password of " + copy +
                                     " in a secret of its own, with another ARN and another password")},
                     {"steps",
                      Texts({"read the new ARN: aws " + database.service + " " + describe + copy +
                                 " --query '*[0].MasterUserSecret.SecretArn'",
                             "let whatever reads " + reading + " read the new one: revisions of the task definitions" +
                                 (services.empty() ? std::string() : " of " + services + " (stopped now)") +
                                 ", functions, proxies, policies that name it",
                             "their roles need secretsmanager:GetSecretValue for it and kms:Decrypt for its key",
                             "nobody reads it, applications have users of their own: nothing is to be done"})}}),
             {after});
}

std::string MoveSteps::FenceAgain(const std::string& copy, const std::string& after) {
  quiet_again_ = Proof("again", Add(kFenceDatabase, FencePayload("again"), {after}), copy);
  return quiet_again_;
}

std::string MoveSteps::Validate(const JsonValue& copy, const std::vector<std::string>& needs, const JsonValue& members,
                                bool online) {
  const Database& database = request_.database;
  JsonValue payload = Object({{"service", Text(database.service)},
                              {"original", Text(database.target.identifier)},
                              {"copy", copy},
                              {"cluster", database.cluster},
                              {"key", request_.key.key},
                              {"engine", Text(database.engine)},
                              {"manifest", OutputOf(inventory_, "manifest")},
                              {"members", members},
                              {"checks", Texts(ChecksAfter(database))}});
  if (online) payload["online"] = true;
  NameConnection(payload);
  validated_ = Add(kValidateCopy, payload, needs);
  return validated_;
}

std::string MoveSteps::Open(const std::vector<std::string>& needs, const JsonValue& resource,
                            const std::string& original) {
  const Database& database = request_.database;
  JsonValue unfence = Object({{"service", Text(database.service)},
                              {"identifier", Text(database.target.identifier)},
                              {"cluster", database.cluster},
                              {"resource", resource},
                              {"key", request_.key.key},
                              {"verified", OutputOf(validated_, "compared_at")},
                              {"silent", OutputOf(quiet_again_, "next_transaction")},
                              {"original", Text(original)},
                              {"quarantine", OutputOf(group_, "GroupId")},
                              {"engine", Text(database.engine)},
                              {"security_groups", Texts(database.security_groups)}});
  NameConnection(unfence);
  const std::string opened = Add(kUnfenceWrites, unfence, needs);
  std::vector<std::string> started = {opened};
  std::size_t number = 0;
  for (const DatabaseUser& user : database.users) {
    if (user.desired_count == 0) continue;
    Target target = database.target;
    target.address = user.address;
    target.type = "aws_ecs_service";
    target.identifier = user.service;
    JsonValue payload = Object({{"cluster", Text(user.cluster)}, {"service", Text(user.service)}});
    payload["desired_count"] = DesiredCount(number++);
    started.push_back(AddFor(target, kStartService, payload, {opened}));
  }
  JsonValue health = Object({{"application", Text(database.target.identifier)}});
  if (const Application* application = database.application; application != nullptr) {
    health["application"] = application->name;
    if (!application->health_url.empty()) {
      health["url"] = application->health_url;
      health["expect"] = application->health_expect;
    }
  }
  if (const JsonValue users = Users(); !users.empty()) health["services"] = users;
  return Add(kCheckHealth, health, started);
}

JsonValue MoveSteps::AttributesAfter() const {
  JsonValue attributes = Object({{"storage_encrypted", true}, {"deletion_protection", true}});
  attributes[request_.database.service == "neptune" ? "kms_key_arn" : "kms_key_id"] = request_.key.key;
  return attributes;
}

void MoveSteps::Prove(const std::string& id) {
  for (const Condition& condition : request_.proves) draft_.AddPostcondition(id, condition);
}

std::vector<std::string> Reattach(MoveSteps& steps, const Site& site, const Database& database,
                                  const std::string& after) {
  std::vector<std::string> ids;
  for (const ResourceInstance* endpoint : database.endpoints) {
    const Value& attributes = endpoint->after;
    JsonValue payload = Object({{"service", Text(database.service)},
                                {"cluster", Text(database.target.identifier)},
                                {"old_cluster", Text(DerivedName(database.target.identifier, "old", 63))},
                                {"endpoint", Text(attributes.Get("cluster_endpoint_identifier").text())},
                                {"endpoint_type", Text(attributes.Get("custom_endpoint_type").empty()
                                                           ? attributes.Get("endpoint_type").text()
                                                           : attributes.Get("custom_endpoint_type").text())}});
    for (const char* members : {"static_members", "excluded_members"}) {
      if (const auto names = TextsOf(attributes.Get(members)); !names.empty()) payload[members] = Texts(names);
    }
    Target target = TargetOf(*endpoint, attributes);
    target.identifier = payload["endpoint"].asString();
    ids.push_back(steps.AddFor(target, kRecreateClusterEndpoint, payload, {after}));
  }
  for (const ResourceInstance* scaling : database.scaling_targets) {
    const Value& attributes = scaling->after;
    Target target = database.target;
    target.address = scaling->address;
    target.type = scaling->type;
    JsonValue payload = Object({{"resource_id", Text(attributes.Get("resource_id").text())},
                                {"dimension", Text(attributes.Get("scalable_dimension").text())},
                                {"min_capacity", ToJson(attributes.Get("min_capacity"))},
                                {"max_capacity", ToJson(attributes.Get("max_capacity"))},
                                {"policies", ScalingPolicies(site, attributes.Get("resource_id").text())}});
    ids.push_back(steps.AddFor(target, kRegisterScaling, payload, {after}));
  }
  for (const ResourceInstance* proxy : database.proxy_targets) {
    const Value& attributes = proxy->after;
    Target target = database.target;
    target.address = proxy->address;
    target.type = proxy->type;
    target.identifier = attributes.Get("db_proxy_name").text();
    ids.push_back(steps.AddFor(target, kRegisterProxyTarget,
                               Object({{"proxy", Text(target.identifier)},
                                       {"target_group", Text(attributes.Get("target_group_name").text())},
                                       {"identifier", Text(database.target.identifier)},
                                       {"old_identifier", Text(DerivedName(database.target.identifier, "old", 63))},
                                       {"cluster", database.cluster}}),
                               {after}));
  }
  return ids;
}

}  // namespace tfseal
