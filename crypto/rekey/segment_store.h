#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/table_layout.h"
#include "postgres/connection.h"

namespace tfseal::rekey {

// A place between rows in the order of the primary key: its columns as PostgreSQL writes them. nullopt: the end.
using KeyPlace = std::optional<std::vector<std::string>>;

// A range of rows that one worker has for a time. Whoever takes it next gets a higher fence, and what the one before
// still sends is refused.
struct Segment {
  std::int64_t id = 0;
  std::size_t target = 0;  // into the layouts
  KeyPlace after;          // exclusive: the cursor, or where it begins
  KeyPlace up_to;          // inclusive
  std::string owner;
  std::int64_t fence = 0;
};

// For one thread at a time; borrows the session. All times are the server's.
class SegmentStore {
 public:
  SegmentStore(postgres::Connection& session, const Mapping& mapping) : session_(session), mapping_(mapping) {}

  // Cuts the table into segments of about `rows` rows by primary key and starts the job, in one transaction. The
  // boundaries come from a sample where the table is large; they need not be even. False: somebody else did it.
  Result<bool> Plan(const Job& job, std::vector<TableLayout>& layouts, std::int64_t rows);

  // Takes a segment that is open or whose lease is over; nullopt: there is none right now, or the job does not run.
  Result<std::optional<Segment>> Claim(const Job& job, const std::string& owner, std::int64_t lease_ms);
  // After a connection was lost: where the segment really stands, with a new fence, so that what the lost session still
  // does can no longer count. Waits for a COMMIT that is under way. nullopt: it is not ours any more.
  Result<std::optional<Segment>> Recover(const Segment& segment, std::int64_t lease_ms);
  // More time, while a service is waited for. False: it is not ours any more.
  Result<bool> Renew(const Segment& segment, std::int64_t lease_ms);
  // Nothing of it is left. False: it is not ours any more.
  Result<bool> Finish(const Segment& segment);
  // For a worker that leaves: the next one need not wait for the lease.
  Status Release(const Segment& segment);
  // Segments that are not done in this pass.
  Result<std::int64_t> Unfinished(std::int64_t job);
  // Opens all segments for another pass. False: one is not done, or somebody else did it.
  Result<bool> NextPass(const Job& job);
  // Rows that still refer to the old key.
  Result<std::int64_t> CountOld(const TableLayout& layout);

 private:
  Result<std::vector<std::vector<std::string>>> CutEvenly(const TableLayout& layout, std::int64_t rows);
  Result<std::vector<std::vector<std::string>>> Boundaries(const TableLayout& layout, std::int64_t rows);
  [[nodiscard]] std::string Table(std::string_view name) const {
    return postgres::QuoteName(mapping_.schema) + "." + std::string(name);
  }

  postgres::Connection& session_;
  const Mapping& mapping_;
};

// A text[] as PostgreSQL takes and gives it.
std::string ArrayText(const std::vector<std::string>& values);
std::vector<std::string> ArrayFrom(std::string_view text);

}  // namespace tfseal::rekey
