#include "postgres/quiescence.h"

#include <algorithm>
#include <array>
#include <set>

#include "postgres/connection.h"
#include "postgres/quiescence_sample.h"
#include "postgres/wal_position.h"

namespace tfseal::postgres {
namespace {

// PostgreSQL 15 counts a session that ended at once; 14 sends the count to a collector, which writes within half a
// second.
constexpr std::chrono::milliseconds kCountersSettle{1000};
constexpr int kSessionCountersVersion = 140000;
constexpr int kEndedPolls = 20;
constexpr std::chrono::milliseconds kEndedPoll{250};

std::string Rfc3339(const std::string& expression) {
  return "to_char(" + expression + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
}

std::string Age(const std::string& expression) {
  return "greatest(0, extract(epoch FROM clock_timestamp() - " + expression + "))::bigint";
}

constexpr std::string_view kNextXid = "txid_snapshot_xmax(txid_current_snapshot())::text";

Result<ServerFacts> ReadServer(Connection& connection) {
  ServerFacts server;
  server.version = connection.server_version();
  TFSEAL_ASSIGN(
      const Rows rows,
      connection.Query("SELECT pg_is_in_recovery(), EXISTS (SELECT FROM pg_roles WHERE rolname = 'rdsadmin' AND"
                       " rolsuper) AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser'),"
                       " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
                       " OR pg_has_role(current_user, 'pg_read_all_stats', 'usage')"));
  server.in_recovery = TextAt(rows.at(0), 0) == "t";
  server.managed = TextAt(rows.at(0), 1) == "t";
  server.sees_everything = TextAt(rows.at(0), 2) == "t";
  return server;
}

// Sessions and background processes. Processes that are connected to no database (checkpointer, archiver ...) cannot
// write a row; autovacuum changes no content; parallel workers are their leader's.
Result<std::vector<Presence>> ReadSessions(Connection& connection) {
  const std::string since = "coalesce(xact_start, state_change, backend_start)";
  TFSEAL_ASSIGN(
      const Rows rows,
      connection.Query("SELECT pid, coalesce(usename, ''), coalesce(datname, ''), coalesce(application_name, ''),"
                       " coalesce(host(client_addr), CASE WHEN client_port = -1 THEN 'local' ELSE '' END),"
                       " coalesce(state, ''), " +
                       Rfc3339(since) + ", " + Age(since) +
                       ", coalesce(backend_type, '') FROM pg_stat_activity"
                       " WHERE (datid IS NOT NULL OR usesysid IS NOT NULL)"
                       " AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'autovacuum launcher',"
                       " 'parallel worker', 'logical replication launcher', 'walsender') ORDER BY pid"));
  std::vector<Presence> sessions;
  for (const Row& row : rows) {
    const std::string type = TextAt(row, 8);
    const bool client = type.empty() || type == "client backend";
    Presence session{.kind = client ? "session" : "background worker",
                     .pid = NumberAt(row, 0),
                     .user = TextAt(row, 1),
                     .database = TextAt(row, 2),
                     .application_name = client ? TextAt(row, 3) : type,
                     .client_address = TextAt(row, 4),
                     .state = TextAt(row, 5),
                     .since = TextAt(row, 6),
                     .age_seconds = NumberAt(row, 7)};
    sessions.push_back(std::move(session));
  }
  return sessions;
}

Result<std::vector<Presence>> ReadPrepared(Connection& connection) {
  TFSEAL_ASSIGN(const Rows rows, connection.Query("SELECT gid, owner, database, " + Rfc3339("prepared") + ", " +
                                                  Age("prepared") + " FROM pg_prepared_xacts ORDER BY gid"));
  std::vector<Presence> prepared;
  for (const Row& row : rows) {
    prepared.push_back({.kind = "prepared transaction",
                        .user = TextAt(row, 1),
                        .database = TextAt(row, 2),
                        .application_name = TextAt(row, 0),
                        .state = "prepared",
                        .since = TextAt(row, 3),
                        .age_seconds = NumberAt(row, 4)});
  }
  return prepared;
}

// Readers of the log write no row. A logical one is attached to the original and would miss what the copy writes: it
// counts. A physical one (a standby, a backup) and a slot that nobody uses do not.
Result<std::vector<Presence>> ReadReplication(Connection& connection) {
  TFSEAL_ASSIGN(
      const Rows rows,
      connection.Query(
          "SELECT coalesce(a.pid, s.active_pid, 0), coalesce(a.usename, ''), coalesce(s.database, a.datname, ''),"
          " coalesce(s.slot_name, a.application_name, ''), coalesce(host(a.client_addr), ''),"
          " coalesce(s.slot_type, 'no slot'), coalesce(s.active, true), coalesce(a.datid, 0) <> 0 FROM"
          " (SELECT * FROM pg_stat_activity WHERE backend_type = 'walsender') a"
          " FULL JOIN pg_replication_slots s ON s.active_pid = a.pid ORDER BY 4, 1"));
  std::vector<Presence> readers;
  for (const Row& row : rows) {
    Presence reader{.kind = "replication",
                    .pid = NumberAt(row, 0),
                    .user = TextAt(row, 1),
                    .database = TextAt(row, 2),
                    .application_name = TextAt(row, 3),
                    .client_address = TextAt(row, 4)};
    const bool active = TextAt(row, 6) == "t";
    // A walsender that is connected to a database decodes it, with a slot or while it makes one.
    const bool logical = TextAt(row, 5) == "logical" || TextAt(row, 7) == "t";
    reader.state = (logical ? "logical, " : "physical, ") + std::string(active ? "in use" : "unused");
    if (!active) reader.excluded = "nobody reads from the slot";
    if (active && !logical) reader.excluded = "a physical standby or backup writes nothing";
    readers.push_back(std::move(reader));
  }
  return readers;
}

Result<std::map<std::string, DatabaseCounters>> ReadCounters(Connection& connection, const ServerFacts& server) {
  TFSEAL_TRY(connection.Query("SELECT pg_stat_clear_snapshot()"));
  const std::string sessions = server.version >= kSessionCountersVersion ? "coalesce(sessions, 0)" : "-1";
  TFSEAL_ASSIGN(const Rows rows,
                connection.Query("SELECT datname, tup_inserted + tup_updated + tup_deleted, " + sessions +
                                 ", coalesce(stats_reset::text, '') FROM pg_stat_database WHERE datname IS NOT NULL"));
  std::map<std::string, DatabaseCounters> databases;
  for (const Row& row : rows) {
    databases[TextAt(row, 0)] = {
        .rows_written = NumberAt(row, 1), .sessions = NumberAt(row, 2), .reset = TextAt(row, 3)};
  }
  return databases;
}

Result<std::string> One(Connection& connection, const std::string& expression) {
  TFSEAL_ASSIGN(const Rows rows, connection.Query("SELECT " + expression));
  return TextAt(rows.at(0), 0);
}

void Sort(Presence presence, const ServerFacts& server, const std::set<std::int64_t>& own, Sample& sample) {
  if (own.contains(presence.pid)) return;
  if (presence.excluded.empty() && IsServiceRole(server, presence.user)) {
    presence.excluded = "the role " + presence.user + " is the managed service's own";
  }
  (presence.excluded.empty() ? sample.present : sample.excluded).push_back(std::move(presence));
}

Result<Sample> TakeSample(Connection& connection, const ServerFacts& server, const std::set<std::int64_t>& own) {
  Sample sample;
  TFSEAL_ASSIGN(sample.next_xid_before, One(connection, std::string(kNextXid)));
  TFSEAL_ASSIGN(sample.at, One(connection, Rfc3339("clock_timestamp()")));
  for (const auto read : {ReadSessions, ReadPrepared, ReadReplication}) {
    TFSEAL_ASSIGN(std::vector<Presence> found, read(connection));
    for (Presence& presence : found) Sort(std::move(presence), server, own, sample);
  }
  TFSEAL_ASSIGN(sample.databases, ReadCounters(connection, server));
  if (server.tells_wal) {
    TFSEAL_ASSIGN(sample.wal_lsn, One(connection, "pg_current_wal_lsn()::text"));
  }
  TFSEAL_ASSIGN(sample.next_xid_after, One(connection, std::string(kNextXid)));
  return sample;
}

class Check {
 public:
  Check(Connection& connection, const QuiescenceOptions& options, Clock& clock)
      : connection_(connection),
        options_(options),
        clock_(clock),
        own_(options.own_pids.begin(), options.own_pids.end()) {
    own_.insert(connection.backend_pid());
  }

