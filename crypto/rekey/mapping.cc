#include "crypto/rekey/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/yaml_fields.h"
#include "crypto/digest.h"
#include "crypto/formats/row_formats.h"
#include "crypto/rekey/mapping_check.h"
#include "policy/schedule_text.h"

namespace tfseal::rekey {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 20;
constexpr std::string_view kModes[] = {"rewrap", "reseal", "adopt"};
constexpr std::string_view kKeyRefKinds[] = {"fk", "name", "version-prefix", "in-envelope"};
constexpr std::string_view kEncodings[] = {"raw", "base64", "hex"};
constexpr std::string_view kAadSchemes[] = {"none-legacy", "tfseal-v1"};

class MappingReader : private YamlFields {
 public:
  using YamlFields::TakeMistakes;
  using YamlFields::YamlFields;

  Mapping Read(const YamlNode& root) {
    const YamlNode* section = nullptr;
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      if (root.keys[i].text == "rekey") section = &root.items[i];
    }
    if (section == nullptr) {
      Mistake(root, "there is no section \"rekey\"", "docs/rekey.md shows one");
      return std::move(mapping_);
    }
    ReadSection(*section);
    if (section->kind != YamlNode::Kind::kMap) return std::move(mapping_);
    Required(*section, "rekey", std::initializer_list<std::string_view>{"database", "keys", "targets"});
    for (MappingMistake& mistake : CheckMapping(mapping_)) {
      YamlNode at;
      at.line = mistake.line == 0 ? section->line : mistake.line;
      Mistake(at, std::move(mistake.message), std::move(mistake.hint));
    }
    return std::move(mapping_);
  }

 private:
  static std::string Accept(std::string_view) { return {}; }

