#include "crypto/rekey/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tfseal::rekey {
namespace {

constexpr std::int64_t kPageBytes = 8192;
constexpr std::int64_t kOutOfLineBytes = 2000;  // rows above it have their long values in the TOAST table
// Measured with PostgreSQL 15: one worker, foreign key and index in place, rows of 455 bytes.
constexpr double kRowMicroseconds = 14;
constexpr double kMicrosecondsPerByte = 0.0094;
constexpr double kWalRecordBytes = 60;
constexpr double kWalIndexBytes = 75;
constexpr double kWalOutOfLine = 2.1;  // per byte that is kept out of line

// A new row version, the page that it is read from once, and an entry in each index unless the version stays in place.
double WalPerRow(const TableForecast& table, RekeyMode mode) {
  const bool out_of_line = table.sealed_bytes > kOutOfLineBytes;
  const double row = static_cast<double>(std::max<std::int64_t>(table.row_bytes, 64));
  const double page_share = static_cast<double>(kPageBytes) / std::max(1.0, std::floor(kPageBytes / (row + 28)));
  double wal = row + kWalRecordBytes + page_share;
  if (!table.in_place) wal += kWalIndexBytes * table.indexes;
  if (out_of_line && mode != RekeyMode::kRewrap) wal += kWalOutOfLine * static_cast<double>(table.sealed_bytes);
  return wal;
}

double RowMicroseconds(const TableForecast& table, RekeyMode mode) {
  const auto sealed = mode == RekeyMode::kRewrap ? 0.0 : static_cast<double>(table.sealed_bytes);
  return kRowMicroseconds + kMicrosecondsPerByte * std::max(0.0, sealed - 455);
}

double WindowShare(const std::vector<RunWindow>& windows) {
  if (windows.empty()) return 1;
  constexpr int kWeek = 7 * 1440;
  std::vector<bool> open(kWeek, false);
  for (const RunWindow& window : windows) {
    for (int i = window.first_minute; i != window.last_minute; i = (i + 1) % kWeek) {
      open[static_cast<std::size_t>(i)] = true;
    }
  }
  return static_cast<double>(std::count(open.begin(), open.end(), true)) / kWeek;
}

}  // namespace

void MakeForecast(const Mapping& mapping, const PlanOptions& options, Forecast& forecast) {
  double wal = 0;
  double bloat = 0;
  double database_us = 0;
  const auto fields = [&](std::size_t i) { return static_cast<std::int64_t>(mapping.targets.at(i).fields.size()); };
  for (std::size_t i = 0; i < forecast.tables.size(); ++i) {
    const TableForecast& table = forecast.tables[i];
    const auto rows = static_cast<double>(table.rows_old);
    forecast.rows += table.rows_old;
    wal += rows * WalPerRow(table, mapping.mode);
    const double share = table.rows == 0 ? 0 : rows / static_cast<double>(table.rows);
    bloat += share * static_cast<double>(table.table_bytes);
    database_us += rows * RowMicroseconds(table, mapping.mode);
    const std::int64_t per_key = mapping.data_keys.shared ? mapping.data_keys.max_rows : 1;
    // A data key for each value that has a wrapped one of its own; fields that share a column are counted once too
    // often.
    const std::int64_t fresh = (table.rows_old * std::max<std::int64_t>(1, fields(i)) + per_key - 1) / per_key;
    const std::int64_t moved = table.data_keys;
    std::int64_t calls = 0;
    if (mapping.mode == RekeyMode::kRewrap) {
      calls = options.remote_to ? moved : 0;
      if (options.remote_from && !options.remote_to) calls = moved;
    } else {
      calls = (options.remote_from && mapping.mode == RekeyMode::kReseal ? moved : 0) + (options.remote_to ? fresh : 0);
    }
    const std::int64_t verify = options.remote_to ? (mapping.mode == RekeyMode::kRewrap ? moved : fresh) : 0;
    forecast.kms_calls += calls + verify;
    forecast.kms_verify_calls += verify;
  }
  forecast.wal_bytes = std::llround(wal);
  forecast.bloat_bytes = std::llround(bloat);

  const ThrottlePolicy& throttle = mapping.throttle;
  forecast.limits.push_back({"database", database_us / 1e6, "one worker, as measured on a quiet machine"});
  if (throttle.wal_mb_per_s > 0) {
    forecast.limits.push_back(
        {"wal_mb_per_s", wal / (throttle.wal_mb_per_s * 1e6), fmt::format("{:g} MB/s of WAL", throttle.wal_mb_per_s)});
  }
  if (forecast.kms_calls > 0) {
    const double rate = throttle.kms_share * throttle.kms_requests_per_s;
    forecast.limits.push_back(
        {"kms", static_cast<double>(forecast.kms_calls) / rate,
         fmt::format("{:g} requests/s: {:g} % of {:g}", rate, throttle.kms_share * 100, throttle.kms_requests_per_s)});
  }
  if (throttle.rows_per_s > 0) {
    forecast.limits.push_back({"rows_per_s", static_cast<double>(forecast.rows) / throttle.rows_per_s,
                               fmt::format("{:g} rows/s", throttle.rows_per_s)});
  }
  std::stable_sort(forecast.limits.begin(), forecast.limits.end(),
                   [](const DurationLimit& a, const DurationLimit& b) { return a.seconds > b.seconds; });
  forecast.window_share = WindowShare(throttle.windows);
  forecast.seconds = forecast.limits.front().seconds / std::max(forecast.window_share, 1e-6);
}

}  // namespace tfseal::rekey
