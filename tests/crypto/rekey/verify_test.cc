#include "crypto/rekey/verify_rows.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "crypto/rekey/sample_bound.h"
#include "tests/crypto/rekey/sealed_rows.h"

namespace tfseal::rekey {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class VerifyTest : public SealedRows {
 protected:
  RowsProof Verify(VerifyOptions options = {}) {
    const Mapping mapping = ReadText(LocalMappingText());
    postgres::Connection session = Open();
    std::vector<TableLayout> layouts;
    auto layout = ReadLayout(session, mapping.targets.front(), mapping.mode, {"1", "2"});
    EXPECT_TRUE(layout.ok());
    layouts.push_back(std::move(layout).value());
    auto proof = VerifyRows(Url(), layouts, *new_key_, entropy_, options);
    EXPECT_TRUE(proof.ok()) << (proof.ok() ? "" : proof.error().message);
    if (!proof.ok()) return {};
    const std::string text = ProofText(*proof) + WriteJsonDocument(ToJson(*proof));
    EXPECT_THAT(text, Not(HasSubstr("canary")));
    return std::move(proof).value();
  }
  TableProof Table(const VerifyOptions& options = {}) { return Verify(options).tables.at(0); }
};

TEST_F(VerifyTest, EveryRowIsOpenedAndCounted) {
  AddRows(1, 2500, 2);
  server_->Sql(
      "INSERT INTO connections (id, organization_id, name, encryption_key_id) OVERRIDING SYSTEM VALUE VALUES "
      "(9000, 7, 'empty', 2)");
  VerifyOptions options;
  options.rows_per_chunk = 700;
  const RowsProof proof = Verify(options);
  EXPECT_TRUE(proof.passed());
  EXPECT_TRUE(proof.unlocks_retire());
  const TableProof& table = proof.tables.at(0);
  EXPECT_EQ(table.rows, 2501);
  EXPECT_EQ(table.visited, 2501);
  EXPECT_EQ(table.opened, 2500);
  EXPECT_EQ(table.empty, 1);
  EXPECT_EQ(table.unwrapped, 2500);
  ASSERT_EQ(table.chunks.size(), 4U);
  EXPECT_EQ(table.chunks[0].rows, 700);
  EXPECT_EQ(table.chunks[3].rows, 401);
}

// Chunks end wherever the sample says, and every row is in one of them.
TEST_F(VerifyTest, ATableThatIsCutByASampleIsReadWhole) {
  AddRows(1, 3000, 2);
  AddRows(5000, 5000, 1);
  server_->Sql(
      "ANALYZE connections; INSERT INTO connections (id, organization_id, name, encryption_key_id) OVERRIDING "
      "SYSTEM VALUE VALUES (9000, 7, 'after the sample', 2)");
  VerifyOptions options;
  options.cut_by_sample_from = 1000;
  options.rows_per_chunk = 800;
  const TableProof table = Table(options);
  EXPECT_GE(table.chunks.size(), 2U);
  EXPECT_EQ(table.rows, 3002);
  EXPECT_EQ(table.visited, 3002);
  EXPECT_EQ(table.opened, 3000);
  EXPECT_EQ(table.empty, 1);
  EXPECT_EQ(table.old, 1);
  options.rows_per_chunk = 300;  // every page is in the sample
  EXPECT_EQ(Table(options).chunks.size(), 11U);
  EXPECT_EQ(Table(options).visited, 3002);
}

TEST_F(VerifyTest, ASharedDataKeyIsUnwrappedOnce) {
  AddRows(1, 2400, 2, 600);
  VerifyOptions options;
  options.threads = 1;
  const TableProof table = Table(options);
  EXPECT_EQ(table.opened, 2400);
  EXPECT_EQ(table.unwrapped, 4);
}

TEST_F(VerifyTest, WhatIsDamagedIsCountedByItsKind) {
  AddRows(1, 20, 2);
  AddRows(21, 25, 1);
  AddRows(31, 31, 1);
  server_->Sql(R"sql(
UPDATE connections SET payload_ciphertext = set_byte(payload_ciphertext, 0, get_byte(payload_ciphertext, 0) # 255),
  encrypted_credentials = set_byte(encrypted_credentials, 0, get_byte(encrypted_credentials, 0) # 255) WHERE id = 1;
UPDATE connections SET payload_iv = '\x0102', iv = '\x0102' WHERE id = 2;
UPDATE connections SET data_key_ciphertext = substr(data_key_ciphertext, 1, 20) WHERE id = 3;
UPDATE connections SET encrypted_credentials = NULL WHERE id = 4;
UPDATE connections SET data_key_ciphertext = NULL WHERE id = 5;
UPDATE connections SET encryption_key_id = 2 WHERE id = 31;
UPDATE connections a SET data_key_ciphertext = b.data_key_ciphertext FROM connections b WHERE a.id = 6 AND b.id = 7;
)sql");
  const RowsProof proof = Verify();
  EXPECT_FALSE(proof.passed());
  const TableProof& table = proof.tables.at(0);
  EXPECT_EQ(table.failed, 7);
  EXPECT_EQ(table.old, 5);
  EXPECT_EQ(table.opened, 14);
  const std::map<std::string, std::int64_t> failures = {
      {"authentication", 2}, {"format", 1}, {"legacy", 1}, {"mirror", 1}, {"wrapped-key", 2}};
  EXPECT_EQ(table.failures, failures);
}

// Nobody knows what opens them: neither right nor another key's.
TEST_F(VerifyTest, SealedRowsThatNameNoKeyDoNotPass) {
  AddRows(1, 20, 2);
  server_->Sql(
      "ALTER TABLE connections ALTER encryption_key_id DROP NOT NULL; INSERT INTO connections (id, organization_id, "
      "name, encryption_key_id) OVERRIDING SYSTEM VALUE VALUES (9000, 7, 'nothing sealed', NULL)");
  const RowsProof nothing = Verify();
  EXPECT_TRUE(nothing.passed());
  EXPECT_EQ(nothing.tables.at(0).other, 1);
  server_->Sql("UPDATE connections SET encryption_key_id = NULL WHERE id IN (3, 4)");
  const RowsProof proof = Verify();
  EXPECT_FALSE(proof.passed());
  EXPECT_FALSE(proof.unlocks_retire());
  const TableProof& table = proof.tables.at(0);
  EXPECT_EQ(table.failed, 2);
  EXPECT_EQ(table.opened, 18);
  EXPECT_EQ(table.failures, (std::map<std::string, std::int64_t>{{"no-key", 2}}));
  VerifyOptions sample;
  sample.kind = VerifyKind::kSample;
  EXPECT_FALSE(Verify(sample).passed());
}

TEST_F(VerifyTest, TheRootIsThatOfTheRowsWhoeverReadsThem) {
  AddRows(1, 1000, 2);
  VerifyOptions options;
  options.merkle = true;
  options.rows_per_chunk = 300;
  const TableProof once = Table(options);
  options.threads = 1;
  const TableProof again = Table(options);
  ASSERT_EQ(once.chunks.size(), again.chunks.size());
  for (std::size_t i = 0; i < once.chunks.size(); ++i) EXPECT_EQ(once.chunks[i].root, again.chunks[i].root);
  EXPECT_EQ(once.chunks[0].root.size(), 64U);
  server_->Sql(
      "UPDATE connections SET payload_iv = set_byte(payload_iv, 11, get_byte(payload_iv, 11) # 255) WHERE id = 299");
  const TableProof changed = Table(options);
  EXPECT_NE(changed.chunks[0].root, once.chunks[0].root);
  EXPECT_EQ(changed.chunks[1].root, once.chunks[1].root);
}

TEST_F(VerifyTest, ASampleHasItsBoundAndUnlocksNothing) {
  AddRows(1, 3000, 2);
  VerifyOptions options;
  options.kind = VerifyKind::kSample;
  options.sample_rows = 500;
  const RowsProof proof = Verify(options);
  EXPECT_TRUE(proof.passed());
  EXPECT_FALSE(proof.unlocks_retire());
  const TableProof& table = proof.tables.at(0);
  EXPECT_NEAR(static_cast<double>(table.visited), 500, 120);
  EXPECT_EQ(table.bad_at_most, BadRowsAtMost(3000, table.visited, 0, 0.95));
  EXPECT_LT(table.bad_at_most, 30);
  EXPECT_THAT(ProofText(proof), HasSubstr("with 95 % confidence at most"));
  EXPECT_THAT(ProofText(proof), Not(HasSubstr("every row")));
  AddRows(4000, 4000, 1);
  EXPECT_FALSE(Verify(options).passed()) << "a row under the old key is found by counting, not by luck";
}

TEST(SampleBound, IsExact) {
  // Whoever draws all knows all; whoever draws nothing knows nothing.
  EXPECT_EQ(BadRowsAtMost(1000, 1000, 0, 0.95), 0);
  EXPECT_EQ(BadRowsAtMost(1000, 0, 0, 0.95), 1000);
  EXPECT_EQ(BadRowsAtMost(1000, 1000, 3, 0.95), 3);
  // The rule of three: 3/n at 95 %.
  EXPECT_NEAR(static_cast<double>(BadRowsAtMost(100'000'000, 3000, 0, 0.95)), 1e8 * 0.001, 1e8 * 0.00001);
  // Ten of which five are drawn: C(10-D, 5) / C(10, 5) > 0.05 up to D = 3 (21/252 = 0.083), not for 4 (6/252 = 0.024).
  EXPECT_EQ(BadRowsAtMost(10, 5, 0, 0.95), 3);
  // Clopper and Pearson's upper limit for 2 of 100 at 97.5 % is 7.0384 %.
  EXPECT_NEAR(static_cast<double>(BadRowsAtMost(100'000'000, 100, 2, 0.975)), 7'038'393, 300);
}

// Writers replace, insert and delete rows all the time: nothing is wrong, and nothing wrong is missed.
TEST_F(VerifyTest, WritersNeitherRaiseNorHideAnything) {
  AddRows(1, 4000, 2);
  AddRows(10'001, 10'400, 2);
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&, w] {
      postgres::Connection session = Open();
      for (int i = 0; !stop; ++i) {
        const std::string a = std::to_string(1 + (i * 7919 + w * 1237) % 4000);
        const std::string b = std::to_string(10'001 + (i * 31 + w) % 400);
        // The whole sealed value of another row: what an application does when it writes a new one.
        const auto updated = session.Execute(
            "UPDATE public.connections t SET payload_ciphertext = s.payload_ciphertext, payload_iv = s.payload_iv, "
            "encrypted_credentials = s.payload_ciphertext, iv = s.payload_iv, data_key_ciphertext = "
            "s.data_key_ciphertext FROM public.connections s WHERE t.id = $1::bigint AND s.id = $2::bigint",
            {a, b});
        const auto moved = session.Execute(
            "WITH gone AS (DELETE FROM public.connections WHERE id = $1::bigint RETURNING *) INSERT INTO "
            "public.connections (id, organization_id, name, encryption_key_id, payload_ciphertext, payload_iv, "
            "encrypted_credentials, iv, data_key_ciphertext) OVERRIDING SYSTEM VALUE SELECT id + 100000, 7, 'm', "
            "encryption_key_id, payload_ciphertext, payload_iv, encrypted_credentials, iv, data_key_ciphertext FROM "
            "gone",
            {std::to_string(3000 + (i * 3 + w) % 1000)});
        if (!updated.ok() || !moved.ok()) continue;  // two writers met
      }
    });
  }
  VerifyOptions options;
  options.rows_per_chunk = 500;
  for (int round = 0; round < 5; ++round) {
    const RowsProof proof = Verify(options);
    EXPECT_TRUE(proof.passed()) << ProofText(proof);
    EXPECT_EQ(proof.tables.at(0).failed, 0);
  }
  AddRows(50'000, 50'000, 1);
  const RowsProof found = Verify(options);
  EXPECT_FALSE(found.passed());
  EXPECT_EQ(found.old_rows(), 1);
  stop = true;
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace tfseal::rekey
