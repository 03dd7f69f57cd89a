#include "crypto/rekey/mapping_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base64.h"
#include "crypto/formats/codecs.h"
#include "crypto/secret_bytes.h"

namespace tfseal::rekey {
namespace {

class Checker {
 public:
  explicit Checker(Mapping& mapping) : mapping_(mapping) {}

  std::vector<MappingMistake> Run() {
    Keys();
    DirectKeys();
    std::set<std::string> labels;
    std::set<std::string> tables;
    for (TargetMapping& target : mapping_.targets) {
      if (target.table.empty()) continue;  // said already
      if (!tables.insert(target.table.ToText()).second) {
        Say(target.line, fmt::format("{} is mapped twice", target.table.ToText()),
            "list all its fields in one target: they are rewritten in one statement");
      }
      if (!labels.insert(target.label).second) {
        Say(target.line, fmt::format("two targets have the label \"{}\"", target.label), "labels tell tables apart");
      }
      Target(target);
    }
    DataKeys();
    return std::move(mistakes_);
  }

 private:
  void Say(int line, std::string message, std::string hint = "") {
    mistakes_.push_back({line, std::move(message), std::move(hint)});
  }

  void Resolve(KeySpec& key, std::string_view what) {
    if (key.name.empty() || mapping_.catalog.has_value() || key.provider != KeyProvider::kCatalog) return;
    const auto& keys = mapping_.inline_keys;
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeySpec& k) { return k.name == key.name; });
    if (found == keys.end() || found->provider == KeyProvider::kCatalog) {
      Say(key.line, fmt::format("{}: nothing says where the key \"{}\" is", what, key.name),
          "give it kms, local, vault or direct, here or in keys.inline, or map the catalogue");
      return;
    }
    const int line = key.line;
    key = *found;
    key.line = line;
  }

  void Keys() {
    Resolve(mapping_.from, "keys.from");
    Resolve(mapping_.to, "keys.to");
    if (!mapping_.from.name.empty() && mapping_.from.name == mapping_.to.name && mapping_.mode != RekeyMode::kRewrap) {
      Say(mapping_.to.line, "keys.from and keys.to are the same key",
          "name the new key; only a rewrap may stay under its key, to move to its newest material");
    }
    if (mapping_.catalog.has_value() && !mapping_.inline_keys.empty()) {
      Say(mapping_.inline_keys.front().line, "keys.inline and keys.catalog exclude each other", "keep one of them");
    }
  }

  [[nodiscard]] bool FromDirect() const { return mapping_.from.provider == KeyProvider::kDirect; }
  [[nodiscard]] bool ToDirect() const { return mapping_.to.provider == KeyProvider::kDirect; }

  // Keys that seal values themselves: what can be done from and to them.
  void DirectKeys() {
    if (!FromDirect() && !ToDirect()) return;
    if (mapping_.mode == RekeyMode::kRewrap) {
      Say(mapping_.from.line, "a key that seals values itself wraps no data key, so there is nothing to rewrap",
          "mode: reseal moves rows to another such key, mode: adopt into envelopes");
    } else if (!FromDirect()) {
      Say(mapping_.to.line, "rows with data keys of their own are not put under one key that seals them all",
          "give keys.to one of kms, local and vault");
    } else if (ToDirect() && mapping_.mode == RekeyMode::kAdopt) {
      Say(mapping_.to.line, "mode: adopt puts values into envelopes, and keys.to seals values itself",
          "mode: reseal, or give keys.to one of kms, local and vault");
    } else if (!ToDirect() && mapping_.mode == RekeyMode::kReseal) {
      Say(mapping_.to.line, "keys.from seals values itself, and keys.to wraps data keys that the rows do not have yet",
          "mode: adopt");
    }
    if (ToDirect() && mapping_.data_keys.shared) {
      Say(0, "dek.per: shared has no meaning where keys.to seals values itself", "remove dek");
    }
    if (mapping_.catalog.has_value() && !mapping_.catalog->legacy_material.empty()) {
      Say(mapping_.from.line, "keys.from is a key of its own, and the catalogue has legacy material for the same rows",
          "keep one of keys.from.direct and keys.catalog.legacy_material");
    }
  }

