#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/action_plan.h"
#include "planner/database.h"

namespace tfseal {

inline constexpr std::string_view kStrategies[] = {"snapshot", "blue-green", "logical-replication", "dms"};

// Every way to move the database, with the reasons for and against. Exactly one is chosen: the requested one, or the
// fenced snapshot. `requested` may be empty; if it is refused, nothing is chosen.
std::vector<ConsideredStrategy> ConsiderStrategies(const Database& database, std::string_view requested);

// What users notice and what is not known about it.
std::string DowntimeOf(const Database& database, std::string_view strategy);

}  // namespace tfseal
