#include "core/time_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace tfseal {
namespace {

// Exactly `digits` decimal digits at the front, which are removed; -1 if they are not there.
int TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Milliseconds of ".123"; -1 if it is not a fraction.
int TakeFraction(std::string_view& text) {
  if (!Take(text, '.')) return 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 9) return -1;
  int milliseconds = 0;
  for (std::size_t i = 0; i < 3; ++i) milliseconds = milliseconds * 10 + (i < digits ? text[i] - '0' : 0);
  text.remove_prefix(digits);
  return milliseconds;
}

}  // namespace

std::string FormatTime(TimePoint time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = (time - second).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)), rest);
}

std::optional<TimePoint> ParseTime(std::string_view text) {
  const int year = TakeNumber(text, 4);
  if (year < 0 || !Take(text, '-')) return std::nullopt;
  const int month = TakeNumber(text, 2);
  if (month < 0 || !Take(text, '-')) return std::nullopt;
  const int day = TakeNumber(text, 2);
  if (day < 0 || !Take(text, 'T')) return std::nullopt;
  const int hour = TakeNumber(text, 2);
  if (hour < 0 || hour > 23 || !Take(text, ':')) return std::nullopt;
  const int minute = TakeNumber(text, 2);
  if (minute < 0 || minute > 59 || !Take(text, ':')) return std::nullopt;
  const int second = TakeNumber(text, 2);
  if (second < 0 || second > 60) return std::nullopt;
  const int milliseconds = TakeFraction(text);
  if (milliseconds < 0 || text != "Z") return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return TimePoint{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                   std::chrono::seconds{second} + std::chrono::milliseconds{milliseconds}};
}

std::string DurationWords(std::chrono::milliseconds duration) {
  const long long seconds = std::max<long long>(1, std::chrono::floor<std::chrono::seconds>(duration).count());
  constexpr long long kMinute = 60;
  constexpr long long kHour = 60 * kMinute;
  constexpr long long kDay = 24 * kHour;
  if (seconds < 2 * kMinute) return fmt::format("{} s", seconds);
  if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
  if (seconds < 3 * kDay) return fmt::format("{} h", seconds / kHour);
  return fmt::format("{} days", seconds / kDay);
}

}  // namespace tfseal
