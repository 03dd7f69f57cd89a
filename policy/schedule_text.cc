#include "policy/schedule_text.h"

#include <fmt/format.h>

#include <cctype>

namespace tfseal {
namespace {

// Exactly `digits` decimal digits from the front of `text`, which is shortened by them.
std::optional<int> TakeDigits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool Take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !Take(text, '-')) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !Take(text, '-')) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86'400;
}

// "04:30" -> 270
std::optional<int> TakeClock(std::string_view& text) {
  const auto hours = TakeDigits(text, 2);
  if (!hours || *hours > 23 || !Take(text, ':')) return std::nullopt;
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return *hours * 60 + *minutes;
}

std::optional<int> TakeWeekClock(std::string_view& text) {
  constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  for (int day = 0; day < 7; ++day) {
    if (!text.starts_with(kDays[day])) continue;
    text.remove_prefix(3);
    if (!Take(text, ':')) return std::nullopt;
    const auto clock = TakeClock(text);
    if (!clock) return std::nullopt;
    return day * 24 * 60 + *clock;
  }
  return std::nullopt;
}

constexpr int kWindowMinutesMin = 30;

}  // namespace

std::optional<std::chrono::seconds> ParseDuration(std::string_view text) {
  constexpr std::int64_t kSecondsMax = 366LL * 86'400;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits == 0 || digits > 8 || digits == text.size()) return std::nullopt;
    const std::int64_t number = *TakeDigits(text, digits);
    std::int64_t unit = 0;
    switch (text.front()) {
      case 's':
        unit = 1;
        break;
      case 'm':
        unit = 60;
        break;
      case 'h':
        unit = 3'600;
        break;
      case 'd':
        unit = 86'400;
        break;
      case 'w':
        unit = 7 * 86'400;
        break;
      default:
        return std::nullopt;
    }
    text.remove_prefix(1);
    total += number * unit;
    if (total > kSecondsMax) return std::nullopt;
  }
  return std::chrono::seconds(total);
}

std::optional<std::int64_t> ParseDate(std::string_view text) {
  const auto date = TakeDate(text);
  return text.empty() ? date : std::nullopt;
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  const auto date = TakeDate(text);
  if (!date || text.empty() || (text.front() != 'T' && text.front() != 't' && text.front() != ' ')) return std::nullopt;
  text.remove_prefix(1);
  const auto clock = TakeClock(text);
  if (!clock || !Take(text, ':')) return std::nullopt;
  const auto seconds = TakeDigits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  if (Take(text, '.')) {
    std::size_t digits = 0;
    while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) != 0) ++digits;
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
  }
  const std::int64_t local = *date + std::int64_t{*clock} * 60 + *seconds;
  if (text == "Z" || text == "z") return local;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const bool east = text.front() == '+';
  text.remove_prefix(1);
  const auto offset = TakeClock(text);
  if (!offset || !text.empty()) return std::nullopt;
  return east ? local - *offset * 60 : local + *offset * 60;
}

std::string FormatTimestamp(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<DayWindow> ParseDayWindow(std::string_view text) {
  const auto first = TakeClock(text);
  if (!first || !Take(text, '-')) return std::nullopt;
  const auto last = TakeClock(text);
  constexpr int kDay = 24 * 60;
  if (!last || !text.empty() || (*last - *first + kDay) % kDay < kWindowMinutesMin) return std::nullopt;
  return DayWindow{*first, *last};
}

std::optional<WeekWindow> ParseWeekWindow(std::string_view text) {
  const auto first = TakeWeekClock(text);
  if (!first || !Take(text, '-')) return std::nullopt;
  const auto last = TakeWeekClock(text);
  constexpr int kWeek = 7 * 24 * 60;
  if (!last || !text.empty() || (*last - *first + kWeek) % kWeek < kWindowMinutesMin) return std::nullopt;
  return WeekWindow{*first, *last};
}

}  // namespace tfseal
