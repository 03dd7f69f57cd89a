#include "policy/rotation_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace tfseal {
namespace {

constexpr int kHoursOfDay = 24;
// The calendar repeats itself after 400 years, to the day of the week.
constexpr int kMonthsOfCycle = 400 * 12;
constexpr int kDaysOfCycle = 146'097;
constexpr int kFirstYear = 2000;
constexpr int kFirstWeekday = 6;  // 1 January 2000 was a Saturday; Sunday is 0

// One bit for each value.
using Values = std::uint64_t;

constexpr Values Bit(int value) {
  return Values{1} << static_cast<unsigned>(value);
}

std::optional<int> NumberOf(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || number < 0) return std::nullopt;
  return number;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// What a field may hold.
struct Field {
  int first;
  int last;
  std::string_view names;  // of three letters each, for `first` and those after it
};
constexpr Field kHours{0, 23, ""};
constexpr Field kDaysOfMonth{1, 31, ""};
constexpr Field kMonths{1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"};
constexpr Field kDaysOfWeek{1, 7, "SUNMONTUEWEDTHUFRISAT"};

std::optional<int> ValueOf(std::string_view text, const Field& field) {
  for (std::size_t at = 0; at < field.names.size(); at += 3) {
    if (field.names.substr(at, 3) == text) return field.first + static_cast<int>(at / 3);
  }
  const auto number = NumberOf(text);
  return number && *number >= field.first && *number <= field.last ? number : std::nullopt;
}

// "*", "5", "1-5", "4/12", "*/2", "8-18/2". What a range that runs backwards means is not documented.
std::optional<Values> ValuesOfItem(std::string_view text, const Field& field) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  int first = field.first;
  int last = field.last;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    const auto from = ValueOf(range.substr(0, dash), field);
    const auto to = dash == std::string_view::npos ? from : ValueOf(range.substr(dash + 1), field);
    if (!from || !to || *from > *to) return std::nullopt;
    first = *from;
    if (dash != std::string_view::npos || slash == std::string_view::npos) last = *to;
  }
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto by = NumberOf(text.substr(slash + 1));
    if (!by || *by < 1 || *by > field.last) return std::nullopt;
    step = *by;
  }
  Values values = 0;
  for (int value = first; value <= last; value += step) values |= Bit(value);
  return values;
}

std::optional<Values> ValuesOf(std::string_view text, const Field& field) {
  Values values = 0;
  for (const std::string_view item : Split(text, ',')) {
    const auto some = ValuesOfItem(item, field);
    if (!some) return std::nullopt;
    values |= *some;
  }
  return values;
}

struct Cron {
  Values hours = 0;
  Values months = 0;
  // One of these says which days of a month.
  Values days = 0;
  bool last_day = false;
  bool last_working_day = false;
  int working_day_near = 0;  // this day of the month
  Values weekdays = 0;       // Sunday is bit 1
  int nth_weekday = 0;       // only the nth of the month; -1: the last
};

bool ReadDayOfMonth(std::string_view text, Cron& cron) {
  cron.last_day = text == "L";
  cron.last_working_day = text == "LW";
  if (cron.last_day || cron.last_working_day) return true;
  if (text.ends_with('W')) {
    const auto day = ValueOf(text.substr(0, text.size() - 1), kDaysOfMonth);
    // What is near a day that not every month has is not documented.
    if (!day || *day > 28) return false;
    cron.working_day_near = *day;
    return true;
  }
  const auto days = ValuesOf(text, kDaysOfMonth);
  cron.days = days.value_or(0);
  return days.has_value();
}

bool ReadDayOfWeek(std::string_view text, Cron& cron) {
  const auto only = [&cron](std::string_view day, int nth) {
    const auto weekday = ValueOf(day, kDaysOfWeek);
    cron.weekdays = weekday ? Bit(*weekday) : 0;
    cron.nth_weekday = nth;
    return weekday.has_value();
  };
  if (text == "L") return only("SAT", 0);  // the last day of the week
  if (const std::size_t number = text.find('#'); number != std::string_view::npos) {
    const auto nth = NumberOf(text.substr(number + 1));
    return nth && *nth >= 1 && *nth <= 5 && only(text.substr(0, number), *nth);
  }
  if (text.ends_with('L')) return only(text.substr(0, text.size() - 1), -1);
  const auto weekdays = ValuesOf(text, kDaysOfWeek);
  cron.weekdays = weekdays.value_or(0);
  return weekdays.has_value();
}

// Minutes must be 0 and the year *; the day is said by the month or by the week, and the other field is "?".
std::optional<Cron> ReadCron(std::string_view fields) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : Split(fields, ' ')) {
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.size() != 6 || parts[0] != "0" || parts[5] != "*") return std::nullopt;
  const auto hours = ValuesOf(parts[1], kHours);
  const auto months = ValuesOf(parts[3], kMonths);
  if (!hours || !months || (parts[2] == "?") == (parts[4] == "?")) return std::nullopt;
  Cron cron;
  cron.hours = *hours;
  cron.months = *months;
  const bool read = parts[4] == "?" ? ReadDayOfMonth(parts[2], cron) : ReadDayOfWeek(parts[4], cron);
  return read ? std::optional<Cron>(cron) : std::nullopt;
}

