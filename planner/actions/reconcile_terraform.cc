#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kReconcileTerraformFields[] = {
    {"recipe", FieldType::kText, true,
     "T1 rename swap, T2 new address, T3 state surgery, T4 two merges, settings: arguments only"},
    {"set", FieldType::kObject, true, "arguments, as Terraform names them"},
    {"remove", FieldType::kTexts, false, "arguments to take out"},
    {"hcl", FieldType::kText, true, "what to write"},
    {"commands", FieldType::kTexts, true, "what to run, in order"},
    {"names", FieldType::kObject, false,
     "words of hcl and commands that stand for what is only known once it was made"},
    {"identity", FieldType::kObject, false, "attributes that tell the new object from the one that is kept"},
    {"expected_drift", FieldType::kTexts, true, "what resource_drift may show"},
    {"expected_changes", FieldType::kTexts, true, "arguments that the first plan after an import may still update"},
};

void DeriveReconcileTerraform(Action& action) {
  action.summary = "bring Terraform in line with " + action.target.identifier;
  action.preconditions.push_back(Check("terraform_locked",
                                       "no other Terraform run happens from the cut-over until this is done; the old "
                                       "configuration would plan to destroy the new database"));
  action.postconditions.push_back(
      Check("plan_is_empty",
            "terraform plan -detailed-exitcode returns 0, with no delete, no forget and only the expected drift"));
  action.rollback.text = "revert the commit";
  action.risk = Risk::kMedium;
  action.downtime.basis = "configuration and state only";
  SetsAttributes(action, action.payload["set"]);
}

}  // namespace

const ActionKind kReconcileTerraform = {
    .name = "reconcile_terraform",
    .phase = "reconcile",
    .does = "brings configuration and state of Terraform in line with AWS; the next plan must have no changes",
    .fields = kReconcileTerraformFields,
    .derive = DeriveReconcileTerraform,
};

}  // namespace tfseal
