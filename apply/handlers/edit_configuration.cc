#include "apply/handlers/list.h"
#include "apply/handlers/terraform.h"

namespace tfseal {

// Arguments that only Terraform knows: whether they are written is asked of a Terraform plan, as for a moved database.
const Handler kEditConfigurationHandler = {.kind = "edit_configuration", .probe = ProbeTerraformAgrees};

}  // namespace tfseal
