#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "postgres/compare.h"
#include "postgres/connection.h"
#include "postgres/fingerprint.h"

namespace tfseal::postgres {

// What one database has beside rows: kind and name of each object, with the aspects that make it what it is.
struct Inventory {
  // Values in the order of the kind's aspects.
  std::map<std::pair<std::string, std::string>, Row> objects;
  // Kinds that could not be read, with the reason.
  std::map<std::string, std::string> unread;
};

// Reads within the connection's transaction. A kind that may not be read does not stop the others.
Result<Inventory> ReadInventory(Connection& connection);

// Appends a comparison of each object of either side.
void CompareInventories(const Inventory& original, const Inventory& copy, std::vector<ObjectComparison>& objects);

// Relations with rows of their own, by schema.table: tables, partitions (not their parents), materialized views,
// foreign tables, and pg_catalog.pg_largeobject where it may be read.
Result<std::map<std::string, ScanTable, std::less<>>> ReadTables(Connection& connection);

struct SequencePosition {
  bool readable = false;
  std::string last_value;
  bool called = false;
  std::string column;  // that it belongs to, quoted; empty: to none, or it counts downwards
  std::string table;   // quoted
};
// By schema.sequence.
Result<std::map<std::string, SequencePosition>> ReadSequences(Connection& connection);

// Whether the next value that the sequence gives is in its column already, or below: the next insert would fail. False
// if that cannot be told.
Result<bool> IsBehindItsColumn(Connection& connection, const SequencePosition& position);

}  // namespace tfseal::postgres