  Result<Quiescence> Run() {
    TFSEAL_ASSIGN(server_, ReadServer(connection_));
    if (server_.in_recovery) {
      return Error{ErrorCode::kConflict, connection_.url().Describe() + ": this server is a reader (in recovery)",
                   "connect to the writer"};
    }
    TFSEAL_ASSIGN(server_.tells_wal, TellsWalPosition(connection_));
    TFSEAL_ASSIGN(Sample first, TakeSample(connection_, server_, own_));
    if (options_.end_sessions && !first.present.empty()) {
      TFSEAL_TRY(EndSessions(first));
      TFSEAL_ASSIGN(first, TakeSample(connection_, server_, own_));
    }
    for (int i = 0; i < std::max(1, options_.intervals_max); ++i) {
      if (!first.present.empty()) return Present(first, first);
      Say("nobody is connected; watching for " + std::to_string(options_.interval.count() / 1000) + " s");
      clock_.SleepFor(options_.interval + kCountersSettle);
      TFSEAL_ASSIGN(Sample second, TakeSample(connection_, server_, own_));
      if (!second.present.empty()) return Present(first, second);
      const Interval interval = JudgeInterval(server_, first, second);
      if (interval.kind != Interval::Kind::kBusy) return Judged(interval, first, second);
      Say("the server is busy with itself: " + interval.text);
      busy_ = interval.text;
      first = std::move(second);
    }
    return Judged({Interval::Kind::kBusy, busy_}, first, first);
  }

