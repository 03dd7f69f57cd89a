#include "postgres/quiescence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "postgres/connection.h"
#include "postgres/quiescence_sample.h"
#include "tests/support/postgres_server.h"

namespace tfseal::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PostgresServer;

// Really waits, and lets a test do something while the check waits for its second sample.
class WaitingClock : public Clock {
 public:
  TimePoint Now() const override { return {}; }
  void SleepFor(std::chrono::milliseconds duration) override {
    if (while_waiting) while_waiting();
    std::this_thread::sleep_for(duration);
  }
  std::function<void()> while_waiting;
};

class QuiescenceTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (PostgresServer::Binaries().empty()) return;
    server_ =
        new PostgresServer({.lines = {"max_prepared_transactions = 5", "wal_level = logical", "autovacuum = off"}});
    server_->Sql("CREATE ROLE app LOGIN PASSWORD 'pw'; CREATE DATABASE shop; CREATE DATABASE other");
    server_->Sql("CREATE TABLE t (i integer, v text); CREATE SEQUENCE s; GRANT ALL ON t TO app; GRANT ALL ON s TO app",
                 "shop");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

 protected:
  void SetUp() override {
    if (PostgresServer::Binaries().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
    options_.interval = std::chrono::milliseconds(300);
    options_.intervals_max = 3;
  }

  Quiescence Check() {
    auto result = CheckQuiescence(ConnectionUrl::Parse(server_->Url("shop")).value(), options_, clock_);
    EXPECT_TRUE(result.ok()) << result.error().message;
    const std::string all = result->text + WriteJsonDocument(result->proof);
    EXPECT_THAT(all, Not(HasSubstr("canary"))) << "what a statement says is nobody's business here";
    EXPECT_EQ(result->proof["quiet"].asBool(), result->quiet);
    return std::move(result).value();
  }

  // Does it while the check waits, once, in a session that is gone before the second sample.
  Quiescence CheckWhile(const std::string& sql, const std::string& database = "shop") {
    clock_.while_waiting = [&, done = false]() mutable {
      if (!done) server_->Sql(sql, database);
      done = true;
    };
    return Check();
  }

  static Connection Open(const std::string& application, const std::string& database = "shop") {
    SessionOptions options;
    options.application_name = application;
    return std::move(Connection::Open(ConnectionUrl::Parse(server_->Url(database)).value(), options)).value();
  }

  WaitingClock clock_;
  QuiescenceOptions options_;
  static inline PostgresServer* server_ = nullptr;
};

TEST_F(QuiescenceTest, NobodyIsThere) {
  const Quiescence result = Check();
  EXPECT_TRUE(result.quiet) << result.text;
  EXPECT_EQ(result.rule, "still");
  ASSERT_EQ(result.proof["samples"].size(), 2U);
  EXPECT_EQ(result.proof["samples"][0]["next_xid"], result.proof["samples"][1]["next_xid"]);
  EXPECT_LT(result.proof["samples"][0]["at"].asString(), result.proof["samples"][1]["at"].asString());
  EXPECT_THAT(result.proof["samples"][0]["at"].asString(), ::testing::EndsWith("Z"));
}

TEST_F(QuiescenceTest, ASessionIsNamed) {
  const Connection pool = Open("orders web", "other");
  const Quiescence result = Check();
  EXPECT_FALSE(result.quiet);
  ASSERT_EQ(result.present.size(), 1U);
  EXPECT_EQ(result.present[0].kind, "session");
  EXPECT_EQ(result.present[0].application_name, "orders web");
  EXPECT_EQ(result.present[0].user, "postgres");
  EXPECT_EQ(result.present[0].database, "other");
  EXPECT_EQ(result.present[0].state, "idle");
  EXPECT_THAT(result.text, HasSubstr("orders web"));
  EXPECT_FALSE(result.hint.empty());
}

