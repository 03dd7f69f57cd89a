#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// Values as PostgreSQL writes them as text; nullopt is NULL.
using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;
using Parameters = std::vector<std::optional<std::string>>;

// A value of a row as text, NULL as the empty text; as a number, what is none as 0.
std::string TextAt(const Row& row, std::size_t column);
std::int64_t NumberAt(const Row& row, std::size_t column);

// Limits of one session. Zero: no limit.
struct SessionOptions {
  std::chrono::seconds connect_timeout{15};
  std::chrono::milliseconds statement_timeout{60000};
  std::chrono::milliseconds lock_timeout{10000};
  std::chrono::milliseconds idle_in_transaction_timeout{300000};
  std::string application_name = "tfseal";
};

// One session with a server, for control: few statements, small answers, text parameters only. A session that broke
// stays broken: nothing is sent over another one behind the caller's back, which would have lost locks and settings.
// For one thread at a time.
//
// Errors: service_code is the SQLSTATE; messages hold neither what the server said about values nor the password.
// kOutcomeUnknown: a change was sent outside of a transaction, or COMMIT was, and the connection broke before the
// answer.
class Connection {
 public:
  // Sets search_path to pg_catalog alone: names in statements are to be qualified.
  static Result<Connection> Open(const ConnectionUrl& url, const SessionOptions& options = {});
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // A statement that reads. $1, $2 ... are untyped texts: cast them where it matters ($1::bigint).
  Result<Rows> Query(std::string_view sql, const Parameters& parameters = {});
  // The same for a statement that comes again and again: the session keeps it, parsed and before long planned. Not
  // through a pooler that gives each transaction another session.
  Result<Rows> QueryPrepared(const std::string& sql, const Parameters& parameters);
  // A statement that changes something; the number of rows it affected.
  Result<std::int64_t> Execute(std::string_view sql, const Parameters& parameters = {});

  // `mode` is what BEGIN takes: "ISOLATION LEVEL REPEATABLE READ, READ ONLY".
  Status Begin(std::string_view mode = "");
  Status Commit();
  // Also ends a transaction that failed. Does nothing outside of one.
  Status Rollback();

  // Process id of the session on the server.
  [[nodiscard]] int backend_pid() const;
  // As the server counts: 150018 is 15.18.
  [[nodiscard]] int server_version() const;
  [[nodiscard]] const ConnectionUrl& url() const;

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The parameters that every session of ours has, from `options` and the URL: time limits, keepalives, name.
ConnectionUrl SessionUrl(const ConnectionUrl& url, const SessionOptions& options);

// Statements (one text, separated by ";") that every session starts with.
std::string SessionSetup(const SessionOptions& options);

// An identifier as SQL takes it, whatever it contains: "a""b".
std::string QuoteName(std::string_view name);
// A text constant as SQL takes it with standard_conforming_strings on, which SessionSetup sees to.
std::string QuoteText(std::string_view text);

}  // namespace tfseal::postgres
