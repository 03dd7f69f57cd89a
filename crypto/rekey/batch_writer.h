#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "crypto/rekey/row_batch.h"
#include "crypto/rekey/row_statements.h"
#include "crypto/rekey/segment_store.h"
#include "crypto/rekey/table_layout.h"
#include "postgres/row_stream.h"

namespace tfseal::rekey {

// Part of a batch that is written in one transaction: rows [begin, end).
struct BatchPart {
  RowBatch* batch = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

// What came of a part.
enum class WriteEnd : std::uint8_t {
  kCommitted,
  kRefused,    // the server refused it because of its rows or of a lock: nothing is written, smaller parts may pass
  kFenceLost,  // the segment is not ours any more, or the job does not run: nothing is written
};

struct WriteOutcome {
  WriteEnd end = WriteEnd::kCommitted;
  std::string sqlstate;           // of kRefused
  std::int64_t changed = 0;       // rows
  std::int64_t conflicts = 0;     // rows that were not as they were read any more; less than none: fewer than was said
  std::int64_t poison = 0;        // rows with an issue, which was written down
  std::int64_t wal_position = 0;  // of the server's log after it, in bytes; 0 where the server does not tell
  // Rows that were not found may only lie elsewhere: SendByKey tells.
  bool by_position = false;
  std::int64_t server_us = 0;  // from BEGIN to COMMIT by the server's clock: how long the first row was locked
};

// Writes batches of one table. A part goes in two steps, so that the server can change the rows while the caller works
// on the next ones: Send() sends the whole transaction, which changes the rows, moves the segment's cursor on, provided
// that the segment is still ours, and commits; Finish() waits for what came of it. Both or neither: the rows and the
// cursor are one transaction. No row stays locked for as long as this process is busy, stopped or away.
class BatchWriter {
 public:
  struct Options {
    std::string schema;  // of our own tables
    std::int64_t job = 0;
    std::int64_t lease_ms = 30'000;
    std::string isolation = "READ COMMITTED";
    bool set_limits = false;  // in every transaction: a pooler gives none of ours a session
    std::int64_t lock_timeout_ms = 100;
    bool tells_wal = true;  // the server does (postgres/wal_position.h)
  };

  BatchWriter(postgres::RowStream& stream, Options options);

  // The table that Send is about from now on. Nothing may be under way.
  void Use(const TableLayout& layout, RekeyMode mode);
  // Takes in what became of rows [begin, batch.done) of a batch that will be sent as a whole, while it still is in the
  // processor's caches. A part may be under way.
  void Stage(const RowBatch& batch, std::size_t begin);
  // Rows are found by their position, if the table has them and that was worth it lately, or by their key. Errors: the
  // session is lost.
  Status Send(const Segment& segment, const BatchPart& part);
  // The same part once more, after some of it were not found by their position: the rows that are left, by their key.
  // It counts rows only that it changes.
  Status SendByKey(const Segment& segment, const BatchPart& part);
  [[nodiscard]] bool busy() const { return part_.batch != nullptr; }
  [[nodiscard]] const BatchPart& part() const { return part_; }
  // Errors: the session is lost, with kOutcomeUnknown because COMMIT may have been carried out (SegmentStore::Recover
  // tells), or the server says that all statements of this kind fail (permissions, a column that is gone, a full disk).
  Result<WriteOutcome> Finish();

 private:
  Status SendRows(const Segment& segment, const BatchPart& part, FindBy find);
  void Begin();
  void TakeRows(const RowBatch& batch, std::size_t begin, std::size_t end);
  Status QueueRows(const BatchPart& part);
  Status QueueIssues(const BatchPart& part);
  Status QueueFence(const Segment& segment, const BatchPart& part);
  // `end`: the place of COMMIT's answer.
  Result<WriteOutcome> Refused(const std::vector<postgres::StreamAnswer>& answers, std::size_t failed, std::size_t end);
  Status Rollback();
  [[nodiscard]] std::string FenceSql() const;

  postgres::RowStream& stream_;
  Options options_;
  const TableLayout* layout_ = nullptr;
  UpdateColumns columns_;
  std::array<std::string, 2> update_;  // by FindBy
  std::string mark_;
  std::string fence_;
  BatchPart part_;
  FindBy find_ = FindBy::kKey;                 // of the part
  bool again_ = false;                         // the part was sent before
  int by_key_ = 0;                             // parts that are found by key, because others keep changing these rows
  std::int64_t issues_ = 0;                    // rows of the part that have one
  std::vector<postgres::BinaryArray> arrays_;  // the parameters of the update
  postgres::BinaryArray positions_{postgres::kTidOid};
  std::size_t left_out_ = 0;  // rows that have an issue and are not in them
  // Whose rows they hold already, from the first on; nullptr: nobody's.
  const RowBatch* staged_ = nullptr;
  std::size_t staged_rows_ = 0;
};

// A row's primary key for people and for our own tables: a JSON-like list of its columns' texts.
std::string PrimaryKeyText(const TableLayout& layout, const SourceRow& row);

}  // namespace tfseal::rekey