struct Month {
  int days;           // how many it has
  int first_weekday;  // of its first day; Sunday is 0

  [[nodiscard]] int WeekdayOf(int day) const { return (first_weekday + day - 1) % 7; }

  // The nearest day from Monday to Friday that is in the month.
  [[nodiscard]] int WorkingDayNear(int day) const {
    if (WeekdayOf(day) == 6) return day > 1 ? day - 1 : day + 2;
    if (WeekdayOf(day) == 0) return day < days ? day + 1 : day - 2;
    return day;
  }
};

bool Comes(const Cron& cron, const Month& month, int day) {
  if (cron.last_day) return day == month.days;
  if (cron.last_working_day) return day == month.WorkingDayNear(month.days);
  if (cron.working_day_near > 0) return day == month.WorkingDayNear(cron.working_day_near);
  if (cron.weekdays == 0) return (cron.days & Bit(day)) != 0;
  if ((cron.weekdays & Bit(month.WeekdayOf(day) + 1)) == 0) return false;
  if (cron.nth_weekday < 0) return day + 7 > month.days;
  return cron.nth_weekday == 0 || (day - 1) / 7 + 1 == cron.nth_weekday;
}

// The days of a month on which the window opens: the first and the last, and the most days between two of them.
struct Openings {
  int first = 0;  // 0: none
  int last = 0;
  int longest = 0;
};

Openings OpeningsIn(const Cron& cron, const Month& month) {
  Openings openings;
  for (int day = 1; day <= month.days; ++day) {
    if (!Comes(cron, month, day)) continue;
    if (openings.first == 0) {
      openings.first = day;
    } else {
      openings.longest = std::max(openings.longest, day - openings.last);
    }
    openings.last = day;
  }
  return openings;
}

int DaysIn(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// 0: it never opens.
int LongestDays(const Cron& cron) {
  // There are only 28 kinds of months: by length and by first weekday.
  std::array<std::array<std::optional<Openings>, 7>, 4> kinds;
  int longest = 0;
  int first_ever = -1;
  int last_seen = -1;
  int day_before = 0;  // days from the beginning to this month
  for (int i = 0; i < kMonthsOfCycle; ++i) {
    const int number = i % 12 + 1;
    const Month month{DaysIn(kFirstYear + i / 12, number), (kFirstWeekday + day_before) % 7};
    if ((cron.months & Bit(number)) != 0) {
      auto& kind =
          kinds.at(static_cast<std::size_t>(month.days - 28)).at(static_cast<std::size_t>(month.first_weekday));
      if (!kind) kind = OpeningsIn(cron, month);
      if (kind->first > 0) {
        longest = std::max(longest, kind->longest);
        if (last_seen >= 0) longest = std::max(longest, day_before + kind->first - last_seen);
        if (first_ever < 0) first_ever = day_before + kind->first;
        last_seen = day_before + kind->last;
      }
    }
    day_before += month.days;
  }
  return first_ever < 0 ? 0 : std::max(longest, first_ever + kDaysOfCycle - last_seen);
}

std::optional<int> LongestHoursOfCron(std::string_view fields) {
  const auto cron = ReadCron(fields);
  if (!cron) return std::nullopt;
  const int days = LongestDays(*cron);
  if (days == 0) return std::nullopt;
  int first = -1;
  int last = -1;
  int longest = 0;
  for (int hour = 0; hour < kHoursOfDay; ++hour) {
    if ((cron->hours & Bit(hour)) == 0) continue;
    if (first < 0) first = hour;
    if (last >= 0) longest = std::max(longest, hour - last);
    last = hour;
  }
  // From the last hour of one day to the first of the next one.
  return std::max(longest, days * kHoursOfDay - (last - first));
}

std::optional<int> HoursOfRate(std::string_view rate) {
  constexpr int kValueMax = 100'000;
  const std::size_t blank = rate.find(' ');
  const auto value = NumberOf(rate.substr(0, blank));
  if (blank == std::string_view::npos || !value || *value < 1 || *value > kValueMax) return std::nullopt;
  const std::string_view unit = rate.substr(blank + 1);
  if (unit == "hour" || unit == "hours") return *value;
  if (unit == "day" || unit == "days") return *value * kHoursOfDay;
  return std::nullopt;
}

}  // namespace

std::optional<int> LongestHoursBetweenRotations(std::string_view schedule_expression) {
  if (!schedule_expression.ends_with(')')) return std::nullopt;
  schedule_expression.remove_suffix(1);
  const std::size_t inside = schedule_expression.find('(') + 1;
  if (schedule_expression.starts_with("rate(")) return HoursOfRate(schedule_expression.substr(inside));
  if (schedule_expression.starts_with("cron(")) return LongestHoursOfCron(schedule_expression.substr(inside));
  return std::nullopt;
}

}  // namespace tfseal
