#include "tests/policy/control_cases.h"

namespace tfseal {

std::vector<ControlCase> StoreControlCases() {
  std::vector<ControlCase> all;
  for (const auto& table : {KeyAndSecretCases(), RotationDueCases(), BucketCases(), MessagingCases(), PlaintextCases(),
                            VolumeCases(), BackupAndServiceCases()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace tfseal
