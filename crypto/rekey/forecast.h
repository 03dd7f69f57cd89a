#pragma once

#include "crypto/rekey/plan.h"

namespace tfseal::rekey {

// What the tables' numbers come to: calls, WAL, bloat, and how long it takes at each limit. Pure arithmetic;
// docs/rekey.md has the measurements that its constants come from.
void MakeForecast(const Mapping& mapping, const PlanOptions& options, Forecast& forecast);

}  // namespace tfseal::rekey
