#include "crypto/rekey/batch_writer.h"

#include <gmock/gmock.h>

#include <functional>

#include "core/system_clock.h"
#include "crypto/rekey/job_store.h"
#include "crypto/rekey/row_rekeyer.h"
#include "crypto/rekey/verify_rows.h"
#include "tests/crypto/rekey/sealed_rows.h"

namespace tfseal::rekey {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kLeaseMs = 60'000;

// One segment of ten rows and the transactions that are written to it.
class BatchWriterTest : public SealedRows {
 protected:
  void SetUp() override {
    SealedRows::SetUp();
    if (IsSkipped()) return;
    AddRows(1, 10, 1);
    mapping_ = ReadText(LocalMappingText());
    session_.emplace(Open());
    layouts_.push_back(std::move(ReadLayout(*session_, mapping_.targets.front(), mapping_.mode, {"1", "2"})).value());
    JobStore store(*session_, mapping_);
    ASSERT_TRUE(store.Setup().ok());
    Job job;
    job.mapping_digest = mapping_.digest;
    job.mode = mapping_.mode;
    job.ref_from = "1";
    job.ref_to = "2";
    job = store.Create(job).value();
    SegmentStore segments(*session_, mapping_);
    ASSERT_TRUE(segments.Plan(job, layouts_, 1000).value());
    job = store.Read(job.id).value();
    segment_ = segments.Claim(job, "one", kLeaseMs).value().value();
    stream_.emplace(std::move(postgres::RowStream::Open(Url(), {}, true)).value());
    options_.schema = mapping_.schema;
    options_.job = job.id;
    options_.lease_ms = kLeaseMs;
    writer_.emplace(*stream_, options_);
    writer_->Use(Layout(), mapping_.mode);
  }
  void TearDown() override {
    writer_.reset();
    stream_.reset();
    session_.reset();
  }
  [[nodiscard]] const TableLayout& Layout() const { return layouts_.front(); }

  // All rows that are under the old key, as they are. `more` is asked after each.
  RowBatch Source(const std::function<bool(RowBatch&)>& more = [](RowBatch&) { return true; }) {
    RowBatch batch;
    Read(batch, more);
    return batch;
  }
  void Read(RowBatch& batch, const std::function<bool(RowBatch&)>& more) {
    batch.Clear();
    const std::vector<postgres::StreamParameter> limit = {{"1000", false}};
    const Status read =
        stream_->Read(ReadSql(Layout(), {true, true}, Wanted::kValues), limit, [&](const postgres::StreamRow& row) {
          SourceRow& source = batch.Add();
          std::size_t next = 0;
          source.primary_key = {std::string(row.at(next++).value())};
          next += Layout().tenant.empty() ? 0 : 1;
          next += Layout().has_mirrors() ? 1 : 0;
          source.values.resize(Layout().columns.size());
          for (auto& value : source.values) batch.Keep(row.at(next++), value);
          source.position = Layout().has_positions ? row.at(next).value() : std::string_view();
          return more(batch);
        });
    EXPECT_TRUE(read.ok());
  }
  RowRekeyer Rekeyer() {
    RowKeys keys;
    keys.from = old_key_.get();
    keys.to = new_key_.get();
    return {keys, mapping_, mapping_.mode, entropy_, clock_};
  }
  // As a worker does it: what is there is sealed anew and taken in while the rest is read.
  bool WhileRead(RowRekeyer& rekeyer, RowBatch& batch) {
    const std::size_t done = batch.done;
    const bool good = rekeyer.RekeyWhileRead(Layout(), batch);
    if (batch.done > done) writer_->Stage(batch, done);
    return good;
  }
  // The same, sealed anew, nothing of it written.
  RowBatch Rekeyed() {
    RowBatch batch = Source();
    EXPECT_TRUE(Rekeyer().Rekey(Layout(), batch).ok());
    return batch;
  }
  WriteOutcome Finish(const Status& sent) {
    EXPECT_TRUE(sent.ok());
    auto outcome = writer_->Finish();
    if (!outcome.ok()) {
      ADD_FAILURE() << outcome.error().message << " " << outcome.error().service_code;
      return {};
    }
    EXPECT_EQ(outcome->end, WriteEnd::kCommitted);
    return *outcome;
  }
  static std::string Sql(const std::string& text) { return server_->Sql(text); }
  // Rows that are under the new key and hold what they held.
  std::int64_t Right() {
    const auto proof = VerifyRows(Url(), layouts_, *new_key_, entropy_, {});
    if (!proof.ok() || proof->tables.at(0).failed != 0) return -1;
    return proof->tables.at(0).opened;
  }

