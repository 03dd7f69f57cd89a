#include "crypto/rekey/table_inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tfseal::rekey {
namespace {

using postgres::NumberAt;
using postgres::QuoteName;
using postgres::QuoteText;
using postgres::Row;
using postgres::Rows;
using postgres::TextAt;

double DoubleAt(const Row& row, std::size_t column) {
  const std::string text = TextAt(row, column);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool True(const Row& row, std::size_t column) {
  return TextAt(row, column) == "t";
}

void AddColumn(const ColumnRef& column, std::set<std::string>& into) {
  if (!column.empty()) into.insert(column.column);
}

std::string Joined(const std::set<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

bool NameLooksSealed(std::string_view column) {
  std::string name(column);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 6> kParts = {"cipher", "encrypt", "wrapped", "data_key", "sealed", "_enc_"};
  constexpr std::array<std::string_view, 4> kEnds = {"_enc", "_iv", "_nonce", "_dek"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; }) ||
         std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return name.ends_with(end); });
}

void TableInspection::Say(Severity severity, std::string_view code, const std::string& column, std::string message,
                          std::string fix) {
  const std::string where = column.empty() ? target_.table.ToText() : target_.table.ToText() + "." + column;
  findings_.push_back({severity, std::string(code), where, std::move(message), std::move(fix)});
}

bool TableInspection::Accepts(std::string_view word) const {
  return std::find(target_.accept.begin(), target_.accept.end(), word) != target_.accept.end();
}

std::set<std::string> TableInspection::SealedColumns() const {
  std::set<std::string> columns;
  for (const FieldMapping& field : target_.fields) {
    for (const ColumnRef* column : {&field.ciphertext, &field.iv, &field.tag_column, &field.wrapped_key,
                                    &field.wrapped_key_nonce, &field.commitment}) {
      AddColumn(*column, columns);
    }
    for (const MirrorMapping& mirror : field.mirrors) {
      for (const ColumnRef* column : {&mirror.ciphertext, &mirror.iv, &mirror.tag}) AddColumn(*column, columns);
    }
  }
  return columns;
}

std::set<std::string> TableInspection::WrittenColumns() const {
  std::set<std::string> columns;
  if (mapping_.mode == RekeyMode::kRewrap) {
    for (const FieldMapping& field : target_.fields) {
      AddColumn(field.wrapped_key.empty() ? field.ciphertext : field.wrapped_key, columns);
      AddColumn(field.wrapped_key_nonce, columns);
    }
  } else {
    columns = SealedColumns();
  }
  if (!target_.key_ref.column.empty()) columns.insert(target_.key_ref.column);
  if (!target_.error_column.empty()) columns.insert(target_.error_column);
  return columns;
}

Status TableInspection::ReadRelation() {
  TFSEAL_ASSIGN(const Rows rows,
                session_.Query("SELECT c.oid::text, c.relkind, c.relpersistence, c.relispartition, c.relrowsecurity, "
                               "c.relforcerowsecurity, c.reltuples::float8, pg_table_size(c.oid), "
                               "pg_indexes_size(c.oid), pg_relation_size(c.oid), "
                               "coalesce('autovacuum_enabled=false' = ANY (c.reloptions), false), "
                               "pg_has_role($2, c.relowner, 'USAGE'), r.rolsuper, r.rolbypassrls "
                               "FROM pg_class c, pg_roles r WHERE c.oid = to_regclass($1) AND r.rolname = $2",
                               {target_.table.Quoted(), role_}));
  if (rows.empty()) {
    Say(Severity::kRefused, "table", "", "the table does not exist, or the role may not see its schema",
        "correct the mapping, or GRANT USAGE ON SCHEMA");
    return {};
  }
  const Row& row = rows.front();
  oid_ = TextAt(row, 0);
  const std::string kind = TextAt(row, 1);
  estimated_rows_ = std::max(0.0, DoubleAt(row, 6));
  forecast_.table_bytes = NumberAt(row, 7) + NumberAt(row, 8);
  if (estimated_rows_ >= 1) {
    forecast_.row_bytes = static_cast<std::int64_t>(static_cast<double>(NumberAt(row, 9)) / estimated_rows_);
  }
  if (kind == "p" && !Accepts("partitions")) {
    Say(Severity::kRefused, "partitioned", "", "the table is partitioned: rows that change may not move between parts",
        "check that no sealed column is in the partition key, then write accept: [partitions]");
  } else if (kind == "f" || kind == "v" || kind == "m") {
    Say(Severity::kRefused, "relation-kind", "", "this is no table but a foreign table or a view",
        "map the table that holds the rows");
  }
  if (True(row, 3)) {
    Say(Severity::kUnknown, "partition", "", "the table is a partition: rows of its siblings are not mapped by it",
        "map the partitioned table instead");
  }
  const bool bypasses = True(row, 12) || True(row, 13) || (True(row, 11) && !True(row, 5));
  if (True(row, 4) && !bypasses && !Accepts("row-security")) {
    Say(Severity::kRefused, "row-level-security", "",
        fmt::format("row level security would hide rows from the role {}", role_),
        "run as the owner or as a role with BYPASSRLS: hidden rows would stay under the old key");
  }
  if (True(row, 10)) {
    Say(Severity::kUnknown, "autovacuum", "", "autovacuum is off for the table: old row versions will pile up",
        "ALTER TABLE ... RESET (autovacuum_enabled), or vacuum it by hand during the run");
  }
  return {};
}

