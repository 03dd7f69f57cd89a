#pragma once

#include <cstdint>
#include <functional>

#include "core/clock.h"
#include "core/result.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"

namespace tfseal::rekey {

// Deletes scoped tokens that expired or were used longer ago than the mapping says, a thousand at a time, each batch in
// its own transaction. Rows that somebody has locked are left for another time. Returns how many; `stop` is asked
// between batches. kUsage: the mapping has no scoped_tokens, so nothing is ever deleted.
Result<std::int64_t> PruneScopedTokens(postgres::Connection& session, const Mapping& mapping, Clock& clock,
                                       const std::function<bool()>& stop);

}  // namespace tfseal::rekey
