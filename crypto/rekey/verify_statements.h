#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/rekey/table_layout.h"

// The SQL that reads rows for a verification. Without parameters, which COPY does not take: values are quoted.
namespace tfseal::rekey {

using KeyBound = std::optional<std::vector<std::string>>;  // values of the primary key as text; nullopt: no bound

// Rows after `after` up to and with `up_to`.
std::string RangeSql(const TableLayout& layout, const KeyBound& after, const KeyBound& up_to);
// The key of the row that is `rows` rows after `after`: none if there are fewer.
std::string ChunkEndSql(const TableLayout& layout, const KeyBound& after, std::int64_t rows);
// The keys of every `every`-th row of a sample of the table's pages, in order.
std::string SampledKeysSql(const TableLayout& layout, double percent, std::int64_t every);
// Columns: primary key, tenant (if mapped), whether the mirrors agree (if there are any), 1 for the old key, 2 for the
// new one, 3 for none at all and 0 for another (int4), TableLayout::columns.
std::string VerifySql(const TableLayout& layout, const std::string& condition, bool ordered);
std::string CountSql(const TableLayout& layout, const std::string& condition);
// Every row under the old key, whatever the mapping's own condition.
std::string CountOldSql(const TableLayout& layout);
// A condition that holds for about `wanted` of `rows` rows, each as likely as any other, wherever it lies in the table.
std::string SampleSql(const TableLayout& layout, std::int64_t rows, std::int64_t wanted, std::int64_t seed);

}  // namespace tfseal::rekey