Status TableInspection::ReadColumns() {
  TFSEAL_ASSIGN(
      const Rows rows,
      session_.Query(
          "SELECT a.attname, " + std::string(kTypeNameSql) +
              ", a.attnotnull, a.attgenerated <> '', has_column_privilege($2, a.attrelid, a.attnum, 'SELECT'), "
              "has_column_privilege($2, a.attrelid, a.attnum, 'UPDATE'), s.avg_width, s.n_distinct::float8 "
              "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid "
              "JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stats s ON s.schemaname = n.nspname "
              "AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited "
              "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped",
          {oid_, role_}));
  for (const Row& row : rows) {
    columns_[TextAt(row, 0)] = {TextAt(row, 1), True(row, 2),     True(row, 3),    True(row, 4),
                                True(row, 5),   NumberAt(row, 6), DoubleAt(row, 7)};
  }
  return {};
}

void TableInspection::CheckColumns() {
  std::set<std::string> used = SealedColumns();
  used.insert(target_.primary_key.begin(), target_.primary_key.end());
  for (const std::string& name : {target_.key_ref.column, target_.error_column, target_.tenant}) {
    if (!name.empty()) used.insert(name);
  }
  for (const std::string& name : target_.preserve) used.insert(name);
  for (const std::string& name : used) {
    if (columns_.contains(name)) continue;
    Say(Severity::kRefused, "column", name, "the table has no such column", "correct the mapping");
  }
  const auto check = [&](const ColumnRef& ref) {
    const auto found = columns_.find(ref.column);
    if (ref.empty() || found == columns_.end()) return;
    const std::string& type = found->second.type;
    const bool text = type == "text" || type == "character varying";
    const bool json = type == "jsonb" || type == "json";
    if (!ref.json_path.empty() ? json : ref.encoding == ColumnEncoding::kRaw ? type == "bytea" || json : text) return;
    Say(Severity::kRefused, "column-type", ref.column,
        fmt::format("the column is {}, which the mapping does not fit", type),
        "raw bytes are in bytea; write { column: ..., encoding: base64 } or hex for text, path: [...] for jsonb");
  };
  for (const FieldMapping& field : target_.fields) {
    if (field.format == "version-prefix" || field.format == "tfseal" || field.format == "jsonb") {
      check(field.ciphertext);
    }
    if (field.format != "columns") continue;
    for (const ColumnRef* ref : {&field.ciphertext, &field.iv, &field.tag_column, &field.wrapped_key,
                                 &field.wrapped_key_nonce, &field.commitment}) {
      check(*ref);
    }
    for (const MirrorMapping& mirror : field.mirrors) {
      for (const ColumnRef* ref : {&mirror.ciphertext, &mirror.iv, &mirror.tag}) check(*ref);
    }
  }
  for (const std::string& name : SealedColumns()) {
    const auto found = columns_.find(name);
    if (found != columns_.end()) forecast_.sealed_bytes += found->second.width;
  }
}

