#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// How one object of the original compares with the copy's. The zero value claims nothing.
enum class Sameness : std::uint8_t { kNotComparable, kDifferent, kSame };

struct ObjectComparison {
  std::string
      kind;  // "rows", "table", "column", "index", "sequence position", "role", "extension", "large objects" ...
  std::string name;  // schema.table, schema.table.column ...
  Sameness sameness = Sameness::kNotComparable;
  // For people: "missing in the copy", "original 1000 rows, copy 999 rows", "permission denied (42501)". Never a value
  // of a row, a setting, a default or a definition.
  std::string reason;
};

// Rows of one table on one side.
struct RowsFingerprint {
  std::int64_t rows = 0;
  // Sums over all rows, modulo 2^64, of two differently seeded 64-bit hashes of the row's text; or of the halves of its
  // MD5 (RowsComparison::algorithm). Independent of the order of rows; a row that is there twice counts twice.
  std::uint64_t sum_1 = 0;
  std::uint64_t sum_2 = 0;
  bool operator==(const RowsFingerprint&) const = default;
};

struct RowsComparison {
  std::string table;  // schema.table
  Sameness sameness = Sameness::kNotComparable;
  std::string reason;  // as of the ObjectComparison
  std::string algorithm;
  RowsFingerprint original;
  RowsFingerprint copy;
  // At least so many rows, as far as was looked; a row is found again by its primary key or, without one, as a whole.
  std::int64_t missing = 0;  // only in the original
  std::int64_t extra = 0;    // only in the copy
  std::int64_t changed = 0;  // same key, other content
  // Keys of the first differing rows: keyed digests, or the keys themselves if they are integers or UUIDs and the
  // caller asked for it.
  std::vector<std::string> keys;
};

struct CompareProgress {
  std::int64_t tables_done = 0;
  std::int64_t tables = 0;
  std::int64_t rows_done = 0;  // of both sides
  std::string_view phase;      // "inventory", "rows", "differences"
};

struct CompareOptions {
  // Sessions that read rows, on each side.
  int workers = 4;
  // Rows are read in pieces of about this size, so that progress is seen and stopping is quick.
  std::int64_t chunk_bytes = 64 << 20;
  // Differing tables that are looked at row by row, and keys that are kept for each.
  int narrowed_tables_max = 20;
  int keys_max = 10;
  // What keys are digested with, so that a digest cannot be guessed back; empty: no digests.
  std::string digest_key;
  // Shows integer and UUID keys instead of digests.
  bool show_keys = false;
  std::function<void(const CompareProgress&)> progress;
  // Asked a few times a second; true ends the comparison with kTimeout.
  std::function<bool()> stop;
};

// A database and what is meant to be its copy. Everything that was looked at is listed, sorted by kind and name.
struct Comparison {
  std::vector<ObjectComparison> objects;
  std::vector<RowsComparison> tables;
  std::int64_t rows = 0;  // of the original
  // kSame only if every object and every table is; kDifferent if one is; kNotComparable if none differs, but something
  // could not be compared (permission denied, a foreign table).
  [[nodiscard]] Sameness sameness() const;
};

// Compares definitions, access, settings, sequences and all rows of two databases, each within one snapshot, so that
// writers do not disturb it. Reads only. Memory does not depend on the number of rows. An error (a connection that
// broke, a server that went away) is never a verdict.
Result<Comparison> CompareDatabases(const ConnectionUrl& original, const ConnectionUrl& copy,
                                    const CompareOptions& options = {});

// Names of the databases that clients can use, without templates and those of a managed service; sorted.
Result<std::vector<std::string>> ListDatabases(const ConnectionUrl& url);

// Names, counts, verdicts and fingerprints, for the journal and for evidence; no content of rows. Objects that are the
// same are counted by kind, the others listed.
JsonValue ComparisonJson(const Comparison& comparison);

// A few lines for people: the verdict, then what differs, then what could not be compared.
std::string ComparisonText(const Comparison& comparison);

}  // namespace tfseal::postgres