 private:
  void Say(const std::string& text) const {
    if (options_.progress) options_.progress(text);
  }

  // The start of the session is looked at too: a process id may by now be somebody else's. A session that we may not
  // end stays, and counts.
  Status EndSessions(const Sample& sample) {
    for (const Presence& session : sample.present) {
      if (session.kind != "session") continue;
      const Result<Rows> rows = connection_.Query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1::int AND usename = $2::name"
          " AND coalesce(backend_start < $3::timestamptz + interval '1 ms', true)",
          {std::to_string(session.pid), session.user, sample.at});
      if (!rows.ok() && rows.error().code != ErrorCode::kPermissionDenied) return rows.error();
      if (rows.ok() && !rows->empty() && TextAt(rows->at(0), 0) == "t") ended_.push_back(session);
    }
    for (int i = 0; i < kEndedPolls && !ended_.empty(); ++i) {
      TFSEAL_ASSIGN(const std::vector<Presence> left, ReadSessions(connection_));
      const bool gone = std::none_of(ended_.begin(), ended_.end(), [&](const Presence& ended) {
        return std::any_of(left.begin(), left.end(), [&](const Presence& session) { return session.pid == ended.pid; });
      });
      if (gone) break;
      clock_.SleepFor(kEndedPoll);
    }
    return {};
  }

  Quiescence Start(const Sample& first, const Sample& second) {
    Quiescence result;
    result.present = second.present;
    result.excluded = second.excluded;
    result.ended = ended_;
    JsonValue& proof = result.proof;
    proof["server_version"] = server_.version;
    proof["managed_service"] = server_.managed;
    proof["role_sees_all_sessions"] = server_.sees_everything;
    proof["samples"].append(SampleJson(first));
    if (&first != &second) proof["samples"].append(SampleJson(second));
    const auto list = [&](const char* key, const std::vector<Presence>& presences) {
      proof[key] = JsonValue(Json::arrayValue);
      for (const Presence& presence : presences) proof[key].append(PresenceJson(presence));
    };
    list("present", result.present);
    list("excluded", result.excluded);
    list("ended", result.ended);
    return result;
  }

  Quiescence Present(const Sample& first, const Sample& second) {
    Quiescence result = Start(first, second);
    result.text = connection_.url().Describe() + ": still there: ";
    for (std::size_t i = 0; i < result.present.size() && i < 5; ++i) {
      result.text += (i == 0 ? "" : "; ") + PresenceText(result.present[i]);
    }
    if (result.present.size() > 5) result.text += "; and " + std::to_string(result.present.size() - 5) + " more";
    result.hint = server_.sees_everything
                      ? Hint(result.present.front())
                      : "grant the role pg_read_all_stats to see who it is, and stop it at its source";
    Finish(result);
    return result;
  }

  static std::string Hint(const Presence& presence) {
    if (presence.kind == "prepared transaction")
      return "decide it: COMMIT PREPARED or ROLLBACK PREPARED, then run again";
    if (presence.kind == "replication") return "stop the subscriber or the replication task, then run again";
    if (presence.kind == "background worker") return "switch off its jobs or its subscription, then run again";
    return "stop the program at its source, then run again";
  }

  Quiescence Judged(const Interval& interval, const Sample& first, const Sample& second) {
    Quiescence result = Start(first, second);
    result.quiet = interval.kind == Interval::Kind::kStill || interval.kind == Interval::Kind::kAttributed;
    if (interval.kind == Interval::Kind::kStill) result.rule = "still";
    if (interval.kind == Interval::Kind::kAttributed) result.rule = "attributed";
    result.text = connection_.url().Describe() + ": " + interval.text;
    if (interval.kind == Interval::Kind::kWritten)
      result.hint = "find what still connects (the fence leaks), then run again";
    if (interval.kind == Interval::Kind::kBusy)
      result.hint = "wait for autovacuum or a scheduled job to end, then run again";
    Finish(result);
    return result;
  }

  static void Finish(Quiescence& result) {
    result.proof["quiet"] = result.quiet;
    if (!result.rule.empty()) result.proof["rule"] = result.rule;
    result.proof["text"] = result.text;
  }

  Connection& connection_;
  const QuiescenceOptions& options_;
  Clock& clock_;
  std::set<std::int64_t> own_;
  ServerFacts server_;
  std::vector<Presence> ended_;
  std::string busy_ = "nothing was seen";
};

}  // namespace

Result<Quiescence> CheckQuiescence(const ConnectionUrl& url, const QuiescenceOptions& options, Clock& clock) {
  SessionOptions session;
  session.application_name = "tfseal quiescence";
  TFSEAL_ASSIGN(Connection connection, Connection::Open(url, session));
  return Check(connection, options, clock).Run();
}

}  // namespace tfseal::postgres
