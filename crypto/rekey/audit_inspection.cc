#include "crypto/rekey/audit_inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tfseal::rekey {
namespace {

using postgres::NumberAt;
using postgres::QuoteName;
using postgres::Row;
using postgres::Rows;
using postgres::TextAt;

// The columns that a row is written into, and what is put there; nullptr is the server's clock.
struct Written {
  std::string_view column;
  const std::string* value;
};

// Columns of the answer to kColumns.
enum : std::size_t { kName, kType, kIsText, kNeeded, kGenerated, kLengthMax, kMayInsert, kMayRead };

constexpr std::string_view kColumns =
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typcategory = 'S' AND t.typtype <> 'd', "
    "(a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL, "
    "a.attgenerated <> '' OR a.attidentity = 'a', "
    "CASE WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4 THEN a.atttypmod - 4 END, "
    "has_column_privilege(r.oid, a.attrelid, a.attnum, 'INSERT'), "
    "has_column_privilege(r.oid, a.attrelid, a.attnum, 'SELECT') "
    "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_roles r ON r.rolname = $2 "
    "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

bool True(const Row& row, std::size_t column) {
  return TextAt(row, column) == "t";
}
// A role that is not there has no privileges to judge: that is told elsewhere.
bool Denied(const Row& row, std::size_t column) {
  return TextAt(row, column) == "f";
}

std::int64_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

class AuditInspection {
 public:
  AuditInspection(postgres::Connection& session, const TableName& table, const postgres::AuditRow& row,
                  const std::string& role)
      : session_(session),
        table_(table),
        role_(role),
        written_{{{"rotation_date", nullptr},
                  {"old_key_version", &row.old_key_version},
                  {"new_key_version", &row.new_key_version},
                  {"rotation_type", &row.rotation_type},
                  {"initiated_by", &row.initiated_by},
                  {"notes", &row.notes}}} {}

  Result<std::vector<PlanFinding>> Run() {
    TFSEAL_ASSIGN(const Rows found, session_.Query("SELECT c.oid::text, c.relkind IN ('r', 'p', 'v', 'f'), "
                                                   "has_schema_privilege(r.oid, n.oid, 'USAGE') FROM pg_class c JOIN "
                                                   "pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_roles r ON "
                                                   "r.rolname = $3 WHERE n.nspname = $1 AND c.relname = $2",
                                                   {table_.schema, table_.table, role_}));
    if (found.empty() || !True(found.front(), 1)) {
      Say(Severity::kRefused, "table", "", "the audit table does not exist",
          "create it, or name another in audit: { table: ... }");
      return std::move(findings_);
    }
    if (Denied(found.front(), 2)) {
      Say(Severity::kRefused, "privilege", "", fmt::format("the role {} may not use the schema", role_),
          fmt::format("GRANT USAGE ON SCHEMA {} TO {}", QuoteName(table_.schema), QuoteName(role_)));
    }
    const std::string oid = TextAt(found.front(), 0);
    TFSEAL_ASSIGN(const Rows columns, session_.Query(kColumns, {oid, role_}));
    TFSEAL_TRY(CheckWritten(columns));
    CheckPrivileges(columns);
    TFSEAL_TRY(CheckOthers(oid, columns));
    TFSEAL_TRY(CheckSequences(oid));
    return std::move(findings_);
  }

 private:
  void Say(Severity severity, std::string code, std::string_view column, std::string message, std::string fix) {
    const std::string where = column.empty() ? table_.ToText() : fmt::format("{}.{}", table_.ToText(), column);
    findings_.push_back({severity, std::move(code), where, std::move(message), std::move(fix)});
  }

  std::string Alter(std::string_view column, std::string_view change) const {
    return fmt::format("ALTER TABLE {} {} {}", table_.Quoted(), change, QuoteName(column));
  }

  Status CheckWritten(const Rows& columns) {
    for (const Written& one : written_) {
      const auto found = std::find_if(columns.begin(), columns.end(),
                                      [&](const Row& row) { return TextAt(row, kName) == one.column; });
      const std::string_view type = one.value == nullptr ? "timestamptz" : "text";
      if (found == columns.end()) {
        Say(Severity::kRefused, "column", one.column, "the audit table has no such column",
            fmt::format("{} {}", Alter(one.column, "ADD COLUMN"), type));
        continue;
      }
      if (True(*found, kGenerated)) {
        Say(Severity::kRefused, "column-type", one.column, "the server makes the column's value: it cannot be written",
            "make it an ordinary column");
        continue;
      }
      TFSEAL_TRY(CheckType(*found, one));
    }
    return {};
  }

