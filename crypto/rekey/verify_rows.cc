#include "crypto/rekey/verify_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "crypto/digest.h"
#include "crypto/rekey/row_opener.h"
#include "crypto/rekey/sample_bound.h"
#include "crypto/rekey/sealed_row.h"
#include "crypto/rekey/verify_statements.h"
#include "evidence/merkle.h"
#include "postgres/connection.h"
#include "postgres/copy_rows.h"

namespace tfseal::rekey {
namespace {

constexpr std::size_t kBatchRows = 1000;
// Of each chunk, to find where it ends: the rows of some twenty pages.
constexpr double kSampledPerChunk = 400;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20U;

enum class RowKind : unsigned char { kOther = 0, kOld = 1, kNew = 2, kNoKey = 3 };

postgres::SessionOptions ReaderOptions() {
  postgres::SessionOptions options;
  options.statement_timeout = std::chrono::milliseconds(0);
  options.application_name = "tfseal verify";
  return options;
}

// What a row is in evidence: its key and a digest of everything that is stored of the sealed values.
std::string Leaf(const TableLayout& layout, const SourceRow& row, RowKind kind) {
  std::string stored(1, static_cast<char>(kind));
  for (const std::optional<std::string>& value : row.values) {
    stored += value.has_value() ? '\1' : '\0';
    const auto size = static_cast<std::uint32_t>(value.has_value() ? value->size() : 0);
    for (int shift = 24; shift >= 0; shift -= 8) stored += static_cast<char>((size >> shift) & 0xFFU);
    if (value.has_value()) stored += *value;
  }
  return PrimaryKeyBytes(layout, row) + Sha256Raw(stored);
}

void Add(const TableProof& from, TableProof& to) {
  to.rows += from.rows;
  to.visited += from.visited;
  to.opened += from.opened;
  to.empty += from.empty;
  to.unbound += from.unbound;
  to.old += from.old;
  to.other += from.other;
  to.failed += from.failed;
  to.unwrapped += from.unwrapped;
  for (const auto& [code, count] : from.failures) to.failures[code] += count;
}

// Reads one table: threads take chunks in turn, each with a session of its own.
class TableVerifier {
 public:
  TableVerifier(const postgres::ConnectionUrl& url, const TableLayout& layout, KeyWrapper& key, Entropy& entropy,
                const VerifyOptions& options, std::int64_t rows_before)
      : url_(url), layout_(layout), key_(key), entropy_(entropy), options_(options), rows_done_(rows_before) {}

  Result<TableProof> Run() {
    proof_.table = layout_.schema + "." + layout_.table;
    proof_.label = layout_.label;
    TFSEAL_TRY(options_.kind == VerifyKind::kSample ? Sample() : ReadAll());
    // Whoever wrote under the old key behind a chunk that was read is found now.
    TFSEAL_ASSIGN(postgres::CopyRows session, postgres::CopyRows::Open(url_, ReaderOptions()));
    TFSEAL_ASSIGN(const postgres::Row left, session.First(CountOldSql(layout_)));
    proof_.old_at_end = postgres::NumberAt(left, 0);
    if (options_.kind == VerifyKind::kSample) proof_.old = proof_.old_at_end;
    return std::move(proof_);
  }
  Result<TableProof> Probe(std::int64_t rows) {
    proof_.table = layout_.schema + "." + layout_.table;
    proof_.label = layout_.label;
    TFSEAL_ASSIGN(postgres::CopyRows session, postgres::CopyRows::Open(url_, ReaderOptions()));
    RowOpener opener(key_, key_mutex_, entropy_);
    evidence::MerkleTree unused;
    const std::string some = fmt::format("{} LIMIT {}", layout_.NewRowsSql(), rows);
    probing_ = true;
    TFSEAL_TRY(ReadRows(session, opener, VerifySql(layout_, some, false), proof_, unused));
    return std::move(proof_);
  }
  [[nodiscard]] std::int64_t rows_done() const { return rows_done_; }

 private:
  struct Chunk {
    std::size_t index = 0;
    std::string condition;
  };

  Status ReadAll() {
    TFSEAL_TRY(CutBySample());
    std::vector<std::thread> threads;
    const int count = std::max(1, options_.threads);
    threads.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    if (failure_.has_value()) return *failure_;
    for (const auto& [index, chunk] : chunks_) proof_.chunks.push_back(chunk);
    return {};
  }

  Status CutBySample() {
    if (options_.merkle || !layout_.has_positions) return {};
    TFSEAL_ASSIGN(postgres::Connection session, postgres::Connection::Open(url_, ReaderOptions()));
    TFSEAL_ASSIGN(const postgres::Rows size,
                  session.Query("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = $1::regclass",
                                {layout_.SqlName()}));
    const std::int64_t rows = postgres::NumberAt(size.at(0), 0);
    if (rows < std::max<std::int64_t>(options_.cut_by_sample_from, 1)) return {};
    const auto per_chunk = static_cast<double>(options_.rows_per_chunk);
    const double share = std::min(1.0, kSampledPerChunk / per_chunk);
    const auto every = static_cast<std::int64_t>(std::max(1.0, share * per_chunk));
    TFSEAL_ASSIGN(const postgres::Rows ends, session.Query(SampledKeysSql(layout_, share * 100, every)));
    for (const postgres::Row& end : ends) {
      std::vector<std::string>& key = sampled_ends_.emplace_back();
      for (std::size_t i = 0; i < layout_.primary_key.size(); ++i) key.push_back(postgres::TextAt(end, i));
    }
    by_sample_ = true;
    return {};
  }

