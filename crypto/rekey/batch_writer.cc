#include "crypto/rekey/batch_writer.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "crypto/digest.h"

namespace tfseal::rekey {
namespace {

constexpr std::string_view kDivisionByZero = "22012";
constexpr std::size_t kTagBytes = 16;
// So many parts are found by key after others changed rows meanwhile: those do it again.
constexpr int kPartsByKey = 20;
// A setting of the transaction, by which one statement tells the next how many rows it changed.
constexpr std::string_view kChanged = "tfseal.changed";

// Refusals that are about these rows or this moment: locks, deadlocks, serialization, a statement that took too long,
// values and constraints, an exception of a trigger.
bool IsAboutRows(std::string_view sqlstate) {
  return sqlstate == "55P03" || sqlstate == "57014" || sqlstate.starts_with("40") || sqlstate.starts_with("22") ||
         sqlstate.starts_with("23") || sqlstate.starts_with("P0");
}

std::string_view Tail(std::string_view bytes) {
  return bytes.size() > kTagBytes ? bytes.substr(bytes.size() - kTagBytes) : bytes;
}

std::optional<std::string_view> View(const std::optional<std::string>& value) {
  if (!value.has_value()) return std::nullopt;
  return std::string_view(*value);
}

std::optional<std::string_view> Compared(const SealedColumn& column, const std::optional<std::string>& value) {
  if (!value.has_value()) return std::nullopt;
  return column.compare == Compare::kTag ? Tail(*value) : std::string_view(*value);
}

postgres::TypeOid WireOid(const SealedColumn& column) {
  constexpr postgres::TypeOid kText = 25;
  return column.kind == ColumnKind::kJson ? kText : column.column.type;
}

postgres::StreamParameter Text(const std::string& text) {
  return {std::string_view(text), false};
}

}  // namespace

std::string PrimaryKeyText(const TableLayout& layout, const SourceRow& row) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < layout.primary_key.size(); ++i) {
    values.push_back(ValueText(layout.primary_key[i], row.primary_key[i]).value_or("\\x" + Hex(row.primary_key[i])));
  }
  return values.size() == 1 ? values.front() : ArrayText(values);
}

BatchWriter::BatchWriter(postgres::RowStream& stream, Options options)
    : stream_(stream), options_(std::move(options)) {}

void BatchWriter::Use(const TableLayout& layout, RekeyMode mode) {
  if (layout_ == &layout) return;
  layout_ = &layout;
  columns_ = ColumnsFor(layout, mode);
  for (const FindBy find : {FindBy::kKey, FindBy::kPosition}) {
    update_.at(static_cast<std::size_t>(find)) =
        fmt::format("WITH changed AS ({} RETURNING 1) SELECT set_config('{}', count(*)::text, true) FROM changed",
                    UpdateSql(layout, columns_, find), kChanged);
  }
  by_key_ = 0;
  mark_ = layout.error_column.empty() ? std::string() : MarkSql(layout, columns_);
  fence_ = FenceSql();
  arrays_.clear();
  staged_ = nullptr;
  for (const SqlColumn& column : layout.primary_key) arrays_.emplace_back(column.type);
  for (const std::size_t i : columns_.written) arrays_.emplace_back(WireOid(layout.columns[i]));
  for (const std::size_t i : columns_.compared) arrays_.emplace_back(WireOid(layout.columns[i]));
}

// Fails with a division by zero where it does not find the segment as ours, which ends the transaction by itself:
// COMMIT can be sent in the same breath. How many rows were changed is told by kChanged.
std::string BatchWriter::FenceSql() const {
  std::string cursor;
  int next = 1;
  for (const SqlColumn& column : layout_->primary_key) {
    cursor += fmt::format("{}${}::{}::text", cursor.empty() ? "" : ", ", next++, column.type_name);
  }
  const std::string schema = postgres::QuoteName(options_.schema);
  return fmt::format(
      "WITH f AS (UPDATE {0}.segment SET cursor = ARRAY[{1}], lease_until = clock_timestamp() + {2} * interval '1 ms', "
      "rows_seen = rows_seen + ${3}::bigint, rows_changed = rows_changed + {8}, rows_conflict = rows_conflict + "
      "${4}::bigint - {8} WHERE id = ${5}::bigint AND owner = ${6} AND fence = ${7}::bigint AND lease_until > "
      "clock_timestamp() AND EXISTS (SELECT FROM {0}.job j WHERE j.id = {9} AND j.phase IN ('running', 'draining')) "
      "RETURNING 1) SELECT 1 / count(*)::int, (extract(epoch FROM clock_timestamp() - now()) * 1000000)::bigint FROM f",
      schema, cursor, options_.lease_ms, next, next + 1, next + 2, next + 3, next + 4,
      fmt::format("current_setting('{}')::bigint", kChanged), options_.job);
}

