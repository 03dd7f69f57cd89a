#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "crypto/rekey/mapping.h"
#include "crypto/rekey/plan.h"
#include "postgres/audit_row.h"
#include "postgres/connection.h"

// Whether the application's audit table takes the row that ends a rotation. It is written after the key is retired, so
// what keeps it from being written has to be known before.
namespace tfseal::rekey {

// What a retirement writes. `head` is the digest of the evidence's last record; any 64 digits stand for one to come.
struct AuditEntry {
  std::int64_t job = 0;
  std::string key_from;
  std::string key_to;
  RekeyMode mode = RekeyMode::kRewrap;
  std::string head = std::string(64, '0');
};
postgres::AuditRow AuditRowOf(const Mapping& mapping, const AuditEntry& entry, const std::string& role);

// Read from the catalogs for a role, inside a transaction that the caller began; nothing is written. kUnknown is what
// only an attempt can tell: triggers may fill a column.
Result<std::vector<PlanFinding>> InspectAuditTable(postgres::Connection& session, const TableName& table,
                                                   const postgres::AuditRow& row, const std::string& role);

// The same for the session's own role, as one error with everything that is refused; fine without an audit table.
Status CheckAuditTable(postgres::Connection& session, const Mapping& mapping, AuditEntry entry);

// CheckAuditTable, and then the row itself, rolled back again: constraints and triggers have their say.
Status RehearseAudit(postgres::Connection& session, const Mapping& mapping, const AuditEntry& entry);

}  // namespace tfseal::rekey