Status TableInspection::CheckPrivileges() {
  std::set<std::string> unread;
  std::set<std::string> unwritten;
  std::set<std::string> used = SealedColumns();
  used.insert(target_.primary_key.begin(), target_.primary_key.end());
  if (!target_.key_ref.column.empty()) used.insert(target_.key_ref.column);
  if (!target_.tenant.empty()) used.insert(target_.tenant);
  for (const std::string& name : used) {
    const auto found = columns_.find(name);
    if (found != columns_.end() && !found->second.selectable) unread.insert(name);
  }
  for (const std::string& name : WrittenColumns()) {
    const auto found = columns_.find(name);
    if (found != columns_.end() && !found->second.updatable) unwritten.insert(name);
  }
  if (!unread.empty()) {
    Say(Severity::kRefused, "privilege", "", fmt::format("the role {} may not read {}", role_, Joined(unread)),
        fmt::format("GRANT SELECT ON {} TO {}", target_.table.Quoted(), QuoteName(role_)));
  }
  if (unwritten.empty()) return {};
  // A role that is only there to look tells nothing about the one that will run.
  const bool only_reads =
      std::none_of(columns_.begin(), columns_.end(), [](const auto& c) { return c.second.updatable; });
  const std::string message = fmt::format("the role {} may not update {}", role_, Joined(unwritten));
  if (only_reads && options_.run_as.empty()) {
    Say(Severity::kUnknown, "privilege", "", message, "--run-as ROLE judges the role that will run");
  } else {
    Say(Severity::kRefused, "privilege", "", message,
        fmt::format("GRANT UPDATE ON {} TO {}", target_.table.Quoted(), QuoteName(role_)));
  }
  return {};
}

Status TableInspection::CheckPrimaryKey() {
  TFSEAL_ASSIGN(
      const Rows rows,
      session_.Query(
          "SELECT i.indisprimary, (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey::int2[]) "
          "WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
          "WHERE k.n <= i.indnkeyatts), (SELECT bool_and(a.attnotnull) FROM unnest(i.indkey::int2[]) u(attnum) "
          "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum) FROM pg_index i WHERE "
          "i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL "
          "AND i.indexprs IS NULL ORDER BY i.indisprimary DESC, i.indexrelid",
          {oid_}));
  const std::string wanted = fmt::format("{}", fmt::join(target_.primary_key, ","));
  std::string primary;
  for (const Row& row : rows) {
    if (True(row, 2) && TextAt(row, 1) == wanted) return {};
    if (True(row, 0)) primary = TextAt(row, 1);
  }
  Say(Severity::kRefused, "primary-key", "",
      fmt::format("({}) is neither the primary key nor a unique index of columns that are NOT NULL, in this order",
                  wanted),
      primary.empty() ? "the table needs one: rows are found again by it"
                      : fmt::format("the primary key is [{}]", primary));
  return {};
}

Status TableInspection::CheckTriggersAndRules() {
  TFSEAL_ASSIGN(
      const Rows triggers,
      session_.Query("SELECT t.tgname, p.proname, (t.tgtype & 1) = 1, (SELECT string_agg(a.attname, ',') FROM "
                     "unnest(t.tgattr::int2[]) u(attnum) JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = "
                     "u.attnum) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = $1::oid AND NOT "
                     "t.tgisinternal AND t.tgenabled IN ('O', 'A') AND (t.tgtype & 16) = 16 ORDER BY 1",
                     {oid_}));
  const std::set<std::string> written = WrittenColumns();
  for (const Row& row : triggers) {
    if (row.at(3).has_value()) {  // UPDATE OF: fires only when one of its columns is named
      const std::string columns = "," + TextAt(row, 3) + ",";
      const bool ours = std::any_of(written.begin(), written.end(), [&](const std::string& name) {
        return columns.find("," + name + ",") != std::string::npos;
      });
      if (!ours) continue;
    }
    const std::string what = fmt::format("the trigger {} (function {}) fires for every row that is rewritten",
                                         TextAt(row, 0), TextAt(row, 1));
    if (Accepts("triggers")) {
      Say(Severity::kNote, "trigger", "", what, "accepted by the mapping");
    } else {
      Say(Severity::kRefused, "trigger", "", what,
          "read the function: if it neither changes sealed columns nor moves updated_at nor sends anything, write "
          "accept: [triggers]");
    }
  }
  TFSEAL_ASSIGN(const Rows rules,
                session_.Query("SELECT rulename FROM pg_rewrite WHERE ev_class = $1::oid AND ev_type = "
                               "'2' AND ev_enabled <> 'D' ORDER BY 1",
                               {oid_}));
  for (const Row& row : rules) {
    Say(Severity::kRefused, "rule", "", fmt::format("the rule {} rewrites every UPDATE of the table", TextAt(row, 0)),
        "drop it, or map the table that it writes to");
  }
  return {};
}

