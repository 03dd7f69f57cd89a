#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace tfseal {

// RFC 3339 in UTC with milliseconds: "2026-12-31T23:59:59.000Z".
std::string FormatTime(TimePoint time);
// What FormatTime writes, and the same without a fraction or with one of up to nine digits.
std::optional<TimePoint> ParseTime(std::string_view text);

// For people: "45 s", "12 min", "23 h", "3 days"; one unit, rounded down, never below "1 s".
std::string DurationWords(std::chrono::milliseconds duration);

}  // namespace tfseal