void BatchWriter::Stage(const RowBatch& batch, std::size_t begin) {
  if (begin == 0) {
    Begin();
    staged_ = &batch;
    staged_rows_ = 0;
  }
  if (staged_ != &batch || staged_rows_ != begin) return;  // a part of it was sent meanwhile, or of another
  TakeRows(batch, begin, batch.done);
  staged_rows_ = batch.done;
}

void BatchWriter::Begin() {
  for (postgres::BinaryArray& array : arrays_) array.Clear();
  positions_.Clear();
  left_out_ = 0;
}

void BatchWriter::TakeRows(const RowBatch& batch, std::size_t begin, std::size_t end) {
  for (std::size_t r = begin; r < end; ++r) {
    const RekeyedRow& rekeyed = batch.rekeyed[r];
    if (rekeyed.issue.has_value()) {
      ++left_out_;
      continue;
    }
    const SourceRow& row = batch.rows[r];
    std::size_t next = 0;
    for (const std::string& value : row.primary_key) arrays_[next++].Append(value);
    if (layout_->has_positions) positions_.Append(row.position);
    for (const std::size_t i : columns_.written) arrays_[next++].Append(View(rekeyed.values[i]));
    for (const std::size_t i : columns_.compared) {
      arrays_[next++].Append(Compared(layout_->columns[i], row.values[i]));
    }
  }
}

Status BatchWriter::QueueRows(const BatchPart& part) {
  const bool staged =
      staged_ == part.batch && part.begin == 0 && staged_rows_ <= part.end && staged_rows_ <= part.batch->done;
  staged_ = nullptr;
  if (!staged) Begin();
  TakeRows(*part.batch, staged ? staged_rows_ : part.begin, part.end);
  // Moving the cursor over rows that stay must not need the table, which may be locked.
  if (arrays_.front().size() == 0) {
    find_ = FindBy::kKey;  // none is missed
    return stream_.Queue(fmt::format("SELECT set_config('{}', '0', true)", kChanged));
  }
  std::vector<postgres::StreamParameter> parameters;
  parameters.reserve(arrays_.size() + 1);
  for (postgres::BinaryArray& array : arrays_) {
    if (parameters.size() == layout_->primary_key.size() && find_ == FindBy::kPosition) {
      parameters.push_back({positions_.Bytes(), true});
    }
    parameters.push_back({array.Bytes(), true});
  }
  return stream_.Queue(update_.at(static_cast<std::size_t>(find_)), parameters);
}

Status BatchWriter::QueueIssues(const BatchPart& part) {
  issues_ = 0;
  if (again_ || left_out_ == 0) return {};  // they are written down, or there are none
  const std::string job = std::to_string(options_.job);
  const std::string sql = fmt::format(
      "INSERT INTO {}.row_issue AS i (job, label, pk, kind, code) VALUES ($1::bigint, $2, $3, $4, $5) ON CONFLICT "
      "(job, "
      "label, pk) DO UPDATE SET attempts = i.attempts + 1, kind = excluded.kind, code = excluded.code, last_seen = "
      "clock_timestamp(), resolved_at = NULL",
      postgres::QuoteName(options_.schema));
  for (std::size_t r = part.begin; r < part.end; ++r) {
    const RekeyedRow& rekeyed = part.batch->rekeyed[r];
    if (!rekeyed.issue.has_value() || rekeyed.issue->kind == "conflict") continue;
    const SourceRow& row = part.batch->rows[r];
    ++issues_;
    const std::string key = PrimaryKeyText(*layout_, row);
    const std::string kind(rekeyed.issue->kind);
    TFSEAL_TRY(stream_.Queue(sql, std::vector<postgres::StreamParameter>{Text(job), Text(layout_->label), Text(key),
                                                                         Text(kind), Text(rekeyed.issue->code)}));
    if (mark_.empty()) continue;
    const std::string mark = "tfseal: " + rekeyed.issue->code;
    std::vector<postgres::StreamParameter> parameters{Text(mark)};
    for (const std::string& value : row.primary_key) parameters.push_back({std::string_view(value), true});
    for (const std::size_t i : columns_.compared) {
      parameters.push_back({Compared(layout_->columns[i], row.values[i]), true});
    }
    TFSEAL_TRY(stream_.Queue(mark_, parameters));
  }
  return {};
}

Status BatchWriter::Send(const Segment& segment, const BatchPart& part) {
  again_ = false;
  const bool by_key = !layout_->has_positions || by_key_ > 0;
  if (by_key_ > 0) --by_key_;
  return SendRows(segment, part, by_key ? FindBy::kKey : FindBy::kPosition);
}

