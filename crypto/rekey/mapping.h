#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/diagnostic.h"
#include "core/json.h"
#include "crypto/row_cipher.h"

// The section `rekey:` of tfseal.yaml: which columns of which tables are sealed under which key, and how they may be
// re-encrypted. docs/rekey.md describes every key.
namespace tfseal::rekey {

// schema.table, as it is named; never quoted.
struct TableName {
  std::string schema;
  std::string table;
  [[nodiscard]] std::string ToText() const { return schema + "." + table; }
  // For SQL: "schema"."table".
  [[nodiscard]] std::string Quoted() const;
  [[nodiscard]] bool empty() const { return table.empty(); }
  bool operator==(const TableName&) const = default;
};

enum class KeyProvider : std::uint8_t {
  kCatalog,  // what the catalogue's row says: an ARN is a KMS key, nothing at all is legacy material
  kKms,
  kLocal,
  kVault,
  kDirect,  // no provider: the application seals values with the key itself (crypto/direct_key.h)
};

// Where the bytes of a key are kept: one of file, environment and secret.
struct DirectKeySource {
  std::string file;         // that its owner alone may use
  std::string environment;  // the name of a variable
  std::string secret;       // of AWS Secrets Manager: name or ARN
  std::string member;       // of the secret's JSON document; empty: the secret is the key
  std::string stage;        // of the secret; empty: AWSCURRENT
  std::string encoding;     // "raw", "base64", "hex"; empty: as it is the custom in such a place
};

struct KeySpec {
  std::string name;  // in the catalogue, or in the rows where there is no catalogue
  KeyProvider provider = KeyProvider::kCatalog;
  std::string kms_arn;             // kKms: arn:...:key/ID or an alias ARN, which is pinned to the key behind it
  std::string local_file;          // kLocal: 32 bytes, raw or as base64 or hexadecimal digits
  std::string local_wrap = "kwp";  // kLocal: how it wraps: kwp, gcm or gcm-nonce-column (crypto/local_key_wrapper.h)
  std::string vault_address;       // kVault: empty is VAULT_ADDR
  std::string vault_mount;         // kVault: "transit"
  std::string vault_key;           // kVault
  std::string vault_token_env;     // kVault: name of an environment variable
  DirectKeySource direct;          // kDirect
  std::string alias;               // of the catalogue's new row
  bool pin = true;                 // always: kept because mappings may say so
  int line = 0;
};

// Columns of the application's table of keys (seed: encryption_keys). Empty: it has no such column.
struct KeyCatalog {
  TableName table;
  std::string id = "id";
  std::string name = "key_id";
  std::string provider_ref = "kms_key_arn";
  std::string alias;
  std::string status = "status";
  std::string rotated_at;
  std::string updated_at;
  std::string legacy_material;
  std::string active = "active";  // the texts that the status column takes
  std::string rotating = "rotating";
  std::string retired = "retired";
};

enum class KeyRefKind : std::uint8_t {
  kForeignKey,     // the column holds the catalogue's id
  kName,           // the column holds the key's name
  kVersionPrefix,  // the sealed value starts with "NAME:"
  kInEnvelope,     // the format itself names the key
};
// Whether the sealed values name their keys themselves, each for itself.
constexpr bool InValue(KeyRefKind kind) {
  return kind == KeyRefKind::kVersionPrefix || kind == KeyRefKind::kInEnvelope;
}

struct KeyRef {
  std::string column;  // empty for kVersionPrefix and kInEnvelope
  KeyRefKind kind = KeyRefKind::kForeignKey;
};

enum class ColumnEncoding : std::uint8_t { kRaw, kBase64, kHex };

struct ColumnRef {
  std::string column;  // empty: there is none
  ColumnEncoding encoding = ColumnEncoding::kRaw;
  std::vector<std::string> json_path;  // of a jsonb column: the members on the way to the text
  [[nodiscard]] bool empty() const { return column.empty(); }
  // For people: settings.card.iv.
  [[nodiscard]] std::string ToText() const;
  bool operator==(const ColumnRef&) const = default;
};

// A copy of a field's ciphertext that the application writes beside it: byte-identical, and kept so.
struct MirrorMapping {
  ColumnRef ciphertext;
  ColumnRef iv;
  ColumnRef tag;
};

enum class TagPlace : std::uint8_t { kSuffix, kPrefix, kColumn };

struct FieldMapping {
  std::string name;
  std::string format = "columns";  // or a layout in one column: crypto/row_format.h
  ColumnRef ciphertext;
  ColumnRef iv;       // empty: the iv stands in front of the ciphertext (iv_prefix)
  int iv_prefix = 0;  // bytes
  TagPlace tag = TagPlace::kSuffix;
  ColumnRef tag_column;   // for kColumn
  ColumnRef wrapped_key;  // empty: the format holds it
  ColumnRef wrapped_key_nonce;
  ColumnRef commitment;
  std::vector<MirrorMapping> mirrors;
  AadScheme aad = AadScheme::kNone;
  std::optional<AadScheme> aad_upgrade;  // reseal and adopt write this one
  int line = 0;
};

struct TargetMapping {
  TableName table;
  std::string label;  // stable; what AAD and encryption context say
  std::vector<std::string> primary_key;
  KeyRef key_ref;
  std::string tenant;
  std::vector<FieldMapping> fields;
  std::string where;         // SQL; empty: every row
  std::string error_column;  // text; empty: errors are kept in tfseal's own tables only
  std::vector<std::string> preserve;
  std::vector<std::string> ignore;  // columns that look like ciphertext or a key's id and are known not to be
  // What somebody looked at and found harmless: "triggers", "partitions", "publication", "row-security".
  std::vector<std::string> accept;
  int line = 0;
};

enum class RekeyMode : std::uint8_t { kRewrap, kReseal, kAdopt };
std::string_view Name(RekeyMode mode);

struct DataKeyPolicy {
  bool shared = false;  // one data key for several rows of one batch and tenant
  int max_rows = 1;
  std::int64_t max_bytes = std::int64_t{1} << 30;
  std::chrono::seconds max_age{300};  // from when it was asked for to when rows are sealed with it
};

struct BatchPolicy {
  std::chrono::milliseconds target{25};
  int max_rows = 1000;
  std::int64_t max_bytes = std::int64_t{4} << 20;
};

// A time of the week in UTC, in minutes from Sunday 00:00; `last` is exclusive and may be smaller (it wraps).
struct RunWindow {
  int first_minute = 0;
  int last_minute = 0;
};

// How the application does while rows are rewritten. Both empty: nobody looks.
struct HealthPolicy {
  std::string statement;   // a SELECT that is timed
  double slow_from = 1.5;  // times what it usually takes
  double floor_ms = 5;     // and so much longer
  std::string hook;        // a SELECT of one boolean; anything but true stops the job until it is
  [[nodiscard]] bool enabled() const { return !statement.empty() || !hook.empty(); }
};

struct ThrottlePolicy {
  double wal_mb_per_s = 20;                           // 0: no limit
  std::chrono::milliseconds replica_lag{1000};        // slower from here
  std::chrono::milliseconds replica_lag_pause{5000};  // none from here
  std::int64_t retained_wal_bytes = std::int64_t{2} << 30;
  double dead_tuples = 0.2;                // share of the table
  std::chrono::seconds horizon_age{1800};  // an older snapshot keeps vacuum from cleaning: pause
  double kms_share = 0.25;                 // of kms_requests_per_s
  double kms_requests_per_s = 10'000;      // the account's quota
  double rows_per_s = 0;                   // 0: no limit
  std::vector<RunWindow> windows;          // empty: always
  HealthPolicy health;
  // A key service that answers nothing for so long: the job pauses.
  std::chrono::seconds service_outage{900};
};

enum class VerifyKind : std::uint8_t { kFull, kSample };
struct VerifyPolicy {
  VerifyKind kind = VerifyKind::kFull;
  std::int64_t sample_rows = 30'000;
  double confidence = 0.95;
};

// The application's table of jobs (seed: encryption_rotation_jobs), kept in its four states. Empty names: no such
// column.
struct JobTableMapping {
  TableName table;  // empty: there is none
  std::string id = "id";
  std::string status = "status";
  std::string target_key = "";  // the catalogue's id of the new key
  std::string total = "";
  std::string processed = "";
  std::string failed = "";
  std::string last_error = "last_error";
  std::string started_at = "";
  std::string completed_at = "";
  std::string created_at = "";
  std::string updated_at = "";
};

struct ScopedTokenPruning {
  TableName table;  // empty: off
  std::string id = "id";
  std::string expires_at = "expires_at";
  std::string used_at = "used_at";
  std::chrono::seconds older_than{0};
};

struct EvidencePolicy {
  std::string directory = "tfseal-evidence";
  std::string signing_key_file;  // PEM, Ed25519; empty: the summary is not signed
};

struct Mapping {
  std::string path;    // of the file
  std::string digest;  // SHA-256 of what it means: formatting and comments do not count
  std::string dsn_env;
  bool transaction_pooler = false;
  std::string schema = "tfseal";  // where tfseal's own tables are
  std::optional<KeyCatalog> catalog;
  std::vector<KeySpec> inline_keys;  // for applications without a catalogue
  KeySpec from;
  KeySpec to;
  std::vector<TargetMapping> targets;
  std::vector<std::string> ignore;  // "schema.table" or "schema.table.column" that look sealed and are not ours
  RekeyMode mode = RekeyMode::kRewrap;
  // Where the new key is a service's: each new data key is asked back from it before it is written, not one of a batch.
  bool read_back_every = false;
  DataKeyPolicy data_keys;
  BatchPolicy batch;
  ThrottlePolicy throttle;
  VerifyPolicy verify;
  std::chrono::seconds key_cache_ttl{300};  // how long the application may go on using a key it has read
  JobTableMapping jobs;
  TableName audit_table;     // empty: there is none
  std::string initiated_by;  // for the audit row; empty: the database role
  ScopedTokenPruning scoped_tokens;
  EvidencePolicy evidence;
};

// The names of keys.inline that are neither the old nor the new key: known, and none of the job's.
std::vector<std::string> OtherKeys(const Mapping& mapping);

// Reads the section `rekey:` of the text of tfseal.yaml; the rest of the file is not looked at. All mistakes at once. A
// file without the section is one mistake.
std::variant<Mapping, std::vector<Diagnostic>> ReadMapping(std::string_view text, const std::string& path);

// Canonical: what Mapping::digest is the digest of. Names only, nothing secret.
JsonValue ToJson(const Mapping& mapping);

}  // namespace tfseal::rekey
