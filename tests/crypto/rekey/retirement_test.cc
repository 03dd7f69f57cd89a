#include "crypto/rekey/retirement.h"

#include <gmock/gmock.h>

#include "core/system_clock.h"
#include "evidence/seal.h"
#include "tests/crypto/rekey/sealed_rows.h"

namespace tfseal::rekey {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RetirementTest : public SealedRows {
 protected:
  void SetUp() override {
    SealedRows::SetUp();
    if (IsSkipped()) return;
    AddRows(1, 500, 2);
    session_.emplace(Open());
    SetTtl("1s");
  }
  void TearDown() override { session_.reset(); }
  void SetTtl(const std::string& ttl) {
    std::string text = LocalMappingText();
    text.replace(text.find("key_cache_ttl: 1s"), 17, "key_cache_ttl: " + ttl);
    mapping_ = ReadText(text);
  }
  // A job that went through everything, as workers leave it.
  Job Complete() {
    JobStore store(*session_, mapping_);
    EXPECT_TRUE(store.Setup().ok());
    Job job;
    job.mapping_digest = mapping_.digest;
    job.mode = mapping_.mode;
    job.key_from = "2024-09-kms";
    job.key_to = "2025-03-kms";
    job.pin_from = old_key_->id();
    job.pin_to = new_key_->id();
    job.ref_from = "1";
    job.ref_to = "2";
    job = store.Create(job).value();
    server_->Sql("UPDATE tfseal.job SET phase = 'completed', finished_at = now() WHERE id = " + std::to_string(job.id));
    return store.Read(job.id).value();
  }
  std::string ChainPath() const { return Directory() + "/job.jsonl"; }
  Result<RetireOutcome> Retire() {
    const postgres::ConnectionUrl url = Url();
    Retirement retirement({url, mapping_, *new_key_, entropy_}, *session_, {});
    TFSEAL_ASSIGN(const Job job, retirement.FindJob());
    auto chain = evidence::ChainWriter::Open(ChainPath(), clock_);
    EXPECT_TRUE(chain.ok());
    return retirement.Run(job, *chain);
  }
  std::string Kinds() const {
    std::string kinds;
    const auto text = ReadFileBounded(ChainPath(), 1 << 24);
    EXPECT_THAT(text.ok() ? *text : "", Not(HasSubstr("canary")));
    const evidence::Chain chain = evidence::ReadChain(text.ok() ? *text : "");
    EXPECT_THAT(chain.problems, IsEmpty());
    for (const evidence::Record& record : chain.records) kinds += record.kind + " ";
    return kinds;
  }
  static std::string Sql(const std::string& text) { return server_->Sql(text); }

  SystemClock clock_;
  Mapping mapping_;
  std::optional<postgres::Connection> session_;
};

TEST_F(RetirementTest, FenceWaitVerifyRetire) {
  SetTtl("2s");
  Complete();
  Sql("INSERT INTO encryption_keys (key_id, alias, status) VALUES ('bystander', 'x', 'rotating')");
  const auto waiting = Retire();
  ASSERT_TRUE(waiting.ok()) << waiting.error().message;
  EXPECT_EQ(waiting->end, RetireEnd::kWaiting);
  EXPECT_GE(waiting->due_seconds, 1);
  EXPECT_EQ(waiting->due.size(), 20U) << waiting->due;
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys ORDER BY id"), "rotating\nactive\nrotating");
  EXPECT_EQ(Kinds(), "fence ");
  // Whoever still has the old key in a cache is stopped by the fence.
  const auto written = session_->Execute(
      "INSERT INTO public.connections (organization_id, name, encryption_key_id) VALUES (7, 'late', 1)");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().service_code, "23514");

