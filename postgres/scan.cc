// Over libpq itself, which unlike libpqxx can wait for many sessions at once.
#include "postgres/scan.h"

#include <libpq-fe.h>
#include <poll.h>

#include <utility>

#include "postgres/libpq_owners.h"
#include "postgres/session_error.h"

namespace tfseal::postgres {
namespace {

constexpr int kPollMs = 200;

SessionOptions ScanOptions() {
  SessionOptions options;
  options.statement_timeout = std::chrono::milliseconds(0);
  options.idle_in_transaction_timeout = std::chrono::milliseconds(0);
  options.application_name = "tfseal compare";
  return options;
}

bool Succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

void AppendRows(const PGresult* result, Rows& rows) {
  const int columns = PQnfields(result);
  for (int i = 0; i < PQntuples(result); ++i) {
    Row& row = rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int j = 0; j < columns; ++j) {
      row.push_back(PQgetisnull(result, i, j) != 0
                        ? std::nullopt
                        : std::optional(std::string(PQgetvalue(result, i, j),
                                                    static_cast<std::size_t>(PQgetlength(result, i, j)))));
    }
  }
}

}  // namespace

std::string_view TextSetup() {
  return "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET extra_float_digits = 3;"
         "SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET quote_all_identifiers = off; SET row_security = off;"
         "SET max_parallel_workers_per_gather = 0; SET jit = off";
}

struct ScanSession::State {
  ConnectionUrl url;
  std::string snapshot;
  OwnedConnection connection;
  bool busy = false;
  ScanAnswer answer;

  Status Run(const std::string& sql) {
    const Answered result(PQexec(connection.get(), sql.c_str()));
    if (Succeeded(result.get())) return {};
    if (PQstatus(connection.get()) != CONNECTION_OK) return LostError(url);
    return StatementError(url, Sqlstate(result.get()));
  }

  Status EnterSnapshot() {
    return Run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT " + QuoteText(snapshot));
  }
};

ScanSession::ScanSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScanSession::ScanSession(ScanSession&&) noexcept = default;
ScanSession& ScanSession::operator=(ScanSession&&) noexcept = default;
ScanSession::~ScanSession() {
  if (state_ != nullptr && state_->busy) CancelStatement(state_->connection.get());
}

Result<ScanSession> ScanSession::Open(const ConnectionUrl& url, std::string_view snapshot) {
  const SessionOptions options = ScanOptions();
  auto state = std::make_unique<State>();
  state->url = url;
  state->snapshot = snapshot;
  state->connection.reset(PQconnectdb(SessionUrl(url, options).ConnectionText().c_str()));
  if (PQstatus(state->connection.get()) != CONNECTION_OK) {
    return ConnectError(url, PQerrorMessage(state->connection.get()));
  }
  PQsetNoticeReceiver(state->connection.get(), DropNotice, nullptr);
  TFSEAL_TRY(state->Run(SessionSetup(options)));
  TFSEAL_TRY(state->Run(std::string(TextSetup())));
  TFSEAL_TRY(state->EnterSnapshot());
  return ScanSession(std::move(state));
}

bool ScanSession::busy() const {
  return state_->busy;
}

int ScanSession::socket() const {
  return PQsocket(state_->connection.get());
}

Status ScanSession::Send(std::string_view sql) {
  state_->answer = {};
  if (PQsendQuery(state_->connection.get(), std::string(sql).c_str()) == 0) return LostError(state_->url);
  state_->busy = true;
  return {};
}

Result<std::optional<ScanAnswer>> ScanSession::Receive() {
  PGconn* connection = state_->connection.get();
  if (PQconsumeInput(connection) == 0) {
    state_->busy = false;
    return LostError(state_->url);
  }
  while (PQisBusy(connection) == 0) {
    const Answered result(PQgetResult(connection));
    if (result == nullptr) {
      state_->busy = false;
      if (PQstatus(connection) != CONNECTION_OK) return LostError(state_->url);
      if (!state_->answer.sqlstate.empty()) {
        // 57P: the session is being ended, which may be seen before its end is.
        if (state_->answer.sqlstate.starts_with("57P")) return LostError(state_->url);
        TFSEAL_TRY(state_->Run("ROLLBACK"));
        TFSEAL_TRY(state_->EnterSnapshot());
      }
      return std::optional(std::move(state_->answer));
    }
    if (Succeeded(result.get())) {
      AppendRows(result.get(), state_->answer.rows);
    } else {
      const std::string sqlstate = Sqlstate(result.get());
      state_->answer.sqlstate = sqlstate.empty() ? "08006" : sqlstate;
    }
  }
  return std::optional<ScanAnswer>();
}

namespace {

struct Running {
  const ScanSource* source = nullptr;
  ScanSession* session = nullptr;
  ScanStatement statement;
};

// Gives the session its next statement. False: there is none.
Result<bool> Feed(Running& running) {
  std::optional<ScanStatement> statement = running.source->next();
  if (!statement.has_value()) return false;
  running.statement = std::move(*statement);
  TFSEAL_TRY(running.session->Send(running.statement.sql));
  return true;
}

Error Stopped() {
  return {ErrorCode::kTimeout, "the comparison was stopped before it was complete", "run it again"};
}

}  // namespace

Status RunScans(std::span<const ScanSource> sources, const std::function<bool()>& stop) {
  std::vector<Running> running;
  for (const ScanSource& source : sources) {
    for (ScanSession& session : source.sessions) {
      Running next{&source, &session, {}};
      TFSEAL_ASSIGN(const bool fed, Feed(next));
      if (fed) running.push_back(std::move(next));
    }
  }
  std::vector<pollfd> polled;
  while (!running.empty()) {
    if (stop && stop()) return Stopped();
    polled.clear();
    for (const Running& one : running) polled.push_back({one.session->socket(), POLLIN, 0});
    if (::poll(polled.data(), static_cast<nfds_t>(polled.size()), kPollMs) <= 0) continue;
    std::vector<Running> still;
    for (std::size_t i = 0; i < running.size(); ++i) {
      Running& one = running[i];
      bool more = true;
      if (polled[i].revents != 0) {
        TFSEAL_ASSIGN(std::optional<ScanAnswer> answer, one.session->Receive());
        if (answer.has_value()) {
          one.source->take(one.statement, *answer);
          TFSEAL_ASSIGN(more, Feed(one));
        }
      }
      if (more) still.push_back(std::move(one));
    }
    running = std::move(still);
  }
  return {};
}

}  // namespace tfseal::postgres
