#pragma once

#include <optional>
#include <string>

#include "apply/handlers/databases.h"
#include "postgres/connection_url.h"
#include "postgres/quiescence.h"

// What is in a database, over PostgreSQL: whether anything writes to it, and whether a copy has all of it.
namespace tfseal {

// Engines that speak PostgreSQL.
bool SpeaksPostgres(std::string_view engine);

// The connection that the payload's url_env names, with the host and port of this database: the same user, database
// and TLS options reach the original, its copy, and both under other names. kWaiting in words if it is not given.
struct Reached {
  std::optional<postgres::ConnectionUrl> url;
  std::optional<Probe> waiting;
};
Result<Reached> Reach(const Action& action, const JsonValue& described, RunContext& context);

// What a person has to do for an engine that is not PostgreSQL: waits until it is approved; nothing if it is.
std::optional<Probe> ByHand(const Action& action, const std::string& what, RunContext& context);

// The id that the next transaction that writes will get, on the whole server. Every write moves it.
Result<std::string> NextTransaction(const postgres::ConnectionUrl& url);

Result<postgres::Quiescence> Observe(const postgres::ConnectionUrl& url, bool end_sessions, RunContext& context);

// Every database of the server, compared with the copy's.
struct ContentVerdict {
  bool same = false;
  std::string text;  // for people: what differs, by table
  JsonValue evidence{Json::objectValue};
};
Result<ContentVerdict> CompareContent(const postgres::ConnectionUrl& original, const postgres::ConnectionUrl& copy,
                                      RunContext& context);

// That nothing was written to the original since its next transaction id was `since`; if the id moved, by a comparison.
Result<ContentVerdict> StillTheSame(const postgres::ConnectionUrl& original, const postgres::ConnectionUrl& copy,
                                    const std::string& since, RunContext& context);

}  // namespace tfseal