  SystemClock clock_;
  Mapping mapping_;
  std::optional<postgres::Connection> session_;
  std::vector<TableLayout> layouts_;
  Segment segment_;
  std::optional<postgres::RowStream> stream_;
  BatchWriter::Options options_;
  std::optional<BatchWriter> writer_;
};

// A service whose read-back stays away for a while, as time goes by.
class AbsentService : public KeyWrapper {
 public:
  AbsentService(KeyWrapper& key, std::function<bool()> away) : key_(key), away_(std::move(away)) {}
  [[nodiscard]] const std::string& id() const override { return id_; }
  Result<WrappingKeyState> Describe() override { return key_.Describe(); }
  std::vector<Result<DataKey>> NewDataKeys(std::span<const EncryptionContext> contexts) override {
    made += contexts.size();
    return key_.NewDataKeys(contexts);
  }
  std::vector<Result<SecretBytes>> Unwrap(std::span<const WrappedKey> keys) override {
    if (!away_()) return key_.Unwrap(keys);
    std::vector<Result<SecretBytes>> none;
    for (std::size_t i = 0; i < keys.size(); ++i) none.emplace_back(Error{ErrorCode::kUnavailable, "away", ""});
    return none;
  }
  std::vector<Result<WrappedKey>> Rewrap(KeyWrapper& from, std::span<const WrappedKey> keys,
                                         std::span<const EncryptionContext> contexts) override {
    return key_.Rewrap(from, keys, contexts);
  }
  [[nodiscard]] std::uint64_t calls() const override { return 0; }

  std::size_t made = 0;

 private:
  KeyWrapper& key_;
  std::function<bool()> away_;
  std::string id_ = "vault:transit/rows:v1";
};

class MovedClock : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return now; }
  void SleepFor(std::chrono::milliseconds duration) override { now += duration; }
  TimePoint now{std::chrono::hours{1}};
};