TEST_F(QuiescenceTest, OneThatIsIdleInATransaction) {
  Connection forgotten = Open("batch");
  ASSERT_TRUE(forgotten.Begin().ok());
  ASSERT_TRUE(forgotten.Execute("INSERT INTO public.t VALUES (1, 'canary')").ok());
  const Quiescence result = Check();
  EXPECT_FALSE(result.quiet);
  ASSERT_EQ(result.present.size(), 1U);
  EXPECT_EQ(result.present[0].state, "idle in transaction");
}

TEST_F(QuiescenceTest, APreparedTransaction) {
  server_->Sql("BEGIN; INSERT INTO t VALUES (1, 'canary'); PREPARE TRANSACTION 'two-phase 1'", "shop");
  const Quiescence result = Check();
  EXPECT_FALSE(result.quiet);
  ASSERT_EQ(result.present.size(), 1U);
  EXPECT_EQ(result.present[0].kind, "prepared transaction");
  EXPECT_EQ(result.present[0].application_name, "two-phase 1");
  EXPECT_THAT(result.hint, HasSubstr("ROLLBACK PREPARED"));
  server_->Sql("ROLLBACK PREPARED 'two-phase 1'", "shop");
  EXPECT_TRUE(Check().quiet);
}

TEST_F(QuiescenceTest, AWriterBetweenTheSamplesIsNoticed) {
  for (const char* sql :
       {"INSERT INTO t VALUES (1, 'canary')", "UPDATE t SET i = 2", "SELECT nextval('s') FROM generate_series(1, 40)",
        "CREATE TABLE made (); DROP TABLE made", "BEGIN; INSERT INTO t VALUES (2, 'canary'); ROLLBACK",
        "SELECT lo_from_bytea(0, 'canary')", "CREATE ROLE passing; DROP ROLE passing"}) {
    const Quiescence result = CheckWhile(sql);
    EXPECT_FALSE(result.quiet) << sql << ": " << result.text;
    EXPECT_THAT(result.text, HasSubstr("came and went")) << sql;
  }
  EXPECT_FALSE(CheckWhile("CREATE TABLE made (); DROP TABLE made", "other").quiet);
}

TEST_F(QuiescenceTest, AWriterThatStaysIsNamed) {
  std::optional<Connection> late;
  clock_.while_waiting = [&] {
    if (!late.has_value()) late = Open("late writer");
  };
  const Quiescence result = Check();
  EXPECT_FALSE(result.quiet);
  EXPECT_THAT(result.text, HasSubstr("late writer"));
}

TEST_F(QuiescenceTest, AReaderBetweenTheSamplesWroteNothing) {
  EXPECT_TRUE(CheckWhile("SELECT count(*) FROM t").quiet);
}

TEST_F(QuiescenceTest, TheServersOwnWritingDoesNotCount) {
  const Quiescence result = CheckWhile("CHECKPOINT");
  EXPECT_TRUE(result.quiet) << result.text;
  EXPECT_NE(result.proof["samples"][0]["wal_lsn"], result.proof["samples"][1]["wal_lsn"]);
}

// As on Aurora: transaction ids and counters tell as much without the position of the log.
TEST_F(QuiescenceTest, AServerThatDoesNotTellWhereItsLogIs) {
  server_->Sql("CREATE DATABASE aurora");
  server_->Sql("CREATE TABLE t (i integer, v text)", "aurora");
  server_->RefuseWalPosition("aurora");
  const auto check = [&] {
    auto result = CheckQuiescence(ConnectionUrl::Parse(server_->Url("aurora")).value(), options_, clock_);
    EXPECT_TRUE(result.ok()) << result.error().message;
    return std::move(result).value();
  };
  const Quiescence still = check();
  EXPECT_TRUE(still.quiet) << still.text;
  EXPECT_FALSE(still.proof["samples"][0].isMember("wal_lsn"));
  clock_.while_waiting = [&, done = false]() mutable {
    if (!done) server_->Sql("INSERT INTO t VALUES (1, 'canary')", "aurora");
    done = true;
  };
  EXPECT_FALSE(check().quiet);
  server_->Sql("DROP DATABASE aurora");
}

