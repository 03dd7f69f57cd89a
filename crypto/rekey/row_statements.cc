#include "crypto/rekey/row_statements.h"

#include <fmt/format.h>

#include <algorithm>

namespace tfseal::rekey {
namespace {

using postgres::QuoteName;

std::string Mine(const std::string& column) {
  return "t." + QuoteName(column);
}

// What is sent and received for a column: documents travel as text, since jsonb's own binary form has a version.
std::string WireType(const SealedColumn& sealed) {
  return sealed.kind == ColumnKind::kJson ? "text" : sealed.column.type_name;
}

std::string Selected(const SealedColumn& sealed) {
  return sealed.kind == ColumnKind::kJson ? Mine(sealed.column.name) + "::text" : Mine(sealed.column.name);
}

std::string KeyTuple(const TableLayout& layout) {
  std::string tuple;
  for (const SqlColumn& column : layout.primary_key) tuple += (tuple.empty() ? "" : ", ") + Mine(column.name);
  return tuple;
}

std::string ParameterTuple(const TableLayout& layout, int& next) {
  std::string tuple;
  for (const SqlColumn& column : layout.primary_key) {
    tuple += fmt::format("{}${}::{}", tuple.empty() ? "" : ", ", next++, column.type_name);
  }
  return tuple;
}

std::string OldRows(const TableLayout& layout) {
  return layout.OldRowsSql() + (layout.where.empty() ? "" : " AND (" + layout.where + ")");
}

// The copies that the application keeps must still be copies, or the newer one would be lost.
std::string MirrorsAgree(const TableLayout& layout) {
  std::string condition;
  for (const SealedColumn& sealed : layout.columns) {
    for (const std::string& mirror : sealed.mirrors) {
      condition += fmt::format("{}{} IS NOT DISTINCT FROM {}", condition.empty() ? "" : " AND ", Mine(mirror),
                               Mine(sealed.column.name));
    }
  }
  return condition;
}

// Whether a column is as it was read; `old` is the expression that holds what was read.
std::string Unchanged(const SealedColumn& sealed, const std::string& old) {
  const std::string column = Mine(sealed.column.name);
  if (sealed.compare == Compare::kTag) {
    return fmt::format("substring({0} FROM octet_length({0}) - 15) {2} {1}", column, old,
                       sealed.column.nullable ? "IS NOT DISTINCT FROM" : "=");
  }
  const std::string equal = sealed.column.nullable ? "IS NOT DISTINCT FROM" : "=";
  // By bytes: for jsonb's own comparison 1.0 and 1.00 are equal, and what the application wrote last would be lost.
  return fmt::format("{}{} {} {}", column, sealed.kind == ColumnKind::kJson ? "::text" : "", equal, old);
}

std::string Assigned(const SealedColumn& sealed, const std::string& value) {
  const std::string cast = sealed.kind == ColumnKind::kJson ? "::" + sealed.column.type_name : "";
  std::string text = fmt::format("{} = {}{}", QuoteName(sealed.column.name), value, cast);
  for (const std::string& mirror : sealed.mirrors) text += fmt::format(", {} = {}{}", QuoteName(mirror), value, cast);
  return text;
}

}  // namespace

std::string SelectedKeySql(const TableLayout& layout) {
  std::string sql = KeyTuple(layout);
  if (!layout.tenant.empty()) sql += ", " + Mine(layout.tenant) + "::text";
  const std::string agree = MirrorsAgree(layout);
  return agree.empty() ? sql : sql + ", " + agree;
}

// A rewrap changes wrapped keys. Where they stand in columns of their own, the ciphertext is of no use to it, unless it
// is to open what it moves.
Wanted WantedOf(const TableLayout& layout, RekeyMode mode, const Mapping& mapping) {
  const bool apart = std::all_of(layout.fields.begin(), layout.fields.end(),
                                 [](const SealedField& field) { return field.format->keeps_key_apart(); });
  return mode == RekeyMode::kRewrap && apart && !mapping.read_back_every ? Wanted::kKeys : Wanted::kValues;
}

std::string SelectedColumnsSql(const TableLayout& layout, Wanted wanted) {
  std::string sql;
  for (const SealedColumn& sealed : layout.columns) {
    const bool whole = wanted == Wanted::kValues || sealed.wraps;
    sql += whole ? ", " + Selected(sealed) : fmt::format(", octet_length({})", Mine(sealed.column.name));
  }
  return sql;
}

std::string ReadSql(const TableLayout& layout, ReadRange range, Wanted wanted) {
  int next = 1;
  std::string sql = "SELECT " + SelectedKeySql(layout) + SelectedColumnsSql(layout, wanted);
  if (layout.has_positions) sql += ", t.ctid";
  sql += fmt::format(" FROM {} AS t WHERE {}", layout.SqlName(), OldRows(layout));
  if (!range.from_start) sql += fmt::format(" AND ({}) > ({})", KeyTuple(layout), ParameterTuple(layout, next));
  if (!range.to_end) sql += fmt::format(" AND ({}) <= ({})", KeyTuple(layout), ParameterTuple(layout, next));
  return sql + fmt::format(" ORDER BY {} LIMIT ${}::bigint", KeyTuple(layout), next);
}

UpdateColumns ColumnsFor(const TableLayout& layout, RekeyMode mode) {
  UpdateColumns columns;
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const SealedColumn& sealed = layout.columns[i];
    const bool rewrap = mode == RekeyMode::kRewrap;
    if (!rewrap || sealed.wraps) columns.written.push_back(i);
    if (sealed.compare != Compare::kNothing && (!rewrap || sealed.wraps)) columns.compared.push_back(i);
  }
  return columns;
}

