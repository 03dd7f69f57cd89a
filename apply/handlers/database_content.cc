#include "apply/handlers/database_content.h"

#include <algorithm>

#include "apply/handlers/calls.h"
#include "postgres/compare.h"
#include "postgres/connection.h"

namespace tfseal {
namespace {

using postgres::ConnectionUrl;

// A connection that fails says nothing about the database; the fence is the likeliest reason.
Error Unreachable(Error error) {
  if (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout) {
    error.hint =
        "the fence admits only the addresses of applications[].database.operators in tfseal.yaml; run tfseal resume "
        "from "
        "one of them";
  }
  return error;
}

// A report of several lines as a part of one sentence: a message is one line.
std::string OnOneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.empty()) continue;
    line += (line.empty() ? "" : "; ") + std::string(part);
  }
  return line;
}

}  // namespace

bool SpeaksPostgres(std::string_view engine) {
  return engine.find("postgres") != std::string_view::npos;
}

Result<Reached> Reach(const Action& action, const JsonValue& described, RunContext& context) {
  Reached reached;
  const std::string name = TextOf(action.payload, "url_env");
  const auto value = context.settings.environment.find(name);
  if (name.empty() || value == context.settings.environment.end() || value->second.empty()) {
    reached.waiting =
        name.empty()
            ? Waiting("nothing says how " + IdentifierOf(described) + " is reached, so its content cannot be looked at",
                      "name an environment variable with its URL as applications[].database.url_env in "
                      "tfseal.yaml, then write the plan again")
            : Waiting("the environment variable " + name + " is not set, so the content of " + IdentifierOf(described) +
                          " cannot be looked at",
                      "export " + name + "=postgresql://user@host/database, then run tfseal resume");
    return reached;
  }
  TFSEAL_ASSIGN(const ConnectionUrl url, ConnectionUrl::Parse(value->second));
  const JsonValue& endpoint = described["Endpoint"];
  const std::string host = endpoint.isString() ? endpoint.asString() : TextOf(endpoint, "Address");
  const JsonValue& port = endpoint.isObject() ? endpoint["Port"] : described["Port"];
  if (host.empty() || !port.isNumeric()) {
    return Error{ErrorCode::kUnavailable, IdentifierOf(described) + " has no endpoint yet", "run tfseal resume"};
  }
  // hostaddr would go on pointing at the other database.
  reached.url = url.With("hostaddr", "").With("host", host).With("port", std::to_string(port.asInt()));
  return reached;
}

std::optional<Probe> ByHand(const Action& action, const std::string& what, RunContext& context) {
  if (context.settings.approvals.contains(action.id)) return std::nullopt;
  return Waiting(what + " cannot be checked by tfseal for this engine", "check it, then: " + ApproveCommand(action));
}

Result<std::string> NextTransaction(const ConnectionUrl& url) {
  auto connection = postgres::Connection::Open(url);
  if (!connection.ok()) return Unreachable(connection.error());
  const auto rows =
      connection->Query("SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())::pg_catalog.text");
  if (!rows.ok()) return rows.error();
  if (rows->size() != 1 || rows->front().size() != 1 || !rows->front().front()) {
    return Error{ErrorCode::kUnavailable, url.Describe() + " does not tell its next transaction id", ""};
  }
  return *rows->front().front();
}

Result<postgres::Quiescence> Observe(const ConnectionUrl& url, bool end_sessions, RunContext& context) {
  postgres::QuiescenceOptions options;
  options.interval = context.settings.sample_interval;
  options.end_sessions = end_sessions;
  options.progress = context.progress;
  auto seen = postgres::CheckQuiescence(url, options, context.clock);
  if (!seen.ok()) return Unreachable(seen.error());
  return seen;
}

Result<ContentVerdict> CompareContent(const ConnectionUrl& original, const ConnectionUrl& copy, RunContext& context) {
  auto names = postgres::ListDatabases(original);
  if (!names.ok()) return Unreachable(names.error());
  const auto copied = postgres::ListDatabases(copy);
  if (!copied.ok()) return Unreachable(copied.error());
  ContentVerdict verdict;
  verdict.same = *names == *copied && !names->empty();
  if (*names != *copied) verdict.text = "the copy does not have the same databases";
  for (const std::string& name : *names) {
    if (std::find(copied->begin(), copied->end(), name) == copied->end()) continue;
    postgres::CompareOptions options;
    options.progress = [&](const postgres::CompareProgress& progress) {
      if (!context.progress) return;
      context.progress("comparing database " + name + ": " + std::to_string(progress.tables_done) + " of " +
                       std::to_string(progress.tables) + " tables, " + std::to_string(progress.rows_done) +
                       " rows read");
    };
    const auto compared = postgres::CompareDatabases(original.With("dbname", name), copy.With("dbname", name), options);
    if (!compared.ok()) return Unreachable(compared.error());
    verdict.evidence["databases"][name] = postgres::ComparisonJson(*compared);
    if (compared->sameness() == postgres::Sameness::kSame) continue;
    verdict.same = false;
    verdict.text += (verdict.text.empty() ? "" : "; ") + std::string("database ") + name + ": " +
                    OnOneLine(postgres::ComparisonText(*compared));
  }
  return verdict;
}

Result<ContentVerdict> StillTheSame(const ConnectionUrl& original, const ConnectionUrl& copy, const std::string& since,
                                    RunContext& context) {
  TFSEAL_ASSIGN(const std::string next, NextTransaction(original));
  ContentVerdict verdict;
  verdict.evidence["next_transaction"] = next;
  verdict.evidence["next_transaction_when_compared"] = since;
  if (next == since) {
    verdict.same = true;
    verdict.text = "no transaction wrote since the comparison";
    return verdict;
  }
  // Also what the server does for itself takes ids: only looking tells.
  TFSEAL_ASSIGN(ContentVerdict again, CompareContent(original, copy, context));
  again.evidence["next_transaction"] = next;
  again.evidence["next_transaction_when_compared"] = since;
  return again;
}

}  // namespace tfseal