TEST_F(QuiescenceTest, SessionsAreEndedOnRequestAndReported) {
  Connection pool = Open("orders web");
  options_.end_sessions = true;
  const Quiescence result = Check();
  EXPECT_TRUE(result.quiet) << result.text;
  ASSERT_EQ(result.ended.size(), 1U);
  EXPECT_EQ(result.ended[0].application_name, "orders web");
  EXPECT_EQ(result.proof["ended"].size(), 1U);
  EXPECT_FALSE(pool.Query("SELECT 1").ok());
}

TEST_F(QuiescenceTest, OurOwnSessionsDoNotCount) {
  const Connection own = Open("tfseal");
  options_.own_pids = {own.backend_pid()};
  EXPECT_TRUE(Check().quiet);
  options_.own_pids.clear();
  EXPECT_FALSE(Check().quiet) << "a name proves nothing";
}

TEST_F(QuiescenceTest, ASlotThatNobodyReadsIsListed) {
  server_->Sql("SELECT pg_create_logical_replication_slot('feed', 'pgoutput')", "shop");
  const Quiescence result = Check();
  server_->Sql("SELECT pg_drop_replication_slot('feed')", "shop");
  EXPECT_TRUE(result.quiet) << result.text;
  ASSERT_EQ(result.excluded.size(), 1U);
  EXPECT_EQ(result.excluded[0].application_name, "feed");
  EXPECT_THAT(result.excluded[0].excluded, HasSubstr("nobody"));
}

TEST_F(QuiescenceTest, AConsumerOfLogicalChangesCounts) {
  server_->Sql("SELECT pg_create_logical_replication_slot('feed', 'test_decoding')", "shop");
  std::thread consumer([] {
    server_->Run({"pg_recvlogical", "-d", server_->Url("shop"), "--slot", "feed", "--start", "-f", "-", "--no-loop"});
  });
  while (server_->Sql("SELECT active FROM pg_replication_slots", "postgres") != "t")
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const Quiescence result = Check();
  server_->Sql("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots");
  consumer.join();
  server_->Sql("SELECT pg_drop_replication_slot('feed')", "shop");
  EXPECT_FALSE(result.quiet);
  ASSERT_EQ(result.present.size(), 1U) << result.text;
  EXPECT_EQ(result.present[0].kind, "replication");
  EXPECT_EQ(result.present[0].state, "logical, in use");
}

TEST_F(QuiescenceTest, ARoleThatSeesLittleStillSeesWhoIsThere) {
  const Connection pool = Open("orders web");
  const auto result =
      CheckQuiescence(ConnectionUrl::Parse(server_->TcpUrl("app", "pw", "shop")).value(), options_, clock_);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_FALSE(result->quiet);
  EXPECT_THAT(result->text, HasSubstr("orders web"));
  EXPECT_THAT(result->hint, HasSubstr("pg_read_all_stats"));
}

TEST_F(QuiescenceTest, AServerThatIsGoneIsAnError) {
  std::optional<PostgresServer> server(std::in_place);
  const ConnectionUrl url = ConnectionUrl::Parse(server->Url()).value();
  clock_.while_waiting = [&] { server->Kill(); };
  EXPECT_FALSE(CheckQuiescence(url, options_, clock_).ok());
  EXPECT_FALSE(CheckQuiescence(url, options_, clock_).ok());
}

