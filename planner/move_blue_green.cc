#include <algorithm>

#include "planner/identifiers.h"
#include "planner/move_database.h"
#include "planner/move_steps.h"
#include "planner/parameters.h"
#include "planner/terraform_repair.h"

namespace tfseal {

Moved MoveByBlueGreen(Draft& draft, MoveRequest request) {
  MoveSteps steps(draft, request);
  const Database& database = request.database;
  const std::string& name = database.target.identifier;
  const std::string deployment = DerivedName(name, "encrypted", 60);
  const std::string ready = steps.Prepare({name + "-old1"}, {});
  const std::string created = steps.Add(
      kCreateBlueGreen,
      Object({{"deployment", Text(deployment)}, {"source_arn", Text(database.arn)}, {"key", request.key.key}}),
      {ready, request.after});
  Moved moved;
  moved.target = database.target;
  moved.service = database.service;
  moved.cluster = database.cluster;
  moved.old_identifier = name + "-old1";
  for (const terraform::ResourceInstance* member : database.members) {
    moved.members.emplace_back(member->after.Get("identifier").text());
    moved.old_members.push_back(std::string(member->after.Get("identifier").text()) + "-old1");
  }
  moved.incarnation = IncarnationOf(database);
  moved.place = request.place;
  moved.motives = request.motives;
  moved.inventory = steps.inventory();
  moved.validated = steps.Validate(OutputOf(created, "green"), {created}, {}, true);
  JsonValue members(Json::objectValue);
  for (const terraform::ResourceInstance* member : database.members) {
    members[std::string(member->address)] = Object({{"storage_encrypted", true}, {"kms_key_id", request.key.key}});
  }
  const std::string switched =
      steps.Add(kSwitchBlueGreen,
                Object({{"members", members},
                        {"deployment", Text(deployment)},
                        {"deployment_id", OutputOf(created, "BlueGreenDeployment.BlueGreenDeploymentIdentifier")},
                        {"attributes", steps.AttributesAfter()}}),
                {moved.validated});
  steps.Prove(switched);
  JsonValue health = Object({{"application", Text(name)}});
  if (database.application != nullptr && !database.application->health_url.empty()) {
    health["url"] = database.application->health_url;
    health["expect"] = database.application->health_expect;
  }
  const std::string healthy = steps.Add(kCheckHealth, health, {switched});
  RepairRequest repair;
  repair.recipe = database.cluster ? RepairRecipe::kRenameSwap : RepairRecipe::kStateSurgery;
  repair.address = database.target.address;
  repair.type = database.target.type;
  repair.identifier = name;
  repair.set = steps.AttributesAfter();
  for (const std::string& argument : request.in_place_attributes.getMemberNames()) {
    if (!repair.set.isMember(argument)) repair.set[argument] = request.in_place_attributes[argument];
  }
  repair.set["skip_final_snapshot"] = false;
  repair.set["final_snapshot_identifier"] = FinalSnapshotName(database.attributes, name);
  repair.set["delete_automated_backups"] = false;
  const auto repaired = RepairTerraform(repair);
  TFSEAL_CHECK(repaired.ok());
  moved.done = steps.Add(kReconcileTerraform,
                         Object({{"recipe", Text(Name(repair.recipe))},
                                 {"set", repair.set},
                                 {"hcl", Text(repaired->hcl)},
                                 {"commands", Texts(repaired->commands)},
                                 {"expected_drift", Texts(repaired->expected_drift)},
                                 {"expected_changes", Texts(repaired->expected_changes)}}),
                         {healthy});
  return moved;
}

}  // namespace tfseal
