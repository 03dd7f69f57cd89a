#pragma once

#include <string>
#include <vector>

#include "policy/gate.h"
#include "policy/policy_file.h"

// The captured plans, ready to be changed and judged in memory.
namespace tfseal::testing {

struct FixturePlan {
  std::string name;
  std::string bytes;
  PolicyFile policy;
  std::string verdict;  // of the intact plan, by truth.json
};

// Every plan that can be judged: not the states, not the errored plans.
const std::vector<FixturePlan>& FixturePlans();

// 2026-01-01T00:00:00Z: before any waiver of the fixtures expires.
inline constexpr UnixSeconds kFixtureNow = 1767225600;

}  // namespace tfseal::testing
