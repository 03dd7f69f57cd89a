#include "tests/policy/control_cases.h"

namespace tfseal {

std::vector<ControlCase> DatabaseControlCases() {
  std::vector<ControlCase> all;
  for (const auto& table : {RdsClusterCases(), DbInstanceCases()}) all.insert(all.end(), table.begin(), table.end());
  return all;
}

}  // namespace tfseal