// The arrays are taken apart in a list of columns, not by unnest() of all of them in FROM: there PostgreSQL copies each
// array into a store of its own before it reads them side by side, which is a seventh of the statement's time.
std::string UpdateSql(const TableLayout& layout, const UpdateColumns& columns, FindBy find) {
  std::string given;
  std::string where;
  int next = 1;
  const auto add = [&](const std::string& type, const std::string& name) {
    given += fmt::format("{}unnest(${}::{}[]) AS {}", next == 1 ? "" : ", ", next, type, name);
    ++next;
  };
  for (std::size_t i = 0; i < layout.primary_key.size(); ++i) {
    const SqlColumn& column = layout.primary_key[i];
    add(column.type_name, fmt::format("p{}", i));
    where += fmt::format("{}{} = u.p{}", where.empty() ? "" : " AND ", Mine(column.name), i);
  }
  if (find == FindBy::kPosition) {
    add("tid", "position");
    where += " AND t.ctid = u.position";
  }
  std::string set;
  if (!layout.key_in_value()) {
    set = fmt::format("{} = {}::{}", QuoteName(layout.key.name), postgres::QuoteText(layout.key_to),
                      layout.key.type_name);
  }
  for (const std::size_t i : columns.written) {
    add(WireType(layout.columns[i]), fmt::format("n{}", i));
    set += (set.empty() ? "" : ", ") + Assigned(layout.columns[i], fmt::format("u.n{}", i));
  }
  where += " AND " + layout.OldRowsSql();
  for (const std::size_t i : columns.compared) {
    add(WireType(layout.columns[i]), fmt::format("c{}", i));
    where += " AND " + Unchanged(layout.columns[i], fmt::format("u.c{}", i));
  }
  if (const std::string agree = MirrorsAgree(layout); !agree.empty()) where += " AND " + agree;
  return fmt::format("UPDATE {} AS t SET {} FROM (SELECT {}) AS u WHERE {}", layout.SqlName(), set, given, where);
}

std::string MarkSql(const TableLayout& layout, const UpdateColumns& columns) {
  int next = 2;
  std::string where;
  for (const SqlColumn& column : layout.primary_key) {
    where += fmt::format("{}{} = ${}::{}", where.empty() ? "" : " AND ", Mine(column.name), next++, column.type_name);
  }
  where += " AND " + layout.OldRowsSql();
  for (const std::size_t i : columns.compared) {
    where += " AND " + Unchanged(layout.columns[i], fmt::format("${}::{}", next++, WireType(layout.columns[i])));
  }
  return fmt::format("UPDATE {} AS t SET {} = $1::text WHERE {}", layout.SqlName(), QuoteName(layout.error_column),
                     where);
}

}  // namespace tfseal::rekey