  // What a key that seals values itself asks of the rows, and rows that are sealed so of their keys.
  void DirectField(const TargetMapping& target, const FieldMapping& field, const std::string& place) {
    const bool prefixed = field.format == "version-prefix";
    if (prefixed && !(FromDirect() && ToDirect())) {
      Say(field.line, fmt::format("{}: values of the format version-prefix hold no data key", place),
          "keys.from and keys.to: { name: vN, direct: ... } with mode: reseal");
    }
    if (prefixed != (target.key_ref.kind == KeyRefKind::kVersionPrefix)) {
      Say(field.line,
          prefixed ? fmt::format("{}: the value itself names its key", place)
                   : fmt::format("{}: key_ref of kind version-prefix needs values of the format version-prefix", place),
          "write key_ref: { kind: version-prefix } and format: version-prefix, or none of the two");
    }
    if (prefixed || !ToDirect()) return;
    if (field.format != "columns" && field.format != "jsonb") {
      Say(field.line,
          fmt::format("{}: the format {} holds a data key, which keys.to would not make", place, field.format),
          "format: version-prefix, columns or jsonb");
    } else if (!field.wrapped_key.empty()) {
      Say(field.line, fmt::format("{}: a key that seals values itself leaves no data key in the row", place),
          "remove dek");
    }
  }

  // Which formats name their key in a way that a job can go by.
  void EnvelopeField(const TargetMapping& target, const FieldMapping& field, const std::string& place) {
    const std::string& format = field.format;
    if (format == "lockbox" && field.wrapped_key.empty()) {
      Say(field.line, fmt::format("{}: the format lockbox has a column for the wrapped data key", place),
          "write dek: { wrapped: COLUMN }");
    }
    if (format != "columns" && format != "jsonb" && format != "lockbox" && !field.wrapped_key.empty()) {
      Say(field.line, fmt::format("{}: the format {} keeps its data key in the value", place, format), "remove dek");
    }
    if (target.key_ref.kind != KeyRefKind::kInEnvelope) return;
    if (format == "vault" || format == "aws-encryption-sdk") {
      Say(field.line,
          fmt::format("{}: values of the format {} cannot be verified by a job, so it does not move them", place,
                      format),
          format == "vault" ? "Vault's own transit/rewrap moves a token" : "decrypt and encrypt with the SDK");
    } else if (format != "tfseal" && format != "rails" && format != "lockbox") {
      Say(field.line, fmt::format("{}: values of the format {} do not name their key", place, format),
          "write key_ref: { column: COLUMN, kind: name }, or kind: version-prefix for that format");
    }
  }

  void Versions(const TargetMapping& target) {
    const bool lockbox = std::any_of(target.fields.begin(), target.fields.end(),
                                     [](const FieldMapping& field) { return field.format == "lockbox"; });
    if (target.key_ref.kind != KeyRefKind::kVersionPrefix && !lockbox) return;
    for (const KeySpec* key : {&mapping_.from, &mapping_.to}) {
      if (key->name.empty() || formats::IsVersion(key->name)) continue;
      Say(key->line, fmt::format("the key \"{}\" is no version that a value can begin with", key->name),
          "name it v1, v2, ... up to v999999999, as the values do");
    }
  }

  void Target(const TargetMapping& target) {
    const KeyRef& ref = target.key_ref;
    Versions(target);
    if (InValue(ref.kind) && !ref.column.empty()) {
      Say(target.line,
          fmt::format("{}: the values themselves name their key, and key_ref names a column too",
                      target.table.ToText()),
          "remove column, or write kind: name");
    }
    const bool in_column = ref.kind == KeyRefKind::kForeignKey || ref.kind == KeyRefKind::kName;
    if (in_column && ref.column.empty()) {
      Say(target.line, fmt::format("{}: key_ref needs \"column\"", target.table.ToText()),
          "name the column that holds the key's id or name");
    }
    if (ref.kind == KeyRefKind::kForeignKey && !mapping_.catalog.has_value()) {
      Say(target.line, fmt::format("{}: key_ref of kind fk needs keys.catalog", target.table.ToText()),
          "map the table that it refers to, or write kind: name");
    }
    for (const std::string_view bad : {";", "--", "/*"}) {
      if (target.where.find(bad) != std::string::npos) {
        Say(target.line, fmt::format("{}: where must be one condition without \"{}\"", target.table.ToText(), bad),
            "write what follows WHERE, such as deleted_at IS NULL");
      }
    }
    std::set<std::string> names;
    std::set<std::string> columns;
    for (const FieldMapping& field : target.fields) {
      if (!names.insert(field.name).second) {
        Say(field.line, fmt::format("{} has two fields with the name \"{}\"", target.table.ToText(), field.name));
      }
      Field(target, field);
      Columns(target, field, columns);
    }
    Documents(target);
  }