Status TableInspection::CheckIndexes() {
  TFSEAL_ASSIGN(
      const Rows rows,
      session_.Query(
          "SELECT ic.relname, i.indisunique, (SELECT string_agg(DISTINCT a.attname, ',') FROM pg_depend d JOIN "
          "pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = "
          "'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0) "
          ", i.indexprs IS NOT NULL OR i.indpred IS NOT NULL FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid "
          "WHERE i.indrelid = $1::oid ORDER BY 1",
          {oid_}));
  const std::set<std::string> sealed = SealedColumns();
  forecast_.indexes = static_cast<int>(rows.size());
  for (const Row& row : rows) {
    std::string rest = TextAt(row, 2);
    std::set<std::string> named;
    // The primary key's constraint owns its index, which then has no dependency on columns of its own.
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      named.insert(rest.substr(0, comma));
      rest.erase(0, comma == std::string::npos ? rest.size() : comma + 1);
    }
    indexed_.insert(named.begin(), named.end());
    for (const std::string& column : named) {
      if (!sealed.contains(column)) continue;
      if (True(row, 1)) {
        const bool of_member = IsDocument(column) && True(row, 3);
        Say(of_member ? Severity::kUnknown : Severity::kRefused, "unique-index", column,
            of_member ? fmt::format("the unique index {} is over part of the document, which may be what is sealed",
                                    TextAt(row, 0))
                      : fmt::format("the unique index {} depends on the ciphertext, so equal values must seal to equal "
                                    "bytes",
                                    TextAt(row, 0)),
            "values that are searched by their ciphertext need a blind index of their own; drop this one first");
      } else {
        Say(Severity::kNote, "index", column, fmt::format("the index {} is over a sealed column", TextAt(row, 0)),
            "it serves nobody and doubles the writing: drop it before the run");
      }
    }
  }
  if (!target_.key_ref.column.empty() && !indexed_.contains(target_.key_ref.column)) {
    Say(Severity::kNote, "key-index", target_.key_ref.column,
        "there is no index on the key column: each count of what is left reads the whole table",
        "CREATE INDEX CONCURRENTLY, if the table is large");
  }
  const std::set<std::string> written = WrittenColumns();
  forecast_.in_place =
      std::none_of(written.begin(), written.end(), [&](const std::string& c) { return indexed_.contains(c); });
  return {};
}

Status TableInspection::CheckGenerated() {
  TFSEAL_ASSIGN(
      const Rows rows,
      session_.Query("SELECT g.attname, a.attname FROM pg_attribute g JOIN pg_attrdef f ON f.adrelid = "
                     "g.attrelid AND f.adnum = g.attnum JOIN pg_depend d ON d.classid = "
                     "'pg_attrdef'::regclass AND d.objid = f.oid AND d.refobjid = g.attrelid AND d.refobjsubid "
                     "<> g.attnum JOIN pg_attribute a ON a.attrelid = g.attrelid AND a.attnum = d.refobjsubid "
                     "WHERE g.attrelid = $1::oid AND g.attgenerated <> '' ORDER BY 1, 2",
                     {oid_}));
  const std::set<std::string> sealed = SealedColumns();
  for (const Row& row : rows) {
    if (!sealed.contains(TextAt(row, 1))) continue;
    const bool of_member = IsDocument(TextAt(row, 1));
    Say(of_member ? Severity::kUnknown : Severity::kRefused, "generated-column", TextAt(row, 0),
        fmt::format("the column is computed from {}, {}", TextAt(row, 1),
                    of_member ? "a document of which sealed texts will change" : "which will change"),
        "whoever relies on it would find other values: drop it, or fill it from the plaintext");
  }
  return {};
}

Status TableInspection::CheckPublications() {
  TFSEAL_ASSIGN(const Rows rows,
                session_.Query("SELECT p.pubname FROM pg_publication p WHERE p.puballtables OR EXISTS (SELECT FROM "
                               "pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = $1::oid) ORDER BY 1",
                               {oid_}));
  for (const Row& row : rows) {
    const std::string what =
        fmt::format("the publication {} sends every rewritten row to its subscribers", TextAt(row, 0));
    if (Accepts("publication")) {
      Say(Severity::kNote, "publication", "", what, "accepted by the mapping");
    } else {
      Say(Severity::kRefused, "publication", "", what,
          "make sure that subscribers keep up and know the new key, then write accept: [publication]");
    }
  }
  return {};
}

