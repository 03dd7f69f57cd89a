#include "aws/timestamp.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tfseal::aws {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  unsigned weekday = 4;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
};

Parts Split(TimePoint time) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto rest = time - day;
  Parts parts;
  parts.year = static_cast<int>(date.year());
  parts.month = static_cast<unsigned>(date.month());
  parts.day = static_cast<unsigned>(date.day());
  parts.weekday = std::chrono::weekday(day).c_encoding();
  parts.hour = static_cast<int>(floor<hours>(rest).count());
  parts.minute = static_cast<int>(floor<minutes>(rest).count() % 60);
  parts.second = static_cast<int>(floor<seconds>(rest).count() % 60);
  parts.millisecond = static_cast<int>(rest.count() % 1000);
  return parts;
}

std::optional<TimePoint> Join(const Parts& parts) {
  const std::chrono::year_month_day date(std::chrono::year(parts.year), std::chrono::month(parts.month),
                                         std::chrono::day(parts.day));
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second) +
         milliseconds(parts.millisecond);
}

// Reads a text from its start, and remembers whether everything was as expected.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int Number(std::size_t digits) {
    int value = 0;
    if (rest_.size() < digits) return Fail();
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return Fail();
      value = 10 * value + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  bool Take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  void Expect(std::string_view expected) {
    if (!Take(expected)) Fail();
  }
  // Digits after a decimal point, as milliseconds; more digits than three are cut off.
  int Fraction() {
    int value = 0;
    int scale = 100;
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      value += (rest_[digits] - '0') * scale;
      scale /= 10;
      ++digits;
    }
    if (digits == 0) return Fail();
    rest_.remove_prefix(digits);
    return value;
  }
  std::string_view Word(std::size_t size) {
    if (rest_.size() < size) return Fail(), std::string_view();
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }
  int Fail() {
    failed_ = true;
    return 0;
  }
  [[nodiscard]] bool Finished() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::string FormatRfc3339(TimePoint time) {
  const Parts p = Split(time);
  const std::string fraction = p.millisecond == 0 ? "" : fmt::format(".{:03}", p.millisecond);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", p.year, p.month, p.day, p.hour, p.minute, p.second,
                     fraction);
}

std::string FormatIso8601Basic(TimePoint time) {
  const Parts p = Split(time);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string FormatHttpDate(TimePoint time) {
  const Parts p = Split(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[p.weekday], p.day, kMonths[p.month - 1], p.year,
                     p.hour, p.minute, p.second);
}

std::optional<TimePoint> ParseRfc3339(std::string_view text) {
  Scanner scan(text);
  Parts parts;
  parts.year = scan.Number(4);
  const bool extended = scan.Take("-");
  const std::string_view dash = extended ? "-" : "";
  const std::string_view colon = extended ? ":" : "";
  parts.month = static_cast<unsigned>(scan.Number(2));
  scan.Expect(dash);
  parts.day = static_cast<unsigned>(scan.Number(2));
  if (!scan.Take("T") && !scan.Take("t")) scan.Expect(" ");
  parts.hour = scan.Number(2);
  scan.Expect(colon);
  parts.minute = scan.Number(2);
  scan.Expect(colon);
  parts.second = scan.Number(2);
  if (scan.Take(".")) parts.millisecond = scan.Fraction();
  minutes offset{0};
  if (!scan.Take("Z") && !scan.Take("z") && !scan.Take("UTC")) {
    const bool west = scan.Take("-");
    if (!west) scan.Expect("+");
    const int offset_hours = scan.Number(2);
    scan.Take(":");
    offset = hours(offset_hours) + minutes(scan.Number(2));
    if (west) offset = -offset;
  }
  if (!scan.Finished()) return std::nullopt;
  const std::optional<TimePoint> local = Join(parts);
  if (!local) return std::nullopt;
  return *local - offset;
}

std::optional<TimePoint> ParseHttpDate(std::string_view text) {
  Scanner scan(text);
  Parts parts;
  scan.Word(3);
  scan.Expect(", ");
  parts.day = static_cast<unsigned>(scan.Number(2));
  scan.Expect(" ");
  const std::string_view month = scan.Word(3);
  parts.month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == month) parts.month = static_cast<unsigned>(i + 1);
  }
  scan.Expect(" ");
  parts.year = scan.Number(4);
  scan.Expect(" ");
  parts.hour = scan.Number(2);
  scan.Expect(":");
  parts.minute = scan.Number(2);
  scan.Expect(":");
  parts.second = scan.Number(2);
  scan.Expect(" GMT");
  if (!scan.Finished()) return std::nullopt;
  return Join(parts);
}

}  // namespace tfseal::aws
