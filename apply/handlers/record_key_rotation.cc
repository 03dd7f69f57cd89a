#include "apply/handlers/calls.h"
#include "apply/handlers/list.h"
#include "planner/parameters.h"
#include "postgres/audit_row.h"
#include "postgres/connection.h"

namespace tfseal {
namespace {

constexpr const char* kNoTable = "42P01";

postgres::AuditRow RowOf(const Action& action) {
  postgres::AuditRow row;
  row.id = action.id;
  row.old_key_version = "env-var";
  row.new_key_version = TextAt(action.payload, "secret");
  row.rotation_type = "migration";
  row.initiated_by = "tfseal";
  row.notes = TextAt(action.payload, "variable") + " moved from an environment variable to AWS Secrets Manager";
  return row;
}

// Nothing if the variable with the URL is not set.
Result<std::optional<postgres::Connection>> Connect(const Action& action, const RunContext& context) {
  const auto found = context.settings.environment.find(TextAt(action.payload, "url_env"));
  if (found == context.settings.environment.end() || found->second.empty()) {
    return std::optional<postgres::Connection>();
  }
  TFSEAL_ASSIGN(const postgres::ConnectionUrl url, postgres::ConnectionUrl::Parse(found->second));
  TFSEAL_ASSIGN(postgres::Connection connection, postgres::Connection::Open(url));
  return std::optional<postgres::Connection>(std::move(connection));
}

Result<Probe> ProbeAuditRow(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(auto connection, Connect(action, context));
  const std::string variable = TextAt(action.payload, "url_env");
  if (!connection) {
    return Waiting("the environment variable " + variable + " is not set, so key_rotation_audit cannot be written",
                   "set " + variable + " to the connection URL of the application, then tfseal resume");
  }
  const postgres::AuditRow row = RowOf(action);
  const auto there = postgres::HasAuditRow(*connection, row);
  if (!there.ok() && there.error().service_code == kNoTable) {
    return Conflict("the database of " + action.target.identifier + " has no table " + row.table,
                    "create it (rotation_date, old_key_version, new_key_version, rotation_type, initiated_by, notes)");
  }
  if (!there.ok()) return there.error();
  if (!*there) return NotDone(row.table + " has no row of this action yet");
  return Done(row.table + " has the row", JsonValue(Json::objectValue),
              Object({{"table", Text(row.table)},
                      {"old_key_version", Text(row.old_key_version)},
                      {"new_key_version", Text(row.new_key_version)},
                      {"rotation_type", Text(row.rotation_type)}}));
}

Status AppendRow(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(auto connection, Connect(action, context));
  if (!connection) return InTheWay("there is no connection URL", "set the environment variable of the plan");
  return postgres::AppendAuditRow(*connection, RowOf(action));
}

}  // namespace

const Handler kRecordKeyRotationHandler = {.kind = "record_key_rotation", .probe = ProbeAuditRow, .execute = AppendRow};

}  // namespace tfseal
