#include "crypto/rekey/verify_statements.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "crypto/rekey/row_statements.h"

namespace tfseal::rekey {
namespace {

using postgres::QuoteName;
using postgres::QuoteText;

std::string KeyTuple(const TableLayout& layout) {
  std::string tuple;
  for (const SqlColumn& column : layout.primary_key) {
    tuple += (tuple.empty() ? "t." : ", t.") + QuoteName(column.name);
  }
  return tuple;
}

std::string ValueTuple(const TableLayout& layout, const std::vector<std::string>& values) {
  std::string tuple;
  for (std::size_t i = 0; i < layout.primary_key.size() && i < values.size(); ++i) {
    tuple += fmt::format("{}{}::{}", tuple.empty() ? "" : ", ", QuoteText(values[i]), layout.primary_key[i].type_name);
  }
  return tuple;
}

}  // namespace

std::string RangeSql(const TableLayout& layout, const KeyBound& after, const KeyBound& up_to) {
  std::string condition;
  if (after.has_value()) condition = fmt::format("({}) > ({})", KeyTuple(layout), ValueTuple(layout, *after));
  if (up_to.has_value()) {
    condition +=
        fmt::format("{}({}) <= ({})", condition.empty() ? "" : " AND ", KeyTuple(layout), ValueTuple(layout, *up_to));
  }
  return condition.empty() ? "true" : condition;
}

// Texts are made of the one key that is wanted, not of all that are passed over.
std::string ChunkEndSql(const TableLayout& layout, const KeyBound& after, std::int64_t rows) {
  std::string texts;
  for (const SqlColumn& column : layout.primary_key) {
    texts += fmt::format("{}e.{}::text", texts.empty() ? "" : ", ", QuoteName(column.name));
  }
  return fmt::format("SELECT {0} FROM (SELECT {1} FROM {2} t WHERE {3} ORDER BY {1} OFFSET {4} LIMIT 1) e", texts,
                     KeyTuple(layout), layout.SqlName(), RangeSql(layout, after, std::nullopt), rows - 1);
}

std::string SampledKeysSql(const TableLayout& layout, double percent, std::int64_t every) {
  std::string names;
  std::string texts;
  for (const SqlColumn& column : layout.primary_key) {
    names += (names.empty() ? "" : ", ") + QuoteName(column.name);
    texts += fmt::format("{}{}::text", texts.empty() ? "" : ", ", QuoteName(column.name));
  }
  return fmt::format(
      "SELECT {0} FROM (SELECT {1}, row_number() OVER (ORDER BY {1}) AS tfseal_n FROM {2} TABLESAMPLE SYSTEM ({3:.6f}) "
      "REPEATABLE (1)) s WHERE tfseal_n % {4} = 0 ORDER BY tfseal_n",
      texts, names, layout.SqlName(), percent, every);
}

std::string VerifySql(const TableLayout& layout, const std::string& condition, bool ordered) {
  const std::string is_new = fmt::format("WHEN {} THEN 2", layout.NewRowsSql());
  const std::string is_keyless = fmt::format("WHEN {} THEN 3", layout.NoKeyRowsSql());
  // One value of a row may be under the new key and another under one that nobody knows.
  const bool keyless_first = layout.key_in_value();
  return fmt::format("SELECT {}, CASE WHEN {} THEN 1 {} {} ELSE 0 END{} FROM {} AS t WHERE {}{}",
                     SelectedKeySql(layout), layout.OldRowsSql(), keyless_first ? is_keyless : is_new,
                     keyless_first ? is_new : is_keyless, SelectedColumnsSql(layout, Wanted::kValues), layout.SqlName(),
                     condition, ordered ? " ORDER BY " + KeyTuple(layout) : "");
}

std::string CountSql(const TableLayout& layout, const std::string& condition) {
  return fmt::format("SELECT count(*) FROM {} t WHERE {}", layout.SqlName(), condition);
}

std::string CountOldSql(const TableLayout& layout) {
  return CountSql(layout, layout.OldRowsSql());
}

std::string SampleSql(const TableLayout& layout, std::int64_t rows, std::int64_t wanted, std::int64_t seed) {
  if (wanted >= rows) return "true";
  std::string text;
  for (const SqlColumn& column : layout.primary_key) {
    text += fmt::format("{}t.{}::text", text.empty() ? "" : " || '/' || ", QuoteName(column.name));
  }
  const double share = static_cast<double>(wanted) / static_cast<double>(rows);
  const auto below = static_cast<std::int64_t>(share * static_cast<double>(std::numeric_limits<std::int64_t>::max()));
  return fmt::format("(hashtextextended({}, {}) & 9223372036854775807) < {}", text, seed, below);
}

}  // namespace tfseal::rekey
