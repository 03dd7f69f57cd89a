#pragma once

#include <span>

#include "postgres/compare.h"
#include "postgres/fingerprint.h"
#include "postgres/scan.h"

namespace tfseal::postgres {

struct NarrowInput {
  const ScanTable& original;
  const ScanTable& copy;
  Algorithm algorithm;
  const CompareOptions& options;
};

// Finds rows that make two tables different: both sides put their rows into buckets by key, and the rows of the first
// buckets that differ are compared one by one. Fills missing, extra, changed and keys. What the server refuses leaves
// them empty: that the tables differ is known without.
Status NarrowDifference(const NarrowInput& input, std::span<ScanSession> original, std::span<ScanSession> copy,
                        RowsComparison& rows);

}  // namespace tfseal::postgres