Result<std::optional<Rows>> TableInspection::TryCount(const std::string& sql) {
  TFSEAL_TRY(session_.Query("SAVEPOINT counting"));
  TFSEAL_TRY(session_.Query(fmt::format("SET LOCAL statement_timeout = {}", options_.count_timeout.count())));
  auto rows = session_.Query(sql);
  if (rows.ok()) {
    TFSEAL_TRY(session_.Query("RELEASE SAVEPOINT counting"));
    return std::optional(std::move(rows).value());
  }
  const std::string& state = rows.error().service_code;
  // Too slow, not allowed, or a mapping that does not fit, which is a finding already.
  if (state != "57014" && state != "42501" && state != "22P02" && state != "42883") return rows.error();
  TFSEAL_TRY(session_.Query("ROLLBACK TO SAVEPOINT counting"));
  return std::optional<Rows>();
}

// The condition on rows with a value that names this key; on every row where a column is not there.
std::string TableInspection::AnyValueNames(const std::string& reference) const {
  std::string any;
  for (const FieldMapping& field : target_.fields) {
    const ColumnRef& named = KeyColumnOf(field);
    const auto column = columns_.find(named.column);
    if (column == columns_.end()) return "true";
    const KeyNaming place{named.column, column->second.type, field.format, named.encoding};
    any += (any.empty() ? "" : " OR ") + NamesKeySql(place, "t.", reference);
  }
  return any;
}

bool TableInspection::IsDocument(const std::string& column) const {
  return std::any_of(target_.fields.begin(), target_.fields.end(), [&](const FieldMapping& field) {
    return field.format == "jsonb" && field.ciphertext.column == column;
  });
}

// A path that is written wrong looks like rows without a value. `old`: the condition on rows under the old key.
Status TableInspection::CheckPaths(const std::string& old, const std::string& relation) {
  for (const FieldMapping& field : target_.fields) {
    const auto column = columns_.find(field.ciphertext.column);
    if (field.format != "jsonb" || column == columns_.end()) continue;
    const std::string& type = column->second.type;
    if (type != "jsonb" && type != "json") continue;  // said already
    const std::string is_text = HasTextSql(field.ciphertext, type);
    const std::string kind = fmt::format("{}_typeof({})", type, AtPathSql(field.ciphertext));
    TFSEAL_ASSIGN(const auto counted,
                  TryCount(fmt::format(
                      "SELECT count(*), count(*) FILTER (WHERE {0}), count(*) FILTER (WHERE ({1}) AND {2} NOT IN "
                      "('string', 'null')) FROM {3}",
                      is_text, old, kind, relation)));
    const std::string place = field.ciphertext.ToText();
    if (!counted.has_value()) {
      Say(Severity::kUnknown, "document-path", field.ciphertext.column,
          fmt::format("whether rows have a text at {} could not be counted in time", place),
          "--probe 100 opens some of them");
      continue;
    }
    const std::int64_t texts = NumberAt(counted->front(), 1);
    const std::int64_t others = NumberAt(counted->front(), 2);
    if (texts == 0 && NumberAt(counted->front(), 0) > 0) {
      Say(Severity::kRefused, "document-path", field.ciphertext.column, fmt::format("no row has a text at {}", place),
          "correct the path, or leave the field out: where there is no value at all, nothing can be moved");
    }
    if (others > 0) {
      Say(Severity::kUnknown, "document-path", field.ciphertext.column,
          fmt::format("{} rows have something else than a text at {}: they will stay as they are", others, place),
          "correct the path, or those rows");
    }
  }
  return {};
}

