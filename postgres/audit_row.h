#pragma once

#include <string>

#include "core/result.h"
#include "postgres/connection.h"

namespace tfseal::postgres {

// A row of the application's table key_rotation_audit.
struct AuditRow {
  std::string table = "public.key_rotation_audit";  // schema.table
  // What makes the row findable: the action's id. It is kept at the end of the notes, "[tfseal:ID]".
  std::string id;
  std::string old_key_version;
  std::string new_key_version;
  std::string rotation_type;  // "migration"
  std::string initiated_by;
  std::string notes;
};

// Whether the row with this id is there.
Result<bool> HasAuditRow(Connection& connection, const AuditRow& row);

// Appends the row, dated by the server's clock, unless one with this id is there already. Two at once append one.
Status AppendAuditRow(Connection& connection, const AuditRow& row);

// The same without a trace but for a number of a sequence: the row is inserted and rolled back. Fine if it is there.
Status RehearseAuditRow(Connection& connection, const AuditRow& row);

// What the column notes gets: the notes, and the mark that makes the row findable.
std::string NotesOf(const AuditRow& row);

}  // namespace tfseal::postgres
