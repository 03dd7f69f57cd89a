#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/control.h"
#include "policy/controls/names.h"
#include "policy/judge.h"
#include "policy/world.h"

// What the controls of environments share. They judge only what an environment asks for (environment_settings.h).
namespace tfseal {

inline constexpr std::string_view kOrganisation = "organisation: ";

// A database that people connect to: a cluster, or an instance of its own.
inline constexpr std::string_view kDatabaseTypes[] = {"aws_rds_cluster", "aws_db_instance"};

inline Judgement NotAsked() {
  return NotApplicable("no environment asks for it");
}

// The same judgement as unknown, for a reason of its own. `remedy`, where there is one, says what would let it be told.
Judgement Undecided(std::string message, std::string_view attribute = {}, std::string_view remedy = {});

// Where several things are judged as one: fail before unknown before pass.
Judgement Worst(std::vector<Judgement> judgements);

// Resources that a list of ids, or a single one, leads to.
struct Found {
  std::vector<const terraform::ResourceInstance*> instances;  // by address
  bool complete = true;                                       // false: the list has more than what is in this document
};
Found FollowEach(const World& world, const terraform::ResourceInstance& instance, std::string_view attribute,
                 std::string_view type, std::string_view key = "id");

// The members of an Aurora cluster.
std::vector<const terraform::ResourceInstance*> MembersOf(const Subject& cluster);

// The subnets that a database may be in.
Found SubnetsOf(const Subject& database);

// A member of a cluster, or a stand-by copy, is judged with what it belongs to.
bool IsReplica(const Subject& database);

// The database of this document that a replica copies, if it is a single one and no replica itself; else nullptr.
const terraform::ResourceInstance* SourceOf(const Subject& database);

// An attribute that a replica takes over from its source where its configuration says nothing: engine, engine_version.
terraform::Value OwnOrOfTheSource(const Subject& database, std::string_view attribute);

// Splits at dots and compares number by number: -1, 0, 1. nullopt where that cannot be told: one ends where the other
// goes on ("15" and "15.4"), or the parts are no numbers and differ.
std::optional<int> CompareVersions(std::string_view a, std::string_view b);

}  // namespace tfseal
