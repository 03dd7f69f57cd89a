#include "postgres/copy_rows.h"

#include <libpq-fe.h>

#include <cstdint>
#include <vector>

#include "postgres/libpq_owners.h"
#include "postgres/scan.h"
#include "postgres/session_error.h"

namespace tfseal::postgres {
namespace {

struct FreeBuffer {
  void operator()(char* buffer) const { PQfreemem(buffer); }
};

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t kHeaderBytes = 19;  // signature, flags, length of an extension that is not used

// A big-endian number of `bytes` bytes from the front of `text`; false if there is less.
bool Number(std::string_view& text, std::size_t bytes, std::int32_t& into) {
  if (text.size() < bytes) return false;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) number = (number << 8U) | static_cast<unsigned char>(text[i]);
  text.remove_prefix(bytes);
  into = bytes == 2 ? static_cast<std::int16_t>(number) : static_cast<std::int32_t>(number);
  return true;
}

}  // namespace

struct CopyRows::State {
  ConnectionUrl url;
  OwnedConnection connection;
  std::vector<std::optional<std::string_view>> values;

  Error Failed(const PGresult* result) const {
    if (PQstatus(connection.get()) != CONNECTION_OK) return LostError(url);
    return StatementError(url, Sqlstate(result));
  }
  Result<Answered> Run(const std::string& sql) {
    Answered result(PQexec(connection.get(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_OUT) return result;
    return Failed(result.get());
  }
  [[nodiscard]] Error Malformed() const {
    return {ErrorCode::kCorrupt, url.Describe() + ": the server's binary COPY is not in the format we know", ""};
  }

  // All tuples of one message: mostly one, after the header in the first.
  Result<bool> Take(std::string_view message, const std::function<bool(Values)>& take) {
    while (!message.empty()) {
      std::int32_t count = 0;
      if (!Number(message, 2, count)) return Malformed();
      if (count == -1) return message.empty() ? Result<bool>(true) : Malformed();
      values.clear();
      for (std::int32_t i = 0; i < count; ++i) {
        std::int32_t length = 0;
        if (!Number(message, 4, length)) return Malformed();
        if (length < 0) {
          values.emplace_back();
          continue;
        }
        const auto bytes = static_cast<std::size_t>(length);
        if (message.size() < bytes) return Malformed();
        values.emplace_back(message.substr(0, bytes));
        message.remove_prefix(bytes);
      }
      if (!take(values)) return false;
    }
    return true;
  }
};

CopyRows::CopyRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
CopyRows::CopyRows(CopyRows&&) noexcept = default;
CopyRows& CopyRows::operator=(CopyRows&&) noexcept = default;
CopyRows::~CopyRows() = default;

Result<CopyRows> CopyRows::Open(const ConnectionUrl& url, const SessionOptions& options) {
  auto state = std::make_unique<State>();
  state->url = url;
  state->connection.reset(PQconnectdb(SessionUrl(url, options).ConnectionText().c_str()));
  if (PQstatus(state->connection.get()) != CONNECTION_OK) {
    return ConnectError(url, PQerrorMessage(state->connection.get()));
  }
  PQsetNoticeReceiver(state->connection.get(), DropNotice, nullptr);
  TFSEAL_TRY(state->Run(SessionSetup(options)));
  TFSEAL_TRY(state->Run(std::string(TextSetup())));
  return CopyRows(std::move(state));
}

Status CopyRows::Begin() {
  TFSEAL_TRY(state_->Run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  return {};
}

Status CopyRows::Finish() {
  TFSEAL_TRY(state_->Run("ROLLBACK"));
  return {};
}

Result<Row> CopyRows::First(const std::string& sql) {
  TFSEAL_ASSIGN(const Answered result, state_->Run(sql));
  Row row;
  if (PQntuples(result.get()) == 0) return row;
  for (int i = 0; i < PQnfields(result.get()); ++i) {
    row.push_back(PQgetisnull(result.get(), 0, i) != 0 ? std::nullopt
                                                       : std::optional<std::string>(PQgetvalue(result.get(), 0, i)));
  }
  return row;
}

Status CopyRows::Copy(const std::string& select, const std::function<bool(Values)>& take) {
  PGconn* connection = state_->connection.get();
  TFSEAL_TRY(state_->Run("COPY (" + select + ") TO STDOUT (FORMAT binary)"));
  bool header = true;
  while (true) {
    char* raw = nullptr;
    const int length = PQgetCopyData(connection, &raw, 0);
    if (length < 0) break;
    const std::unique_ptr<char, FreeBuffer> buffer(raw);
    std::string_view message(raw, static_cast<std::size_t>(length));
    if (header) {
      if (message.size() < kHeaderBytes || !message.starts_with(kSignature)) return state_->Malformed();
      message.remove_prefix(kHeaderBytes);
      header = false;
    }
    TFSEAL_ASSIGN(const bool more, state_->Take(message, take));
    if (!more) return Error{ErrorCode::kTimeout, state_->url.Describe() + ": reading was stopped", ""};
  }
  Status ended;
  for (Answered result(PQgetResult(connection)); result != nullptr; result.reset(PQgetResult(connection))) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && ended.ok()) ended = state_->Failed(result.get());
  }
  if (ended.ok() && PQstatus(connection) != CONNECTION_OK) return LostError(state_->url);
  return ended;
}

}  // namespace tfseal::postgres