  Sql("SELECT pg_sleep(2.1)");
  const auto retired = Retire();
  ASSERT_TRUE(retired.ok()) << retired.error().message;
  EXPECT_EQ(retired->end, RetireEnd::kRetired) << RetireText(*retired);
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys ORDER BY id"), "retired\nactive\nrotating")
      << "exactly the one key, not every one that rotates";
  EXPECT_EQ(Sql("SELECT convalidated FROM pg_constraint WHERE conname LIKE 'tfseal_fence%'"), "t");
  EXPECT_EQ(Sql("SELECT old_key_version, new_key_version, rotation_type FROM key_rotation_audit"),
            "2024-09-kms|2025-03-kms|reseal");
  EXPECT_EQ(Sql("SELECT phase FROM tfseal.job"), "retired");
  EXPECT_EQ(Kinds(), "fence self-test job segment verification retired audit ");
  EXPECT_THAT(RetireText(*retired), HasSubstr("backups"));

  // Again: nothing is done twice.
  const auto again = Retire();
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->end, RetireEnd::kRetired);
  EXPECT_EQ(Sql("SELECT count(*) FROM key_rotation_audit"), "1");
  EXPECT_EQ(Kinds(), "fence self-test job segment verification retired audit ");
}

TEST_F(RetirementTest, ARowUnderTheOldKeyKeepsIt) {
  Complete();
  AddRows(9001, 9001, 1);
  const auto refused = Retire();
  ASSERT_TRUE(refused.ok()) << refused.error().message;
  EXPECT_EQ(refused->end, RetireEnd::kRefused);
  EXPECT_THAT(RetireText(*refused), HasSubstr("1 rows are under the old key"));
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'tfseal_fence%'"), "0");
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys WHERE id = 1"), "rotating");
}

TEST_F(RetirementTest, ARowThatDoesNotOpenKeepsIt) {
  SetTtl("0");
  Complete();
  // A byte that is surely another: the iv is random.
  Sql("UPDATE connections SET payload_iv = set_byte(payload_iv, 2, get_byte(payload_iv, 2) # 255),"
      " iv = set_byte(iv, 2, get_byte(iv, 2) # 255) WHERE id = 77");
  const auto refused = Retire();
  ASSERT_TRUE(refused.ok()) << refused.error().message;
  EXPECT_EQ(refused->end, RetireEnd::kRefused);
  EXPECT_THAT(RetireText(*refused), HasSubstr("failures: 1 authentication"));
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys WHERE id = 1"), "rotating");
  EXPECT_EQ(Kinds(), "fence ");
}

TEST_F(RetirementTest, NoOtherJobAndNoOtherKey) {
  const Job job = Complete();
  const auto refusal = [&](const std::string& phase) {
    Sql("UPDATE tfseal.job SET phase = '" + phase + "'");
    const auto outcome = Retire();
    return outcome.ok() ? std::string("allowed") : outcome.error().message;
  };
  EXPECT_THAT(refusal("running"), HasSubstr("is running"));
  EXPECT_THAT(refusal("completed_with_errors"), HasSubstr("rows are left under the old key"));
  EXPECT_THAT(refusal("cancelled"), HasSubstr("is cancelled"));
  Sql("UPDATE tfseal.job SET phase = 'completed', pin_to = 'local:another'");
  EXPECT_THAT(Retire().error().message, HasSubstr("moved rows to local:another"));
  Sql("UPDATE tfseal.job SET pin_to = '" + job.pin_to + "', mapping_digest = 'x'");
  EXPECT_THAT(Retire().error().message, HasSubstr("another mapping"));
}

