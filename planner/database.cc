#include "planner/database.h"

#include <algorithm>
#include <set>

#include "planner/identifiers.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

std::string LastStep(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  return std::string(slash == std::string_view::npos ? arn : arn.substr(slash + 1));
}

// Hosts under which clients reach the database.
std::vector<std::string> HostsOf(const Database& database) {
  std::vector<std::string> hosts;
  const auto add = [&hosts](const Value& attributes, std::string_view name) {
    std::string host(attributes.Get(name).text());
    if (const std::size_t colon = host.rfind(':'); colon != std::string::npos) host.resize(colon);
    if (host.size() > 8) hosts.push_back(host);
  };
  for (const std::string_view name : {"endpoint", "reader_endpoint", "address"}) add(database.attributes, name);
  for (const ResourceInstance* member : database.members) add(member->after, "endpoint");
  for (const ResourceInstance* endpoint : database.endpoints) add(endpoint->after, "endpoint");
  return hosts;
}

bool ContainsAny(std::string_view text, const std::vector<std::string>& needles) {
  return std::any_of(needles.begin(), needles.end(), [text](const std::string& needle) {
    return !needle.empty() && text.find(needle) != std::string_view::npos;
  });
}

// The text of a secret is only searched for host names that are known anyway; nothing of it is kept.
std::vector<std::string> SecretsOf(const Site& site, const Database& database, const std::vector<std::string>& hosts) {
  std::set<std::string> secrets;
  for (const ResourceInstance* version : site.world->OfType("aws_secretsmanager_secret_version")) {
    const Value& attributes = site.world->AttributesOf(*version);
    if (ContainsAny(attributes.Get("secret_string").text(), hosts)) {
      secrets.emplace(attributes.Get("secret_id").text());
    }
  }
  for (const Value& managed : database.attributes.Get("master_user_secret").items()) {
    if (const auto arn = managed.Get("secret_arn").text(); !arn.empty()) secrets.emplace(arn);
  }
  if (database.application != nullptr && !database.application->secret.empty()) {
    secrets.insert(database.application->secret);
  }
  return {secrets.begin(), secrets.end()};
}

bool RunsTaskDefinition(const Value& service, const Value& definition) {
  const std::string_view runs = service.Get("task_definition").text();
  if (runs.empty()) return false;
  const std::string_view family = definition.Get("family").text();
  return runs == definition.Get("arn").text() || runs == definition.Get("arn_without_revision").text() ||
         runs == family || runs.starts_with(std::string(family) + ":");
}

DatabaseUser UserOf(const ResourceInstance& service, const Value& attributes) {
  DatabaseUser user;
  user.cluster = LastStep(attributes.Get("cluster").text());
  user.service = attributes.Get("name").text();
  user.address = service.address;
  if (const auto count = attributes.Get("desired_count").AsNumber()) user.desired_count = static_cast<int>(*count);
  return user;
}

std::vector<DatabaseUser> UsersOf(const Site& site, const Database& database, std::vector<std::string> marks) {
  marks.insert(marks.end(), database.secrets.begin(), database.secrets.end());
  std::vector<DatabaseUser> users;
  const auto known = [&users](const DatabaseUser& user) {
    return std::any_of(users.begin(), users.end(), [&user](const DatabaseUser& other) {
      return other.cluster == user.cluster && other.service == user.service;
    });
  };
  std::vector<const ResourceInstance*> definitions;
  for (const ResourceInstance* definition : site.world->OfType("aws_ecs_task_definition")) {
    if (ContainsAny(site.world->AttributesOf(*definition).Get("container_definitions").text(), marks)) {
      definitions.push_back(definition);
    }
  }
  for (const ResourceInstance* service : site.world->OfType("aws_ecs_service")) {
    const Value& attributes = site.world->AttributesOf(*service);
    const DatabaseUser user = UserOf(*service, attributes);
    bool uses = std::any_of(definitions.begin(), definitions.end(), [&](const ResourceInstance* definition) {
      return RunsTaskDefinition(attributes, site.world->AttributesOf(*definition));
    });
    if (const Application* application = database.application; application != nullptr) {
      const auto& names = application->ecs_services;
      uses = uses || (user.cluster == application->ecs_cluster &&
                      std::find(names.begin(), names.end(), user.service) != names.end());
    }
    if (uses && !known(user)) users.push_back(user);
  }
  if (database.application != nullptr) {
    for (const std::string& service : database.application->ecs_services) {
      const DatabaseUser user{database.application->ecs_cluster, service, std::nullopt, ""};
      if (!known(user)) users.push_back(user);
    }
  }
  std::sort(users.begin(), users.end(), [](const DatabaseUser& a, const DatabaseUser& b) {
    return std::tie(a.cluster, a.service) < std::tie(b.cluster, b.service);
  });
  return users;
}

