#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "postgres/connection.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// Statements that make texts of values and definitions independent of what role, database and server set, and reading a
// table whose rows row level security would hide an error. Parallel plans and JIT are off because the work is already
// split over sessions.
std::string_view TextSetup();

// What a server answered to one statement of a scan.
struct ScanAnswer {
  std::string sqlstate;  // empty: it succeeded
  Rows rows;
};

// A session that reads within a snapshot that another session exported, one statement at a time and without blocking,
// so that one thread serves many of them. It writes values as texts that do not depend on anybody's settings.
class ScanSession {
 public:
  // `snapshot` is what pg_export_snapshot() gave; its session must stay open and in its transaction.
  static Result<ScanSession> Open(const ConnectionUrl& url, std::string_view snapshot);
  ScanSession(ScanSession&&) noexcept;
  ScanSession& operator=(ScanSession&&) noexcept;
  // Ends a statement that is still running.
  ~ScanSession();

  [[nodiscard]] bool busy() const;
  // To be polled for reading while busy.
  [[nodiscard]] int socket() const;
  Status Send(std::string_view sql);
  // Takes in what has arrived; nullopt: the statement is not finished. A statement that the server refuses is an
  // answer, after which the session is in the snapshot again; an error is a session that is lost.
  Result<std::optional<ScanAnswer>> Receive();

 private:
  struct State;
  explicit ScanSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct ScanStatement {
  std::size_t tag = 0;  // the caller's
  std::string sql;
};

// Statements for the sessions of one server.
struct ScanSource {
  std::span<ScanSession> sessions;
  std::function<std::optional<ScanStatement>()> next;  // nullopt: no more
  std::function<void(const ScanStatement&, const ScanAnswer&)> take;
};

// Runs the statements of all sources, each session one at a time, until none has more. `stop` is asked several times a
// second and after every answer; if it says true, what runs is cancelled and the error is kTimeout.
Status RunScans(std::span<const ScanSource> sources, const std::function<bool()>& stop);

}  // namespace tfseal::postgres