  void Work() {
    const Status done = WorkThrough();
    if (done.ok()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.has_value()) failure_ = done.error();
    end_ = true;
  }

  Status WorkThrough() {
    TFSEAL_ASSIGN(postgres::CopyRows session, postgres::CopyRows::Open(url_, ReaderOptions()));
    RowOpener opener(key_, key_mutex_, entropy_);
    while (true) {
      TFSEAL_ASSIGN(const std::optional<Chunk> chunk, NextChunk(session));
      if (!chunk.has_value()) return {};
      TableProof part;
      TFSEAL_ASSIGN(ChunkProof read, ReadChunk(session, opener, chunk->condition, part));
      const std::lock_guard<std::mutex> lock(mutex_);
      Add(part, proof_);
      chunks_.emplace(chunk->index, std::move(read));
      rows_done_ += part.visited;
      if (options_.progress) options_.progress(rows_done_);
    }
  }

  // The end of a chunk is found by its thread, while the others read theirs.
  Result<std::optional<Chunk>> NextChunk(postgres::CopyRows& session) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (end_) return std::optional<Chunk>();
    if (options_.stop && options_.stop()) return Error{ErrorCode::kTimeout, "the verification was stopped", ""};
    TFSEAL_ASSIGN(const KeyBound up_to, NextEnd(session));
    Chunk chunk{next_index_++, RangeSql(layout_, after_, up_to)};
    after_ = up_to;
    end_ = !up_to.has_value();
    return std::optional(std::move(chunk));
  }

  Result<KeyBound> NextEnd(postgres::CopyRows& session) {
    if (by_sample_) return next_index_ < sampled_ends_.size() ? KeyBound(sampled_ends_[next_index_]) : KeyBound();
    TFSEAL_ASSIGN(const postgres::Row last, session.First(ChunkEndSql(layout_, after_, options_.rows_per_chunk)));
    if (last.empty()) return KeyBound();
    std::vector<std::string> end;
    for (const auto& value : last) end.push_back(value.value_or(""));
    return KeyBound(std::move(end));
  }

  Result<ChunkProof> ReadChunk(postgres::CopyRows& session, RowOpener& opener, const std::string& condition,
                               TableProof& part) {
    TFSEAL_TRY(session.Begin());
    if (!options_.merkle) TFSEAL_TRY(ReadByPages(session));
    evidence::MerkleTree tree;
    TFSEAL_TRY(ReadRows(session, opener, VerifySql(layout_, condition, options_.merkle), part, tree));
    TFSEAL_TRY(ReadByPages(session));
    TFSEAL_ASSIGN(const postgres::Row counted, session.First(CountSql(layout_, condition)));
    TFSEAL_TRY(session.Finish());
    part.rows = postgres::NumberAt(counted, 0);
    return ChunkProof{part.rows, part.visited, options_.merkle ? Hex(tree.Root()) : std::string()};
  }

  // For the rest of the transaction. Where no order is asked for, pages that the index names are read one after the
  // other, for less than half of what it costs the server to follow the index from row to row.
  static Status ReadByPages(postgres::CopyRows& session) {
    TFSEAL_TRY(session.First("SET LOCAL enable_indexscan = off"));
    TFSEAL_TRY(session.First("SET LOCAL enable_indexonlyscan = off"));
    return {};
  }

  Status ReadRows(postgres::CopyRows& session, RowOpener& opener, const std::string& select, TableProof& part,
                  evidence::MerkleTree& tree) {
    RowBatch batch;
    Status opened;
    const auto flush = [&] {
      opened = opener.Open(layout_, batch, part);
      batch.Clear();
      return opened.ok();
    };
    const auto take = [&](postgres::CopyRows::Values values) {
      ++part.visited;
      const RowKind kind = TakeRow(values, batch);
      SourceRow& row = batch.rows[batch.size - 1];
      if (options_.merkle) tree.Append(Leaf(layout_, row, kind));
      part.old += kind == RowKind::kOld ? 1 : 0;
      part.other += kind == RowKind::kOther ? 1 : 0;
      if (kind == RowKind::kNoKey) CountKeyless(row, part);
      if (kind != RowKind::kNew) --batch.size;
      if (batch.size < kBatchRows && batch.bytes < kBatchBytes) return true;
      return flush() && !(options_.stop && options_.stop());
    };
    Status copied = session.Copy(select, take);
    if (!opened.ok()) return opened;
    if (!copied.ok()) return copied;
    flush();
    return opened;
  }

