#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/draft.h"

namespace tfseal {

// An ECS service that reads or writes a database.
struct DatabaseUser {
  std::string cluster;               // z360-staging
  std::string service;               // z360-staging-web
  std::optional<int> desired_count;  // unknown if only tfseal.yaml names the service
  std::string address;               // empty if only tfseal.yaml names it
};

struct DatabaseRole {
  std::string arn;
  std::string feature;
};

// A database as the documents show it, with everything around it that a restore does not bring along.
struct Database {
  const terraform::ResourceInstance* instance = nullptr;
  terraform::Value attributes;
  Target target;
  std::string arn;
  std::string service;  // rds, docdb, neptune
  bool cluster = true;
  std::string engine;
  std::string engine_version;
  std::vector<const terraform::ResourceInstance*> members;  // of a cluster, writer first; replicas of an instance
  std::vector<DatabaseUser> users;
  std::vector<std::string> secrets;  // ARNs that hold its connection
  std::vector<DatabaseRole> roles;
  std::vector<const terraform::ResourceInstance*> endpoints;  // custom endpoints
  std::vector<const terraform::ResourceInstance*> proxy_targets;
  std::vector<const terraform::ResourceInstance*> scaling_targets;
  std::vector<std::string> security_groups;
  std::string vpc;
  const Application* application = nullptr;
  std::size_t application_order = 0;

  [[nodiscard]] std::string Text(std::string_view attribute) const {
    return std::string(attributes.Get(attribute).text());
  }
};

// True for the types that are moved by snapshot and restore.
bool IsCluster(std::string_view type);
bool IsDatabaseInstance(std::string_view type);

// Identifier, account and region of a resource, as far as its attributes tell.
Target TargetOf(const terraform::ResourceInstance& instance, const terraform::Value& attributes);
// The same; account and region are those of the whole document where its ARNs name only one and the resource none.
Target TargetOf(const Site& site, const terraform::ResourceInstance& instance);

Database DescribeDatabase(const Site& site, const terraform::ResourceInstance& instance);

// Whether RDS keeps the master's password, in a secret of its own that belongs to this database and to no copy of it.
bool HasManagedPassword(const Database& database);

// The services that run a task definition, by name.
std::vector<DatabaseUser> ServicesRunning(const Site& site, const terraform::Value& definition);

// What the snapshot that a later deletion takes is called: as the configuration has it, or one name for whichever step
// writes it first.
std::string FinalSnapshotName(const terraform::Value& attributes, const std::string& identifier);

// Texts of a list attribute.
std::vector<std::string> TextsOf(const terraform::Value& list);

}  // namespace tfseal
