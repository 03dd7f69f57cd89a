#include <algorithm>
#include <array>
#include <string_view>

#include "postgres/quiescence_sample.h"

namespace tfseal::postgres {
namespace {

// Roles that Amazon RDS and Aurora reserve for themselves (Amazon RDS User Guide, "Understanding the rds_superuser
// role", and the RDS Proxy and Multi-AZ cluster pages).
constexpr std::array<std::string_view, 4> kServiceRoles = {"rdsadmin", "rdsrepladmin", "rdstopmgr", "rdsproxyadmin"};
constexpr std::string_view kServiceDatabase = "rdsadmin";

struct Movement {
  bool counted = true;  // both samples have counters that can be subtracted
  std::int64_t rows = 0;
  std::int64_t sessions = 0;
};

Movement Between(const DatabaseCounters& first, const DatabaseCounters& second) {
  Movement movement;
  movement.counted = first.reset == second.reset && first.sessions >= 0 && second.sessions >= first.sessions &&
                     second.rows_written >= first.rows_written;
  movement.rows = second.rows_written - first.rows_written;
  movement.sessions = second.sessions - first.sessions;
  return movement;
}

}  // namespace

bool IsServiceDatabase(const ServerFacts& server, const std::string& name) {
  return server.managed && name == kServiceDatabase;
}

bool IsServiceRole(const ServerFacts& server, const std::string& name) {
  return server.managed && std::find(kServiceRoles.begin(), kServiceRoles.end(), name) != kServiceRoles.end();
}

Interval JudgeInterval(const ServerFacts& server, const Sample& first, const Sample& second) {
  if (!first.next_xid_before.empty() && first.next_xid_before == second.next_xid_after) {
    return {Interval::Kind::kStill, "no transaction id was used"};
  }
  Interval interval{Interval::Kind::kAttributed, "only the managed service used transaction ids"};
  bool service_wrote = false;
  for (const auto& [name, counters] : second.databases) {
    const auto before = first.databases.find(name);
    const Movement movement =
        before == first.databases.end() ? Movement{.counted = false} : Between(before->second, counters);
    if (IsServiceDatabase(server, name)) {
      service_wrote = service_wrote || movement.rows > 0;
      continue;
    }
    if (!movement.counted) {
      // Without the counter of sessions (before PostgreSQL 14) a client that came and went looks like autovacuum.
      return {Interval::Kind::kWritten,
              "transaction ids were used and it cannot be told by whom: the counters of database " + name +
                  " are missing or were reset"};
    }
    if (movement.sessions > 0) {
      return {Interval::Kind::kWritten, "a client came and went between the samples: database " + name + " had " +
                                            std::to_string(movement.sessions) + " new sessions and " +
                                            std::to_string(movement.rows) +
                                            " rows written, and transaction ids were used"};
    }
    if (movement.rows > 0) {
      interval = {Interval::Kind::kBusy, "rows were written in database " + name + " without a client session"};
    }
  }
  for (const auto& [name, counters] : first.databases) {
    if (!second.databases.contains(name)) return {Interval::Kind::kWritten, "database " + name + " was dropped"};
  }
  if (interval.kind == Interval::Kind::kAttributed && !service_wrote) {
    return {Interval::Kind::kBusy, "transaction ids were used and no counter shows by whom"};
  }
  return interval;
}

JsonValue PresenceJson(const Presence& presence) {
  JsonValue json(Json::objectValue);
  json["kind"] = presence.kind;
  if (presence.pid != 0) json["pid"] = Json::Int64(presence.pid);
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  put("user", presence.user);
  put("database", presence.database);
  put("application_name", presence.application_name);
  put("client_address", presence.client_address);
  put("state", presence.state);
  put("since", presence.since);
  put("excluded", presence.excluded);
  if (!presence.since.empty()) json["age_seconds"] = Json::Int64(presence.age_seconds);
  return json;
}

JsonValue SampleJson(const Sample& sample) {
  JsonValue json(Json::objectValue);
  json["at"] = sample.at;
  if (!sample.wal_lsn.empty()) json["wal_lsn"] = sample.wal_lsn;
  json["next_xid"] = sample.next_xid_after;
  json["databases"] = JsonValue(Json::objectValue);
  for (const auto& [name, counters] : sample.databases) {
    JsonValue& database = json["databases"][name];
    database["rows_written"] = Json::Int64(counters.rows_written);
    if (counters.sessions >= 0) database["sessions"] = Json::Int64(counters.sessions);
  }
  return json;
}

std::string PresenceText(const Presence& presence) {
  std::string text = presence.kind;
  if (presence.pid != 0) text += " " + std::to_string(presence.pid);
  if (!presence.application_name.empty()) text += " '" + presence.application_name + "'";
  if (!presence.user.empty()) text += " of " + presence.user;
  if (!presence.client_address.empty()) text += " from " + presence.client_address;
  if (!presence.database.empty()) text += " in " + presence.database;
  if (!presence.state.empty()) text += ", " + presence.state;
  if (!presence.since.empty()) text += " for " + std::to_string(presence.age_seconds) + " s";
  return text;
}

}  // namespace tfseal::postgres