// Ten rows under one data key, which is made anew when the service was away for longer than a key may be used.
TEST_F(BatchWriterTest, ASharedDataKeyIsNotUsedBeyondItsAge) {
  mapping_.data_keys = {true, 100, 1 << 20, std::chrono::seconds{60}};
  const auto made_after = [&](std::chrono::milliseconds absence, std::chrono::milliseconds answer) {
    MovedClock clock;
    int asked = 0;
    AbsentService service(*new_key_, [&] {
      ++asked;
      clock.now += asked == 1 ? absence : answer;
      return asked == 1;
    });
    RowKeys keys;
    keys.from = old_key_.get();
    keys.to = &service;
    RowRekeyer rekeyer(keys, mapping_, mapping_.mode, entropy_, clock);
    RowBatch batch = Source();
    EXPECT_EQ(batch.size, 10U);
    EXPECT_EQ(rekeyer.Rekey(Layout(), batch).error().code, ErrorCode::kUnavailable);
    const Status again = rekeyer.RekeyAgain(Layout(), batch);
    return std::pair(service.made, again.ok() ? std::string() : again.error().message);
  };
  using std::chrono::milliseconds;
  using Made = std::pair<std::size_t, std::string>;
  EXPECT_EQ(made_after(milliseconds{59'000}, milliseconds{1}), Made(1, ""));
  EXPECT_EQ(made_after(milliseconds{61'000}, milliseconds{1}), Made(2, ""));
  // Where it takes that long to answer, no row is sealed, and a person is told why.
  const Made slow = made_after(milliseconds{61'000}, milliseconds{61'000});
  EXPECT_EQ(slow.first, 2U);
  EXPECT_THAT(slow.second, HasSubstr("older than dek.max_age (60 s)"));
  // A data key of one row only has no age.
  mapping_.data_keys = {};
  EXPECT_EQ(made_after(milliseconds{61'000}, milliseconds{1}), Made(10, ""));
}

// An update of other columns moves a row to another place: it is found by its key then, and what the application wrote
// stays. What it sealed, deleted or moved itself is left alone both times.
TEST_F(BatchWriterTest, RowsThatLieElsewhereAreFoundByTheirKey) {
  ASSERT_TRUE(Layout().has_positions);
  RowBatch batch = Rekeyed();
  ASSERT_EQ(batch.size, 10U);
  Sql("UPDATE connections SET name = 'meanwhile' WHERE id IN (3, 4)");
  Sql("DELETE FROM connections WHERE id = 5");
  Sql("UPDATE connections SET (payload_ciphertext, payload_iv, encrypted_credentials, iv, data_key_ciphertext) = "
      "(SELECT payload_ciphertext, payload_iv, encrypted_credentials, iv, data_key_ciphertext FROM connections WHERE "
      "id = 1) WHERE id = 6");
  const BatchPart part{&batch, 0, batch.size};
  const WriteOutcome first = Finish(writer_->Send(segment_, part));
  EXPECT_TRUE(first.by_position);
  EXPECT_EQ(first.changed, 6);
  EXPECT_EQ(first.conflicts, 4);
  const WriteOutcome again = Finish(writer_->SendByKey(segment_, part));
  EXPECT_EQ(again.changed, 2);
  EXPECT_EQ(again.conflicts, -2);
  EXPECT_EQ(Sql("SELECT string_agg(id::text, ' ' ORDER BY id) FROM connections WHERE encryption_key_id = 1"), "6");
  EXPECT_EQ(Sql("SELECT count(*) FROM connections WHERE name = 'meanwhile' AND encryption_key_id = 2"), "2");
  EXPECT_EQ(Sql("SELECT rows_seen || ' ' || rows_changed || ' ' || rows_conflict FROM tfseal.segment"), "10 8 2");
  const auto proof = VerifyRows(Url(), layouts_, *new_key_, entropy_, {});
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->tables.at(0).opened, 8);
  EXPECT_EQ(proof->tables.at(0).failed, 0);
  // Where others change the rows, positions are not worth it for a while.
  RowBatch next = Rekeyed();
  ASSERT_EQ(next.size, 1U);
  const WriteOutcome by_key = Finish(writer_->Send(segment_, {&next, 0, 1}));
  EXPECT_FALSE(by_key.by_position);
  EXPECT_EQ(by_key.changed, 1);
}

// Another row may lie in the place of one that is gone, and hold the same bytes: it is not the one that was read.
TEST_F(BatchWriterTest, AnotherRowInTheSamePlaceIsNotIt) {
  RowBatch batch = Rekeyed();
  for (std::size_t i = 0; i < batch.size; ++i) batch.rows[i].position = batch.rows[(i + 1) % batch.size].position;
  const WriteOutcome outcome = Finish(writer_->Send(segment_, {&batch, 0, batch.size}));
  EXPECT_EQ(outcome.changed, 0);
  EXPECT_EQ(Sql("SELECT count(*) FROM connections WHERE encryption_key_id = 1"), "10");
  Sql("UPDATE connections t SET (payload_ciphertext, payload_iv, encrypted_credentials, iv, data_key_ciphertext) = "
      "(SELECT payload_ciphertext, payload_iv, encrypted_credentials, iv, data_key_ciphertext FROM connections WHERE "
      "id = 1)");
  RowBatch same = Rekeyed();
  for (std::size_t i = 0; i < same.size; ++i) same.rows[i].position = same.rows[(i + 1) % same.size].position;
  EXPECT_EQ(Finish(writer_->Send(segment_, {&same, 0, same.size})).changed, 0);
}

// Keys in files are worked on by groups of rows: none is left out where one ends, and what is wrong in one stays there.
TEST_F(BatchWriterTest, RowsBeyondAGroup) {
  AddRows(11, 300, 1);
  Sql("UPDATE connections SET data_key_ciphertext = substring(data_key_ciphertext FROM 2) WHERE id IN (128, 129, 257)");
  RowBatch batch = Rekeyed();
  ASSERT_EQ(batch.size, 300U);
  for (std::size_t i = 0; i < batch.size; ++i) {
    const bool damaged = i == 127 || i == 128 || i == 256;
    EXPECT_EQ(batch.rekeyed[i].issue.has_value(), damaged) << i;
  }
  const WriteOutcome outcome = Finish(writer_->Send(segment_, {&batch, 0, batch.size}));
  EXPECT_EQ(outcome.changed, 297);
  EXPECT_EQ(outcome.poison, 3);
  const auto proof = VerifyRows(Url(), layouts_, *new_key_, entropy_, {});
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->tables.at(0).opened, 297);
  EXPECT_EQ(proof->tables.at(0).failed, 0);
}

// The same while the batch is being read, as a worker does it.
TEST_F(BatchWriterTest, RowsAreRekeyedWhileOthersAreRead) {
  AddRows(11, 300, 1);
  Sql("UPDATE connections SET data_key_ciphertext = substring(data_key_ciphertext FROM 2) WHERE id IN (128, 129, 257)");
  RowRekeyer rekeyer = Rekeyer();
  RowBatch batch = Source([&](RowBatch& rows) { return WhileRead(rekeyer, rows); });
  ASSERT_EQ(batch.size, 300U);
  EXPECT_EQ(batch.done, 256U);
  ASSERT_TRUE(rekeyer.Rekey(Layout(), batch).ok());
  for (std::size_t i = 0; i < batch.size; ++i) {
    const bool damaged = i == 127 || i == 128 || i == 256;
    EXPECT_EQ(batch.rekeyed[i].issue.has_value(), damaged) << i;
  }
  const WriteOutcome outcome = Finish(writer_->Send(segment_, {&batch, 0, batch.size}));
  EXPECT_TRUE(outcome.by_position);
  EXPECT_EQ(outcome.changed, 297);
  EXPECT_EQ(outcome.poison, 3);
  EXPECT_EQ(Right(), 297);
}

// What was taken in is of no use once something else is sent, or only some of it, or the batch is done anew.
TEST_F(BatchWriterTest, WhatIsSentIsThePartAndNotWhatWasTakenIn) {
  AddRows(11, 600, 1);
  RowRekeyer rekeyer = Rekeyer();
  RowBatch first = Rekeyed();
  RowBatch batch = Source([&](RowBatch& rows) { return WhileRead(rekeyer, rows); });
  ASSERT_EQ(batch.done, 512U);
  ASSERT_TRUE(rekeyer.Rekey(Layout(), batch).ok());
  EXPECT_EQ(Finish(writer_->Send(segment_, {&first, 0, 10})).changed, 10);  // of another batch
  EXPECT_EQ(Finish(writer_->Send(segment_, {&batch, 10, 20})).changed, 10);
  EXPECT_EQ(Right(), 20);
  Read(batch, [&](RowBatch& rows) { return WhileRead(rekeyer, rows); });
  ASSERT_EQ(batch.size, 580U);
  ASSERT_TRUE(rekeyer.Rekey(Layout(), batch).ok());
  EXPECT_EQ(Finish(writer_->Send(segment_, {&batch, 0, 100})).changed, 100);  // less than was taken in
  EXPECT_EQ(Right(), 120);
  Read(batch, [&](RowBatch& rows) { return WhileRead(rekeyer, rows); });
  ASSERT_EQ(batch.size, 480U);
  ASSERT_EQ(batch.done, 384U);
  ASSERT_TRUE(rekeyer.RekeyAgain(Layout(), batch).ok());  // other data keys, ivs and values
  EXPECT_EQ(batch.done, 0U);
  EXPECT_EQ(Finish(writer_->Send(segment_, {&batch, 0, 300})).changed, 300);
  EXPECT_EQ(Right(), 420);
  // A batch that is given up and read anew begins anew.
  Read(batch, [&](RowBatch& rows) { return WhileRead(rekeyer, rows) && rows.size < 150; });
  ASSERT_EQ(batch.done, 128U);
  Sql("DELETE FROM connections WHERE id = 421");
  Read(batch, [&](RowBatch& rows) { return WhileRead(rekeyer, rows); });
  ASSERT_EQ(batch.size, 179U);
  ASSERT_TRUE(rekeyer.Rekey(Layout(), batch).ok());
  EXPECT_EQ(Finish(writer_->Send(segment_, {&batch, 0, batch.size})).changed, 179);
  EXPECT_EQ(Right(), 599);
  EXPECT_EQ(Sql("SELECT count(*) FROM connections WHERE encryption_key_id = 1"), "0");
}

// Damage is counted once for a batch, however often it is read until it is whole; and too much of it ends the work.
TEST_F(BatchWriterTest, DamageIsCountedOnce) {
  AddRows(11, 200, 1);
  Sql("UPDATE connections SET data_key_ciphertext = substring(data_key_ciphertext FROM 2) WHERE id BETWEEN 90 AND 120");
  RowRekeyer rekeyer = Rekeyer();
  const auto while_read = [&](RowBatch& rows) { return WhileRead(rekeyer, rows); };
  RowBatch batch = Source(while_read);
  Read(batch, while_read);
  Read(batch, while_read);
  EXPECT_TRUE(rekeyer.Rekey(Layout(), batch).ok());
  Sql("UPDATE connections SET data_key_ciphertext = substring(data_key_ciphertext FROM 2) WHERE id BETWEEN 121 AND "
      "139");
  Read(batch, while_read);
  const Status refused = rekeyer.Rekey(Layout(), batch);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("50 rows in a row cannot be moved"));
}

// As Aurora: the transaction is one statement shorter, and tells as much.
TEST_F(BatchWriterTest, AServerThatDoesNotTellWhereItsLogIs) {
  options_.tells_wal = false;
  writer_.emplace(*stream_, options_);
  writer_->Use(Layout(), mapping_.mode);
  RowBatch batch = Rekeyed();
  const WriteOutcome first = Finish(writer_->Send(segment_, {&batch, 0, 4}));
  EXPECT_EQ(first.changed, 4);
  EXPECT_EQ(first.wal_position, 0);
  EXPECT_GT(first.server_us, 0);
  Segment stale = segment_;
  stale.fence += 1;
  ASSERT_TRUE(writer_->Send(stale, {&batch, 4, 8}).ok());
  const auto lost = writer_->Finish();
  ASSERT_TRUE(lost.ok());
  EXPECT_EQ(lost->end, WriteEnd::kFenceLost);
  EXPECT_EQ(Finish(writer_->Send(segment_, {&batch, 4, 10})).changed, 6);
  EXPECT_EQ(Sql("SELECT rows_seen || ' ' || rows_changed FROM tfseal.segment"), "10 10");
}

// Where a place does not name one row of the table, rows are found by their key.
TEST_F(BatchWriterTest, TablesWithPartsHaveNoPositions) {
  Sql("CREATE TABLE more () INHERITS (connections)");
  const auto layout = ReadLayout(*session_, mapping_.targets.front(), mapping_.mode, {"1", "2"});
  ASSERT_TRUE(layout.ok());
  EXPECT_FALSE(layout->has_positions);
}

}  // namespace
}  // namespace tfseal::rekey
