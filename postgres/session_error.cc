#include "postgres/session_error.h"

#include <array>

namespace tfseal::postgres {
namespace {

struct Meaning {
  std::string_view prefix;  // of the SQLSTATE; the first that fits counts
  ErrorCode code;
  std::string_view text;
};

constexpr std::array<Meaning, 30> kMeanings = {{
    {"0A000", ErrorCode::kUnsupportedVersion, "the server does not support this"},
    {"08", ErrorCode::kUnavailable, "the connection broke"},
    {"22", ErrorCode::kInvalidInput, "a value does not fit its type"},
    {"23505", ErrorCode::kConflict, "a unique constraint is violated"},
    {"23", ErrorCode::kConflict, "a constraint is violated"},
    {"25006", ErrorCode::kConflict, "the transaction is read-only: is this a reader, or is the fence in place?"},
    {"25P03", ErrorCode::kTimeout, "the transaction was idle for too long"},
    {"25", ErrorCode::kInternal, "the transaction is in another state"},
    {"28", ErrorCode::kUnauthenticated, "user name or password are wrong, or this client may not connect"},
    {"3D000", ErrorCode::kNotFound, "the database does not exist"},
    {"3F000", ErrorCode::kNotFound, "the schema does not exist"},
    {"40001", ErrorCode::kConflict, "serialization failure"},
    {"40P01", ErrorCode::kConflict, "deadlock"},
    {"40003", ErrorCode::kOutcomeUnknown, "whether the statement was completed is unknown"},
    {"42501", ErrorCode::kPermissionDenied, "permission denied"},
    {"42P01", ErrorCode::kNotFound, "the table does not exist"},
    {"42703", ErrorCode::kNotFound, "the column does not exist"},
    {"42883", ErrorCode::kNotFound, "the function does not exist"},
    {"42P07", ErrorCode::kConflict, "the table exists already"},
    {"42710", ErrorCode::kConflict, "the object exists already"},
    {"42", ErrorCode::kInternal, "the server does not accept the statement"},
    {"53300", ErrorCode::kThrottled, "too many connections"},
    {"53", ErrorCode::kUnavailable, "the server lacks memory, disk or another resource"},
    {"54", ErrorCode::kUnsupportedVersion, "a limit of the server is exceeded"},
    {"55P03", ErrorCode::kLocked, "a lock was not granted in time"},
    {"55", ErrorCode::kConflict, "the object is in use or not in the needed state"},
    {"57014", ErrorCode::kTimeout, "the statement took too long or was canceled"},
    {"57P", ErrorCode::kUnavailable, "the server is starting, stopping, or ended the session"},
    {"58", ErrorCode::kUnavailable, "the server has trouble with its operating system"},
    {"XX", ErrorCode::kUnavailable, "internal error of the server"},
}};

const Meaning* Find(std::string_view sqlstate) {
  for (const Meaning& meaning : kMeanings) {
    if (sqlstate.starts_with(meaning.prefix)) return &meaning;
  }
  return nullptr;
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::string_view SqlstateMeaning(std::string_view sqlstate) {
  const Meaning* meaning = Find(sqlstate);
  return meaning == nullptr ? "the server refused the statement" : meaning->text;
}

Error StatementError(const ConnectionUrl& url, std::string_view sqlstate) {
  const Meaning* meaning = Find(sqlstate);
  Error error;
  error.code = meaning == nullptr ? ErrorCode::kUnavailable : meaning->code;
  error.message = url.Describe() + ": " + std::string(SqlstateMeaning(sqlstate)) + " (SQLSTATE " +
                  (sqlstate.empty() ? "not given" : std::string(sqlstate)) + ")";
  if (error.code == ErrorCode::kPermissionDenied) error.hint = "grant the role pg_read_all_data or the owner's role";
  error.service_code = std::string(sqlstate);
  return error;
}

Error ConnectError(const ConnectionUrl& url, std::string_view text) {
  const std::string line = url.Redact(std::string(text.substr(0, text.find('\n'))));
  Error error;
  error.message = "cannot connect to " + url.Describe() + ": " + line;
  error.code = ErrorCode::kUnavailable;
  error.hint = "check address, port, security group and that the server is running";
  if (Has(line, "timeout expired") || Has(line, "timed out")) {
    error.code = ErrorCode::kTimeout;
  } else if (Has(line, "authentication failed") || Has(line, "no password supplied") || Has(line, "pg_hba.conf")) {
    error.code = ErrorCode::kUnauthenticated;
    error.hint = "check user and password of the database URL, and whether the server demands TLS (sslmode)";
  } else if (Has(line, "does not exist")) {
    error.code = ErrorCode::kNotFound;
    error.hint = "check user and database name of the database URL";
  } else if (Has(line, "too many") || Has(line, "connection slots")) {
    error.code = ErrorCode::kThrottled;
    error.hint = "end idle sessions or raise max_connections";
  } else if (Has(line, "permission denied for database")) {
    error.code = ErrorCode::kPermissionDenied;
    error.hint = "grant CONNECT on the database";
  }
  return error;
}

Error LostError(const ConnectionUrl& url) {
  return {ErrorCode::kUnavailable, url.Describe() + ": the connection broke",
          "check that the server is running and that nobody ended the session, then run again", "08006"};
}

}  // namespace tfseal::postgres
