#include <algorithm>

#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

namespace tfseal::rekey {
namespace {

template <class Strings>
JsonValue List(const Strings& texts) {
  JsonValue list(Json::arrayValue);
  for (const auto& text : texts) list.append(std::string(text));
  return list;
}

JsonValue ToJson(const KeySpec& key) {
  constexpr const char* kProviders[] = {"catalog", "kms", "local", "vault", "direct"};
  JsonValue json(Json::objectValue);
  json["name"] = key.name;
  json["provider"] = kProviders[static_cast<std::size_t>(key.provider)];
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("kms", key.kms_arn);
  add("file", key.local_file);
  if (key.local_wrap != "kwp") add("wrap", key.local_wrap);
  add("address", key.vault_address);
  add("mount", key.vault_mount);
  add("key", key.vault_key);
  add("env", key.direct.environment);
  if (!key.direct.file.empty()) json["file"] = key.direct.file;
  add("secret", key.direct.secret);
  add("member", key.direct.member);
  add("stage", key.direct.stage);
  add("encoding", key.direct.encoding);
  add("alias", key.alias);
  return json;
}

JsonValue ToJson(const ColumnRef& column) {
  constexpr const char* kEncodings[] = {"raw", "base64", "hex"};
  JsonValue json(Json::objectValue);
  if (column.empty()) return json;
  json["column"] = column.column;
  json["encoding"] = kEncodings[static_cast<std::size_t>(column.encoding)];
  if (!column.json_path.empty()) json["path"] = List(column.json_path);
  return json;
}

const char* SchemeName(AadScheme scheme) {
  return scheme == AadScheme::kNone ? "none-legacy" : "tfseal-v1";
}

JsonValue ToJson(const FieldMapping& field) {
  constexpr const char* kTags[] = {"suffix", "prefix", "column"};
  JsonValue json(Json::objectValue);
  json["name"] = field.name;
  json["format"] = field.format;
  json["ciphertext"] = ToJson(field.ciphertext);
  json["iv"] = ToJson(field.iv);
  json["iv_prefix"] = field.iv_prefix;
  json["tag"] = kTags[static_cast<std::size_t>(field.tag)];
  json["tag_column"] = ToJson(field.tag_column);
  json["dek"] = ToJson(field.wrapped_key);
  json["dek_iv"] = ToJson(field.wrapped_key_nonce);
  json["commitment"] = ToJson(field.commitment);
  json["mirrors"] = JsonValue(Json::arrayValue);
  for (const MirrorMapping& mirror : field.mirrors) {
    JsonValue copy(Json::objectValue);
    copy["ciphertext"] = ToJson(mirror.ciphertext);
    copy["iv"] = ToJson(mirror.iv);
    copy["tag"] = ToJson(mirror.tag);
    json["mirrors"].append(std::move(copy));
  }
  json["aad"] = SchemeName(field.aad);
  if (field.aad_upgrade.has_value()) json["aad_upgrade"] = SchemeName(*field.aad_upgrade);
  return json;
}

JsonValue ToJson(const TargetMapping& target) {
  constexpr const char* kKinds[] = {"fk", "name", "version-prefix", "in-envelope"};
  JsonValue json(Json::objectValue);
  json["table"] = target.table.ToText();
  json["label"] = target.label;
  json["primary_key"] = List(target.primary_key);
  json["key_ref"]["column"] = target.key_ref.column;
  json["key_ref"]["kind"] = kKinds[static_cast<std::size_t>(target.key_ref.kind)];
  json["tenant"] = target.tenant;
  json["fields"] = JsonValue(Json::arrayValue);
  for (const FieldMapping& field : target.fields) json["fields"].append(ToJson(field));
  json["where"] = target.where;
  json["error_column"] = target.error_column;
  json["preserve"] = List(target.preserve);
  json["ignore"] = List(target.ignore);
  json["accept"] = List(target.accept);
  return json;
}

JsonValue ToJson(const KeyCatalog& catalog) {
  JsonValue json(Json::objectValue);
  json["table"] = catalog.table.ToText();
  json["id"] = catalog.id;
  json["name"] = catalog.name;
  json["provider_ref"] = catalog.provider_ref;
  json["alias"] = catalog.alias;
  json["status"] = catalog.status;
  json["rotated_at"] = catalog.rotated_at;
  json["updated_at"] = catalog.updated_at;
  json["legacy_material"] = catalog.legacy_material;
  json["statuses"] = List(std::vector<std::string>{catalog.active, catalog.rotating, catalog.retired});
  return json;
}

}  // namespace

std::string TableName::Quoted() const {
  return postgres::QuoteName(schema) + "." + postgres::QuoteName(table);
}

std::string_view Name(RekeyMode mode) {
  constexpr std::string_view kNames[] = {"rewrap", "reseal", "adopt"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string ColumnRef::ToText() const {
  std::string text = column;
  for (const std::string& member : json_path) text += "." + member;
  return text;
}

std::vector<std::string> OtherKeys(const Mapping& mapping) {
  std::vector<std::string> names;
  for (const KeySpec& key : mapping.inline_keys) {
    if (key.name != mapping.from.name && key.name != mapping.to.name) names.push_back(key.name);
  }
  return names;
}

// Only what decides how rows are read and written: batches and limits may change while a job runs.
JsonValue ToJson(const Mapping& mapping) {
  JsonValue json(Json::objectValue);
  if (mapping.catalog.has_value()) json["catalog"] = ToJson(*mapping.catalog);
  const bool in_value = std::any_of(mapping.targets.begin(), mapping.targets.end(),
                                    [](const TargetMapping& target) { return InValue(target.key_ref.kind); });
  if (in_value) json["other_keys"] = List(OtherKeys(mapping));
  json["from"] = ToJson(mapping.from);
  json["to"] = ToJson(mapping.to);
  json["mode"] = std::string(Name(mapping.mode));
  json["schema"] = mapping.schema;
  json["targets"] = JsonValue(Json::arrayValue);
  for (const TargetMapping& target : mapping.targets) json["targets"].append(ToJson(target));
  json["dek"]["shared"] = mapping.data_keys.shared;
  json["dek"]["max_rows"] = mapping.data_keys.max_rows;
  json["dek"]["max_bytes"] = Json::Int64(mapping.data_keys.max_bytes);
  json["dek"]["max_age_s"] = Json::Int64(mapping.data_keys.max_age.count());
  return json;
}

}  // namespace tfseal::rekey