  // Asks the server to make the column's type of what would be written: text fits into an enumeration or a domain, too.
  Status CheckType(const Row& column, const Written& one) {
    const std::int64_t most = NumberAt(column, kLengthMax);
    if (one.value != nullptr && most > 0 && Characters(*one.value) > most) {
      Say(Severity::kRefused, "column-type", one.column,
          fmt::format("the column is {} and {} characters are written", TextAt(column, kType), Characters(*one.value)),
          Alter(one.column, "ALTER COLUMN") + " TYPE text");
    }
    if (True(column, kIsText)) return {};
    TFSEAL_TRY(session_.Execute("SAVEPOINT tfseal_cast"));
    const std::string value = one.value == nullptr ? "now()" : "$1";
    const auto cast = session_.Query(fmt::format("SELECT CAST({} AS {})", value, TextAt(column, kType)),
                                     one.value == nullptr ? postgres::Parameters{} : postgres::Parameters{*one.value});
    TFSEAL_TRY(session_.Execute("ROLLBACK TO SAVEPOINT tfseal_cast"));
    if (cast.ok()) return {};
    if (cast.error().service_code.empty()) return cast.error();
    const std::string written =
        one.value == nullptr ? "the time" : fmt::format("a text of {} characters", Characters(*one.value));
    Say(Severity::kRefused, "column-type", one.column,
        fmt::format("the column is {} and does not take what is written: {}", TextAt(column, kType), written),
        fmt::format("{} TYPE {}", Alter(one.column, "ALTER COLUMN"), one.value == nullptr ? "timestamptz" : "text"));
    return {};
  }

  // A grant on the columns that are written does as well as one on the table.
  void CheckPrivileges(const Rows& columns) {
    std::vector<std::string> lacking;
    bool reads = true;
    for (const Row& row : columns) {
      const std::string name = TextAt(row, kName);
      const bool ours =
          std::any_of(written_.begin(), written_.end(), [&](const Written& one) { return one.column == name; });
      if (ours && Denied(row, kMayInsert)) lacking.push_back(name);
      if (name == "notes" && Denied(row, kMayRead)) reads = false;
    }
    if (!lacking.empty()) {
      Say(Severity::kRefused, "privilege", "", fmt::format("the role {} lacks INSERT on the audit table", role_),
          fmt::format("GRANT INSERT ON {} TO {}", table_.Quoted(), QuoteName(role_)));
    }
    if (!reads) {
      Say(Severity::kRefused, "privilege", "notes",
          fmt::format("the role {} may not look whether the row is there already", role_),
          fmt::format("GRANT SELECT (notes) ON {} TO {}", table_.Quoted(), QuoteName(role_)));
    }
  }

  Status CheckOthers(const std::string& oid, const Rows& columns) {
    TFSEAL_ASSIGN(const Rows triggers,
                  session_.Query("SELECT 1 FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgenabled "
                                 "IN ('O', 'A') AND tgtype & 4 > 0 AND tgtype & 66 > 0 LIMIT 1",
                                 {oid}));
    for (const Row& row : columns) {
      const std::string name = TextAt(row, kName);
      const bool ours =
          std::any_of(written_.begin(), written_.end(), [&](const Written& one) { return one.column == name; });
      if (ours || !True(row, kNeeded)) continue;
      const bool refused = triggers.empty();
      Say(refused ? Severity::kRefused : Severity::kUnknown, "not-null", name,
          refused ? "the column is NOT NULL, has no default, and no row of tfseal fills it"
                  : "the column is NOT NULL and has no default: a trigger has to fill it",
          fmt::format("{} SET DEFAULT ..., or DROP NOT NULL", Alter(name, "ALTER COLUMN")));
    }
    return {};
  }

