#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/compare.h"
#include "postgres/connection.h"

namespace tfseal::postgres {

// A relation whose rows are compared, as one side has it.
struct ScanTable {
  std::string name;                  // for people: schema.table
  std::string relation;              // what comes after FROM, under the name t
  std::vector<std::string> columns;  // in their order, without dropped ones
  std::vector<std::string> key;      // columns of the primary key; empty: it has none
  std::vector<std::string> key_types;
  std::int64_t bytes = 0;
  std::int64_t block_bytes = 8192;
  bool by_pages = false;  // can be read in ranges of pages
  bool unlogged = false;
  bool populated = true;  // false: a materialized view that was never refreshed
  bool foreign = false;   // its rows live elsewhere
  bool readable = true;   // we may SELECT from it
};

// How rows become numbers. Both are sums over all rows, so that neither order nor pieces matter.
enum class Algorithm : std::uint8_t {
  kHash64x2,  // PostgreSQL's own 64-bit text hash under two seeds; only between servers of the same major version
  kMd5,       // halves of the MD5: the same on every version, and slower
};
std::string_view AlgorithmName(Algorithm algorithm);

struct PageRange {
  std::int64_t first = 0;
  std::int64_t end = -1;  // -1: to the end of the table
};

// SELECT count, sum_1, sum_2 over a table or a range of its pages. `columns` in the order of both sides.
std::string SumStatement(const ScanTable& table, const std::vector<std::string>& columns, Algorithm algorithm,
                         PageRange pages);

// SELECT bucket, count, sum_1, sum_2 over the whole table, rows being put into `buckets` by their key.
std::string BucketStatement(const ScanTable& table, const std::vector<std::string>& columns, Algorithm algorithm,
                            int buckets);

// SELECT key_text, sum_1, sum_2 of the rows in the listed buckets, sorted bytewise, at most `rows_max`.
std::string BucketRowsStatement(const ScanTable& table, const std::vector<std::string>& columns, Algorithm algorithm,
                                int buckets, const std::vector<int>& wanted, int rows_max);

// An integer of any size, modulo 2^64, from PostgreSQL's text of it. Empty text (a sum over no rows) is 0.
std::uint64_t ParseModulo64(std::string_view text);

// Adds (count, sum_1, sum_2) of an answer's row, from its column `first`.
void AddFingerprint(const Row& row, std::size_t first, RowsFingerprint& total);

}  // namespace tfseal::postgres
