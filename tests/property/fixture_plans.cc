#include "tests/property/fixture_plans.h"

#include <utility>
#include <variant>

#include "core/check.h"
#include "tests/support/scenarios.h"

namespace tfseal::testing {

const std::vector<FixturePlan>& FixturePlans() {
  static const auto& plans = *new std::vector<FixturePlan>([] {
    std::vector<FixturePlan> found;
    for (const Scenario& scenario : Scenarios()) {
      if (scenario.verdict == "unusable") continue;
      auto policy = ReadPolicyFile(FileContent(scenario.config), scenario.config);
      TFSEAL_CHECK(std::holds_alternative<PolicyFile>(policy));
      found.push_back(
          {scenario.name, FileContent(scenario.path), std::get<PolicyFile>(std::move(policy)), scenario.verdict});
    }
    TFSEAL_CHECK(found.size() >= 70);
    return found;
  }());
  return plans;
}

}  // namespace tfseal::testing
