#pragma once

#include "core/result.h"
#include "postgres/connection.h"

namespace tfseal::postgres {

// Whether the server tells where its log is (pg_current_wal_lsn and its like). Amazon Aurora does so only with logical
// replication on (rds.logical_replication in the parameter group of the cluster); otherwise it refuses: SQLSTATE 55000,
// "wal_level must be set to 'logical'". A server in recovery refuses, too. In a transaction only behind a savepoint.
Result<bool> TellsWalPosition(Connection& session);

}  // namespace tfseal::postgres
