#include "crypto/rekey/table_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "crypto/digest.h"
#include "crypto/formats/row_formats.h"

namespace tfseal::rekey {
namespace {

struct Described {
  std::map<std::string, SqlColumn, std::less<>> columns;
  std::string digest;  // of names, types and order
  bool has_positions = false;
};

Error Refused(const TargetMapping& target, const std::string& what, const std::string& hint = "") {
  return {ErrorCode::kInvalidInput, fmt::format("{}: {}", target.table.ToText(), what), hint};
}

// Domains are resolved, so that values can be sent as what they are made of.
Result<Described> Describe(postgres::Connection& session, const TargetMapping& target) {
  TFSEAL_ASSIGN(const postgres::Rows rows,
                session.Query(fmt::format("SELECT a.attname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid "
                                          "END, {}, NOT a.attnotnull FROM pg_attribute a JOIN pg_type t ON t.oid = "
                                          "a.atttypid WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT "
                                          "a.attisdropped ORDER BY a.attnum",
                                          kTypeNameSql),
                              {target.table.Quoted()}));
  if (rows.empty()) return Refused(target, "the table does not exist, or the role may not see it");
  Described described;
  std::string text;
  for (const postgres::Row& row : rows) {
    SqlColumn column;
    column.name = postgres::TextAt(row, 0);
    column.type = static_cast<postgres::TypeOid>(postgres::NumberAt(row, 1));
    column.type_name = postgres::TextAt(row, 2);
    column.nullable = postgres::TextAt(row, 3) == "t";
    text += fmt::format("{}:{} {};", column.name.size(), column.name, column.type_name);
    described.columns.emplace(column.name, std::move(column));
  }
  described.digest = Sha256Hex(text);
  TFSEAL_ASSIGN(
      const postgres::Rows ordinary,
      session.Query("SELECT FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.oid = to_regclass($1) AND "
                    "c.relkind = 'r' AND NOT c.relhassubclass AND a.amname = 'heap'",
                    {target.table.Quoted()}));
  described.has_positions = !ordinary.empty();
  return described;
}

Result<SqlColumn> ColumnOf(const Described& described, const TargetMapping& target, const std::string& name) {
  const auto found = described.columns.find(name);
  if (found == described.columns.end()) return Refused(target, fmt::format("there is no column {}", name));
  return found->second;
}

ByteEncoding EncodingOf(ColumnEncoding encoding) {
  if (encoding == ColumnEncoding::kBase64) return ByteEncoding::kBase64;
  return encoding == ColumnEncoding::kHex ? ByteEncoding::kHex : ByteEncoding::kRaw;
}

// One column of a field in the order of its format: what it is, and what the mapping says of it.
struct Part {
  ColumnRole role;
  ColumnRef ref;
};

// Each part of a value, in a column of its own or at a path of one document.
std::vector<Part> PlacesOf(const FieldMapping& field) {
  std::vector<Part> parts;
  parts.push_back({ColumnRole::kCiphertext, field.ciphertext});
  if (!field.iv.empty()) parts.push_back({ColumnRole::kIv, field.iv});
  if (field.tag == TagPlace::kColumn) parts.push_back({ColumnRole::kTag, field.tag_column});
  if (!field.wrapped_key.empty()) parts.push_back({ColumnRole::kWrappedKey, field.wrapped_key});
  if (!field.wrapped_key_nonce.empty()) parts.push_back({ColumnRole::kWrappedKeyNonce, field.wrapped_key_nonce});
  if (!field.commitment.empty()) parts.push_back({ColumnRole::kCommitment, field.commitment});
  return parts;
}

std::vector<Part> PartsOf(const FieldMapping& field) {
  if (field.format == "lockbox") {
    return {{ColumnRole::kCiphertext, field.ciphertext}, {ColumnRole::kWrappedKey, field.wrapped_key}};
  }
  if (field.format != "columns") return {{ColumnRole::kDocument, field.ciphertext}};
  return PlacesOf(field);
}

FormatOptions OptionsOf(const FieldMapping& field) {
  FormatOptions options;
  options.name = field.format;
  options.encoding = EncodingOf(field.ciphertext.encoding);
  if (field.format != "columns" && field.format != "jsonb") return options;
  for (const Part& part : PlacesOf(field)) {
    options.columns.push_back({part.role, EncodingOf(part.ref.encoding), part.ref.json_path});
  }
  options.iv = field.iv.empty() ? IvPlace::kPrefix : IvPlace::kColumn;
  options.tag = field.tag == TagPlace::kColumn   ? ::tfseal::TagPlace::kColumn
                : field.tag == TagPlace::kPrefix ? ::tfseal::TagPlace::kPrefix
                                                 : ::tfseal::TagPlace::kSuffix;
  return options;
}

Compare CompareOf(const FieldMapping& field, const Part& part) {
  const bool has_tag_behind = field.format == "columns" && field.tag == TagPlace::kSuffix;
  if (part.role == ColumnRole::kCiphertext && has_tag_behind && part.ref.encoding == ColumnEncoding::kRaw) {
    return Compare::kTag;
  }
  // The tag that stands in a column of its own is compared whole, and speaks for the ciphertext.
  if (part.role == ColumnRole::kCiphertext && field.tag == TagPlace::kColumn) return Compare::kNothing;
  return Compare::kWhole;
}

const ColumnRef* MirrorOf(const MirrorMapping& mirror, ColumnRole role) {
  if (role == ColumnRole::kCiphertext || role == ColumnRole::kDocument) return &mirror.ciphertext;
  if (role == ColumnRole::kIv) return &mirror.iv;
  return role == ColumnRole::kTag ? &mirror.tag : nullptr;
}

// Adds the columns of one field, each column of the table once.
class FieldBuilder {
 public:
  FieldBuilder(const Described& described, const TargetMapping& target, TableLayout& layout)
      : described_(described), target_(target), layout_(layout) {}