  struct Place {
    const FieldMapping& field;
    const ColumnRef& ref;
    int of_key = 0;  // 1, 2: the wrapped data key and its nonce, which fields may share
  };
  static std::vector<Place> PlacesOf(const FieldMapping& field) {
    std::vector<Place> places;
    for (const ColumnRef* ref : {&field.ciphertext, &field.iv, &field.tag_column, &field.commitment}) {
      if (!ref->empty()) places.push_back({field, *ref});
    }
    if (!field.wrapped_key.empty()) places.push_back({field, field.wrapped_key, 1});
    if (!field.wrapped_key_nonce.empty()) places.push_back({field, field.wrapped_key_nonce, 2});
    for (const MirrorMapping& mirror : field.mirrors) {
      if (field.format == "jsonb") break;  // refused for each
      for (const ColumnRef* ref : {&mirror.ciphertext, &mirror.iv, &mirror.tag}) {
        if (!ref->empty()) places.push_back({field, *ref});
      }
    }
    return places;
  }

  // A text in a document is one part of one value, and what is a document for one field is one for all.
  void Documents(const TargetMapping& target) {
    std::vector<Place> places;
    for (const FieldMapping& field : target.fields) {
      for (const Place& place : PlacesOf(field)) places.push_back(place);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) Apart(target, places[j], places[i]);
    }
  }

  void Apart(const TargetMapping& target, const Place& one, const Place& other) {
    const auto& [path, longer] = std::minmax(one.ref.json_path, other.ref.json_path,
                                             [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (one.ref.column != other.ref.column || longer.empty()) return;
    if (path.empty()) {
      if (one.field.format == other.field.format) return;  // said of the field
      Say(other.field.line,
          fmt::format("{}: column {} is a document for one field and none for another", target.table.ToText(),
                      other.ref.column),
          "give both a path and format: jsonb");
      return;
    }
    if (!std::equal(path.begin(), path.end(), longer.begin())) return;
    if (path.size() == longer.size() && one.of_key == other.of_key) {
      if (one.of_key == 0) return;             // said as of columns
      if (&one.field != &other.field) return;  // a data key of two fields
    }
    Say(other.field.line,
        fmt::format("{}: {} and {} are at one place of the document", target.table.ToText(), one.ref.ToText(),
                    other.ref.ToText()),
        "give each part a path of its own");
  }

  // The parts of a value in a JSON document.
  void DocumentField(const FieldMapping& field, const std::string& place) {
    const bool document = field.format == "jsonb";
    for (const Place& part : PlacesOf(field)) {
      const ColumnRef& ref = part.ref;
      if (!document && !ref.json_path.empty()) {
        Say(field.line,
            fmt::format("{}: {} has a path, which the format {} has no use for", place, ref.ToText(), field.format),
            "write format: jsonb, or remove path");
      } else if (document && ref.json_path.empty()) {
        Say(field.line, fmt::format("{}: nothing says where in the document {} it is", place, ref.column),
            "write { column: ..., encoding: base64, path: [member, member] }");
      } else if (document && ref.encoding == ColumnEncoding::kRaw) {
        Say(field.line, fmt::format("{}: {} is a text, which holds no raw bytes", place, ref.ToText()),
            "write encoding: base64, or hex");
      } else if (document && ref.column != field.ciphertext.column) {
        Say(field.line, fmt::format("{}: {} is in another column than the ciphertext", place, ref.ToText()),
            "the format jsonb has all parts of a value in one document");
      }
    }
    if (document && !field.mirrors.empty()) {
      Say(field.line, fmt::format("{}: copies of what is in a document are not kept", place),
          "map each copy as a field of its own, or let the application write one of them only");
    }
  }

  // A column holds one thing, but for a data key that the fields of a row share.
  void Columns(const TargetMapping& target, const FieldMapping& field, std::set<std::string>& columns) {
    std::vector<ColumnRef> own = {field.ciphertext, field.iv, field.tag_column, field.commitment};
    for (const MirrorMapping& mirror : field.mirrors) {
      own.insert(own.end(), {mirror.ciphertext, mirror.iv, mirror.tag});
    }
    for (const ColumnRef& column : own) {
      std::string place = column.column;
      for (const std::string& member : column.json_path) place += '\0' + member;
      if (column.empty() || columns.insert(place).second) continue;
      Say(field.line, fmt::format("{}: column {} is mapped twice", target.table.ToText(), column.ToText()));
    }
    const auto is_key = [&](const std::string& name) {
      return std::find(target.primary_key.begin(), target.primary_key.end(), name) != target.primary_key.end() ||
             name == target.key_ref.column || name == target.error_column;
    };
    for (const ColumnRef& column : own) {
      if (!column.empty() && is_key(column.column)) {
        Say(field.line, fmt::format("{}: column {} cannot be both key or error column and sealed",
                                    target.table.ToText(), column.column));
      }
    }
    const auto preserved = [&](const ColumnRef& column) {
      return !column.empty() &&
             std::find(target.preserve.begin(), target.preserve.end(), column.column) != target.preserve.end();
    };
    if (std::any_of(own.begin(), own.end(), preserved) || preserved(field.wrapped_key)) {
      Say(field.line,
          fmt::format("{}: a column of the field \"{}\" is listed under preserve", target.table.ToText(), field.name),
          "what is sealed has to be rewritten");
    }
  }

  void Field(const TargetMapping& target, const FieldMapping& field) {
    const std::string place = fmt::format("{}.{}", target.table.ToText(), field.name);
    const bool columns = field.format == "columns" || field.format == "jsonb";
    if (columns && field.iv.empty() && field.iv_prefix == 0) {
      Say(field.line, fmt::format("{}: nothing says where the iv is", place), "write iv: COLUMN or iv: prefix:12");
    }
    DocumentField(field, place);
    DirectField(target, field, place);
    EnvelopeField(target, field, place);
    if (columns && field.wrapped_key.empty() && !ToDirect()) {
      Say(field.line, fmt::format("{}: nothing says where the wrapped data key is", place),
          "write dek: { wrapped: COLUMN }");
    }
    if (!columns && (!field.iv.empty() || !field.tag_column.empty() || !field.mirrors.empty())) {
      Say(field.line, fmt::format("{}: the format {} keeps everything in one column", place, field.format),
          "remove iv, tag and mirrors");
    }
    if (mapping_.mode == RekeyMode::kRewrap && field.aad_upgrade.has_value() && *field.aad_upgrade != field.aad) {
      Say(field.line, fmt::format("{}: a rewrap leaves the ciphertext as it is, so its AAD cannot change", place),
          "use mode: reseal, or remove upgrade_to");
    }
    const AadScheme written = field.aad_upgrade.value_or(field.aad);
    if (mapping_.data_keys.shared && written == AadScheme::kNone) {
      Say(field.line, fmt::format("{}: a shared data key needs rows that are bound by AAD", place),
          "without AAD whoever can write the table could swap rows unseen: aad: { upgrade_to: tfseal-v1 }, or dek: "
          "{ per: row }");
    }
  }

  void DataKeys() {
    if (mapping_.data_keys.shared && mapping_.mode == RekeyMode::kRewrap) {
      Say(0, "dek.per: shared has no meaning in a rewrap, which makes no data keys", "remove it, or use mode: reseal");
    }
    if (mapping_.data_keys.max_age < std::chrono::seconds{1}) {
      Say(0, "dek.max_age is at least 1s", "a data key that no row may share is per: row");
    }
    if (mapping_.data_keys.max_age > std::chrono::minutes{5}) {
      Say(0, "dek.max_age is at most 5m", "a shared data key is forgotten soon");
    }
  }

  Mapping& mapping_;
  std::vector<MappingMistake> mistakes_;
};

bool AllHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool IsKeyId(std::string_view id) {
  if (id.starts_with("mrk-")) id.remove_prefix(4);
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
  });
}

}  // namespace

