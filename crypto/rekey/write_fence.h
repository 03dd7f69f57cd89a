#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "crypto/rekey/table_layout.h"
#include "postgres/connection.h"

// A constraint on each mapped table that lets nobody write a row under the old key any more, whatever an application
// still has in its cache. It stays: the old key does not come back.
namespace tfseal::rekey {

// The constraint's name on every table of a job.
std::string FenceName(std::int64_t job);
// The statement that adds it; for a person to run where tfseal does not own the table.
std::string FenceSql(const TableLayout& layout, std::int64_t job);

// Adds what is missing, without reading the tables (NOT VALID), and notes the server's time with it. Waits only shortly
// for each lock, so that nobody queues behind it; kUnavailable: a table was in use each time. kPermissionDenied: the
// role does not own a table; the hint is the statement.
Status RaiseFence(postgres::Connection& session, const std::vector<TableLayout>& layouts, std::int64_t job);

struct FenceState {
  bool raised = false;          // on every table
  std::int64_t seconds_up = 0;  // since the last of them got it, by the server's clock
  std::string since;            // RFC 3339, UTC
};
Result<FenceState> ReadFence(postgres::Connection& session, const std::vector<TableLayout>& layouts, std::int64_t job);

// Reads every table once, with a lock that disturbs no reader or writer: rows from before the fence keep to it, too.
// kConflict: one does not.
Status ValidateFence(postgres::Connection& session, const std::vector<TableLayout>& layouts, std::int64_t job);

}  // namespace tfseal::rekey
