#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kDeregisterTaskDefinitionsFields[] = {
    {"family", FieldType::kText, true, "task definition family"},
    {"keep", FieldType::kValue, true, "the revision that stays"},
    {"exposed", FieldType::kObject, true, "container -> variables whose value the revisions show"},
};

void DeriveDeregisterTaskDefinitions(Action& action) {
  const JsonValue revisions = Object({{"each_revision_of", Field(action, "family")},
                                      {"that_shows", Field(action, "exposed")},
                                      {"except", Field(action, "keep")}});
  action.summary = "delete old revisions of " + TextField(action, "family");
  action.calls.push_back(Read("ecs", "ListTaskDefinitions", Object({{"familyPrefix", Field(action, "family")}})));
  action.calls.push_back(Change("ecs", "DeregisterTaskDefinition", Object({{"taskDefinition", revisions}})));
  action.calls.push_back(Change("ecs", "DeleteTaskDefinitions", Object({{"taskDefinitions", revisions}})));
  action.preconditions.push_back(Check("revision_unused", "no service, schedule or running task uses the revision"));
  action.postconditions.push_back(Check("nothing_shows_it", "no revision of the family shows the value any more"));
  action.rollback.possible = false;
  action.rollback.text = "a deleted revision cannot be had back; the sealed copy keeps the value";
  action.risk = Risk::kLow;
  action.approvals = 1;
}

}  // namespace

const ActionKind kDeregisterTaskDefinitions = {
    .name = "deregister_task_definitions",
    .phase = "retire",
    .does = "deletes old revisions that still show the value",
    .fields = kDeregisterTaskDefinitionsFields,
    .derive = DeriveDeregisterTaskDefinitions,
};

}  // namespace tfseal
