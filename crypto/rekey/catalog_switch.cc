#include "crypto/rekey/catalog_switch.h"

#include <fmt/format.h>

#include <utility>

#include "core/base64.h"
#include "crypto/row_format.h"

namespace tfseal::rekey {
namespace {

using postgres::QuoteName;
using postgres::TextAt;

constexpr std::size_t kKeyBytes = 32;

Error Refused(const KeyCatalog& catalog, const std::string& what, const std::string& hint) {
  return {ErrorCode::kConflict, fmt::format("{}: {}", catalog.table.ToText(), what), hint};
}

std::string TouchedSql(const KeyCatalog& catalog, bool rotated) {
  std::string sql;
  if (rotated && !catalog.rotated_at.empty()) sql += fmt::format(", {} = now()", QuoteName(catalog.rotated_at));
  if (!catalog.updated_at.empty()) sql += fmt::format(", {} = now()", QuoteName(catalog.updated_at));
  return sql;
}

Status SetStatus(postgres::Connection& session, const KeyCatalog& catalog, const std::string& id,
                 const std::string& status, bool rotated) {
  TFSEAL_TRY(
      session.Execute(fmt::format("UPDATE {} SET {} = $1{} WHERE {}::text = $2", catalog.table.Quoted(),
                                  QuoteName(catalog.status), TouchedSql(catalog, rotated), QuoteName(catalog.id)),
                      {status, id}));
  return {};
}

Status Insert(postgres::Connection& session, const KeyCatalog& catalog, const KeySpec& key,
              const std::string& provider_ref) {
  std::string columns = fmt::format("{}, {}", QuoteName(catalog.name), QuoteName(catalog.status));
  std::string values = "$1, $2";
  postgres::Parameters parameters{key.name, catalog.active};
  const auto add = [&](const std::string& column, const std::string& value) {
    if (column.empty() || value.empty()) return;
    parameters.emplace_back(value);
    columns += ", " + QuoteName(column);
    values += fmt::format(", ${}", parameters.size());
  };
  add(catalog.provider_ref, provider_ref);
  add(catalog.alias, key.alias);
  TFSEAL_TRY(session.Execute(fmt::format("INSERT INTO {} ({}) VALUES ({})", catalog.table.Quoted(), columns, values),
                             parameters));
  return {};
}

// Within the transaction that holds the catalogue's lock.
Result<KeySwitch> Switch(postgres::Connection& session, const Mapping& mapping, const std::string& provider_ref) {
  const KeyCatalog& catalog = *mapping.catalog;
  TFSEAL_TRY(session.Execute("SET LOCAL synchronous_commit = on"));
  TFSEAL_TRY(session.Execute(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", catalog.table.Quoted())));
  TFSEAL_ASSIGN(const CatalogKey from, ReadCatalogKey(session, catalog, mapping.from.name));
  const Result<CatalogKey> to = ReadCatalogKey(session, catalog, mapping.to.name);
  if (!to.ok() && to.error().code != ErrorCode::kNotFound) return to.error();
  TFSEAL_ASSIGN(const postgres::Rows active,
                session.Query(fmt::format("SELECT {}, {}::text FROM {} WHERE {} = $1", QuoteName(catalog.name),
                                          QuoteName(catalog.id), catalog.table.Quoted(), QuoteName(catalog.status)),
                              {catalog.active}));
  for (const postgres::Row& row : active) {
    const std::string name = TextAt(row, 0);
    if (name == mapping.from.name || name == mapping.to.name) continue;
    return Refused(catalog, fmt::format("the key {} is active, which is neither the old nor the new one", name),
                   "name the active key as keys.from");
  }
  if (to.ok() && !to->provider_ref.empty() && !provider_ref.empty() && to->provider_ref != provider_ref) {
    return Refused(catalog, fmt::format("the row of {} names another key of its provider", mapping.to.name),
                   "the row must hold the key itself, not an alias: " + provider_ref);
  }
  if (to.ok() && to->status == catalog.retired) {
    return Refused(catalog, fmt::format("the key {} is retired", mapping.to.name), "name a key that may be used");
  }
  if (to.ok() && to->status == catalog.active && from.status != catalog.active) {
    return KeySwitch{{from.id, to->id}, false};
  }
  if (from.status == catalog.active) TFSEAL_TRY(SetStatus(session, catalog, from.id, catalog.rotating, true));
  if (to.ok()) {
    TFSEAL_TRY(SetStatus(session, catalog, to->id, catalog.active, false));
    return KeySwitch{{from.id, to->id}, true};
  }
  TFSEAL_TRY(Insert(session, catalog, mapping.to, provider_ref));
  TFSEAL_ASSIGN(const CatalogKey made, ReadCatalogKey(session, catalog, mapping.to.name));
  return KeySwitch{{from.id, made.id}, true};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// nullopt: not hexadecimal digits of a key.
std::optional<std::string> KeyFromHex(std::string_view text) {
  if (text.starts_with("\\x")) text.remove_prefix(2);
  if (text.size() != 2 * kKeyBytes) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

Result<CatalogKey> ReadCatalogKey(postgres::Connection& session, const KeyCatalog& catalog, const std::string& name) {
  const std::string ref = catalog.provider_ref.empty() ? "''" : QuoteName(catalog.provider_ref);
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session.Query(fmt::format("SELECT {}::text, {}, {} FROM {} WHERE {} = $1", QuoteName(catalog.id), ref,
                                          QuoteName(catalog.status), catalog.table.Quoted(), QuoteName(catalog.name)),
                              {name}));
  if (rows.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("{}: there is no key {}", catalog.table.ToText(), name),
                 "keys.from names the key that rows are under now, as the catalogue does"};
  }
  if (rows.size() > 1) return Refused(catalog, fmt::format("two rows are named {}", name), "names must be unique");
  return CatalogKey{TextAt(rows[0], 0), TextAt(rows[0], 1), TextAt(rows[0], 2)};
}

Result<KeySwitch> SwitchCatalog(postgres::Connection& session, const Mapping& mapping,
                                const std::string& provider_ref) {
  if (!mapping.catalog.has_value()) return KeySwitch{{mapping.from.name, mapping.to.name}, false};
  TFSEAL_TRY(session.Begin("ISOLATION LEVEL READ COMMITTED"));
  Result<KeySwitch> switched = Switch(session, mapping, provider_ref);
  if (!switched.ok()) {
    (void)session.Rollback();
    return switched;
  }
  TFSEAL_TRY(session.Commit());
  return switched;
}

Result<SecretBytes> ReadLegacyMaterial(postgres::Connection& session, const Mapping& mapping) {
  if (!mapping.catalog.has_value() || mapping.catalog->legacy_material.empty()) return SecretBytes();
  const KeyCatalog& catalog = *mapping.catalog;
  TFSEAL_ASSIGN(postgres::Rows rows,
                session.Query(fmt::format("SELECT {}::text FROM {} WHERE {} = $1", QuoteName(catalog.legacy_material),
                                          catalog.table.Quoted(), QuoteName(catalog.name)),
                              {mapping.from.name}));
  if (rows.empty() || !rows[0][0].has_value()) return SecretBytes();
  std::string& text = *rows[0][0];
  std::optional<std::string> bytes = KeyFromHex(text);
  if (!bytes.has_value()) {
    if (Result<std::string> decoded = FromBase64(text); decoded.ok()) bytes = std::move(*decoded);
  }
  Wipe(text);
  if (!bytes.has_value() || bytes->size() != kKeyBytes) {
    return Error{ErrorCode::kInvalidInput,
                 fmt::format("{}.{}: the legacy material of {} is not a key of 32 bytes", catalog.table.ToText(),
                             catalog.legacy_material, mapping.from.name),
                 "as bytea, base64 or hexadecimal digits"};
  }
  SecretBytes key(*bytes);
  Wipe(*bytes);
  return key;
}

}  // namespace tfseal::rekey
