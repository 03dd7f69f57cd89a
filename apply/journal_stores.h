#pragma once

#include <memory>
#include <string>

#include "apply/journal_store.h"
#include "aws/api.h"
#include "postgres/connection_url.h"

namespace tfseal {

// In a bucket: one object a record, each written only if there is none of its number (If-None-Match), so that two runs
// can never both add to a journal. The lock is an object with a lease: written again while the run is alive, taken over
// only when the lease is over and somebody asks for it.
std::unique_ptr<JournalStore> S3Journal(aws::Api& api, std::string region, std::string bucket, std::string prefix);

// How long a run in a bucket counts as alive after its last sign of life.
inline constexpr std::chrono::minutes kJournalLease{15};

// In a table, one row a record; `journal` tells several journals of one table apart. The lock is the server's advisory
// lock, which ends with the session.
std::unique_ptr<JournalStore> PostgresJournal(postgres::ConnectionUrl url, std::string journal);

}  // namespace tfseal