// Whether something may be in the same account and region: identifiers are unique there, and nowhere else.
bool IsIn(const Target& place, const ResourceInstance& other) {
  const ArnParts arn = ParseArn(other.after.Get("arn").text());
  const std::string region = arn.region.empty() ? std::string(other.after.Get("region").text()) : arn.region;
  const auto same = [](const std::string& a, const std::string& b) { return a.empty() || b.empty() || a == b; };
  return same(arn.account, place.account) && same(region, place.region);
}

std::vector<const ResourceInstance*> WhereIn(const Site& site, const Target& place, std::string_view type,
                                             std::string_view attribute, const std::string& value) {
  std::vector<const ResourceInstance*> found;
  for (const ResourceInstance* other : site.world->Where(type, attribute, value)) {
    if (IsIn(place, *other)) found.push_back(other);
  }
  return found;
}

void FindMembers(const Site& site, Database& database) {
  const std::string_view type = database.instance->type;
  const std::string& id = database.target.identifier;
  if (database.cluster) {
    database.members = WhereIn(site, database.target, std::string(type) + "_instance", "cluster_identifier", id);
    std::sort(database.members.begin(), database.members.end(), [](const auto* a, const auto* b) {
      const bool a_writes = a->after.Get("writer").AsBool().value_or(false);
      const bool b_writes = b->after.Get("writer").AsBool().value_or(false);
      return a_writes != b_writes ? a_writes : a->address < b->address;
    });
    return;
  }
  for (const ResourceInstance* other : site.world->OfType("aws_db_instance")) {
    const std::string_view source = other->after.Get("replicate_source_db").text();
    const bool by_name = !source.empty() && source == id && IsIn(database.target, *other);
    if (by_name || (!source.empty() && source == database.arn)) database.members.push_back(other);
  }
  std::sort(database.members.begin(), database.members.end(),
            [](const auto* a, const auto* b) { return a->address < b->address; });
}

void FindRoles(const Site& site, Database& database) {
  const bool cluster = database.cluster;
  const auto associations =
      WhereIn(site, database.target, cluster ? "aws_rds_cluster_role_association" : "aws_db_instance_role_association",
              cluster ? "db_cluster_identifier" : "db_instance_identifier", database.target.identifier);
  std::set<std::string> seen;
  for (const ResourceInstance* association : associations) {
    const std::string arn(association->after.Get("role_arn").text());
    if (seen.insert(arn).second) {
      database.roles.push_back({arn, std::string(association->after.Get("feature_name").text())});
    }
  }
  for (const std::string& arn : TextsOf(database.attributes.Get("iam_roles"))) {
    if (seen.insert(arn).second) database.roles.push_back({arn, ""});
  }
  std::sort(database.roles.begin(), database.roles.end(),
            [](const DatabaseRole& a, const DatabaseRole& b) { return a.arn < b.arn; });
}

void FindSurroundings(const Site& site, Database& database) {
  const std::string& id = database.target.identifier;
  if (database.cluster) {
    const bool neptune = database.service == "neptune";
    database.endpoints =
        WhereIn(site, database.target, neptune ? "aws_neptune_cluster_endpoint" : "aws_rds_cluster_endpoint",
                "cluster_identifier", id);
    database.scaling_targets =
        WhereIn(site, database.target, "aws_appautoscaling_target", "resource_id", "cluster:" + id);
  }
  database.proxy_targets = WhereIn(site, database.target, "aws_db_proxy_target",
                                   database.cluster ? "db_cluster_identifier" : "db_instance_identifier", id);
  for (const auto& group : site.world->Where("aws_db_subnet_group", "name", database.Text("db_subnet_group_name"))) {
    // Another region may have one of the same name.
    if (ParseArn(group->after.Get("arn").text()).region != database.target.region) continue;
    database.vpc = std::string(group->after.Get("vpc_id").text());
  }
  const auto by_address = [](const auto* a, const auto* b) { return a->address < b->address; };
  std::sort(database.endpoints.begin(), database.endpoints.end(), by_address);
  std::sort(database.proxy_targets.begin(), database.proxy_targets.end(), by_address);
  std::sort(database.scaling_targets.begin(), database.scaling_targets.end(), by_address);
}

}  // namespace

bool IsCluster(std::string_view type) {
  return type == "aws_rds_cluster" || type == "aws_docdb_cluster" || type == "aws_neptune_cluster";
}

bool IsDatabaseInstance(std::string_view type) {
  return type == "aws_db_instance";
}

std::vector<std::string> TextsOf(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) {
    if (!item.text().empty()) texts.emplace_back(item.text());
  }
  return texts;
}

