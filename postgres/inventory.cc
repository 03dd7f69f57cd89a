#include "postgres/inventory.h"

#include <algorithm>

#include "postgres/inventory_queries.h"
#include "postgres/session_error.h"

namespace tfseal::postgres {
namespace {

// A list of names as the server's json_agg writes it (names hold anything but a zero byte); NULL is the empty list.
Result<std::vector<std::string>> Names(const Row& row, std::size_t column) {
  std::vector<std::string> names;
  if (!row.at(column).has_value()) return names;
  TFSEAL_ASSIGN(const JsonValue list, ParseJson(*row.at(column)));
  for (const JsonValue& name : list) names.push_back(name.asString());
  return names;
}

// What the server refuses is an answer about this statement and does not end the transaction.
Result<std::optional<Rows>> Try(Connection& connection, std::string_view sql, std::string& refused) {
  TFSEAL_TRY(connection.Execute("SAVEPOINT tfseal"));
  Result<Rows> rows = connection.Query(sql);
  if (rows.ok()) {
    TFSEAL_TRY(connection.Execute("RELEASE SAVEPOINT tfseal"));
    return std::optional(std::move(rows).value());
  }
  const Error& error = rows.error();
  if (error.service_code.empty() || error.service_code.starts_with("08")) return error;
  refused = std::string(SqlstateMeaning(error.service_code)) + " (" + error.service_code + ")";
  TFSEAL_TRY(connection.Execute("ROLLBACK TO SAVEPOINT tfseal"));
  return std::optional<Rows>();
}

// Objects of the same name are told apart by their order, so that none hides another.
void Add(std::string_view kind, Rows rows, Inventory& inventory) {
  std::sort(rows.begin(), rows.end());
  std::string previous;
  int same = 1;
  for (Row& row : rows) {
    std::string name = TextAt(row, 0);
    same = name == previous ? same + 1 : 1;
    previous = name;
    if (same > 1) name += " #" + std::to_string(same);
    row.erase(row.begin());
    inventory.objects.insert_or_assign({std::string(kind), std::move(name)}, std::move(row));
  }
}

std::string AspectText(std::string_view aspect, const std::optional<std::string>& original,
                       const std::optional<std::string>& copy) {
  const bool shown = aspect.starts_with('=');
  if (!shown) return std::string(aspect) + " differs";
  const auto word = [](const std::optional<std::string>& value) {
    return !value.has_value() ? std::string("none") : value->empty() ? std::string("\"\"") : *value;
  };
  return std::string(aspect.substr(1)) + ": original " + word(original) + ", copy " + word(copy);
}

std::string Differences(const InventoryQuery& query, const Row& original, const Row& copy) {
  std::string text;
  for (std::size_t i = 0; i < original.size() && i < copy.size(); ++i) {
    if (original[i] == copy[i]) continue;
    text += (text.empty() ? "" : "; ") + AspectText(query.aspects.at(i), original[i], copy[i]);
  }
  return text;
}

void CompareKind(const InventoryQuery& query, const Inventory& original, const Inventory& copy,
                 std::vector<ObjectComparison>& objects) {
  const std::string kind(query.kind);
  for (const Inventory* side : {&original, &copy}) {
    const auto unread = side->unread.find(kind);
    if (unread == side->unread.end()) continue;
    objects.push_back({kind, "all", Sameness::kNotComparable,
                       std::string(side == &original ? "original: " : "copy: ") + unread->second});
    return;
  }
  const auto begin = std::pair(kind, std::string());
  for (auto it = original.objects.lower_bound(begin); it != original.objects.end() && it->first.first == kind; ++it) {
    const auto other = copy.objects.find(it->first);
    if (other == copy.objects.end()) {
      objects.push_back({kind, it->first.second, Sameness::kDifferent, "missing in the copy"});
      continue;
    }
    const std::string text = Differences(query, it->second, other->second);
    objects.push_back({kind, it->first.second, text.empty() ? Sameness::kSame : Sameness::kDifferent, text});
  }
  for (auto it = copy.objects.lower_bound(begin); it != copy.objects.end() && it->first.first == kind; ++it) {
    if (original.objects.contains(it->first)) continue;
    objects.push_back({kind, it->first.second, Sameness::kDifferent, "only in the copy"});
  }
}

constexpr std::string_view kTables =
    "SELECT n.nspname || '.' || c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind,"
    " c.relpersistence, c.relispopulated, has_table_privilege(c.oid, 'SELECT'), pg_relation_size(c.oid),"
    " current_setting('block_size'), coalesce(a.amname = 'heap', false) AND"
    " current_setting('server_version_num')::int >= 140000,"
    " (SELECT json_agg(t.attname ORDER BY t.attnum) FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attnum > 0 AND "
    "NOT"
    " t.attisdropped), k.columns, k.types FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_am a ON a.oid = c.relam LEFT JOIN LATERAL (SELECT json_agg(t.attname ORDER BY o.ord) AS columns,"
    " json_agg(t.atttypid::regtype::text ORDER BY o.ord) AS types FROM pg_index i CROSS JOIN LATERAL"
    " unnest(i.indkey::int2[]) WITH ORDINALITY AS o(attnum, ord) JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum"
    " = o.attnum WHERE i.indrelid = c.oid AND i.indisprimary AND o.ord <= i.indnkeyatts) k ON true"
    " WHERE (c.relkind IN ('r', 'm', 'f') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <>"
    " 'information_schema') OR c.oid = 'pg_catalog.pg_largeobject'::regclass ORDER BY 1";

}  // namespace

Result<Inventory> ReadInventory(Connection& connection) {
  Inventory inventory;
  for (const InventoryQuery& query : InventoryQueries()) {
    std::string refused;
    TFSEAL_ASSIGN(std::optional<Rows> rows, Try(connection, query.sql, refused));
    if (!rows.has_value()) {
      inventory.unread[std::string(query.kind)] = refused;
      continue;
    }
    Add(query.kind, std::move(*rows), inventory);
  }
  return inventory;
}

void CompareInventories(const Inventory& original, const Inventory& copy, std::vector<ObjectComparison>& objects) {
  for (const InventoryQuery& query : InventoryQueries()) CompareKind(query, original, copy, objects);
}

Result<std::map<std::string, ScanTable, std::less<>>> ReadTables(Connection& connection) {
  TFSEAL_ASSIGN(const Rows rows, connection.Query(kTables));
  std::map<std::string, ScanTable, std::less<>> tables;
  for (const Row& row : rows) {
    ScanTable table;
    table.name = TextAt(row, 0);
    table.relation = "ONLY " + TextAt(row, 1) + " AS t";
    table.foreign = TextAt(row, 2) == "f";
    table.unlogged = TextAt(row, 3) == "u";
    table.populated = TextAt(row, 4) == "t";
    table.readable = TextAt(row, 5) == "t";
    table.bytes = NumberAt(row, 6);
    table.block_bytes = NumberAt(row, 7);
    table.by_pages = TextAt(row, 8) == "t" && table.block_bytes > 0;
    TFSEAL_ASSIGN(table.columns, Names(row, 9));
    TFSEAL_ASSIGN(table.key, Names(row, 10));
    TFSEAL_ASSIGN(table.key_types, Names(row, 11));
    tables.emplace(table.name, std::move(table));
  }
  return tables;
}

namespace {

constexpr std::string_view kSequences =
    "SELECT n.nspname || '.' || c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname),"
    " has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'),"
    " (SELECT min(quote_ident(a.attname)) FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum "
    "="
    " d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass"
    " AND d.deptype IN ('a', 'i') AND s.seqincrement > 0),"
    " (SELECT min(d.refobjid::regclass::text) FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = "
    "c.oid"
    " AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')) FROM pg_class c JOIN pg_sequence s ON"
    " s.seqrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND n.nspname !~"
    " '^pg_' ORDER BY 1";
constexpr std::size_t kSequencesAtOnce = 100;

}  // namespace

Result<std::map<std::string, SequencePosition>> ReadSequences(Connection& connection) {
  TFSEAL_ASSIGN(const Rows names, connection.Query(kSequences));
  std::map<std::string, SequencePosition> sequences;
  for (std::size_t i = 0; i < names.size();) {
    std::string sql;
    for (const std::size_t end = i + kSequencesAtOnce; i < names.size() && i < end; ++i) {
      SequencePosition& position = sequences[TextAt(names[i], 0)];
      position.readable = TextAt(names[i], 2) == "t";
      position.column = TextAt(names[i], 3);
      position.table = TextAt(names[i], 4);
      if (!position.readable) continue;
      sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + QuoteText(TextAt(names[i], 0)) +
             ", last_value::text, is_called FROM " + TextAt(names[i], 1);
    }
    if (sql.empty()) continue;
    TFSEAL_ASSIGN(const Rows rows, connection.Query(sql));
    for (const Row& row : rows) {
      SequencePosition& position = sequences[TextAt(row, 0)];
      position.last_value = TextAt(row, 1);
      position.called = TextAt(row, 2) == "t";
    }
  }
  return sequences;
}

Result<bool> IsBehindItsColumn(Connection& connection, const SequencePosition& position) {
  if (position.column.empty() || position.table.empty() || !position.readable) return false;
  // The largest value stays on the server: it can be of a row.
  const std::string sql = "SELECT max(" + position.column + ")::numeric " + (position.called ? ">" : ">=") + " " +
                          position.last_value + " FROM " + position.table;
  std::string refused;
  TFSEAL_ASSIGN(const std::optional<Rows> rows, Try(connection, sql, refused));
  return rows.has_value() && TextAt(rows->at(0), 0) == "t";
}

}  // namespace tfseal::postgres
