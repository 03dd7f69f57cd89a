#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kEditConfigurationFields[] = {
    {"set", FieldType::kObject, true, "arguments, as Terraform names them"},
    {"remove", FieldType::kTexts, false, "arguments to take out"},
    {"hcl", FieldType::kText, true, "the lines to write"},
    {"commands", FieldType::kTexts, false, "what to run, in order"},
    {"why", FieldType::kText, true, "why this is done in Terraform"},
};

void DeriveEditConfiguration(Action& action) {
  action.summary = "set " + NamesOf(action.payload["set"]) + " of " + action.target.address + " in the configuration";
  action.postconditions.push_back(Check("plan_shows", "the next terraform plan shows the new arguments and no delete"));
  action.rollback.text = "revert the commit";
  action.risk = Risk::kLow;
  action.downtime.basis = "arguments of Terraform only";
  SetsAttributes(action, action.payload["set"]);
}

}  // namespace

const ActionKind kEditConfiguration = {
    .name = "edit_configuration",
    .phase = "prepare",
    .does =
        "changes arguments in the Terraform configuration; AWS has no setting for them or does not have the object yet",
    .fields = kEditConfigurationFields,
    .derive = DeriveEditConfiguration,
};

}  // namespace tfseal
