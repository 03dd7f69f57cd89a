#pragma once

#include <string>
#include <vector>

#include "planner/database.h"
#include "planner/draft.h"
#include "planner/key_choice.h"
#include "planner/move_global.h"

namespace tfseal {

// A database that has to be written anew to be encrypted, or to be under another key.
struct MoveRequest {
  const Site& site;
  Database database;
  KeyChoice key;
  Place place;
  std::vector<Motive> motives;
  std::vector<Condition> proves;      // controls that must pass afterwards
  std::string open_wave;              // id
  std::string after;                  // id of the last step of the database before, so that one moves at a time
  std::vector<std::string> in_place;  // ids of changes in place, which come first
  JsonValue in_place_attributes{Json::objectValue};
  const GlobalDatabase* global = nullptr;  // whose primary it is
};

// What is left of a move, to be cleaned up when every environment is validated.
struct Moved {
  Target target;
  std::string service;
  bool cluster = true;
  std::string old_identifier;
  std::vector<std::string> old_members;  // instances of the old cluster, or old replicas
  std::string incarnation;               // IncarnationOf the original
  std::string validated;                 // id of the comparison
  std::string done;                      // id of the last step before the soak
  Place place;
  std::vector<Motive> motives;
  std::string group;                 // id of the quarantine group; empty if nothing was fenced
  std::string inventory;             // id of the action that recorded the original
  std::vector<std::string> members;  // what the old members were called when they were recorded
};

// What names that are used once are made of: the ARN and the resource id, which changes with every move.
std::string IncarnationOf(const Database& database);

// Fence, snapshot, restore under the key, compare, swap the names, open (domain: clusters encrypt in the restore,
// instances in the copy of the snapshot). Nothing of the old database is deleted here.
Moved MoveCluster(Draft& draft, MoveRequest request);
Moved MoveInstance(Draft& draft, MoveRequest request);
// The same through AWS's blue/green deployment.
Moved MoveByBlueGreen(Draft& draft, MoveRequest request);

// The last wave: the old database goes, its final snapshot and automated backups stay.
void Retire(Draft& draft, const Moved& moved, const Place& place, const std::string& open_cleanup);

}  // namespace tfseal