  // A default that counts needs the sequence, which GRANT INSERT does not give.
  Status CheckSequences(const std::string& oid) {
    TFSEAL_ASSIGN(
        const Rows denied,
        session_.Query("SELECT quote_ident(n.nspname) || '.' || quote_ident(s.relname) FROM pg_attrdef f JOIN "
                       "pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid JOIN pg_class s ON s.oid "
                       "= d.refobjid AND s.relkind = 'S' AND d.refclassid = 'pg_class'::regclass JOIN pg_namespace n "
                       "ON n.oid = s.relnamespace JOIN pg_roles r ON r.rolname = $2 WHERE f.adrelid = $1::oid AND NOT "
                       "has_sequence_privilege(r.oid, s.oid, 'USAGE, UPDATE')",
                       {oid, role_}));
    for (const Row& row : denied) {
      Say(Severity::kRefused, "privilege", "",
          fmt::format("the role {} may not use the sequence {} of the audit table", role_, TextAt(row, 0)),
          fmt::format("GRANT USAGE ON SEQUENCE {} TO {}", TextAt(row, 0), QuoteName(role_)));
    }
    return {};
  }

  postgres::Connection& session_;
  const TableName& table_;
  const std::string& role_;
  std::array<Written, 6> written_;
  std::vector<PlanFinding> findings_;
};

Error Refusal(const TableName& table, const std::vector<PlanFinding>& findings) {
  Error error{ErrorCode::kConflict,
              fmt::format("the audit table {} does not take the row that ends the rotation", table.ToText()), ""};
  for (const PlanFinding& finding : findings) {
    if (finding.severity != Severity::kRefused) continue;
    error.message += fmt::format("; {}: {}", finding.where, finding.message);
    error.hint += (error.hint.empty() ? "" : "; ") + finding.fix;
  }
  return error;
}

Result<std::string> RoleOf(postgres::Connection& session) {
  TFSEAL_ASSIGN(const Rows role, session.Query("SELECT current_user::text"));
  return TextAt(role.front(), 0);
}

}  // namespace

postgres::AuditRow AuditRowOf(const Mapping& mapping, const AuditEntry& entry, const std::string& role) {
  postgres::AuditRow row;
  row.table = mapping.audit_table.ToText();
  row.id = fmt::format("rekey-{}-{}", entry.job, mapping.digest.substr(0, 12));
  row.old_key_version = entry.key_from;
  row.new_key_version = entry.key_to;
  row.rotation_type = std::string(Name(entry.mode));
  row.initiated_by = mapping.initiated_by.empty() ? role : mapping.initiated_by;
  row.notes = fmt::format("old key retired after a full verification; evidence head sha256 {}", entry.head);
  return row;
}

Result<std::vector<PlanFinding>> InspectAuditTable(postgres::Connection& session, const TableName& table,
                                                   const postgres::AuditRow& row, const std::string& role) {
  postgres::AuditRow whole = row;
  whole.notes = postgres::NotesOf(row);
  return AuditInspection(session, table, whole, role).Run();
}

Status CheckAuditTable(postgres::Connection& session, const Mapping& mapping, AuditEntry entry) {
  if (mapping.audit_table.empty()) return {};
  TFSEAL_ASSIGN(const std::string role, RoleOf(session));
  TFSEAL_TRY(session.Begin("READ ONLY"));
  const auto findings = InspectAuditTable(session, mapping.audit_table, AuditRowOf(mapping, entry, role), role);
  TFSEAL_TRY(session.Rollback());
  if (!findings.ok()) return findings.error();
  const bool refused = std::any_of(findings->begin(), findings->end(),
                                   [](const PlanFinding& finding) { return finding.severity == Severity::kRefused; });
  if (refused) return Refusal(mapping.audit_table, *findings);
  return {};
}

Status RehearseAudit(postgres::Connection& session, const Mapping& mapping, const AuditEntry& entry) {
  if (mapping.audit_table.empty()) return {};
  TFSEAL_TRY(CheckAuditTable(session, mapping, entry));
  TFSEAL_ASSIGN(const std::string role, RoleOf(session));
  const Status rehearsed = postgres::RehearseAuditRow(session, AuditRowOf(mapping, entry, role));
  if (rehearsed.ok()) return {};
  return Error{rehearsed.error().code,
               fmt::format("the audit table {} does not take the row that ends the rotation: {}",
                           mapping.audit_table.ToText(), rehearsed.error().message),
               "a constraint, a trigger or row security refuses it: INSERT such a row by hand to see which",
               rehearsed.error().service_code};
}

}  // namespace tfseal::rekey