Status TableInspection::Count(const std::string& old_reference) {
  forecast_.rows = static_cast<std::int64_t>(estimated_rows_);
  forecast_.rows_old = forecast_.rows;
  forecast_.data_keys = forecast_.rows;
  const KeyRef& ref = target_.key_ref;
  const FieldMapping& field = target_.fields.front();
  std::string old = "true";
  if (InValue(ref.kind)) {
    old = AnyValueNames(old_reference);
  } else if (!ref.column.empty()) {
    old = fmt::format("t.{}::text = {}", QuoteName(ref.column), QuoteText(old_reference));
    const auto column = columns_.find(ref.column);
    if (column != columns_.end()) {
      old = fmt::format("t.{} = {}::{}", QuoteName(ref.column), QuoteText(old_reference), column->second.type);
    }
  }
  if (old_reference.empty() || (!ref.column.empty() && !columns_.contains(ref.column))) old = "true";
  const std::string relation = target_.table.Quoted() + " t";
  TFSEAL_ASSIGN(const auto counted,
                TryCount(fmt::format("SELECT count(*), count(*) FILTER (WHERE {}) FROM {}", old, relation)));
  if (counted.has_value()) {
    forecast_.rows = NumberAt(counted->front(), 0);
    forecast_.rows_old = NumberAt(counted->front(), 1);
    forecast_.rows_exact = true;
    forecast_.data_keys = forecast_.rows_old;
  }
  TFSEAL_TRY(CheckPaths(old, relation));
  if (field.wrapped_key.empty() || !columns_.contains(field.wrapped_key.column)) return {};
  Column wrapped = columns_.at(field.wrapped_key.column);
  const bool in_document = !field.wrapped_key.json_path.empty();
  if (in_document) wrapped.distinct = 0;  // statistics are of whole documents
  const double distinct =
      wrapped.distinct < 0 ? -wrapped.distinct * static_cast<double>(forecast_.rows) : wrapped.distinct;
  if (wrapped.distinct != 0) {
    forecast_.data_keys = std::min(forecast_.rows_old, static_cast<std::int64_t>(std::llround(distinct)));
  }
  if (forecast_.rows_old > 2'000'000) return {};
  const std::string blob =
      in_document ? AtPathSql(field.wrapped_key) + "::text" : "t." + QuoteName(field.wrapped_key.column);
  TFSEAL_ASSIGN(const auto keys,
                TryCount(fmt::format("SELECT count(DISTINCT {}) FROM {} WHERE {}", blob, relation, old)));
  if (keys.has_value()) {
    forecast_.data_keys = NumberAt(keys->front(), 0);
    forecast_.data_keys_exact = true;
  }
  return {};
}

// By name, and by what the statistics say: long bytes that are different in every row.
void TableInspection::LookForSealedColumns() {
  const std::set<std::string> sealed = SealedColumns();
  const auto known = [&](const std::string& name) {
    const std::string full = target_.table.ToText() + "." + name;
    return sealed.contains(name) || name == target_.key_ref.column || name == target_.error_column ||
           std::find(target_.ignore.begin(), target_.ignore.end(), name) != target_.ignore.end() ||
           std::find(target_.primary_key.begin(), target_.primary_key.end(), name) != target_.primary_key.end() ||
           std::find(mapping_.ignore.begin(), mapping_.ignore.end(), full) != mapping_.ignore.end();
  };
  for (const auto& [name, column] : columns_) {
    if (known(name)) continue;
    const bool bytes = column.type == "bytea";
    const bool text = column.type == "text" || column.type == "character varying" || column.type == "jsonb";
    const bool distinct =
        column.distinct < -0.9 || (forecast_.rows > 100 && column.distinct > 0.9 * double(forecast_.rows));
    if ((bytes || text) && NameLooksSealed(name)) {
      Say(Severity::kRefused, "unmapped-column", name, "the column looks sealed by its name and is not mapped",
          "map it as a field or a mirror, or list it under ignore: what is left out stays under the old key");
    } else if (bytes && column.width >= 29 && distinct) {
      Say(Severity::kUnknown, "unmapped-column", name,
          fmt::format("the column holds {} bytes that differ in every row, as ciphertext does", column.width),
          "map it as a field, or list it under ignore");
    } else if (name.ends_with("_key_id") && name != target_.key_ref.column) {
      Say(Severity::kUnknown, "unmapped-reference", name, "the column looks like a reference to a key",
          "map what it belongs to, or list it under ignore");
    }
  }
}

Result<TableForecast> TableInspection::Run(const std::string& old_reference) {
  forecast_.table = target_.table.ToText();
  forecast_.label = target_.label;
  TFSEAL_ASSIGN(const Rows roles, session_.Query("SELECT rolname FROM pg_roles WHERE rolname = "
                                                 "coalesce(nullif($1, ''), current_user::text)",
                                                 {options_.run_as}));
  role_ = roles.empty() ? "" : TextAt(roles.front(), 0);
  if (role_.empty()) return forecast_;  // said once, by the caller
  TFSEAL_TRY(ReadRelation());
  if (oid_.empty()) return forecast_;
  TFSEAL_TRY(ReadColumns());
  CheckColumns();
  TFSEAL_TRY(CheckPrivileges());
  TFSEAL_TRY(CheckPrimaryKey());
  TFSEAL_TRY(CheckTriggersAndRules());
  TFSEAL_TRY(CheckIndexes());
  TFSEAL_TRY(CheckGenerated());
  TFSEAL_TRY(CheckPublications());
  TFSEAL_TRY(Count(old_reference));
  LookForSealedColumns();
  if (forecast_.row_bytes == 0 && forecast_.rows > 0) forecast_.row_bytes = forecast_.sealed_bytes + 100;
  return forecast_;
}

}  // namespace tfseal::rekey