  Status Add(const FieldMapping& mapping, RekeyMode mode) {
    const std::vector<Part> parts = PartsOf(mapping);
    TFSEAL_ASSIGN(std::unique_ptr<RowFormat> format, MakeRowFormat(OptionsOf(mapping)));
    if (mode != RekeyMode::kRewrap && !format->takes_new_data_keys()) {
      return Refused(target_, fmt::format("values of format {} cannot be sealed anew", mapping.format),
                     "mode: rewrap moves them");
    }
    SealedField field;
    field.name = mapping.name;
    field.opened_with = mapping.aad;
    field.sealed_with = mode == RekeyMode::kRewrap ? mapping.aad : mapping.aad_upgrade.value_or(mapping.aad);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      TFSEAL_ASSIGN(const std::size_t column, AddColumn(mapping, parts[i], format->columns()[i]));
      field.columns.push_back(column);
    }
    field.committing = !mapping.commitment.empty() || mapping.format == "tfseal";
    field.data_key = DataKeyOf(mapping);
    if (layout_.key_in_value()) {
      TFSEAL_ASSIGN(const SqlColumn named, ColumnOf(described_, target_, KeyColumnOf(mapping).column));
      field.key_naming = {named.name, named.type_name, mapping.format, KeyColumnOf(mapping).encoding};
      if (named.name != mapping.ciphertext.column) field.key_naming.sealed_apart = mapping.ciphertext.column;
    }
    field.format = std::move(format);
    for (SealedField& other : layout_.fields) {
      if (!InOneDocument(field, other)) continue;
      field.shares_document = true;
      other.shares_document = true;
    }
    layout_.fields.push_back(std::move(field));
    return {};
  }

  [[nodiscard]] std::size_t data_keys() const { return data_keys_; }

 private:
  [[nodiscard]] bool InOneDocument(const SealedField& one, const SealedField& other) const {
    const std::size_t column = one.columns.front();
    return layout_.columns[column].kind == ColumnKind::kJson && other.columns.front() == column;
  }

