#pragma once

#include <string>

#include "apply/status.h"

namespace tfseal::cli {

// A screen for the person on call: the state first, then each database, what runs, waits and failed, and what to do.
std::string StatusText(const RunOverview& status, TimePoint now, bool color, bool verbose);

// "2026-11-24T10:00:00.000Z, in 23 h"
std::string WhenWords(TimePoint time, TimePoint now);

}  // namespace tfseal::cli
