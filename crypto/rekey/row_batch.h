#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/row_format.h"

namespace tfseal::rekey {

// One row as it was read; values by TableLayout::columns, in binary as PostgreSQL sends them.
struct SourceRow {
  std::vector<std::string> primary_key;
  std::string tenant;
  ColumnValues values;
  bool mirrors_agree = true;
};

// Why a row stays as it is: a class that the program counts by, and a code for people. Neither ever holds a value.
struct RowIssue {
  std::string_view kind;  // "poison", "conflict"
  std::string code;       // "wrapped-key", "authentication", "format: iv has 11 bytes, not 12"
};

// What becomes of a row: new values by TableLayout::columns, or an issue.
struct RekeyedRow {
  ColumnValues values;
  std::optional<RowIssue> issue;
};

// Rows of one table in the order of the primary key. Kept between batches, so that its memory is.
struct RowBatch {
  std::vector<SourceRow> rows;  // the first `size` are in use
  std::vector<RekeyedRow> rekeyed;
  std::size_t size = 0;
  std::size_t bytes = 0;

  SourceRow& Add() {
    if (size == rows.size()) rows.emplace_back();
    return rows[size++];
  }
  void Clear() {
    size = 0;
    bytes = 0;
  }
};

}  // namespace tfseal::rekey