  Result<std::size_t> AddColumn(const FieldMapping& mapping, const Part& part, ColumnKind kind) {
    const auto same = [&](const SealedColumn& known) { return known.column.name == part.ref.column; };
    const auto known = std::find_if(layout_.columns.begin(), layout_.columns.end(), same);
    if (known != layout_.columns.end()) {
      known->shared = true;
      return static_cast<std::size_t>(known - layout_.columns.begin());
    }
    SealedColumn sealed;
    TFSEAL_ASSIGN(sealed.column, ColumnOf(described_, target_, part.ref.column));
    sealed.kind = kind;
    TFSEAL_TRY(CheckType(sealed));
    sealed.compare = CompareOf(mapping, part);
    sealed.wraps = part.role == ColumnRole::kWrappedKey || part.role == ColumnRole::kWrappedKeyNonce ||
                   part.role == ColumnRole::kDocument;
    for (const MirrorMapping& mirror : mapping.mirrors) {
      const ColumnRef* copy = MirrorOf(mirror, part.role);
      if (copy == nullptr || copy->empty()) continue;
      TFSEAL_ASSIGN(const SqlColumn column, ColumnOf(described_, target_, copy->column));
      if (column.type_name != sealed.column.type_name || copy->encoding != part.ref.encoding) {
        return Refused(target_, fmt::format("{} cannot be kept the same as {}: their types differ", copy->column,
                                            part.ref.column));
      }
      sealed.mirrors.push_back(copy->column);
    }
    layout_.columns.push_back(std::move(sealed));
    return layout_.columns.size() - 1;
  }

  [[nodiscard]] Status CheckType(const SealedColumn& sealed) const {
    const std::string& type = sealed.column.type_name;
    const bool text = type == "text" || type == "character varying";
    const bool json = type == "jsonb" || type == "json";
    const bool fits = sealed.kind == ColumnKind::kBytes  ? type == "bytea"
                      : sealed.kind == ColumnKind::kText ? text
                                                         : json;
    if (fits) return {};
    return Refused(target_,
                   fmt::format("column {} is {}, which the mapping's encoding does not fit", sealed.column.name, type));
  }

  std::size_t DataKeyOf(const FieldMapping& mapping) {
    const ColumnRef& ref = mapping.wrapped_key.empty() ? mapping.ciphertext : mapping.wrapped_key;
    std::vector<std::string> place = ref.json_path;
    place.insert(place.begin(), ref.column);
    const auto [known, added] = keys_.emplace(place, data_keys_);
    if (added) ++data_keys_;
    return known->second;
  }

  const Described& described_;
  const TargetMapping& target_;
  TableLayout& layout_;
  std::map<std::vector<std::string>, std::size_t> keys_;  // by column and path
  std::size_t data_keys_ = 0;
};

// The condition on rows whose key is the one with this reference; of several values, on any.
std::string RowsOf(const TableLayout& layout, const std::string& row, const std::string& reference) {
  if (!layout.key_in_value()) {
    return fmt::format("{}{} = {}::{}", row, postgres::QuoteName(layout.key.name), postgres::QuoteText(reference),
                       layout.key.type_name);
  }
  std::string any;
  for (const SealedField& field : layout.fields) {
    any += (any.empty() ? "" : " OR ") + NamesKeySql(field.key_naming, row, reference);
  }
  return layout.fields.size() == 1 ? any : "(" + any + ")";
}

}  // namespace

std::string AtPathSql(const ColumnRef& place) {
  std::string path;
  for (const std::string& member : place.json_path) {
    path += (path.empty() ? "" : ", ") + postgres::QuoteText(member);
  }
  return fmt::format("(t.{} #> ARRAY[{}])", postgres::QuoteName(place.column), path);
}

std::string HasTextSql(const ColumnRef& place, const std::string& type_name) {
  return fmt::format("{}_typeof({}) = 'string'", type_name, AtPathSql(place));
}

std::string TableLayout::OldRowsSql(const std::string& row) const {
  return RowsOf(*this, row, key_from);
}

std::string TableLayout::NewRowsSql() const {
  return RowsOf(*this, "t.", key_to);
}

std::string TableLayout::NoKeyRowsSql() const {
  if (!key_in_value()) return "t." + postgres::QuoteName(key.name) + " IS NULL";
  std::string any;
  for (const SealedField& field : fields) {
    std::string known = NamesKeySql(field.key_naming, "t.", key_from);
    known += " OR " + NamesKeySql(field.key_naming, "t.", key_to);
    for (const std::string& other : other_keys) known += " OR " + NamesKeySql(field.key_naming, "t.", other);
    any += fmt::format("{}NOT ({})", any.empty() ? "" : " OR ", known);
    if (field.key_naming.sealed_apart.empty()) continue;
    any += fmt::format(" OR t.{} IS NULL AND t.{} IS NOT NULL", postgres::QuoteName(field.key_naming.column),
                       postgres::QuoteName(field.key_naming.sealed_apart));
  }
  return any;
}

