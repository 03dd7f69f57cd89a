#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"
#include "postgres/connection_url.h"

namespace tfseal::postgres {

// Something on the server that writes, may write, or reads the log: who it is, never what it does.
struct Presence {
  std::string kind;      // "session", "prepared transaction", "replication", "background worker"
  std::int64_t pid = 0;  // 0 for a prepared transaction and an unused slot
  std::string user{};
  std::string database{};
  std::string application_name{};  // of a prepared transaction its name, of a slot the slot's
  std::string client_address{};
  std::string state{};  // "idle in transaction", "active", "prepared" ...; empty if the server does not tell us
  std::string since{};  // when it started (a session: its transaction, if it has one), server's clock, RFC 3339 in UTC
  std::int64_t age_seconds = 0;
  std::string excluded{};  // why it does not count; empty: it counts
};

struct QuiescenceOptions {
  // Between two samples. Shorter ones prove less.
  std::chrono::milliseconds interval{30000};
  // Intervals to try while only the server itself is busy (checkpoints, autovacuum, the service's heartbeat).
  int intervals_max = 10;
  // Ends client sessions that count before the first sample (pg_terminate_backend); they are reported.
  bool end_sessions = false;
  // Sessions of the caller, by process id.
  std::vector<std::int64_t> own_pids;
  std::function<void(std::string_view)> progress;
};

// Whether something writes to any database of a server. Quiet only with a proof: over one interval
// - at both ends no session but ours, no prepared transaction and no consumer of logical changes was there, and
// - no transaction on the whole server was given an id ("still"): whoever connects, writes and leaves in between is
//   noticed, because every write needs an id, while checkpoints and hint bits, which move the log position of an idle
//   server, need none; or ("attributed", PostgreSQL 14 and later on a managed service) ids were used, and the server's
//   counters show that in no database but the service's own a session was opened or a row was written.
struct Quiescence {
  bool quiet = false;
  std::string rule;  // "still" or "attributed" if quiet
  std::string text;  // for people: why, naming who
  std::string hint;
  std::vector<Presence> present;   // what counts
  std::vector<Presence> excluded;  // what does not, each with the reason
  std::vector<Presence> ended;     // sessions that were ended on request
  // Both samples as the server told them: times of its clock, log positions, transaction ids, counters per database;
  // and the rule. Holds names, numbers and times only. All of the lists above are in it.
  JsonValue proof{Json::objectValue};
};

// `url` must name the writer; any database of it will do. An error is a failure to look (permission, connection): it is
// never a statement about quiescence. Waits through `clock`; times in the proof are the server's.
Result<Quiescence> CheckQuiescence(const ConnectionUrl& url, const QuiescenceOptions& options, Clock& clock);

}  // namespace tfseal::postgres
