#pragma once

#include <string>

#include "core/json.h"

namespace tfseal::cli {

// How live AWS is observed: by resource type the reads with their IAM actions, the attributes they tell, and what
// exists in Terraform only; for types that are not observed, why. For `controls --live`.
JsonValue LiveCoverageJson();
std::string LiveCoverageText(bool color, bool verbose);

}  // namespace tfseal::cli
