#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/run_program.h"

namespace tfseal::testing {

class PostgresServer;

struct PostgresSettings {
  std::vector<std::string> lines = {};   // of postgresql.conf: "max_prepared_transactions = 10"
  std::vector<std::string> initdb = {};  // further arguments: "--locale=C"
  bool durable = false;                  // fsync on
  // Not a new cluster but a physical copy of a running one, as a restored snapshot is.
  const PostgresServer* backup_of = nullptr;
};

// A throw-away PostgreSQL server of the installed version, in a directory of its own, on a socket and a port of its
// own; run as an unprivileged user, because the server refuses root. Stopped and removed by the destructor.
class PostgresServer {
 public:
  // Where initdb and postgres are; empty if they are not installed, which is a reason to skip.
  static std::string Binaries();

  explicit PostgresServer(const PostgresSettings& settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Fails the process if the server does not start.
  void Start();
  void Stop();
  // As a power cut: no shutdown, nothing flushed.
  void Kill();

  // For the superuser "postgres", over the socket.
  [[nodiscard]] std::string Url(std::string_view database = "postgres") const;
  // For another role, over TCP on the loopback address.
  [[nodiscard]] std::string TcpUrl(std::string_view role, std::string_view password, std::string_view database) const;

  // Runs statements through psql and returns what it prints, unaligned and without headings; an error in them fails the
  // process, because it is a mistake in the test.
  std::string Sql(std::string_view statements, std::string_view database = "postgres") const;
  // The database becomes as Aurora's are without logical replication: nobody is told where the log is.
  void RefuseWalPosition(std::string_view database = "postgres") const;
  // A program of PostgreSQL as the server's user: {"pg_dump", "-d", url}.
  ProgramRun Run(const std::vector<std::string>& arguments, std::string input = {}) const;

  [[nodiscard]] std::string Directory() const;
  [[nodiscard]] std::string Log() const;

 private:
  [[nodiscard]] std::string DataDirectory() const;
  std::unique_ptr<TemporaryDirectory> directory_;
  int port_ = 0;
  bool running_ = false;
};

}  // namespace tfseal::testing
