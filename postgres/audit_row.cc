#include "postgres/audit_row.h"

#include <algorithm>

namespace tfseal::postgres {
namespace {

std::string Mark(const AuditRow& row) {
  return "[tfseal:" + row.id + "]";
}

Status CheckId(const AuditRow& row) {
  const bool fine = !row.id.empty() && std::all_of(row.id.begin(), row.id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
  if (fine) return {};
  return Error{
      ErrorCode::kInvalidInput,
      "audit row: the id is empty or has characters other than letters, digits and -_.:", "give the id of the action"};
}

// Identifiers do not come as parameters.
Result<std::string> QuotedTable(const AuditRow& row) {
  const std::size_t dot = row.table.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == row.table.size()) {
    return Error{ErrorCode::kUsage, "audit row: '" + row.table + "' is not schema.table",
                 "name the audit table with its schema"};
  }
  return QuoteName(row.table.substr(0, dot)) + "." + QuoteName(row.table.substr(dot + 1));
}

Result<bool> Find(Connection& connection, const std::string& table, const AuditRow& row) {
  TFSEAL_ASSIGN(const Rows rows, connection.Query("SELECT 1 FROM " + table +
                                                      " WHERE pg_catalog.strpos(notes::text, $1::text) > 0 LIMIT 1",
                                                  {Mark(row)}));
  return !rows.empty();
}

Status AppendLocked(Connection& connection, const std::string& table, const AuditRow& row, bool keep) {
  // Another run with the same id waits here and then finds ours. Not LOCK TABLE: the role may have no more than INSERT.
  TFSEAL_TRY(connection.Query("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext($1::text))", {Mark(row)}));
  TFSEAL_ASSIGN(const bool there, Find(connection, table, row));
  if (there) return connection.Rollback();
  TFSEAL_TRY(connection.Execute(
      "INSERT INTO " + table +
          " (rotation_date, old_key_version, new_key_version, rotation_type, initiated_by, notes)"
          " VALUES (pg_catalog.now(), $1, $2, $3, $4, $5)",
      {row.old_key_version, row.new_key_version, row.rotation_type, row.initiated_by, NotesOf(row)}));
  if (keep) return connection.Commit();
  // What COMMIT would ask at last.
  TFSEAL_TRY(connection.Query("SET CONSTRAINTS ALL IMMEDIATE"));
  return connection.Rollback();
}

Status Insert(Connection& connection, const AuditRow& row, bool keep) {
  TFSEAL_TRY(CheckId(row));
  TFSEAL_ASSIGN(const std::string table, QuotedTable(row));
  TFSEAL_TRY(connection.Begin());
  Status appended = AppendLocked(connection, table, row, keep);
  if (!appended.ok()) {
    // The error that matters is the first; a session that cannot roll back is broken and its transaction gone.
    const Status ignored = connection.Rollback();
    static_cast<void>(ignored);
  }
  return appended;
}

}  // namespace

Result<bool> HasAuditRow(Connection& connection, const AuditRow& row) {
  TFSEAL_TRY(CheckId(row));
  TFSEAL_ASSIGN(const std::string table, QuotedTable(row));
  return Find(connection, table, row);
}

Status AppendAuditRow(Connection& connection, const AuditRow& row) {
  return Insert(connection, row, true);
}

Status RehearseAuditRow(Connection& connection, const AuditRow& row) {
  return Insert(connection, row, false);
}

std::string NotesOf(const AuditRow& row) {
  return row.notes.empty() ? Mark(row) : row.notes + " " + Mark(row);
}

}  // namespace tfseal::postgres
