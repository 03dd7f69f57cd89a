#include "crypto/rekey/write_fence.h"

#include <fmt/format.h>

#include <algorithm>

namespace tfseal::rekey {
namespace {

using postgres::QuoteName;
using postgres::QuoteText;

constexpr int kAttempts = 20;
constexpr std::string_view kCheckViolation = "23514";
constexpr std::string_view kInsufficientPrivilege = "42501";
constexpr std::string_view kNow = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";

// A constraint names the columns of its own row.
std::string Condition(const TableLayout& layout) {
  return "NOT (" + layout.OldRowsSql("") + ")";
}

Result<postgres::Rows> Find(postgres::Connection& session, const TableLayout& layout, std::int64_t job) {
  return session.Query(
      "SELECT c.convalidated, obj_description(c.oid, 'pg_constraint') FROM pg_constraint c WHERE "
      "c.conrelid = to_regclass($1) AND c.conname = $2",
      {layout.SqlName(), FenceName(job)});
}

Status Add(postgres::Connection& session, const TableLayout& layout, std::int64_t job) {
  TFSEAL_TRY(session.Begin());
  const auto attempt = [&]() -> Status {
    TFSEAL_TRY(session.Query("SET LOCAL lock_timeout = '200ms'"));
    TFSEAL_TRY(session.Execute(FenceSql(layout, job)));
    TFSEAL_ASSIGN(const postgres::Rows now, session.Query(fmt::format("SELECT {}", kNow)));
    TFSEAL_TRY(
        session.Execute(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", QuoteName(FenceName(job)), layout.SqlName(),
                                    QuoteText("tfseal fence " + postgres::TextAt(now.front(), 0)))));
    return session.Commit();
  };
  Status added = attempt();
  if (!added.ok()) {
    const Status ignored = session.Rollback();
    static_cast<void>(ignored);
  }
  return added;
}

Status AddPatiently(postgres::Connection& session, const TableLayout& layout, std::int64_t job) {
  Status added;
  for (int i = 0; i < kAttempts; ++i) {
    added = Add(session, layout, job);
    if (added.ok() || added.error().service_code != "55P03") break;
    // The server sleeps, not we: its clock is the only one that counts here.
    TFSEAL_TRY(session.Query("SELECT pg_sleep(0.2)"));
  }
  if (added.ok()) return {};
  Error error = added.error();
  error.message =
      fmt::format("{}.{}: the write fence could not be raised: {}", layout.schema, layout.table, error.message);
  if (error.service_code == kInsufficientPrivilege) error.hint = "let its owner run: " + FenceSql(layout, job);
  if (error.service_code == "55P03") error.hint = "a long transaction holds the table; run it again";
  return error;
}

}  // namespace

std::string FenceName(std::int64_t job) {
  return fmt::format("tfseal_fence_{}", job);
}

std::string FenceSql(const TableLayout& layout, std::int64_t job) {
  return fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID", layout.SqlName(),
                     QuoteName(FenceName(job)), Condition(layout));
}

Status RaiseFence(postgres::Connection& session, const std::vector<TableLayout>& layouts, std::int64_t job) {
  for (const TableLayout& layout : layouts) {
    TFSEAL_ASSIGN(const postgres::Rows there, Find(session, layout, job));
    if (there.empty()) TFSEAL_TRY(AddPatiently(session, layout, job));
  }
  return {};
}

Result<FenceState> ReadFence(postgres::Connection& session, const std::vector<TableLayout>& layouts, std::int64_t job) {
  FenceState state;
  for (const TableLayout& layout : layouts) {
    TFSEAL_ASSIGN(const postgres::Rows there, Find(session, layout, job));
    if (there.empty()) return FenceState{};
    const std::string comment = postgres::TextAt(there.front(), 1);
    const std::size_t at = comment.rfind(' ');
    // A fence that a person raised by hand without our note counts from now on.
    const std::string since = comment.starts_with("tfseal fence ") ? comment.substr(at + 1) : std::string();
    if (since.empty()) {
      TFSEAL_TRY(session.Begin());
      TFSEAL_ASSIGN(const postgres::Rows now, session.Query(fmt::format("SELECT {}", kNow)));
      TFSEAL_TRY(session.Execute(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", QuoteName(FenceName(job)),
                                             layout.SqlName(),
                                             QuoteText("tfseal fence " + postgres::TextAt(now.front(), 0)))));
      TFSEAL_TRY(session.Commit());
      state.since = std::max(state.since, postgres::TextAt(now.front(), 0));
    }
    state.since = std::max(state.since, since);
  }
  TFSEAL_ASSIGN(
      const postgres::Rows age,
      session.Query("SELECT floor(extract(epoch FROM clock_timestamp() - $1::timestamptz))::bigint", {state.since}));
  state.raised = true;
  state.seconds_up = postgres::NumberAt(age.front(), 0);
  return state;
}

Status ValidateFence(postgres::Connection& session, const std::vector<TableLayout>& layouts, std::int64_t job) {
  for (const TableLayout& layout : layouts) {
    TFSEAL_TRY(session.Query("SET statement_timeout = 0"));
    const auto validated = session.Execute(
        fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", layout.SqlName(), QuoteName(FenceName(job))));
    if (validated.ok()) continue;
    Error error = validated.error();
    if (error.service_code == kCheckViolation) {
      error = {ErrorCode::kConflict,
               fmt::format("{}.{}: a row is still under the old key", layout.schema, layout.table),
               "tfseal rekey run moves what is left"};
    }
    return error;
  }
  return {};
}

}  // namespace tfseal::rekey
