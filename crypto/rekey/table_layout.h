#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/rekey/key_in_value.h"
#include "crypto/rekey/mapping.h"
#include "crypto/row_cipher.h"
#include "crypto/row_format.h"
#include "postgres/row_stream.h"

// One table as the workers see it: the mapping, checked against the catalog of the database.
namespace tfseal::rekey {

struct SqlColumn {
  std::string name;
  postgres::TypeOid type = 0;  // domains as their base type
  std::string type_name;       // for casts, as format_type writes it: "bigint", "character varying"; kTypeNameSql
  bool nullable = false;
};

// The name of a column's type, of "t" in pg_type, domains as their base type. Two names that format_type writes mean
// one character, one bit where they are cast to: 'old-key'::character is 'o', and no row would be under the old key.
inline constexpr std::string_view kTypeNameSql =
    "CASE CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END WHEN 'pg_catalog.bpchar'::regtype THEN 'bpchar' "
    "WHEN 'pg_catalog.bit'::regtype THEN 'pg_catalog.\"bit\"' ELSE format_type(CASE WHEN t.typtype = 'd' THEN "
    "t.typbasetype ELSE t.oid END, NULL) END";

// How a column takes part in the comparison that keeps a row from being overwritten when the application wrote it.
enum class Compare : std::uint8_t {
  kNothing,
  kWhole,
  // The last 16 bytes: the GCM tag, which changes with every other byte of the ciphertext, with the iv and with the
  // key.
  kTag,
};

// A column that holds part of a sealed value, once, however many fields use it.
struct SealedColumn {
  SqlColumn column;
  ColumnKind kind = ColumnKind::kBytes;
  Compare compare = Compare::kWhole;
  bool wraps = false;                // holds (part of) the wrapped data key: what a rewrap changes
  bool shared = false;               // by fields of a row: their data key, or the document that they are in
  std::vector<std::string> mirrors;  // columns that the application keeps byte for byte the same
};

struct SealedField {
  std::string name;                  // the column in SealedPlace
  std::vector<std::size_t> columns;  // into TableLayout::columns, in the order of the format
  std::unique_ptr<RowFormat> format;
  AadScheme opened_with = AadScheme::kNone;
  AadScheme sealed_with = AadScheme::kNone;
  bool committing = false;
  std::size_t data_key = 0;      // fields of one row with the same number share a data key
  bool shares_document = false;  // other fields are in the same JSON document
  KeyNaming key_naming;          // where values name their keys themselves
};

struct TableLayout {
  std::string schema;
  std::string table;
  std::string label;  // stable name in the AAD
  std::vector<SqlColumn> primary_key;
  KeyRefKind key_kind = KeyRefKind::kForeignKey;
  SqlColumn key;         // refers to the wrapping key; none where the sealed values do themselves
  std::string key_from;  // what it holds, in text, for rows that are still to be moved
  std::string key_to;
  std::vector<std::string> other_keys;  // that values may name themselves, and that this is not about
  std::string tenant;                   // column; empty: none
  std::string where;                    // SQL of the mapping; empty: all rows
  std::string error_column;
  std::vector<SealedColumn> columns;
  std::vector<SealedField> fields;
  std::size_t data_keys = 1;   // per row
  bool has_positions = false;  // an ordinary table: one row lies at each ctid
  std::string digest;          // of the table's columns: a change of them while a job runs is noticed

  [[nodiscard]] bool key_in_value() const { return InValue(key_kind); }
  [[nodiscard]] std::string SqlName() const { return postgres::QuoteName(schema) + "." + postgres::QuoteName(table); }
  // The condition on rows (as "t", or whatever `row` says) that are still under the old key, without the mapping's own.
  // Where values name their keys themselves: any value of the row.
  [[nodiscard]] std::string OldRowsSql(const std::string& row = "t.") const;
  // The same for the new key.
  [[nodiscard]] std::string NewRowsSql() const;
  // The condition on rows that name no key; where values do so themselves: any that names no known one.
  [[nodiscard]] std::string NoKeyRowsSql() const;
  [[nodiscard]] bool has_mirrors() const;
};

// What stands in a JSON document at a field's path, of a row "t"; and the condition that it is a text. `type_name`: of
// the column, jsonb or json.
std::string AtPathSql(const ColumnRef& place);
std::string HasTextSql(const ColumnRef& place, const std::string& type_name);

// What the rows' reference to a key holds, in text.
struct KeyRefValues {
  std::string from;
  std::string to;
  std::vector<std::string> others{};  // TableLayout::other_keys
};
// The catalogue's ids for a target that refers to them, and names for others.
KeyRefValues RefsOf(const Mapping& mapping, const TargetMapping& target, const KeyRefValues& ids);

// kInvalidInput: no row of the table has a text at a field's path in its document. A path that is written wrong looks
// as if no row had a value: the rows would be called moved, and their values left behind.
Status CheckPaths(postgres::Connection& session, const TargetMapping& target);

// kInvalidInput: the table does not fit the mapping.
Result<TableLayout> ReadLayout(postgres::Connection& session, const TargetMapping& target, RekeyMode mode,
                               const KeyRefValues& keys);

// TableLayout::digest as it is now.
Result<std::string> ReadDigest(postgres::Connection& session, const TableLayout& layout);

// A value of a primary key as PostgreSQL writes it, from its binary form; nullopt for types that only the server can
// write: integers, uuid and texts are known here.
std::optional<std::string> ValueText(const SqlColumn& column, std::string_view bytes);

}  // namespace tfseal::rekey