Target TargetOf(const ResourceInstance& instance, const Value& attributes) {
  Target target;
  target.address = instance.address;
  target.type = instance.type;
  for (const std::string_view name : {"cluster_identifier", "identifier", "replication_group_id", "bucket", "name",
                                      "domain_name", "cluster_name", "global_cluster_identifier"}) {
    if (const Value value = attributes.Get(name); !value.text().empty()) {
      // A member of a cluster is called by its own name, not by the cluster's.
      if (name == "cluster_identifier" && !attributes.Get("identifier").text().empty()) continue;
      target.identifier = value.text();
      break;
    }
  }
  if (target.identifier.empty()) target.identifier = attributes.Get("id").text();
  if (instance.type == "aws_kms_key") target.identifier = attributes.Get("key_id").text();
  const ArnParts arn = ParseArn(attributes.Get("arn").text());
  target.account = arn.account;
  target.region = arn.region;
  return target;
}

Target TargetOf(const Site& site, const ResourceInstance& instance) {
  Target target = TargetOf(instance, site.world->AttributesOf(instance));
  if (target.region.empty()) target.region = instance.after.Get("region").text();
  if (const std::string_view bucket = instance.after.Get("bucket").text(); target.region.empty() && !bucket.empty()) {
    for (const ResourceInstance* owner : site.world->Where("aws_s3_bucket", "bucket", bucket)) {
      target.region = owner->after.Get("region").text();
    }
  }
  if (!target.region.empty() && !target.account.empty()) return target;
  std::set<std::string> accounts;
  std::set<std::string> regions;
  for (const ResourceInstance& other : site.existing->resources) {
    const ArnParts arn = ParseArn(other.after.Get("arn").text());
    if (!arn.account.empty() && arn.account != "aws") accounts.insert(arn.account);
    if (!arn.region.empty()) regions.insert(arn.region);
  }
  if (target.account.empty() && accounts.size() == 1) target.account = *accounts.begin();
  if (target.region.empty() && regions.size() == 1) target.region = *regions.begin();
  return target;
}

bool HasManagedPassword(const Database& database) {
  return database.attributes.Get("manage_master_user_password").AsBool() == true ||
         !database.attributes.Get("master_user_secret").items().empty();
}

std::vector<DatabaseUser> ServicesRunning(const Site& site, const Value& definition) {
  std::vector<DatabaseUser> services;
  for (const ResourceInstance* service : site.world->OfType("aws_ecs_service")) {
    const Value& attributes = site.world->AttributesOf(*service);
    if (RunsTaskDefinition(attributes, definition)) services.push_back(UserOf(*service, attributes));
  }
  std::sort(services.begin(), services.end(), [](const DatabaseUser& a, const DatabaseUser& b) {
    return std::tie(a.cluster, a.service) < std::tie(b.cluster, b.service);
  });
  return services;
}

Database DescribeDatabase(const Site& site, const ResourceInstance& instance) {
  Database database;
  database.instance = &instance;
  database.attributes = site.world->AttributesOf(instance);
  database.target = TargetOf(instance, database.attributes);
  database.arn = database.Text("arn");
  database.cluster = IsCluster(instance.type);
  database.service = instance.type == "aws_docdb_cluster"     ? "docdb"
                     : instance.type == "aws_neptune_cluster" ? "neptune"
                                                              : "rds";
  database.engine = database.Text("engine");
  if (database.engine.empty() && database.service != "rds") database.engine = database.service;
  database.engine_version = database.Text("engine_version_actual");
  if (database.engine_version.empty()) database.engine_version = database.Text("engine_version");
  database.security_groups = TextsOf(database.attributes.Get("vpc_security_group_ids"));
  std::sort(database.security_groups.begin(), database.security_groups.end());
  database.application_order = site.policy->applications.size();
  for (std::size_t i = 0; i < site.policy->applications.size(); ++i) {
    const Application& application = site.policy->applications[i];
    if (GlobMatches(application.database_identifier, database.target.identifier)) {
      database.application = &application;
      database.application_order = i;
      break;
    }
  }
  FindMembers(site, database);
  FindRoles(site, database);
  FindSurroundings(site, database);
  const std::vector<std::string> hosts = HostsOf(database);
  database.secrets = SecretsOf(site, database, hosts);
  database.users = UsersOf(site, database, hosts);
  return database;
}

std::string FinalSnapshotName(const terraform::Value& attributes, const std::string& identifier) {
  constexpr std::size_t kSnapshotNameMax = 255;
  if (const terraform::Value& written = attributes.Get("final_snapshot_identifier"); !written.empty()) {
    return std::string(written.text());
  }
  return DerivedName(identifier, "final-" + ShortDigest(attributes.Get("arn").text()), kSnapshotNameMax);
}

}  // namespace tfseal