TEST_F(RetirementTest, AnAuditTableThatRefusesTheRowKeepsTheKey) {
  SetTtl("0");
  Complete();
  const auto refused = [&](const std::string& break_it, const std::string& mend_it) {
    Sql(break_it);
    const auto outcome = Retire();
    EXPECT_EQ(Sql("SELECT status FROM encryption_keys WHERE id = 1"), "rotating") << break_it;
    EXPECT_EQ(Sql("SELECT phase FROM tfseal.job"), "completed") << break_it;
    EXPECT_EQ(Kinds(), "") << break_it;
    Sql(mend_it);
    return outcome.ok() ? std::string("allowed") : outcome.error().message + " | " + outcome.error().hint;
  };
  EXPECT_THAT(refused("ALTER TABLE key_rotation_audit DROP notes", "ALTER TABLE key_rotation_audit ADD notes text"),
              HasSubstr("public.key_rotation_audit.notes: the audit table has no such column | ALTER TABLE"));
  EXPECT_THAT(refused("ALTER TABLE key_rotation_audit ADD approved_by text NOT NULL",
                      "ALTER TABLE key_rotation_audit DROP approved_by"),
              HasSubstr("approved_by: the column is NOT NULL"));
  // What only an attempt shows.
  EXPECT_THAT(refused("ALTER TABLE key_rotation_audit ADD CONSTRAINT known CHECK (rotation_type = 'manual')",
                      "ALTER TABLE key_rotation_audit DROP CONSTRAINT known"),
              HasSubstr("23514"));
  EXPECT_THAT(
      refused("CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$; "
              "CREATE CONSTRAINT TRIGGER at_last AFTER INSERT ON key_rotation_audit DEFERRABLE INITIALLY "
              "DEFERRED FOR EACH ROW EXECUTE FUNCTION never()",
              "DROP TRIGGER at_last ON key_rotation_audit"),
      HasSubstr("P0001"));
  EXPECT_EQ(Sql("SELECT count(*) FROM key_rotation_audit"), "0") << "a rehearsal leaves no row";
  const auto retired = Retire();
  ASSERT_TRUE(retired.ok()) << retired.error().message;
  EXPECT_EQ(retired->end, RetireEnd::kRetired);
  EXPECT_EQ(Sql("SELECT count(*) FROM key_rotation_audit"), "1");
}

// Broken in the moment between: the key is retired, and the row is owed.
TEST_F(RetirementTest, ARetirementThatStoppedAtTheAuditRowIsEndedByRepeatingIt) {
  SetTtl("0");
  Complete();
  Sql("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT status FROM "
      "public.encryption_keys WHERE id = 1) = 'retired' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$; CREATE "
      "TRIGGER late BEFORE INSERT ON key_rotation_audit FOR EACH ROW EXECUTE FUNCTION late()");
  for (int i = 0; i < 2; ++i) {
    const auto stopped = Retire();
    ASSERT_FALSE(stopped.ok());
    EXPECT_THAT(stopped.error().hint, HasSubstr("run tfseal rekey retire again"));
    EXPECT_EQ(Sql("SELECT phase FROM tfseal.job"), "retired");
    EXPECT_EQ(Kinds(), "fence self-test job segment verification retired ");
  }
  Sql("DROP TRIGGER late ON key_rotation_audit");
  const auto retired = Retire();
  ASSERT_TRUE(retired.ok()) << retired.error().message;
  EXPECT_EQ(retired->end, RetireEnd::kRetired);
  EXPECT_EQ(Sql("SELECT count(*) FROM key_rotation_audit"), "1");
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys WHERE id = 1"), "retired");
  EXPECT_EQ(Kinds(), "fence self-test job segment verification retired audit ");
}

TEST_F(RetirementTest, ATableInUseIsWaitedForShortly) {
  SetTtl("0");
  Complete();
  postgres::Connection other = Open();
  ASSERT_TRUE(other.Begin().ok());
  ASSERT_TRUE(other.Query("SELECT 1 FROM public.connections LIMIT 1").ok());
  const auto busy = Retire();
  ASSERT_FALSE(busy.ok());
  EXPECT_THAT(busy.error().message, HasSubstr("the write fence could not be raised"));
  EXPECT_EQ(Sql("SELECT phase FROM tfseal.job"), "completed");
  ASSERT_TRUE(other.Rollback().ok());
  const auto retired = Retire();
  ASSERT_TRUE(retired.ok()) << retired.error().message;
  EXPECT_EQ(retired->end, RetireEnd::kRetired);
}

}  // namespace
}  // namespace tfseal::rekey
