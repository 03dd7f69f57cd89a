#include "crypto/rekey/database_inspection.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/rekey/audit_inspection.h"
#include "crypto/rekey/mapping_check.h"
#include "crypto/rekey/table_inspection.h"
#include "postgres/wal_position.h"

namespace tfseal::rekey {
namespace {

using postgres::NumberAt;
using postgres::QuoteName;
using postgres::QuoteText;
using postgres::Row;
using postgres::Rows;
using postgres::TextAt;

bool True(const Row& row, std::size_t column) {
  return TextAt(row, column) == "t";
}

// One table, named by schema and relation, that is the application's.
constexpr std::string_view kUserTables =
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_%'";

}  // namespace

void DatabaseInspection::Say(Severity severity, std::string_view code, std::string where, std::string message,
                             std::string fix) {
  plan_.findings.push_back({severity, std::string(code), std::move(where), std::move(message), std::move(fix)});
}

bool DatabaseInspection::IsOurs(const std::string& table) const {
  if (table.starts_with(mapping_.schema + ".")) return true;
  return std::any_of(mapping_.targets.begin(), mapping_.targets.end(),
                     [&](const TargetMapping& target) { return target.table.ToText() == table; });
}

bool DatabaseInspection::IsIgnored(const std::string& table, const std::string& column) const {
  const auto& ignore = mapping_.ignore;
  return std::find(ignore.begin(), ignore.end(), table) != ignore.end() ||
         std::find(ignore.begin(), ignore.end(), table + "." + column) != ignore.end();
}

Status DatabaseInspection::ReadServer() {
  TFSEAL_ASSIGN(const Rows rows,
                session_.Query("SELECT current_setting('server_version'), pg_is_in_recovery(), current_user::text, "
                               "EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
                               {options_.run_as}));
  const Row& row = rows.front();
  plan_.server = TextAt(row, 0) + (True(row, 1) ? ", read replica" : "");
  plan_.role = options_.run_as.empty() ? TextAt(row, 2) : options_.run_as;
  if (!options_.run_as.empty() && !True(row, 3)) {
    Say(Severity::kRefused, "role", options_.run_as, "there is no such role in this cluster", "correct --run-as");
  }
  if (True(row, 1)) {
    Say(Severity::kNote, "replica", "", "planned on a read replica: its statistics may be older than the primary's",
        "");
  }
  return {};
}

Status DatabaseInspection::CheckKeyRow(const Rows& rows) {
  const KeyCatalog& catalog = *mapping_.catalog;
  const std::string table = catalog.table.ToText();
  int active = 0;
  bool from = false;
  for (const Row& row : rows) {
    const std::string name = TextAt(row, 1);
    const std::string status = TextAt(row, 3);
    const std::string where = table + " " + name;
    active += status == catalog.active ? 1 : 0;
    const std::string reference = TextAt(row, 2);
    if (name == mapping_.from.name) {
      from = true;
      old_id_ = TextAt(row, 0);
      const auto wrong = reference.starts_with("arn:") ? KmsArnMistake(reference) : std::nullopt;
      if (wrong) {
        // Rows cannot have been sealed with what KMS does not know.
        Say(Severity::kRefused, "key-reference", where, wrong->message, wrong->hint + "; correct the row");
      }
      if (reference.empty() && !True(row, 4) && mapping_.from.provider == KeyProvider::kCatalog) {
        Say(Severity::kRefused, "key-reference", where, "the row names neither a key nor legacy material",
            "restore what it named: rows under it cannot be opened");
      }
      if (status == catalog.retired) {
        Say(Severity::kNote, "key-status", where, "the old key is retired already",
            "rows that are left are moved still");
      }
    }
    if (name == mapping_.to.name) {
      const auto wrong = reference.starts_with("arn:") ? KmsArnMistake(reference) : std::nullopt;
      if (wrong) Say(Severity::kRefused, "key-reference", where, wrong->message, wrong->hint + "; correct the row");
      if (status == catalog.retired) {
        Say(Severity::kRefused, "key-status", where, "the new key is retired", "name another key in keys.to");
      }
    }
  }
  if (!from) {
    Say(Severity::kRefused, "key-row", table, fmt::format("there is no key \"{}\"", mapping_.from.name),
        "if its row was deleted, restore it: rows that refer to it cannot be opened without");
  }
  if (active > 1) {
    Say(Severity::kRefused, "active-keys", table,
        fmt::format("{} keys are {}: nobody can tell which one writers use", active, catalog.active),
        "leave one active, and let a unique partial index see to it");
  }
  return {};
}

Status DatabaseInspection::CheckCatalog() {
  if (!mapping_.catalog.has_value()) {
    old_id_ = mapping_.from.name;
    return {};
  }
  const KeyCatalog& catalog = *mapping_.catalog;
  std::vector<std::string> columns = {catalog.id, catalog.name, catalog.provider_ref, catalog.status};
  for (const std::string& name : {catalog.alias, catalog.rotated_at, catalog.updated_at, catalog.legacy_material}) {
    if (!name.empty()) columns.push_back(name);
  }
  const std::size_t before = plan_.findings.size();
  TFSEAL_TRY(CheckTable(catalog.table, "catalogue of keys", "SELECT, INSERT, UPDATE", columns));
  for (std::size_t i = before; i < plan_.findings.size(); ++i) {
    const std::string& code = plan_.findings[i].code;
    if (code == "table" || code == "column" || code == "unreadable") return {};
  }
  const std::string legacy =
      catalog.legacy_material.empty() ? "false" : "t." + QuoteName(catalog.legacy_material) + " IS NOT NULL";
  TFSEAL_ASSIGN(const Rows rows, session_.Query(fmt::format(
                                     "SELECT t.{}::text, t.{}::text, t.{}::text, t.{}::text, {} FROM {} t",
                                     QuoteName(catalog.id), QuoteName(catalog.name), QuoteName(catalog.provider_ref),
                                     QuoteName(catalog.status), legacy, catalog.table.Quoted())));
  TFSEAL_TRY(CheckKeyRow(rows));
  TFSEAL_ASSIGN(
      const Rows guard,
      session_.Query("SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = "
                     "$2 WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NOT NULL AND "
                     "pg_get_expr(i.indpred, i.indrelid) LIKE '%' || $2 || '%' LIMIT 1",
                     {catalog.table.Quoted(), catalog.status}));
  if (guard.empty()) {
    Say(Severity::kNote, "active-guard", catalog.table.ToText(), "nothing keeps two keys from being active at once",
        fmt::format("CREATE UNIQUE INDEX CONCURRENTLY ON {} (({} = {})) WHERE {} = {}", catalog.table.Quoted(),
                    QuoteName(catalog.status), QuoteText(catalog.active), QuoteName(catalog.status),
                    QuoteText(catalog.active)));
  }
  return {};
}

// Whatever has a foreign key to the catalogue and is not mapped would be left under the old key.
Status DatabaseInspection::CheckReferences() {
  if (!mapping_.catalog.has_value()) return {};
  TFSEAL_ASSIGN(const Rows rows,
                session_.Query("SELECT n.nspname || '.' || c.relname, a.attname, quote_ident(n.nspname) || '.' || "
                               "quote_ident(c.relname), has_table_privilege(c.oid, 'SELECT') FROM pg_constraint k JOIN "
                               "pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN "
                               "pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] WHERE k.contype = "
                               "'f' AND k.conparentid = 0 AND k.confrelid = to_regclass($1) ORDER BY 1, 2",
                               {mapping_.catalog->table.Quoted()}));
  for (const Row& row : rows) {
    const std::string table = TextAt(row, 0);
    const std::string column = TextAt(row, 1);
    const bool mapped = std::any_of(mapping_.targets.begin(), mapping_.targets.end(), [&](const TargetMapping& target) {
      return target.table.ToText() == table && target.key_ref.column == column;
    });
    const bool jobs = table == mapping_.jobs.table.ToText() && column == mapping_.jobs.target_key;
    if (mapped || jobs || table.starts_with(mapping_.schema + ".") || IsIgnored(table, column)) continue;
    Say(Severity::kRefused, "unmapped-reference", table + "." + column,
        "the column refers to the catalogue of keys and is not mapped: its rows would stay under the old key",
        fmt::format("add a target for {}, or list {}.{} under rekey.ignore", table, table, column));
  }
  return {};
}

Status DatabaseInspection::CheckOtherTables() {
  TFSEAL_ASSIGN(const Rows rows, session_.Query(fmt::format(
                                     "SELECT n.nspname || '.' || c.relname, a.attname FROM pg_attribute a JOIN "
                                     "pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = "
                                     "c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND "
                                     "a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('bytea'::regtype, "
                                     "'text'::regtype, 'varchar'::regtype, 'jsonb'::regtype) AND {} ORDER BY 1, 2",
                                     kUserTables)));
  const std::string catalog = mapping_.catalog.has_value() ? mapping_.catalog->table.ToText() : "";
  for (const Row& row : rows) {
    const std::string table = TextAt(row, 0);
    const std::string column = TextAt(row, 1);
    if (IsOurs(table) || table == catalog || IsIgnored(table, column) || !NameLooksSealed(column)) continue;
    Say(Severity::kUnknown, "unmapped-column", table + "." + column,
        "the column looks sealed by its name, and its table is not mapped",
        fmt::format("add a target for {}, or list {}.{} under rekey.ignore", table, table, column));
  }
  return {};
}

Status DatabaseInspection::CheckTable(const TableName& table, std::string_view what, std::string_view privileges,
                                      const std::vector<std::string>& columns) {
  TFSEAL_ASSIGN(const Rows there, session_.Query("SELECT to_regclass($1)::oid::text", {table.Quoted()}));
  const std::string where = table.ToText();
  if (TextAt(there.front(), 0).empty()) {
    Say(Severity::kRefused, "table", where, fmt::format("the {} does not exist, or the role may not see it", what),
        "correct the mapping, or GRANT USAGE ON SCHEMA");
    return {};
  }
  TFSEAL_ASSIGN(
      const Rows has,
      session_.Query("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT "
                     "attisdropped",
                     {table.Quoted()}));
  for (const std::string& column : columns) {
    const bool found = std::any_of(has.begin(), has.end(), [&](const Row& row) { return TextAt(row, 0) == column; });
    if (!found) {
      Say(Severity::kRefused, "column", where + "." + column, fmt::format("the {} has no such column", what),
          "correct the mapping");
    }
  }
  TFSEAL_ASSIGN(const Rows readable, session_.Query("SELECT has_table_privilege(to_regclass($1)::oid, 'SELECT'), "
                                                    "has_any_column_privilege(to_regclass($1)::oid, 'UPDATE')",
                                                    {table.Quoted()}));
  if (!True(readable.front(), 0)) {
    Say(Severity::kRefused, "unreadable", where, fmt::format("the role that plans may not read the {}", what),
        fmt::format("GRANT SELECT ON {}", table.Quoted()));
    return {};
  }
  std::string rest(privileges);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(", ");
    const std::string privilege = rest.substr(0, comma);
    rest.erase(0, comma == std::string::npos ? rest.size() : comma + 2);
    TFSEAL_ASSIGN(const Rows may,
                  session_.Query("SELECT has_table_privilege(rolname, to_regclass($1)::oid, $2) FROM pg_roles WHERE "
                                 "rolname = $3",
                                 {table.Quoted(), privilege, plan_.role}));
    if (may.empty() || True(may.front(), 0)) continue;
    const bool only_reads = options_.run_as.empty() && privilege != "SELECT" && !True(readable.front(), 1);
    Say(only_reads ? Severity::kUnknown : Severity::kRefused, "privilege", where,
        fmt::format("the role {} lacks {} on the {}", plan_.role, privilege, what),
        only_reads ? "--run-as ROLE judges the role that will run"
                   : fmt::format("GRANT {} ON {} TO {}", privilege, table.Quoted(), QuoteName(plan_.role)));
  }
  return {};
}

