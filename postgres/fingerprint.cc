#include "postgres/fingerprint.h"

#include <fmt/format.h>

namespace tfseal::postgres {
namespace {

// Two values without a meaning. They are part of what a recorded fingerprint is: not to be changed.
constexpr std::int64_t kSeed1 = 7046029254386353131;
constexpr std::int64_t kSeed2 = 2870177450012600261;

std::string Listed(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "t." : ", t.") + QuoteName(column);
  return list;
}

// The text of a row tells NULL from an empty text and where each value ends; COLLATE, because a hash under a collation
// that is not deterministic would call different texts equal.
std::string RowText(const std::vector<std::string>& columns) {
  return "ROW(" + Listed(columns) + ")::text COLLATE \"C\"";
}

// Two bigint expressions over the column r of a subquery.
std::string Hashes(Algorithm algorithm, bool summed) {
  const std::string sum = summed ? "sum" : "";
  if (algorithm == Algorithm::kHash64x2) {
    return fmt::format("{0}(hashtextextended(r, {1})), {0}(hashtextextended(r, {2}))", sum, kSeed1, kSeed2);
  }
  return fmt::format("{0}(('x' || left(r, 16))::bit(64)::bigint), {0}(('x' || right(r, 16))::bit(64)::bigint)", sum);
}

// What the subquery calls r. OFFSET 0 in the statements keeps it from being evaluated once for each sum.
std::string Hashed(const std::vector<std::string>& columns, Algorithm algorithm) {
  return algorithm == Algorithm::kMd5 ? "md5(" + RowText(columns) + ")" : RowText(columns);
}

std::string KeyText(const ScanTable& table, const std::vector<std::string>& columns) {
  return RowText(table.key.empty() ? columns : table.key);
}

// Not hashtextextended: both sides must agree on the bucket whatever their versions are.
std::string Bucket(const ScanTable& table, const std::vector<std::string>& columns, int buckets) {
  return fmt::format("('x' || left(md5({}), 7))::bit(28)::int % {}", KeyText(table, columns), buckets);
}

}  // namespace

std::string_view AlgorithmName(Algorithm algorithm) {
  return algorithm == Algorithm::kHash64x2 ? "sum of hashtextextended(row text) under two seeds, modulo 2^64"
                                           : "sum of the halves of md5(row text), modulo 2^64";
}

std::string SumStatement(const ScanTable& table, const std::vector<std::string>& columns, Algorithm algorithm,
                         PageRange pages) {
  std::string where;
  if (pages.first > 0) where = fmt::format(" WHERE t.ctid >= '({},0)'::tid", pages.first);
  if (pages.end >= 0) where += fmt::format("{}t.ctid < '({},0)'::tid", where.empty() ? " WHERE " : " AND ", pages.end);
  return fmt::format("SELECT count(*), {} FROM (SELECT {} AS r FROM {}{} OFFSET 0) AS s", Hashes(algorithm, true),
                     Hashed(columns, algorithm), table.relation, where);
}

std::string BucketStatement(const ScanTable& table, const std::vector<std::string>& columns, Algorithm algorithm,
                            int buckets) {
  return fmt::format(
      "SELECT b, count(*), {} FROM (SELECT {} AS b, {} AS r FROM {} OFFSET 0) AS s GROUP BY b ORDER BY b",
      Hashes(algorithm, true), Bucket(table, columns, buckets), Hashed(columns, algorithm), table.relation);
}

std::string BucketRowsStatement(const ScanTable& table, const std::vector<std::string>& columns, Algorithm algorithm,
                                int buckets, const std::vector<int>& wanted, int rows_max) {
  std::string list;
  for (const int bucket : wanted) list += (list.empty() ? "" : ", ") + std::to_string(bucket);
  // Without a key the row is its own key: its digest is enough, and its text stays on the server.
  const std::string key = table.key.empty() ? "md5(" + KeyText(table, columns) + ")" : KeyText(table, columns);
  return fmt::format(
      "SELECT k, {} FROM (SELECT {} AS k, {} AS r FROM {} WHERE {} IN ({}) OFFSET 0) AS s"
      " ORDER BY k COLLATE \"C\" LIMIT {}",
      Hashes(algorithm, false), key, Hashed(columns, algorithm), table.relation, Bucket(table, columns, buckets), list,
      rows_max);
}

std::uint64_t ParseModulo64(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::uint64_t value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return negative ? 0 - value : value;
}

void AddFingerprint(const Row& row, std::size_t first, RowsFingerprint& total) {
  total.rows += NumberAt(row, first);
  total.sum_1 += ParseModulo64(TextAt(row, first + 1));
  total.sum_2 += ParseModulo64(TextAt(row, first + 2));
}

}  // namespace tfseal::postgres