std::vector<MappingMistake> CheckMapping(Mapping& mapping) {
  return Checker(mapping).Run();
}

bool LooksLikeAKey(std::string_view text) {
  constexpr std::size_t kHexOfKey = 64;
  constexpr std::size_t kBase64OfKey = 44;
  if (text.size() == kHexOfKey) return AllHex(text);
  if (text.size() != kBase64OfKey) return false;
  Result<std::string> decoded = FromBase64(text);
  if (!decoded.ok()) return false;
  Wipe(*decoded);
  return true;
}

std::optional<MappingMistake> KmsArnMistake(std::string_view arn) {
  const std::string hint =
      "a key is arn:aws:kms:REGION:ACCOUNT:key/1234abcd-12ab-34cd-56ef-1234567890ab, an alias "
      "arn:aws:kms:REGION:ACCOUNT:alias/NAME";
  std::vector<std::string_view> parts;
  std::string_view rest = arn;
  for (int i = 0; i < 5; ++i) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return MappingMistake{0, "this is not the ARN of a KMS key", hint};
    parts.push_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  const bool account = parts[4].size() == 12 &&
                       std::all_of(parts[4].begin(), parts[4].end(), [](char c) { return c >= '0' && c <= '9'; });
  if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "kms" || parts[3].empty() || !account) {
    return MappingMistake{0, "this is not the ARN of a KMS key", hint};
  }
  if (rest.starts_with("key/alias/")) {
    return MappingMistake{0, "the ARN mixes a key and an alias (\"key/alias/\"): KMS knows neither", hint};
  }
  if (rest.starts_with("alias/") && rest.size() > 6) return std::nullopt;
  if (rest.starts_with("key/") && IsKeyId(rest.substr(4))) return std::nullopt;
  return MappingMistake{0, "the ARN names neither a key nor an alias", hint};
}

}  // namespace tfseal::rekey
