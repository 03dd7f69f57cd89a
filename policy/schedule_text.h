#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The spellings of time in tfseal.yaml and on the command line.
namespace tfseal {

// "48h", "2d", "30m", "90s", "1w", or several of them ("1d12h"). nullopt if it is anything else or longer than a year.
std::optional<std::chrono::seconds> ParseDuration(std::string_view text);

// "2026-12-31" -> the first second of that day, UTC, since the epoch. nullopt for days that no calendar has.
std::optional<std::int64_t> ParseDate(std::string_view text);

// RFC 3339: "2026-12-31T23:59:59Z", "...+02:00"; fractions of a second are dropped.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);
// "2026-12-31T23:59:59Z"
std::string FormatTimestamp(std::int64_t unix_seconds);

// "03:00-04:00", UTC, at least 30 minutes as RDS demands; minutes of the day, the second may be smaller (midnight).
struct DayWindow {
  int first_minute = 0;
  int last_minute = 0;
  bool operator==(const DayWindow&) const = default;
};
std::optional<DayWindow> ParseDayWindow(std::string_view text);

// "sun:04:00-sun:05:00", UTC; minutes of the week from Sunday 00:00, the second may be smaller (Saturday night).
struct WeekWindow {
  int first_minute = 0;
  int last_minute = 0;
  bool operator==(const WeekWindow&) const = default;
};
std::optional<WeekWindow> ParseWeekWindow(std::string_view text);

}  // namespace tfseal
