#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/rekey/mapping.h"
#include "crypto/rekey/table_layout.h"

// The SQL that reads and changes rows. Identifiers are quoted, values are parameters; the key's references are
// constants, so that the planner knows how many rows have them.
namespace tfseal::rekey {

// Where the keyset begins and whether the segment has an end.
struct ReadRange {
  bool from_start = false;
  bool to_end = false;
};

// What is read of a row.
enum class Wanted : std::uint8_t {
  kValues,
  kKeys,  // what is neither changed nor compared is not read, but for its length: an int4
};
Wanted WantedOf(const TableLayout& layout, RekeyMode mode, const Mapping& mapping);

// Parameters: the primary key to start after (not from_start), the one to end with (not to_end), how many rows at most.
// Columns: primary key, tenant (if mapped), whether the mirrors agree (if there are any), TableLayout::columns, and the
// row's position where the table has them.
std::string ReadSql(const TableLayout& layout, ReadRange range, Wanted wanted);

// What ReadSql selects of a row (as "t"), for others that read rows: the primary key, tenant and agreement; and
// TableLayout::columns, each after a comma.
std::string SelectedKeySql(const TableLayout& layout);
std::string SelectedColumnsSql(const TableLayout& layout, Wanted wanted);

// Which columns the mode writes and which it compares, by TableLayout::columns.
struct UpdateColumns {
  std::vector<std::size_t> written;
  std::vector<std::size_t> compared;
};
UpdateColumns ColumnsFor(const TableLayout& layout, RekeyMode mode);
// How the server finds the rows that are to be changed.
enum class FindBy : std::uint8_t {
  kKey,
  // By where they were read, which spares it the way down the index, a tenth of a row's cost. Whatever was updated
  // since, in any column, is elsewhere now and is not found.
  kPosition,
};
// Parameters: arrays, one for each column of the primary key, the positions if they are found by them, one for each
// column that is written, each that is compared. Affects the rows that are still as they were read; the others are
// looked at again in a later pass.
std::string UpdateSql(const TableLayout& layout, const UpdateColumns& columns, FindBy find);

// Marks one row in the application's own error column, if it is still as it was read. Parameters: text, primary key,
// old values to compare.
std::string MarkSql(const TableLayout& layout, const UpdateColumns& columns);

}  // namespace tfseal::rekey
