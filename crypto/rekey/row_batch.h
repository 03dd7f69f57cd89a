#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/row_format.h"

namespace tfseal::rekey {

// One row as it was read; values by TableLayout::columns, in binary as PostgreSQL sends them.
struct SourceRow {
  std::vector<std::string> primary_key;
  std::string position;  // where the server found it (ctid), if that was asked for
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

// Memory of one value that is kept for the next row in its place. What is larger is not: in time every place would
// have had a large value once.
inline constexpr std::size_t kValueMemoryKept = std::size_t{16} << 10U;
// What is shorter never makes a string that large, by whatever it grew.
inline constexpr std::size_t kLargeValue = kValueMemoryKept / 4;
inline void DropLarge(std::string& value) {
  if (value.capacity() > kValueMemoryKept) std::string().swap(value);
}
inline void DropLarge(ColumnValues& values) {
  for (std::optional<std::string>& value : values) {
    if (value.has_value()) DropLarge(*value);
  }
}

// Rows of a batch that follow one another. Borrowed.
struct RowGroup {
  std::span<const SourceRow> rows;
  std::span<RekeyedRow> rekeyed;  // as many
  bool has_large = false;

  [[nodiscard]] std::size_t size() const { return rows.size(); }
};

// Rows of one table in the order of the primary key. Kept between batches, so that its memory is.
struct RowBatch {
  std::vector<SourceRow> rows;  // the first `size` are in use
  std::vector<RekeyedRow> rekeyed;
  std::size_t size = 0;
  std::size_t bytes = 0;
  std::size_t done = 0;  // so many of the first have become what they become, before the others were there
  // Whether there was a value that is large: only then the places are looked through, which takes as long as filling
  // them.
  bool has_large = false;

  // Into a value of the batch, whose memory it takes.
  void Keep(const std::optional<std::string_view>& read, std::optional<std::string>& value) {
    if (!read.has_value()) {
      value.reset();
      return;
    }
    if (value.has_value()) {
      value->assign(*read);
    } else {
      value.emplace(*read);
    }
    bytes += read->size();
    has_large = has_large || read->size() >= kLargeValue;
  }
  SourceRow& Add() {
    if (size == rows.size()) rows.emplace_back();
    return rows[size++];
  }
  // Up to `count` of them from `begin`.
  [[nodiscard]] RowGroup Group(std::size_t begin, std::size_t count) {
    if (rekeyed.size() < size) rekeyed.resize(size);
    const std::size_t rest = size - begin;
    if (count > rest) count = rest;
    return {std::span(rows).subspan(begin, count), std::span(rekeyed).subspan(begin, count), has_large};
  }
  void Clear() {
    for (std::size_t i = 0; has_large && i < size; ++i) {
      DropLarge(rows[i].values);
      if (i < rekeyed.size()) DropLarge(rekeyed[i].values);
    }
    size = 0;
    bytes = 0;
    done = 0;
    has_large = false;
  }
};

}  // namespace tfseal::rekey