Status DatabaseInspection::CheckAudit() {
  const AuditEntry entry{0, mapping_.from.name, mapping_.to.name, mapping_.mode};
  // Whoever may not write a mapped table only plans; who will run is another.
  const TableName& target = mapping_.targets.front().table;
  TFSEAL_ASSIGN(const Rows writes,
                session_.Query("SELECT has_any_column_privilege(c.oid, 'UPDATE') FROM pg_class c JOIN pg_namespace n "
                               "ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                               {target.schema, target.table}));
  const bool only_plans = options_.run_as.empty() && (writes.empty() || !True(writes.front(), 0));
  TFSEAL_ASSIGN(std::vector<PlanFinding> findings,
                InspectAuditTable(session_, mapping_.audit_table, AuditRowOf(mapping_, entry, plan_.role), plan_.role));
  for (PlanFinding& finding : findings) {
    if (finding.code == "privilege" && only_plans) {
      finding.severity = Severity::kUnknown;
      finding.fix = "--run-as ROLE judges the role that will run; it needs: " + finding.fix;
    }
    plan_.findings.push_back(std::move(finding));
  }
  return {};
}

Status DatabaseInspection::CheckOwnTables() {
  const JobTableMapping& jobs = mapping_.jobs;
  if (!jobs.table.empty()) {
    std::vector<std::string> columns;
    for (const std::string* name :
         {&jobs.id, &jobs.status, &jobs.target_key, &jobs.total, &jobs.processed, &jobs.failed, &jobs.last_error,
          &jobs.started_at, &jobs.completed_at, &jobs.created_at, &jobs.updated_at}) {
      if (!name->empty()) columns.push_back(*name);
    }
    TFSEAL_TRY(CheckTable(jobs.table, "table of jobs", "SELECT, INSERT, UPDATE", columns));
  }
  if (!mapping_.audit_table.empty()) {
    TFSEAL_TRY(CheckAudit());
  } else {
    Say(Severity::kNote, "audit", "", "no audit table is mapped", "audit: { table: public.key_rotation_audit }");
  }
  const ScopedTokenPruning& tokens = mapping_.scoped_tokens;
  if (!tokens.table.empty()) {
    TFSEAL_TRY(CheckTable(tokens.table, "table of scoped tokens", "SELECT, DELETE",
                          {tokens.id, tokens.expires_at, tokens.used_at}));
  }
  TFSEAL_ASSIGN(
      const Rows schema,
      session_.Query("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1), "
                     "has_database_privilege(rolname, current_database(), 'CREATE') FROM pg_roles WHERE rolname "
                     "= $2",
                     {mapping_.schema, plan_.role}));
  if (!schema.empty() && !True(schema.front(), 0) && !True(schema.front(), 1)) {
    Say(options_.run_as.empty() ? Severity::kUnknown : Severity::kRefused, "privilege", mapping_.schema,
        fmt::format("the schema of tfseal's own tables is missing, and the role {} may not make it", plan_.role),
        fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", QuoteName(mapping_.schema), QuoteName(plan_.role)));
  }
  return {};
}

// Without the log's position two limits of the run do not see what they are about.
Status DatabaseInspection::CheckWalPosition() {
  TFSEAL_ASSIGN(const Rows recovery, session_.Query("SELECT pg_is_in_recovery()"));
  if (True(recovery.front(), 0)) return {};  // a replica tells nothing about its primary
  TFSEAL_TRY(session_.Query("SAVEPOINT tfseal_wal"));
  TFSEAL_ASSIGN(const bool tells, postgres::TellsWalPosition(session_));
  if (tells) {
    TFSEAL_TRY(session_.Query("RELEASE SAVEPOINT tfseal_wal"));
    return {};
  }
  TFSEAL_TRY(session_.Query("ROLLBACK TO SAVEPOINT tfseal_wal"));
  Say(Severity::kNote, "wal-position", "",
      "the server does not tell where its log is, as Aurora without logical replication does not: "
      "throttle.wal_mb_per_s is kept by an estimate, and how far replicas are behind is not seen",
      "throttle.health.hook: SELECT coalesce(max(replica_lag_in_msec), 0) < 1000 FROM aurora_replica_status()");
  return {};
}

Status DatabaseInspection::CheckSurroundings() {
  TFSEAL_TRY(CheckWalPosition());
  TFSEAL_ASSIGN(const Rows slots, session_.Query("SELECT slot_name, active, slot_type, coalesce(wal_status, '') FROM "
                                                 "pg_replication_slots WHERE NOT temporary ORDER BY 1"));
  for (const Row& row : slots) {
    if (True(row, 1)) continue;
    Say(Severity::kUnknown, "replication-slot", TextAt(row, 0),
        fmt::format("nobody reads from this {} slot: it keeps all WAL that the run writes", TextAt(row, 2)),
        "let its reader catch up, or drop the slot");
  }
  TFSEAL_ASSIGN(
      const Rows horizon,
      session_.Query("SELECT pid::text, extract(epoch FROM now() - xact_start)::bigint::text FROM "
                     "pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND xact_start "
                     "< now() - make_interval(secs => $1::float8) ORDER BY xact_start LIMIT 1",
                     {std::to_string(mapping_.throttle.horizon_age.count())}));
  for (const Row& row : horizon) {
    Say(Severity::kUnknown, "horizon", "pid " + TextAt(row, 0),
        fmt::format("a transaction that began {} s ago keeps vacuum from cleaning up", TextAt(row, 1)),
        "end it before the run: old row versions cannot be reclaimed while it is open");
  }
  return {};
}

}  // namespace tfseal::rekey