// As on Amazon RDS: a superuser rdsadmin with a database of its own that a heartbeat writes to.
TEST_F(QuiescenceTest, TheServiceOfAManagedServer) {
  const PostgresServer managed({.lines = {"autovacuum = off"}});
  const auto check = [&](const std::string& role, const std::string& database, const std::string& sql) {
    clock_.while_waiting = [&, done = false]() mutable {
      if (!done) managed.Sql("SET ROLE " + role + "; " + sql, database);
      done = true;
    };
    return CheckQuiescence(ConnectionUrl::Parse(managed.Url("shop")).value(), options_, clock_).value();
  };
  managed.Sql("CREATE ROLE rdsadmin SUPERUSER LOGIN; CREATE DATABASE rdsadmin OWNER rdsadmin; CREATE DATABASE shop");
  managed.Sql("CREATE TABLE heartbeat (i integer)", "rdsadmin");
  EXPECT_FALSE(check("rdsadmin", "rdsadmin", "INSERT INTO heartbeat VALUES (1)").quiet) << "not a managed server yet";
  managed.Sql("CREATE ROLE rds_superuser; CREATE TABLE t (i integer); GRANT ALL ON t TO rds_superuser", "shop");
  const Quiescence heartbeat = check("postgres", "rdsadmin", "INSERT INTO heartbeat VALUES (1)");
  EXPECT_TRUE(heartbeat.quiet) << heartbeat.text;
  EXPECT_EQ(heartbeat.rule, "attributed");
  EXPECT_FALSE(check("postgres", "shop", "INSERT INTO t VALUES (1)").quiet);
  EXPECT_FALSE(check("postgres", "shop", "CREATE SEQUENCE counted").quiet);
  clock_.while_waiting = nullptr;
  const auto monitor = Connection::Open(ConnectionUrl::Parse(managed.Url("shop")).value().With("user", "rdsadmin"));
  ASSERT_TRUE(monitor.ok());
  const auto watched = CheckQuiescence(ConnectionUrl::Parse(managed.Url("shop")).value(), options_, clock_);
  EXPECT_TRUE(watched->quiet) << watched->text;
  ASSERT_EQ(watched->excluded.size(), 1U);
  EXPECT_THAT(watched->excluded[0].excluded, HasSubstr("rdsadmin"));
}

Sample SampleOf(const std::string& xid, std::map<std::string, DatabaseCounters> databases) {
  Sample sample;
  sample.next_xid_before = xid;
  sample.next_xid_after = xid;
  sample.databases = std::move(databases);
  return sample;
}

TEST(JudgeInterval, ByWhatWasCounted) {
  using Kind = Interval::Kind;
  const ServerFacts server{.version = 150000};
  const ServerFacts managed{.version = 150000, .managed = true};
  const auto judge = [](const ServerFacts& facts, DatabaseCounters before, DatabaseCounters after,
                        const char* xid = "101", const char* name = "shop") {
    return JudgeInterval(facts, SampleOf("100", {{name, before}}), SampleOf(xid, {{name, after}})).kind;
  };
  EXPECT_EQ(judge(server, {5, 5, ""}, {9, 9, ""}, "100"), Kind::kStill);
  EXPECT_EQ(judge(server, {5, 5, ""}, {5, 5, ""}), Kind::kBusy) << "somebody used an id and nothing tells who";
  EXPECT_EQ(judge(server, {5, 5, ""}, {9, 5, ""}), Kind::kBusy) << "autovacuum";
  EXPECT_EQ(judge(server, {5, 5, ""}, {5, 6, ""}), Kind::kWritten);
  EXPECT_EQ(judge(server, {5, -1, ""}, {5, -1, ""}), Kind::kWritten) << "sessions are not counted before 14";
  EXPECT_EQ(judge(server, {5, 5, ""}, {0, 0, "now"}), Kind::kWritten) << "counters were reset";
  EXPECT_EQ(judge(server, {5, 5, ""}, {9, 5, ""}, "101", "rdsadmin"), Kind::kBusy);
  EXPECT_EQ(judge(managed, {5, 5, ""}, {9, 6, ""}, "101", "rdsadmin"), Kind::kAttributed);
  EXPECT_EQ(judge(managed, {5, 5, ""}, {5, 6, ""}, "101", "rdsadmin"), Kind::kBusy);
  EXPECT_EQ(JudgeInterval(managed, SampleOf("1", {}), SampleOf("2", {{"new", {}}})).kind, Kind::kWritten);
  EXPECT_EQ(JudgeInterval(managed, SampleOf("1", {{"old", {}}}), SampleOf("2", {})).kind, Kind::kWritten);
  EXPECT_NE(JudgeInterval(managed, SampleOf("", {}), SampleOf("", {})).kind, Kind::kStill);
}

}  // namespace
}  // namespace tfseal::postgres
