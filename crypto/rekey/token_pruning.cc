#include "crypto/rekey/token_pruning.h"

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace tfseal::rekey {
namespace {

constexpr int kRowsPerBatch = 1000;
// Deleting is never urgent: at most this many batches a second.
constexpr std::chrono::milliseconds kBetweenBatches{100};

std::string Sql(const ScopedTokenPruning& tokens) {
  using postgres::QuoteName;
  const std::string limit = fmt::format("clock_timestamp() - {} * interval '1 s'", tokens.older_than.count());
  std::string old = fmt::format("{} < {}", QuoteName(tokens.expires_at), limit);
  if (!tokens.used_at.empty()) old += fmt::format(" OR {} < {}", QuoteName(tokens.used_at), limit);
  return fmt::format(
      "DELETE FROM {0} WHERE {1} IN (SELECT {1} FROM {0} WHERE {2} ORDER BY {1} LIMIT {3} FOR UPDATE "
      "SKIP LOCKED)",
      tokens.table.Quoted(), QuoteName(tokens.id), old, kRowsPerBatch);
}

}  // namespace

Result<std::int64_t> PruneScopedTokens(postgres::Connection& session, const Mapping& mapping, Clock& clock,
                                       const std::function<bool()>& stop) {
  if (mapping.scoped_tokens.table.empty()) {
    return Error{ErrorCode::kUsage, "the mapping has no scoped_tokens, so nothing is deleted",
                 "scoped_tokens: { table: ..., expires_at: ..., used_at: ..., older_than: 30d }"};
  }
  const std::string sql = Sql(mapping.scoped_tokens);
  std::int64_t deleted = 0;
  while (!stop()) {
    TFSEAL_ASSIGN(const std::int64_t batch, session.Execute(sql));
    deleted += batch;
    if (batch < kRowsPerBatch) break;
    clock.SleepFor(kBetweenBatches);
  }
  return deleted;
}

}  // namespace tfseal::rekey