  static std::string WrongIdentifier(std::string_view text) {
    const bool fine = !text.empty() && text.size() <= 63 &&
                      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; });
    return fine ? std::string() : fmt::format("\"{}\" is not a name of at most 63 bytes", text);
  }

  // A name of a column.
  Field ColumnField(std::string_view key, std::string& into) {
    return {key, [this, key, &into](const YamlNode& node) {
              const auto text = Text(node, key);
              if (!text) return;
              if (std::string wrong = WrongIdentifier(*text); !wrong.empty()) {
                Mistake(node, std::move(wrong));
              } else {
                into = *text;
              }
            }};
  }
  Field TextField(std::string_view key, std::string& into) {
    return {key, [this, key, &into](const YamlNode& node) { Text(node, key, into); }};
  }
  Field TableField(std::string_view key, TableName& into) {
    return {key, [this, key, &into](const YamlNode& node) { ReadTable(node, key, into); }};
  }
  Field DurationField(std::string_view key, std::chrono::seconds& into) {
    return {key, [this, key, &into](const YamlNode& node) {
              const auto text = Text(node, key);
              if (!text) return;
              const auto duration = *text == "0" ? std::optional(std::chrono::seconds{0}) : ParseDuration(*text);
              if (!duration) {
                Mistake(node, fmt::format("{} is not a length of time", key), "write 30s, 5m or 48h");
              } else {
                into = *duration;
              }
            }};
  }
  Field NumberField(std::string_view key, double minimum, double maximum, double& into) {
    return {key, [this, key, minimum, maximum, &into](const YamlNode& node) {
              double number = 0;
              const char* const end = node.text.data() + node.text.size();
              const auto [last, error] = std::from_chars(node.text.data(), end, number);
              if (node.kind != YamlNode::Kind::kScalar || node.quoted || error != std::errc() || last != end ||
                  !std::isfinite(number)) {
                Mistake(node, fmt::format("{} must be a number", key));
              } else if (number < minimum || number > maximum) {
                Mistake(node, fmt::format("{} must be from {} to {}", key, minimum, maximum));
              } else {
                into = number;
              }
            }};
  }
  Field SizeField(std::string_view key, std::int64_t minimum, std::int64_t maximum, std::int64_t& into) {
    return {key, [this, key, minimum, maximum, &into](const YamlNode& node) {
              const auto bytes = node.kind == YamlNode::Kind::kScalar ? ParseBytes(node.text) : std::nullopt;
              if (!bytes) {
                Mistake(node, fmt::format("{} is not a number of bytes", key), "write 4MiB, 1GiB or 65536");
              } else if (*bytes < minimum || *bytes > maximum) {
                Mistake(node, fmt::format("{} must be from {} to {} bytes", key, minimum, maximum));
              } else {
                into = *bytes;
              }
            }};
  }

  static std::optional<std::int64_t> ParseBytes(std::string_view text) {
    std::int64_t number = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0 || number > (std::int64_t{1} << 40)) return std::nullopt;
    const std::string_view unit(last, static_cast<std::size_t>(text.data() + text.size() - last));
    if (unit.empty()) return number;
    if (unit == "KiB") return number << 10;
    if (unit == "MiB") return number << 20;
    if (unit == "GiB" && number <= 1024) return number << 30;
    return std::nullopt;
  }

  void ReadTable(const YamlNode& node, std::string_view what, TableName& into) {
    const auto text = Text(node, what);
    if (!text) return;
    const std::size_t dot = text->find('.');
    TableName name;
    name.schema = dot == std::string::npos ? "public" : text->substr(0, dot);
    name.table = dot == std::string::npos ? *text : text->substr(dot + 1);
    if (!WrongIdentifier(name.schema).empty() || !WrongIdentifier(name.table).empty() ||
        name.table.find('.') != std::string::npos) {
      Mistake(node, fmt::format("{}: \"{}\" is not schema.table", what, *text), "write public.connections");
      return;
    }
    into = std::move(name);
  }

  void ReadEnvironmentVariable(const YamlNode& node, std::string_view what, std::string& into) {
    const auto text = Text(node, what);
    if (!text) return;
    // Never repeated in the message: what is not a name may well be the secret itself.
    const bool name =
        std::all_of(text->begin(), text->end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
    if (!name || text->empty() || LooksLikeAKey(*text)) {
      Mistake(node, fmt::format("{} must be the name of an environment variable, never the value itself", what),
              "write the name, such as DATABASE_URL");
      return;
    }
    into = *text;
  }

  void ReadSection(const YamlNode& node) {
    Mapping& m = mapping_;
    Fields(
        node, "rekey",
        {{"version",
          [&](const YamlNode& v) {
            int version = 1;
            Integer(v, "rekey.version", 1, 1, version);
          }},
         {"database", [&](const YamlNode& v) { ReadDatabase(v); }},
         {"keys", [&](const YamlNode& v) { ReadKeys(v); }},
         {"ignore", [&](const YamlNode& v) { m.ignore = Texts(v, "ignore", Accept); }},
         {"targets", [&](const YamlNode& v) { ReadTargets(v); }},
         {"mode",
          [&](const YamlNode& v) {
            if (const auto i = OneOf(v, "rekey.mode", kModes)) m.mode = static_cast<RekeyMode>(*i);
          }},
         {"read_back",
          [&](const YamlNode& v) {
            constexpr std::string_view kReadBack[] = {"batch", "every"};
            if (const auto i = OneOf(v, "rekey.read_back", kReadBack)) m.read_back_every = *i == 1;
          }},
         {"dek", [&](const YamlNode& v) { ReadDataKeys(v); }},
         {"batch", [&](const YamlNode& v) { ReadBatch(v); }},
         {"throttle", [&](const YamlNode& v) { ReadThrottle(v); }},
         {"verify", [&](const YamlNode& v) { ReadVerify(v); }},
         {"application",
          [&](const YamlNode& v) { Fields(v, "application", {DurationField("key_cache_ttl", m.key_cache_ttl)}); }},
         {"jobs", [&](const YamlNode& v) { ReadJobs(v); }},
         {"audit",
          [&](const YamlNode& v) {
            Fields(v, "audit", {TableField("table", m.audit_table), TextField("initiated_by", m.initiated_by)});
          }},
         {"scoped_tokens",
          [&](const YamlNode& v) {
            Fields(
                v, "scoped_tokens",
                {TableField("table", m.scoped_tokens.table), ColumnField("id", m.scoped_tokens.id),
                 ColumnField("expires_at", m.scoped_tokens.expires_at), ColumnField("used_at", m.scoped_tokens.used_at),
                 DurationField("older_than", m.scoped_tokens.older_than)});
          }},
         {"evidence", [&](const YamlNode& v) {
            Fields(v, "evidence",
                   {TextField("directory", m.evidence.directory), TextField("key_file", m.evidence.signing_key_file)});
          }}});
  }

  void ReadDatabase(const YamlNode& node) {
    constexpr std::string_view kPoolers[] = {"none", "transaction"};
    Fields(node, "database",
           {{"dsn_env", [&](const YamlNode& v) { ReadEnvironmentVariable(v, "database.dsn_env", mapping_.dsn_env); }},
            {"pooler",
             [&](const YamlNode& v) {
               if (const auto i = OneOf(v, "database.pooler", kPoolers)) mapping_.transaction_pooler = *i == 1;
             }},
            ColumnField("schema", mapping_.schema)});
    Required(node, "database", std::initializer_list<std::string_view>{"dsn_env"});
  }

  void ReadCatalog(const YamlNode& node) {
    KeyCatalog catalog;
    Fields(node, "keys.catalog",
           {TableField("table", catalog.table),
            ColumnField("id", catalog.id),
            ColumnField("name", catalog.name),
            ColumnField("provider_ref", catalog.provider_ref),
            ColumnField("alias", catalog.alias),
            ColumnField("status", catalog.status),
            ColumnField("rotated_at", catalog.rotated_at),
            ColumnField("updated_at", catalog.updated_at),
            ColumnField("legacy_material", catalog.legacy_material),
            {"statuses", [&](const YamlNode& v) {
               Fields(v, "keys.catalog.statuses",
                      {TextField("active", catalog.active), TextField("rotating", catalog.rotating),
                       TextField("retired", catalog.retired)});
             }}});
    Required(node, "keys.catalog", std::initializer_list<std::string_view>{"table"});
    mapping_.catalog = std::move(catalog);
  }

  // The name of a place where a key is kept. What is a key itself is never repeated.
  Field PlaceField(std::string_view key, const std::string& what, std::string& into) {
    return {key, [this, key, what, &into](const YamlNode& node) {
              const auto text = Text(node, what + "." + std::string(key));
              if (!text) return;
              if (LooksLikeAKey(*text)) {
                Mistake(node, fmt::format("{}.{} looks like a key itself, not like the place where one is", what, key),
                        "write where it is kept; and take this one out of the file and out of use");
              } else if (text->empty()) {
                Mistake(node, fmt::format("{}.{} is empty", what, key));
              } else {
                into = *text;
              }
            }};
  }

  void ReadDirect(const YamlNode& node, const std::string& what, DirectKeySource& into) {
    Fields(node, what,
           {PlaceField("file", what, into.file),
            {"env", [&](const YamlNode& v) { ReadEnvironmentVariable(v, what + ".env", into.environment); }},
            PlaceField("secret", what, into.secret),
            TextField("member", into.member),
            TextField("stage", into.stage),
            {"encoding", [&](const YamlNode& v) {
               if (const auto i = OneOf(v, what + ".encoding", kEncodings)) into.encoding = kEncodings[*i];
             }}});
    if (node.kind != YamlNode::Kind::kMap) return;  // said already
    const int places = (into.file.empty() ? 0 : 1) + (into.environment.empty() ? 0 : 1) + (into.secret.empty() ? 0 : 1);
    if (places != 1) {
      Mistake(node, fmt::format("{} needs one place where the key is kept", what),
              "write one of file: PATH, env: NAME and secret: NAME-OR-ARN");
    }
    if (into.secret.empty() && (!into.member.empty() || !into.stage.empty())) {
      Mistake(node, fmt::format("{}: member and stage are of a secret of Secrets Manager", what), "remove them");
    }
  }

  void ReadKey(const YamlNode& node, const std::string& what, KeySpec& into) {
    into.line = node.line;
    const auto provider = [&](KeyProvider kind) {
      if (into.provider != KeyProvider::kCatalog) {
        Mistake(node, fmt::format("{} names more than one provider", what), "keep one of kms, local, vault and direct");
      }
      into.provider = kind;
    };
    Fields(node, what,
           {TextField("name", into.name),
            {"kms",
             [&](const YamlNode& v) {
               provider(KeyProvider::kKms);
               const auto text = Text(v, what + ".kms");
               if (!text) return;
               if (const auto wrong = KmsArnMistake(*text)) {
                 Mistake(v, fmt::format("{}.kms: {}", what, wrong->message), wrong->hint);
               }
               into.kms_arn = *text;
             }},
            {"local",
             [&](const YamlNode& v) {
               provider(KeyProvider::kLocal);
               if (v.kind == YamlNode::Kind::kMap) {
                 Fields(v, what + ".local",
                        {TextField("file", into.local_file),
                         {"wrap", [&](const YamlNode& w) {
                            constexpr std::string_view kWraps[] = {"kwp", "gcm", "gcm-nonce-column"};
                            const auto wrap = OneOf(w, what + ".local.wrap", kWraps);
                            if (wrap) into.local_wrap = kWraps[*wrap];
                          }}});
               } else {
                 Text(v, what + ".local", into.local_file);
               }
             }},
            {"vault",
             [&](const YamlNode& v) {
               provider(KeyProvider::kVault);
               into.vault_mount = "transit";
               into.vault_token_env = "VAULT_TOKEN";
               Fields(v, what + ".vault",
                      {TextField("address", into.vault_address),
                       TextField("mount", into.vault_mount),
                       TextField("key", into.vault_key),
                       {"token_env", [&](const YamlNode& t) {
                          ReadEnvironmentVariable(t, what + ".vault.token_env", into.vault_token_env);
                        }}});
               Required(v, what + ".vault", std::initializer_list<std::string_view>{"key"});
             }},
            {"direct",
             [&](const YamlNode& v) {
               provider(KeyProvider::kDirect);
               ReadDirect(v, what + ".direct", into.direct);
             }},
            TextField("alias", into.alias),
            {"pin", [&](const YamlNode& v) {
               Boolean(v, what + ".pin", into.pin);
               if (!into.pin) {
                 Mistake(v, fmt::format("{}.pin cannot be false", what),
                         "an alias can be moved while rows are rewritten; the key behind it is always pinned");
               }
             }}});
    Required(node, what, std::initializer_list<std::string_view>{"name"});
  }

  void ReadKeys(const YamlNode& node) {
    Fields(node, "keys",
           {{"catalog", [&](const YamlNode& v) { ReadCatalog(v); }},
            {"inline",
             [&](const YamlNode& v) {
               if (v.kind != YamlNode::Kind::kList) {
                 Mistake(v, "keys.inline must be a list of keys", "write - { name: v1, kms: arn:... }");
                 return;
               }
               for (const YamlNode& item : v.items) {
                 ReadKey(item, "a key of keys.inline", mapping_.inline_keys.emplace_back());
               }
             }},
            {"from", [&](const YamlNode& v) { ReadKey(v, "keys.from", mapping_.from); }},
            {"to", [&](const YamlNode& v) { ReadKey(v, "keys.to", mapping_.to); }}});
    Required(node, "keys", std::initializer_list<std::string_view>{"from", "to"});
  }

  void ReadColumn(const YamlNode& node, const std::string& what, ColumnRef& into) {
    if (node.kind == YamlNode::Kind::kScalar) {
      ColumnField(what, into.column).read(node);
      return;
    }
    Fields(node, what,
           {ColumnField("column", into.column),
            {"encoding",
             [&](const YamlNode& v) {
               if (const auto i = OneOf(v, what + ".encoding", kEncodings)) {
                 into.encoding = static_cast<ColumnEncoding>(*i);
               }
             }},
            {"path", [&](const YamlNode& v) { into.json_path = Texts(v, what + ".path", Accept); }}});
    Required(node, what, std::initializer_list<std::string_view>{"column"});
  }
  Field ColumnRefField(std::string_view key, ColumnRef& into) {
    return {key, [this, key, &into](const YamlNode& node) { ReadColumn(node, std::string(key), into); }};
  }

  void ReadIv(const YamlNode& node, FieldMapping& into) {
    if (node.kind != YamlNode::Kind::kScalar || !node.text.starts_with("prefix:")) {
      ReadColumn(node, "iv", into.iv);
      return;
    }
    if (node.text != "prefix:12") {
      Mistake(node, "an iv in front of the ciphertext has 12 bytes", "write prefix:12");
      return;
    }
    into.iv_prefix = 12;
  }

  void ReadTag(const YamlNode& node, FieldMapping& into) {
    if (node.kind == YamlNode::Kind::kMap) {
      into.tag = TagPlace::kColumn;
      ReadColumn(node, "tag", into.tag_column);
      return;
    }
    const auto text = Text(node, "tag");
    if (!text) return;
    if (text->starts_with("column:")) {
      into.tag = TagPlace::kColumn;
      into.tag_column.column = text->substr(7);
    } else if (*text == "prefix" || *text == "suffix") {
      into.tag = *text == "prefix" ? TagPlace::kPrefix : TagPlace::kSuffix;
    } else {
      Mistake(node, fmt::format("unknown place \"{}\" of the tag", *text), "suffix, prefix or { column: NAME }");
    }
  }

  void ReadMirrors(const YamlNode& node, std::vector<MirrorMapping>& into) {
    if (node.kind != YamlNode::Kind::kList) {
      Mistake(node, "mirrors must be a list", "write [ { ciphertext: ..., iv: ... } ]");
      return;
    }
    for (const YamlNode& item : node.items) {
      MirrorMapping& mirror = into.emplace_back();
      Fields(item, "a mirror",
             {ColumnRefField("ciphertext", mirror.ciphertext), ColumnRefField("iv", mirror.iv),
              ColumnRefField("tag", mirror.tag)});
      Required(item, "a mirror", std::initializer_list<std::string_view>{"ciphertext"});
    }
  }

  void ReadAad(const YamlNode& node, FieldMapping& into) {
    Fields(node, "aad",
           {{"scheme",
             [&](const YamlNode& v) {
               if (const auto i = OneOf(v, "aad.scheme", kAadSchemes)) into.aad = static_cast<AadScheme>(*i);
             }},
            {"upgrade_to", [&](const YamlNode& v) {
               if (const auto i = OneOf(v, "aad.upgrade_to", kAadSchemes)) {
                 into.aad_upgrade = static_cast<AadScheme>(*i);
               }
             }}});
  }

  void ReadField(const YamlNode& node, FieldMapping& into) {
    constexpr std::string_view kAlgorithms[] = {"AES-256-GCM"};
    into.line = node.line;
    Fields(node, "a field",
           {TextField("name", into.name),
            {"format",
             [&](const YamlNode& v) {
               if (const auto i = OneOf(v, "format", RowFormatNames())) into.format = RowFormatNames()[*i];
             }},
            ColumnRefField("ciphertext", into.ciphertext),
            {"iv", [&](const YamlNode& v) { ReadIv(v, into); }},
            {"tag", [&](const YamlNode& v) { ReadTag(v, into); }},
            {"dek",
             [&](const YamlNode& v) {
               Fields(v, "dek",
                      {ColumnRefField("wrapped", into.wrapped_key), ColumnRefField("iv", into.wrapped_key_nonce),
                       ColumnRefField("commitment", into.commitment)});
               Required(v, "dek", std::initializer_list<std::string_view>{"wrapped"});
             }},
            {"mirrors", [&](const YamlNode& v) { ReadMirrors(v, into.mirrors); }},
            {"algorithm", [&](const YamlNode& v) { OneOf(v, "algorithm", kAlgorithms); }},
            {"aad", [&](const YamlNode& v) { ReadAad(v, into); }}});
    Required(node, "a field", std::initializer_list<std::string_view>{"name", "ciphertext"});
  }

  void ReadKeyRef(const YamlNode& node, KeyRef& into) {
    Fields(node, "key_ref",
           {ColumnField("column", into.column), {"kind", [&](const YamlNode& v) {
                                                   if (const auto i = OneOf(v, "key_ref.kind", kKeyRefKinds)) {
                                                     into.kind = static_cast<KeyRefKind>(*i);
                                                   }
                                                 }}});
  }

  void ReadBlindIndex(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kList && node.items.empty()) return;
    Mistake(node, "blind indexes cannot be re-encrypted: the same value must give the same digest for every row",
            "add a second column with the digest under a new key, let the application write both and search both, fill "
            "it from the plaintext, then drop the old column; list it under ignore until then");
  }

  static std::string WrongAcceptance(std::string_view text) {
    constexpr std::string_view kWords[] = {"triggers", "partitions", "publication", "row-security"};
    if (std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords)) return {};
    return fmt::format("\"{}\" cannot be accepted; {} can", text, fmt::join(kWords, ", "));
  }

  void ReadTarget(const YamlNode& node, TargetMapping& into) {
    into.line = node.line;
    Fields(node, "a target",
           {TableField("table", into.table),
            TextField("label", into.label),
            {"primary_key", [&](const YamlNode& v) { into.primary_key = Texts(v, "primary_key", WrongIdentifier); }},
            {"key_ref", [&](const YamlNode& v) { ReadKeyRef(v, into.key_ref); }},
            ColumnField("tenant", into.tenant),
            {"fields",
             [&](const YamlNode& v) {
               if (v.kind != YamlNode::Kind::kList || v.items.empty()) {
                 Mistake(v, "fields must be a list of what is sealed", "write - { name: payload, ciphertext: ... }");
                 return;
               }
               for (const YamlNode& item : v.items) ReadField(item, into.fields.emplace_back());
             }},
            TextField("where", into.where),
            ColumnField("error_column", into.error_column),
            {"preserve", [&](const YamlNode& v) { into.preserve = Texts(v, "preserve", WrongIdentifier); }},
            {"ignore", [&](const YamlNode& v) { into.ignore = Texts(v, "ignore", WrongIdentifier); }},
            {"accept", [&](const YamlNode& v) { into.accept = Texts(v, "accept", WrongAcceptance); }},
            {"blind_index", [&](const YamlNode& v) { ReadBlindIndex(v); }}});
    Required(node, "a target", std::initializer_list<std::string_view>{"table", "primary_key", "key_ref", "fields"});
    if (into.label.empty()) into.label = into.table.table;
  }

  void ReadTargets(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
      Mistake(node, "targets must be a list of tables", "write - table: public.connections");
      return;
    }
    for (const YamlNode& item : node.items) ReadTarget(item, mapping_.targets.emplace_back());
  }

  void ReadDataKeys(const YamlNode& node) {
    constexpr std::string_view kPer[] = {"row", "shared", "segment"};
    DataKeyPolicy& keys = mapping_.data_keys;
    int max_rows = 0;
    Fields(node, "dek",
           {{"per",
             [&](const YamlNode& v) {
               const auto i = OneOf(v, "dek.per", kPer);
               if (!i) return;
               keys.shared = *i == 1;
               if (*i == 2) {
                 Mistake(v, "a data key per segment needs a reader in the application and is not offered",
                         "write per: row, or per: shared with max_rows");
               }
             }},
            {"max_rows", [&](const YamlNode& v) { Integer(v, "dek.max_rows", 1, 65'536, max_rows); }},
            SizeField("max_bytes", 1, std::int64_t{1} << 30, keys.max_bytes),
            DurationField("max_age", keys.max_age)});
    if (keys.shared) {
      keys.max_rows = max_rows == 0 ? 1000 : max_rows;
      return;
    }
    for (const YamlNode& key : node.keys) {
      if (!key.text.starts_with("max_")) continue;
      Mistake(key, fmt::format("dek.{} has no meaning where each row has a data key of its own", key.text),
              "write per: shared, or remove it");
    }
  }

  void ReadBatch(const YamlNode& node) {
    BatchPolicy& batch = mapping_.batch;
    int target = static_cast<int>(batch.target.count());
    Fields(node, "batch",
           {{"target_ms", [&](const YamlNode& v) { Integer(v, "batch.target_ms", 1, 1000, target); }},
            {"max_rows", [&](const YamlNode& v) { Integer(v, "batch.max_rows", 50, 5000, batch.max_rows); }},
            SizeField("max_bytes", 65'536, std::int64_t{64} << 20, batch.max_bytes)});
    batch.target = std::chrono::milliseconds(target);
  }

  static std::string WrongWindow(std::string_view text) {
    if (ParseDayWindow(text) || ParseWeekWindow(text)) return {};
    return fmt::format(
        "\"{}\" is not a window of at least 30 minutes in UTC, such as 01:00-05:00 or "
        "sat:22:00-sun:06:00",
        text);
  }

  void ReadWindows(const YamlNode& node) {
    for (const std::string& text : Texts(node, "throttle.windows", WrongWindow)) {
      if (const auto week = ParseWeekWindow(text)) {
        mapping_.throttle.windows.push_back({week->first_minute, week->last_minute});
      } else if (const auto day = ParseDayWindow(text)) {
        for (int i = 0; i < 7; ++i) {
          const int wraps = day->last_minute <= day->first_minute ? 1 : 0;
          mapping_.throttle.windows.push_back(
              {i * 1440 + day->first_minute, ((i + wraps) % 7) * 1440 + day->last_minute});
        }
      }
    }
  }

  void ReadHealth(const YamlNode& node, HealthPolicy& into) {
    Fields(node, "throttle.health",
           {TextField("statement", into.statement), NumberField("slow_from", 1.1, 100, into.slow_from),
            NumberField("floor_ms", 0, 60'000, into.floor_ms), TextField("hook", into.hook)});
    for (const std::string* sql : {&into.statement, &into.hook}) {
      if (sql->find(';') != std::string::npos) {
        Mistake(node, "throttle.health: statement and hook are one SELECT each, without \";\"", "remove it");
      }
    }
    if (node.kind == YamlNode::Kind::kMap && !into.enabled()) {
      Mistake(node, "throttle.health needs a statement or a hook",
              "statement: SELECT ... FROM public.some_table WHERE ...");
    }
  }

  void ReadThrottle(const YamlNode& node) {
    ThrottlePolicy& t = mapping_.throttle;
    std::chrono::seconds lag{1};
    std::chrono::seconds pause{5};
    Fields(node, "throttle",
           {NumberField("wal_mb_per_s", 0, 100'000, t.wal_mb_per_s),
            DurationField("replica_lag", lag),
            DurationField("replica_lag_pause", pause),
            SizeField("retained_wal", std::int64_t{16} << 20, std::int64_t{1} << 40, t.retained_wal_bytes),
            NumberField("dead_tuples", 0.01, 10, t.dead_tuples),
            DurationField("horizon_age", t.horizon_age),
            NumberField("kms_share", 0.001, 1, t.kms_share),
            NumberField("kms_requests_per_s", 1, 1'000'000, t.kms_requests_per_s),
            NumberField("rows_per_s", 0, 10'000'000, t.rows_per_s),
            DurationField("service_outage", t.service_outage),
            {"health", [&](const YamlNode& v) { ReadHealth(v, t.health); }},
            {"windows", [&](const YamlNode& v) { ReadWindows(v); }}});
    t.replica_lag = lag;
    t.replica_lag_pause = std::max(lag, pause);
  }

  void ReadVerify(const YamlNode& node) {
    constexpr std::string_view kKinds[] = {"full", "sample"};
    int rows = 0;
    Fields(node, "verify",
           {{"kind",
             [&](const YamlNode& v) {
               if (const auto i = OneOf(v, "verify.kind", kKinds)) mapping_.verify.kind = static_cast<VerifyKind>(*i);
             }},
            {"rows", [&](const YamlNode& v) { Integer(v, "verify.rows", 1, 1'000'000'000, rows); }},
            NumberField("confidence", 0.5, 0.999999, mapping_.verify.confidence)});
    if (rows > 0) mapping_.verify.sample_rows = rows;
  }

  void ReadJobs(const YamlNode& node) {
    JobTableMapping& j = mapping_.jobs;
    Fields(
        node, "jobs",
        {TableField("table", j.table), ColumnField("id", j.id), ColumnField("status", j.status),
         ColumnField("target_key", j.target_key), ColumnField("total", j.total), ColumnField("processed", j.processed),
         ColumnField("failed", j.failed), ColumnField("last_error", j.last_error),
         ColumnField("started_at", j.started_at), ColumnField("completed_at", j.completed_at),
         ColumnField("created_at", j.created_at), ColumnField("updated_at", j.updated_at)});
    Required(node, "jobs", std::initializer_list<std::string_view>{"table"});
  }

  Mapping mapping_;
};

}  // namespace

std::variant<Mapping, std::vector<Diagnostic>> ReadMapping(std::string_view text, const std::string& path) {
  if (text.size() > kBytesMax) {
    return std::vector<Diagnostic>{{path, 0, 0, fmt::format("larger than {} bytes", kBytesMax), ""}};
  }
  YamlDocument document = ParseYaml(text, path);
  if (!document.readable) return std::move(document.mistakes);
  MappingReader reader(path, std::move(document.mistakes));
  Mapping mapping = reader.Read(document.root);
  if (std::vector<Diagnostic> mistakes = reader.TakeMistakes(); !mistakes.empty()) return mistakes;
  mapping.path = path;
  mapping.digest = Sha256Hex(WriteJsonLine(ToJson(mapping)));
  return mapping;
}

}  // namespace tfseal::rekey
