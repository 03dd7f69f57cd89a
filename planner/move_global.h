#pragma once

#include <string>
#include <vector>

#include "planner/database.h"
#include "planner/draft.h"
#include "planner/key_choice.h"

namespace tfseal {

// A secondary of a global database that is built anew.
struct GlobalSecondary {
  Database database;
  KeyChoice key;  // of its region
  std::vector<Motive> motives;
  std::vector<Condition> proves;
  std::vector<std::string> in_place;  // ids of changes in place, which come first
};

// An Aurora global database whose primary is moved (R-GLOBAL): the members leave it, a new one is made from the
// encrypted primary, and every region gets a new secondary. Nothing of the old ones is deleted.
struct GlobalDatabase {
  Target target;           // of the aws_rds_global_cluster
  std::string identifier;  // of the old one
  std::string new_identifier;
  std::vector<Condition> proves;
  std::vector<GlobalSecondary> secondaries;
  bool names_source = false;  // the configuration has source_db_cluster_identifier
};

// The address of the global database that a cluster belongs to and how its members are told: which one writes.
struct GlobalMembership {
  const terraform::ResourceInstance* global = nullptr;
  const terraform::ResourceInstance* writer = nullptr;
  std::vector<const terraform::ResourceInstance*> secondaries;
  std::string problem;  // why it cannot be planned; empty if it can
};
GlobalMembership GlobalMembershipOf(const Site& site, const terraform::ResourceInstance& cluster);

// The ARN of the cluster that writes; empty if the document does not say.
std::string WriterOf(const terraform::Value& global);

// Between the comparison of the copy (`compared` is when) and the swap of the names: nothing is left of the old global
// database but its name. Returns the id that the swap waits for.
std::string LeaveGlobal(Draft& draft, const Database& database, const GlobalDatabase& global, const Place& place,
                        const std::string& open_wave, const std::vector<Motive>& motives, const JsonValue& compared,
                        const std::string& after);

// Once the new primary serves. Returns the ids that its repair of Terraform waits for.
std::vector<std::string> RebuildGlobal(Draft& draft, const Database& database, const GlobalDatabase& global,
                                       const Place& place, const std::string& open_wave,
                                       const std::vector<Motive>& motives, const std::string& after);

}  // namespace tfseal
