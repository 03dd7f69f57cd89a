#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apply/handler.h"
#include "core/time_text.h"

// What services count of themselves, in Amazon CloudWatch.
namespace tfseal {

struct Metric {
  std::string space;  // AWS/ElastiCache
  std::string name;
  std::vector<std::pair<std::string, std::string>> dimensions;
};

// The sum of each minute that began at `since` or later, oldest first. A minute that CloudWatch has nothing of is not
// in the list.
Result<std::vector<double>> CountedByMinute(const Metric& metric, TimePoint since, const Action& action,
                                            RunContext& context);

}  // namespace tfseal
