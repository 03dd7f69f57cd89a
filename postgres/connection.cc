// The only file that knows libpqxx. Written for 6.4 (Debian 12), 7.x and 8.x; it uses no more of the library than the
// three have in common, and the branches below are all there are.
#include "postgres/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <pqxx/pqxx>

#include "postgres/session_error.h"

namespace tfseal::postgres {
namespace {

#if PQXX_VERSION_MAJOR >= 7
pqxx::result Run(pqxx::nontransaction& work, const std::string& sql, const Parameters& parameters) {
  pqxx::params list;
  for (const std::optional<std::string>& parameter : parameters) {
    if (parameter.has_value()) {
      list.append(*parameter);
    } else {
      list.append();
    }
  }
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
  return work.exec(sql, list);
#else
  return work.exec_params(sql, list);
#endif
}
#else
pqxx::result Run(pqxx::nontransaction& work, const std::string& sql, const Parameters& parameters) {
  std::vector<const char*> list;  // nullptr is NULL
  list.reserve(parameters.size());
  for (const std::optional<std::string>& parameter : parameters) {
    list.push_back(parameter.has_value() ? parameter->c_str() : nullptr);
  }
  return work.exec_params(sql, pqxx::prepare::make_dynamic_params(list));
}
#endif

// Version 6 would reconnect without a word, with locks and settings lost.
void ForbidReactivation([[maybe_unused]] pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#endif
}

Rows RowsOf(const pqxx::result& answer) {
  Rows rows;
  rows.reserve(static_cast<std::size_t>(answer.size()));
  for (pqxx::result::size_type i = 0; i < answer.size(); ++i) {
    Row& row = rows.emplace_back();
    for (pqxx::row::size_type j = 0; j < answer.columns(); ++j) {
      const pqxx::field field = answer.at(i).at(j);
      row.push_back(field.is_null() ? std::nullopt : std::optional(std::string(field.c_str(), field.size())));
    }
  }
  return rows;
}

std::string Seconds(std::chrono::seconds duration) {
  return std::to_string(duration.count());
}

}  // namespace

std::string TextAt(const Row& row, std::size_t column) {
  return row.at(column).value_or("");
}

std::int64_t NumberAt(const Row& row, std::size_t column) {
  const std::string text = TextAt(row, column);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

ConnectionUrl SessionUrl(const ConnectionUrl& url, const SessionOptions& options) {
  ConnectionUrl session = url;
  const auto offer = [&](std::string_view key, const std::string& value) {
    if (session.Get(key).empty()) session = session.With(key, value);
  };
  if (options.connect_timeout.count() > 0) offer("connect_timeout", Seconds(options.connect_timeout));
  // A peer that vanished is noticed within a minute, instead of after two hours.
  offer("keepalives_idle", "30");
  offer("keepalives_interval", "10");
  offer("keepalives_count", "3");
  session = session.With("client_encoding", "UTF8");
  return session.With("application_name", options.application_name);
}

// Not as the connection option "options", which proxies between us and the server refuse.
std::string SessionSetup(const SessionOptions& options) {
  return fmt::format(
      "SET client_min_messages = error; SET standard_conforming_strings = on; SET search_path = pg_catalog;"
      "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}",
      options.statement_timeout.count(), options.lock_timeout.count(), options.idle_in_transaction_timeout.count());
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

struct Connection::State {
  ConnectionUrl url;
  std::unique_ptr<pqxx::connection> connection;
  bool in_transaction = false;
  bool failed = false;  // the transaction holds a statement that failed: all it can do is to roll back
  bool broken = false;
  std::map<std::string, std::string> prepared;  // names of statements, by their text

  [[nodiscard]] Status CheckNoZeroByte(const Parameters& parameters) const {
    const bool found = std::any_of(parameters.begin(), parameters.end(), [](const std::optional<std::string>& value) {
      return value.has_value() && value->find('\0') != std::string::npos;
    });
    if (!found) return {};
    return Error{ErrorCode::kInvalidInput, url.Describe() + ": a parameter holds a zero byte", "", "22021"};
  }

  // Every exception of the library ends here. `changes`: whether a lost answer leaves open what happened.
  Result<pqxx::result> Send(std::string_view sql, const Parameters& parameters, bool changes) {
    if (broken) return LostError(url);
    TFSEAL_TRY(CheckNoZeroByte(parameters));
    try {
      pqxx::nontransaction work(*connection);
      pqxx::result answer = parameters.empty() ? work.exec(std::string(sql)) : Run(work, std::string(sql), parameters);
      failed = false;  // nothing succeeds in a failed transaction but going back to a savepoint
      return answer;
    } catch (const pqxx::broken_connection&) {
      broken = true;
    } catch (const pqxx::sql_error& refused) {
      // 57P01, 57P02, 57P03 end the session; the library may see the answer before it sees the end.
      if (!refused.sqlstate().starts_with("57P") && !refused.sqlstate().empty() && connection->is_open()) {
        failed = in_transaction;
        return StatementError(url, refused.sqlstate());
      }
      broken = true;
    } catch (const std::exception&) {
      broken = true;
    }
    Error lost = LostError(url);
    if (changes) {
      lost.code = ErrorCode::kOutcomeUnknown;
      lost.message += " before the server answered whether the change was made";
    }
    return lost;
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::Open(const ConnectionUrl& url, const SessionOptions& options) {
  auto state = std::make_unique<State>();
  state->url = url;
  try {
    state->connection = std::make_unique<pqxx::connection>(SessionUrl(url, options).ConnectionText());
  } catch (const std::exception& failure) {
    return ConnectError(url, failure.what());
  }
  ForbidReactivation(*state->connection);
  TFSEAL_TRY(state->Send(SessionSetup(options), {}, false));
  return Connection(std::move(state));
}

Result<Rows> Connection::Query(std::string_view sql, const Parameters& parameters) {
  TFSEAL_ASSIGN(const pqxx::result answer, state_->Send(sql, parameters, false));
  return RowsOf(answer);
}

// In SQL, as the library's own way to prepare is another one in each of its versions.
Result<Rows> Connection::QueryPrepared(const std::string& sql, const Parameters& parameters) {
  TFSEAL_TRY(state_->CheckNoZeroByte(parameters));
  auto known = state_->prepared.find(sql);
  if (known == state_->prepared.end()) {
    const std::string name = fmt::format("tfseal_{}", state_->prepared.size());
    TFSEAL_TRY(state_->Send(fmt::format("PREPARE {} AS {}", name, sql), {}, false));
    known = state_->prepared.emplace(sql, name).first;
  }
  std::string values;
  for (const std::optional<std::string>& value : parameters) {
    values += (values.empty() ? "" : ", ") + (value.has_value() ? QuoteText(*value) : std::string("NULL"));
  }
  const std::string list = values.empty() ? "" : "(" + values + ")";
  TFSEAL_ASSIGN(const pqxx::result answer, state_->Send(fmt::format("EXECUTE {}{}", known->second, list), {}, false));
  return RowsOf(answer);
}

Result<std::int64_t> Connection::Execute(std::string_view sql, const Parameters& parameters) {
  TFSEAL_ASSIGN(const pqxx::result answer, state_->Send(sql, parameters, !state_->in_transaction));
  return static_cast<std::int64_t>(answer.affected_rows());
}

Status Connection::Begin(std::string_view mode) {
  TFSEAL_TRY(state_->Send(mode.empty() ? "BEGIN" : "BEGIN " + std::string(mode), {}, false));
  state_->in_transaction = true;
  state_->failed = false;
  return {};
}

Status Connection::Commit() {
  // The server answers COMMIT of a failed transaction with a rollback and no error.
  if (state_->failed) {
    TFSEAL_TRY(Rollback());
    return Error{ErrorCode::kConflict, state_->url.Describe() + ": the transaction failed and was rolled back", ""};
  }
  const auto answer = state_->Send("COMMIT", {}, true);
  state_->in_transaction = false;
  TFSEAL_TRY(answer);
  return {};
}

Status Connection::Rollback() {
  if (!state_->in_transaction) return {};
  state_->in_transaction = false;
  state_->failed = false;
  TFSEAL_TRY(state_->Send("ROLLBACK", {}, false));
  return {};
}

int Connection::backend_pid() const {
  return state_->connection->backendpid();
}

int Connection::server_version() const {
  return state_->connection->server_version();
}

const ConnectionUrl& Connection::url() const {
  return state_->url;
}

}  // namespace tfseal::postgres
