#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "crypto/key_wrapper.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

// What a re-encryption would do, found out without doing any of it: for the engineer who approves it.
namespace tfseal::rekey {

enum class Severity : std::uint8_t {
  kRefused,  // the job must not run like this
  kUnknown,  // somebody has to look before it runs
  kNote,
};

struct PlanFinding {
  Severity severity = Severity::kRefused;
  std::string code;     // stable: "primary-key", "unmapped-column" ...
  std::string where;    // "public.connections.secret_enc"
  std::string message;  // never a value of a row
  std::string fix;
};

struct TableForecast {
  std::string table;
  std::string label;
  std::int64_t rows = 0;
  std::int64_t rows_old = 0;   // under the old key
  bool rows_exact = false;     // both were counted, not estimated
  std::int64_t data_keys = 0;  // distinct wrapped ones among rows_old
  bool data_keys_exact = false;
  std::int64_t row_bytes = 0;     // of one row in the table, without what is kept out of line
  std::int64_t sealed_bytes = 0;  // of the sealed columns of a row
  std::int64_t table_bytes = 0;   // heap, out of line and indexes
  int indexes = 0;
  bool in_place = false;  // new row versions can stay in their page (no indexed column changes)
};

struct DurationLimit {
  std::string name;  // "wal_mb_per_s", "kms", "database", "rows_per_s"
  double seconds = 0;
  std::string basis;  // "20 MB/s", "2,500 requests/s"
};

struct Forecast {
  std::vector<TableForecast> tables;
  std::int64_t rows = 0;
  std::int64_t kms_calls = 0;         // while rows are rewritten, with the calls that a full verification makes
  std::int64_t kms_verify_calls = 0;  // of these, for the verification
  std::int64_t wal_bytes = 0;
  std::int64_t bloat_bytes = 0;       // at most, if vacuum does not keep up
  std::vector<DurationLimit> limits;  // the longest first
  double window_share = 1;            // of the week in which the job may run
  double seconds = 0;                 // of the limit that binds, stretched over the windows
};

struct KeyReport {
  std::string role;  // "from", "to"
  std::string name;
  std::string provider;
  std::optional<WrappingKeyState> state;  // nullopt: not asked, or legacy material
  std::string detail;
};

struct Plan {
  std::string mapping_digest;
  RekeyMode mode = RekeyMode::kRewrap;
  std::string database;  // "user@host:port/name"
  std::string server;    // "15.18", and "read replica" where it is one
  std::string role;      // whose privileges were judged
  std::vector<KeyReport> keys;
  std::vector<PlanFinding> findings;  // refusals first
  Forecast forecast;
  std::int64_t probed = 0;  // rows that were opened for trial
  std::int64_t probe_failures = 0;

  [[nodiscard]] bool Has(Severity severity) const;
};

struct PlanOptions {
  std::string run_as;                               // role whose privileges are judged; empty: the session's
  std::optional<std::int64_t> free_bytes;           // of the database's disk, as its operator knows it
  std::chrono::milliseconds count_timeout{30'000};  // a table that takes longer is estimated
  bool remote_from = false;                         // a call for each data key: KMS and Vault
  bool remote_to = false;
};

// Reads catalogs, statistics and counts in one read-only transaction; writes nothing and takes no lock that a reader
// does not take. Problems are findings; an error means that it could not look.
Result<Plan> MakePlan(postgres::Connection& session, const Mapping& mapping, const PlanOptions& options);

// Puts the findings in order and the forecast's limits, after the caller added to them what only it knows.
void FinishPlan(Plan& plan);

JsonValue ToJson(const Plan& plan);
std::string PlanText(const Plan& plan);
std::string PlanMarkdown(const Plan& plan);

}  // namespace tfseal::rekey