bool TableLayout::has_mirrors() const {
  return std::any_of(columns.begin(), columns.end(),
                     [](const SealedColumn& column) { return !column.mirrors.empty(); });
}

std::optional<std::string> ValueText(const SqlColumn& column, std::string_view bytes) {
  const std::string& type = column.type_name;
  if (type == "text" || type == "character varying" || type == "bpchar") return std::string(bytes);
  if (type == "bigint" || type == "integer" || type == "smallint") {
    std::uint64_t bits = 0;
    for (const char c : bytes) bits = (bits << 8) | static_cast<unsigned char>(c);
    const std::size_t unused = 64 - 8 * std::min<std::size_t>(bytes.size(), 8);
    if (unused == 64) return std::nullopt;
    return std::to_string(static_cast<std::int64_t>(bits << unused) >> unused);
  }
  if (type == "uuid" && bytes.size() == 16) {
    const std::string hex = Hex(bytes);
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                       hex.substr(20));
  }
  return std::nullopt;
}

Result<std::string> ReadDigest(postgres::Connection& session, const TableLayout& layout) {
  TargetMapping target;
  target.table = {layout.schema, layout.table};
  TFSEAL_ASSIGN(const Described described, Describe(session, target));
  return described.digest;
}

KeyRefValues RefsOf(const Mapping& mapping, const TargetMapping& target, const KeyRefValues& ids) {
  if (target.key_ref.kind == KeyRefKind::kForeignKey) return ids;
  return {mapping.from.name, mapping.to.name, OtherKeys(mapping)};
}

Status CheckPaths(postgres::Connection& session, const TargetMapping& target) {
  for (const FieldMapping& field : target.fields) {
    if (field.format != "jsonb") continue;
    TFSEAL_ASSIGN(const Described described, Describe(session, target));
    TFSEAL_ASSIGN(const SqlColumn column, ColumnOf(described, target, field.ciphertext.column));
    if (column.type_name != "jsonb" && column.type_name != "json") continue;  // ReadLayout says it
    TFSEAL_ASSIGN(const postgres::Rows found,
                  session.Query(fmt::format("SELECT EXISTS (SELECT FROM {0}), EXISTS (SELECT FROM {0} AS t WHERE {1})",
                                            target.table.Quoted(), HasTextSql(field.ciphertext, column.type_name))));
    if (postgres::TextAt(found.front(), 0) != "t" || postgres::TextAt(found.front(), 1) == "t") continue;
    return Refused(target, fmt::format("no row has a text at {}", field.ciphertext.ToText()),
                   "correct the path, or leave the field out: where there is no value at all, nothing can be moved");
  }
  return {};
}

Result<TableLayout> ReadLayout(postgres::Connection& session, const TargetMapping& target, RekeyMode mode,
                               const KeyRefValues& keys) {
  TFSEAL_ASSIGN(const Described described, Describe(session, target));
  TableLayout layout;
  layout.schema = target.table.schema;
  layout.table = target.table.table;
  layout.label = target.label;
  layout.where = target.where;
  layout.error_column = target.error_column;
  layout.tenant = target.tenant;
  layout.digest = described.digest;
  layout.has_positions = described.has_positions;
  layout.key_kind = target.key_ref.kind;
  layout.key_from = keys.from;
  layout.key_to = keys.to;
  layout.other_keys = keys.others;
  for (const std::string& name : target.primary_key) {
    TFSEAL_ASSIGN(SqlColumn column, ColumnOf(described, target, name));
    layout.primary_key.push_back(std::move(column));
  }
  if (layout.primary_key.empty()) return Refused(target, "there is no primary key to go by");
  if (!layout.key_in_value()) {
    TFSEAL_ASSIGN(layout.key, ColumnOf(described, target, target.key_ref.column));
  }
  FieldBuilder builder(described, target, layout);
  for (const FieldMapping& field : target.fields) {
    TFSEAL_TRY(builder.Add(field, mode));
  }
  TFSEAL_TRY(CheckPaths(session, target));
  layout.data_keys = builder.data_keys();
  return layout;
}

}  // namespace tfseal::rekey
