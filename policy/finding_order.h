#pragma once

#include <vector>

#include "policy/finding.h"

namespace tfseal {

// The order of a report: what decides first, then by address. Each finding is moved once, and none is copied: a plan
// can have a hundred thousand.
void SortFindings(std::vector<Finding>& findings);

}  // namespace tfseal
