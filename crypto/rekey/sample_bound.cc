#include "crypto/rekey/sample_bound.h"

#include <algorithm>
#include <cmath>

namespace tfseal::rekey {
namespace {

double LogChoose(double n, double k) {
  if (k < 0 || k > n) return -INFINITY;
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// The probability of drawing at most `bad` bad rows if the table has `total_bad`.
double AtMost(std::int64_t rows, std::int64_t drawn, std::int64_t bad, std::int64_t total_bad) {
  const auto n = static_cast<double>(rows);
  const auto d = static_cast<double>(drawn);
  const auto t = static_cast<double>(total_bad);
  double sum = 0;
  for (std::int64_t i = 0; i <= bad; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(LogChoose(t, k) + LogChoose(n - t, d - k) - LogChoose(n, d));
  }
  return sum;
}

}  // namespace

std::int64_t BadRowsAtMost(std::int64_t rows, std::int64_t drawn, std::int64_t bad, double confidence) {
  if (drawn <= 0) return rows;
  // It falls as the number of bad rows grows: the largest number that is still likely enough.
  std::int64_t low = bad;
  std::int64_t high = rows - (drawn - bad);
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (AtMost(rows, drawn, bad, middle) > 1 - confidence) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace tfseal::rekey
