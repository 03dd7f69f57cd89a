#include "tests/policy/case_shapes.h"
#include "tests/policy/control_cases.h"

namespace tfseal {

std::vector<ControlCase> DatabaseControlCases() {
  return Together({RdsClusterCases(), DbInstanceCases(), RdsSurroundingsCases(), DocdbAndNeptuneCases(),
                   RedshiftCases(), CacheCases(), DynamoDbCases(), SearchCases(), OtherDatabaseCases()});
}

}  // namespace tfseal
