#pragma once

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <string>

// What every user of libpq itself needs: owners of its objects, and what it says of a refusal.
namespace tfseal::postgres {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using OwnedConnection = std::unique_ptr<PGconn, FinishConnection>;
using Answered = std::unique_ptr<PGresult, ClearResult>;

// Notices of the server go to nobody: they would be printed.
inline void DropNotice(void* /*unused*/, const PGresult* /*unused*/) {}

// Empty where the server gave none.
inline std::string Sqlstate(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string() : std::string(state);
}

// Ends the statement that runs in the session.
inline void CancelStatement(PGconn* connection) {
  std::array<char, 256> ignored{};
  PGcancel* cancel = PQgetCancel(connection);
  if (cancel == nullptr) return;
  PQcancel(cancel, ignored.data(), static_cast<int>(ignored.size()));
  PQfreeCancel(cancel);
}

}  // namespace tfseal::postgres
