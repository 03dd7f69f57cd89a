#include "tests/support/postgres_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/check.h"

namespace tfseal::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kNobody = 65534;

std::string FindBinaries() {
  std::error_code ignored;
  std::vector<std::pair<int, std::string>> found;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string bin = (entry.path() / "bin").string();
    if (fs::exists(bin + "/initdb") && fs::exists(bin + "/postgres")) {
      found.emplace_back(std::atoi(entry.path().filename().c_str()), bin);
    }
  }
  return found.empty() ? std::string() : std::max_element(found.begin(), found.end())->second;
}

// Free at this moment; the socket's name has it in it, so two servers never share a directory's lock file either.
int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  TFSEAL_CHECK(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  void* const raw = &address;
  TFSEAL_CHECK(::bind(fd, static_cast<sockaddr*>(raw), size) == 0);
  TFSEAL_CHECK(::getsockname(fd, static_cast<sockaddr*>(raw), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

void MustSucceed(const ProgramRun& run, const std::string& what) {
  if (run.exit_code == 0) return;
  std::ofstream("/dev/stderr", std::ios::app) << what << " failed:\n" << run.out << run.err << "\n";
  TFSEAL_CHECK(run.exit_code == 0);
}

}  // namespace

std::string PostgresServer::Binaries() {
  static const auto& binaries = *new std::string(FindBinaries());
  return binaries;
}

PostgresServer::PostgresServer(const PostgresSettings& settings) : directory_(std::make_unique<TemporaryDirectory>()) {
  TFSEAL_CHECK(!Binaries().empty());
  if (::geteuid() == 0) TFSEAL_CHECK(::chown(directory_->path().c_str(), kNobody, kNobody) == 0);
  std::vector<std::string> arguments = {"initdb", "-D", DataDirectory(), "-U", "postgres", "-A", "trust", "-N"};
  arguments.insert(arguments.end(), settings.initdb.begin(), settings.initdb.end());
  if (settings.backup_of == nullptr) {
    MustSucceed(Run(arguments), "initdb");
  } else {
    MustSucceed(
        Run({"pg_basebackup", "-D", DataDirectory(), "-d", settings.backup_of->Url(), "-c", "fast", "--no-sync"}),
        "pg_basebackup");
  }
  port_ = FreePort();
  std::ofstream configuration(DataDirectory() + "/postgresql.conf", std::ios::app);
  configuration << "\nlisten_addresses = '127.0.0.1'\nport = " << port_ << "\nunix_socket_directories = '"
                << Directory() << "'\nfsync = " << (settings.durable ? "on" : "off")
                << "\nshared_buffers = 32MB\nmax_connections = 60\n";
  for (const std::string& line : settings.lines) configuration << line << "\n";
  configuration.close();
  // Roles with a password need it over TCP.
  std::ofstream access(DataDirectory() + "/pg_hba.conf");
  access << "local all all trust\nlocal replication all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
  access.close();
  Start();
}

PostgresServer::~PostgresServer() {
  if (running_) Kill();
}

void PostgresServer::Start() {
  MustSucceed(Run({"pg_ctl", "-D", DataDirectory(), "-l", Directory() + "/log", "-w", "-t", "60", "start"}),
              "pg_ctl start");
  running_ = true;
}

void PostgresServer::Stop() {
  MustSucceed(Run({"pg_ctl", "-D", DataDirectory(), "-m", "fast", "-w", "stop"}), "pg_ctl stop");
  running_ = false;
}

void PostgresServer::Kill() {
  MustSucceed(Run({"pg_ctl", "-D", DataDirectory(), "-m", "immediate", "-w", "stop"}), "pg_ctl stop");
  running_ = false;
}

std::string PostgresServer::Url(std::string_view database) const {
  return "host='" + Directory() + "' port=" + std::to_string(port_) + " user=postgres dbname='" +
         std::string(database) + "'";
}

std::string PostgresServer::TcpUrl(std::string_view role, std::string_view password, std::string_view database) const {
  return "postgresql://" + std::string(role) + ":" + std::string(password) + "@127.0.0.1:" + std::to_string(port_) +
         "/" + std::string(database);
}

std::string PostgresServer::Sql(std::string_view statements, std::string_view database) const {
  const ProgramRun run =
      Run({"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", Url(database)}, std::string(statements));
  // The check ends the process without destructors: the server must not outlive it.
  if (run.exit_code != 0) Run({"pg_ctl", "-D", DataDirectory(), "-m", "immediate", "stop"});
  MustSucceed(run, "psql");
  std::string text = run.out;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void PostgresServer::RefuseWalPosition(std::string_view database) const {
  std::string sql = "SET allow_system_table_mods = on;";
  // The server calls its own functions by number, whatever pg_proc says of them: others must take their names.
  for (const std::string name : {"pg_current_wal_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_flush_lsn"}) {
    sql +=
        "ALTER FUNCTION pg_catalog." + name + "() RENAME TO " + name + "_of_postgresql; CREATE FUNCTION pg_catalog." +
        name +
        "() RETURNS pg_lsn LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'wal_level must be set to ''logical''' USING "
        "ERRCODE = '55000', HINT = 'WAL control functions cannot be executed when wal_level < logical.'; END $$;";
  }
  Sql(sql, database);
}

ProgramRun PostgresServer::Run(const std::vector<std::string>& arguments, std::string input) const {
  std::vector<std::string> words;
  if (::geteuid() == 0) {
    const std::string id = std::to_string(kNobody);
    words = {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"};
  }
  words.push_back(Binaries() + "/" + arguments.front());
  words.insert(words.end(), arguments.begin() + 1, arguments.end());
  ProgramOptions options;
  options.input = std::move(input);
  options.directory = Directory();
  options.environment["LC_ALL"] = "C.UTF-8";
  options.environment["TZ"] = "UTC";
  options.timeout = std::chrono::seconds(120);
  return RunProgram(words, options);
}

std::string PostgresServer::Directory() const {
  return directory_->path();
}

std::string PostgresServer::DataDirectory() const {
  return Directory() + "/data";
}

std::string PostgresServer::Log() const {
  std::ifstream file(Directory() + "/log");
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace tfseal::testing
