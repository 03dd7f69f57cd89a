#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRegisterTaskDefinitionFields[] = {
    {"family", FieldType::kText, true, "task definition family"},
    {"mode", FieldType::kText, true, "dual: the variable stays as a fallback; final: it goes"},
    {"container", FieldType::kText, true, "container"},
    {"references", FieldType::kObject, true, "variable name -> ARN of the secret"},
    {"keep", FieldType::kTexts, true, "variables that stay in clear in this revision"},
    {"remove", FieldType::kTexts, true, "variables that are no longer in clear in this revision"},
    {"environment", FieldType::kObject, false,
     "variables that are added: the name of the secret, for applications that fetch it"},
    {"execution_role", FieldType::kText, false, "execution role to be set where the revision has none"},
};

void DeriveRegisterTaskDefinition(Action& action) {
  const bool final_mode = TextField(action, "mode") == "final";
  action.summary = std::string("register a revision of ") + TextField(action, "family") +
                   (final_mode ? " without the values" : " that can read the secret and still has the values");
  action.calls.push_back(Read("ecs", "DescribeTaskDefinition", Object({{"taskDefinition", Field(action, "family")}})));
  action.calls.push_back(
      Change("ecs", "RegisterTaskDefinition",
             Object({{"family", Field(action, "family")},
                     {"executionRoleArn", Field(action, "execution_role")},
                     {"containerDefinitions",
                      Object({{"as_before_except", Object({{"container", Field(action, "container")},
                                                           {"secrets", Field(action, "references")},
                                                           {"environment", Field(action, "environment")},
                                                           {"keep_environment", Field(action, "keep")},
                                                           {"remove_environment", Field(action, "remove")}})}})}})));
  action.rollback.text = "the previous revision is still registered; this one harms nobody and stays";
  action.risk = Risk::kLow;
  if (final_mode) {
    action.preconditions.push_back(Check("watched", "no fallback to the variable was seen during the watch"));
    JsonValue attributes(Json::objectValue);
    attributes["container"] = Field(action, "container");
    attributes["references"] = Field(action, "references");
    attributes["remove"] = Field(action, "remove");
    action.effects.push_back(
        {Effect::What::kMoveContainerVariables, action.target.address, action.target.type, attributes});
  }
}

}  // namespace

const ActionKind kRegisterTaskDefinition = {
    .name = "register_task_definition",
    .phase = "reconcile",
    .does = "registers a revision whose containers read secrets by reference",
    .fields = kRegisterTaskDefinitionFields,
    .derive = DeriveRegisterTaskDefinition,
};

}  // namespace tfseal
