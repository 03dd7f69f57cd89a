#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "postgres/connection.h"
#include "postgres/quiescence.h"

namespace tfseal::postgres {

// Counters of one database since they were last reset (pg_stat_database).
struct DatabaseCounters {
  std::int64_t rows_written = 0;  // inserted, updated and deleted, in catalogs too, of failed transactions too
  std::int64_t sessions = -1;     // client sessions opened so far; -1 before PostgreSQL 14
  std::string reset;              // when the counters were last reset
  bool operator==(const DatabaseCounters&) const = default;
};

// The server at one moment, as one session sees it. Transaction ids are read first and last: what completes in between
// is in the interval to the next sample, or moved `next_xid_after`.
struct Sample {
  std::string at;       // RFC 3339, UTC
  std::string wal_lsn;  // empty where the server does not tell
  std::string next_xid_before;
  std::string next_xid_after;
  std::map<std::string, DatabaseCounters> databases;
  std::vector<Presence> present;
  std::vector<Presence> excluded;
};

struct ServerFacts {
  int version = 0;
  bool in_recovery = false;
  bool managed = false;          // Amazon RDS or Aurora: it has the service's roles, rdsadmin as superuser
  bool tells_wal = false;        // where its log is (postgres/wal_position.h)
  bool sees_everything = false;  // the role may see state and times of other roles' sessions
};

// What the interval between two samples shows.
struct Interval {
  enum class Kind {
    kStill,       // no transaction id was used
    kAttributed,  // ids were used, and only the managed service can have used them
    kBusy,        // ids were used by the server itself, or it cannot be told by whom: look again
    kWritten,     // a client came, used ids and went
  };
  Kind kind = Kind::kBusy;
  std::string text;
};

// Pure. Presence is not looked at here.
Interval JudgeInterval(const ServerFacts& server, const Sample& first, const Sample& second);

JsonValue PresenceJson(const Presence& presence);
JsonValue SampleJson(const Sample& sample);
std::string PresenceText(const Presence& presence);

// Databases and roles of a managed service, which customers can neither use nor become.
bool IsServiceDatabase(const ServerFacts& server, const std::string& name);
bool IsServiceRole(const ServerFacts& server, const std::string& name);

}  // namespace tfseal::postgres