  // Nobody knows what opens a sealed value whose row names no key; a row without one has nothing to open.
  void CountKeyless(const SourceRow& row, TableProof& part) const {
    ColumnValues scratch;
    const bool sealed = std::any_of(layout_.fields.begin(), layout_.fields.end(), [&](const SealedField& field) {
      if (HoldsNothing(layout_, field, row.values)) return false;
      const auto values = ValuesOf(field, row.values, scratch);
      const Result<Envelope> parsed = field.format->Parse(values);
      return parsed.ok() || parsed.error().code != ErrorCode::kNotFound;
    });
    if (!sealed) {
      ++part.other;
      return;
    }
    ++part.failed;
    ++part.failures["no-key"];
  }

  RowKind TakeRow(postgres::CopyRows::Values values, RowBatch& batch) const {
    SourceRow& row = batch.Add();
    std::size_t at = 0;
    const auto value = [&] { return values[at++].value_or(std::string_view()); };
    row.primary_key.resize(layout_.primary_key.size());
    for (std::string& part : row.primary_key) part.assign(value());
    row.tenant.assign(layout_.tenant.empty() ? std::string_view() : value());
    row.mirrors_agree = !has_mirrors_ || value() == std::string_view("\1", 1);
    const std::string_view kind = value();
    row.values.resize(layout_.columns.size());
    for (auto& kept : row.values) batch.Keep(values[at++], kept);
    if (probing_) return RowKind::kNew;  // only such rows were asked for
    return kind.size() == 4 ? static_cast<RowKind>(kind[3]) : RowKind::kOther;
  }

  Status Sample() {
    TFSEAL_ASSIGN(postgres::CopyRows session, postgres::CopyRows::Open(url_, ReaderOptions()));
    RowOpener opener(key_, key_mutex_, entropy_);
    TFSEAL_TRY(session.Begin());
    TFSEAL_ASSIGN(const postgres::Row counted, session.First(CountSql(layout_, "true")));
    proof_.rows = postgres::NumberAt(counted, 0);
    evidence::MerkleTree unused;
    const std::string drawn = SampleSql(layout_, proof_.rows, options_.sample_rows, options_.seed);
    TFSEAL_TRY(ReadRows(session, opener, VerifySql(layout_, drawn, false), proof_, unused));
    TFSEAL_TRY(session.Finish());
    proof_.bad_at_most = BadRowsAtMost(proof_.rows, proof_.visited, proof_.failed, options_.confidence);
    rows_done_ += proof_.visited;
    return {};
  }

  const postgres::ConnectionUrl& url_;
  const TableLayout& layout_;
  const bool has_mirrors_ = layout_.has_mirrors();
  KeyWrapper& key_;
  Entropy& entropy_;
  const VerifyOptions& options_;

  std::mutex key_mutex_;
  std::mutex mutex_;  // of everything below
  TableProof proof_;
  std::map<std::size_t, ChunkProof> chunks_;
  std::optional<std::vector<std::string>> after_;
  std::size_t next_index_ = 0;
  bool end_ = false;
  std::optional<Error> failure_;
  std::int64_t rows_done_ = 0;
  bool probing_ = false;
  bool by_sample_ = false;
  std::vector<std::vector<std::string>> sampled_ends_;
};

}  // namespace

std::int64_t RowsProof::old_rows() const {
  std::int64_t rows = 0;
  for (const TableProof& table : tables) rows += std::max(table.old, table.old_at_end);
  return rows;
}

bool RowsProof::passed() const {
  return !tables.empty() && std::all_of(tables.begin(), tables.end(), [&](const TableProof& table) {
    const bool all = kind == VerifyKind::kSample || table.visited == table.rows;
    return all && table.old == 0 && table.old_at_end == 0 && table.failed == 0;
  });
}

Result<RowsProof> VerifyRows(const postgres::ConnectionUrl& url, const std::vector<TableLayout>& layouts,
                             KeyWrapper& key, Entropy& entropy, const VerifyOptions& options) {
  RowsProof proof;
  proof.kind = options.kind;
  proof.confidence = options.kind == VerifyKind::kSample ? options.confidence : 0;
  proof.new_key = key.id();
  std::int64_t rows_done = 0;
  for (const TableLayout& layout : layouts) {
    TableVerifier verifier(url, layout, key, entropy, options, rows_done);
    TFSEAL_ASSIGN(TableProof table, verifier.Run());
    rows_done = verifier.rows_done();
    proof.tables.push_back(std::move(table));
  }
  return proof;
}

Result<RowsProof> ProbeRows(const postgres::ConnectionUrl& url, const std::vector<TableLayout>& layouts,
                            KeyWrapper& key, Entropy& entropy, std::int64_t rows) {
  RowsProof proof;
  proof.kind = VerifyKind::kSample;
  proof.new_key = key.id();
  const VerifyOptions options;
  for (const TableLayout& layout : layouts) {
    TableVerifier verifier(url, layout, key, entropy, options, 0);
    TFSEAL_ASSIGN(TableProof table, verifier.Probe(rows));
    proof.tables.push_back(std::move(table));
  }
  return proof;
}

}  // namespace tfseal::rekey