Status BatchWriter::SendByKey(const Segment& segment, const BatchPart& part) {
  again_ = true;
  return SendRows(segment, part, FindBy::kKey);
}

Status BatchWriter::SendRows(const Segment& segment, const BatchPart& part, FindBy find) {
  find_ = find;
  TFSEAL_TRY(stream_.Queue("BEGIN ISOLATION LEVEL " + options_.isolation));
  if (options_.set_limits) {
    TFSEAL_TRY(stream_.Queue(fmt::format("SET LOCAL lock_timeout = {}", options_.lock_timeout_ms)));
  }
  TFSEAL_TRY(QueueRows(part));
  TFSEAL_TRY(QueueIssues(part));
  TFSEAL_TRY(QueueFence(segment, part));
  TFSEAL_TRY(stream_.Queue("COMMIT"));
  if (options_.tells_wal) {
    // With a parameter, so that the session keeps it: to parse it takes the server longer than to answer.
    TFSEAL_TRY(stream_.Queue("SELECT (pg_current_wal_insert_lsn() - $1::pg_lsn)::bigint",
                             std::vector<postgres::StreamParameter>{{std::string_view("0/0"), false}}));
  }
  TFSEAL_TRY(stream_.Flush());
  part_ = part;
  return {};
}

Status BatchWriter::QueueFence(const Segment& segment, const BatchPart& part) {
  const SourceRow& last = part.batch->rows[part.end - 1];
  const auto rows = again_ ? 0 : static_cast<std::int64_t>(part.size());
  const std::string seen = std::to_string(rows);
  const std::string tried = std::to_string(rows - issues_);
  const std::string id = std::to_string(segment.id);
  const std::string fence = std::to_string(segment.fence);
  std::vector<postgres::StreamParameter> parameters;
  for (const std::string& value : last.primary_key) parameters.push_back({std::string_view(value), true});
  for (const std::string* text : {&seen, &tried, &id, &segment.owner, &fence}) parameters.push_back(Text(*text));
  return stream_.Queue(fence_, parameters);
}

Status BatchWriter::Rollback() {
  TFSEAL_TRY(stream_.Queue("ROLLBACK"));
  TFSEAL_TRY(stream_.Flush());
  TFSEAL_TRY(stream_.Receive());
  return {};
}

// The transaction ended at the statement with this number; those behind it were not carried out.
Result<WriteOutcome> BatchWriter::Refused(const std::vector<postgres::StreamAnswer>& answers, std::size_t failed,
                                          std::size_t end) {
  WriteOutcome outcome;
  outcome.sqlstate = answers[failed].sqlstate;
  TFSEAL_TRY(Rollback());
  const bool at_fence = failed + 1 == end;
  if (at_fence && outcome.sqlstate == kDivisionByZero) {
    outcome.end = WriteEnd::kFenceLost;
    return outcome;
  }
  if (!IsAboutRows(outcome.sqlstate)) return stream_.Refusal(outcome.sqlstate);
  outcome.end = WriteEnd::kRefused;
  return outcome;
}

Result<WriteOutcome> BatchWriter::Finish() {
  const auto received = stream_.Receive();
  const BatchPart part = std::exchange(part_, {});
  if (!received.ok()) {
    Error lost = received.error();
    lost.code = ErrorCode::kOutcomeUnknown;
    return lost;
  }
  const std::vector<postgres::StreamAnswer>& answers = *received;
  // What is said after COMMIT, which is where the log is, changes nothing: the rows are written.
  const std::size_t end = answers.size() - (options_.tells_wal ? 2 : 1);
  for (std::size_t i = 0; i <= end; ++i) {
    if (!answers[i].sqlstate.empty()) return Refused(answers, i, end);
  }
  const auto value = [&](std::size_t answer, std::size_t column) {
    return answers[answer].first.size() > column ? std::string_view(answers[answer].first[column]) : std::string_view();
  };
  WriteOutcome outcome;
  const std::string_view changed = value(options_.set_limits ? 2 : 1, 0);  // after BEGIN and SET LOCAL
  std::from_chars(changed.data(), changed.data() + changed.size(), outcome.changed);
  outcome.conflicts = (again_ ? 0 : static_cast<std::int64_t>(part.size())) - outcome.changed - issues_;
  outcome.by_position = find_ == FindBy::kPosition;
  if (again_ && outcome.changed > 0) by_key_ = kPartsByKey;
  outcome.poison = issues_;
  outcome.server_us = postgres::Int8From(value(end - 1, 1));
  if (options_.tells_wal) outcome.wal_position = postgres::Int8From(value(end + 1, 0));
  return outcome;
}

}  // namespace tfseal::rekey
