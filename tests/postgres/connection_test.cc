#include "postgres/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "postgres/audit_row.h"
#include "postgres/fingerprint.h"
#include "tests/support/postgres_server.h"

namespace tfseal::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PostgresServer;

constexpr const char* kPassword = "canary p@ss/w'o\\rd";
constexpr const char* kPasswordInUrl = "canary%20p%40ss%2Fw'o%5Crd";

TEST(ConnectionUrl, ReadsBothForms) {
  const auto url = ConnectionUrl::Parse("postgresql://ann:" + std::string(kPasswordInUrl) +
                                        "@db.example.com:6432/orders?sslmode=verify-full&connect_timeout=3");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->Describe(), "ann@db.example.com:6432/orders");
  EXPECT_EQ(url->Get("password"), kPassword);
  EXPECT_EQ(url->Get("sslmode"), "verify-full");
  const auto words =
      ConnectionUrl::Parse("host=db.example.com port=6432 user=ann password='canary p@ss/w\\'o\\\\rd' dbname=orders");
  ASSERT_TRUE(words.ok());
  EXPECT_EQ(words->Describe(), url->Describe());
  EXPECT_EQ(words->Get("password"), kPassword);
  EXPECT_EQ(ConnectionUrl::Parse(words->ConnectionText())->Get("password"), kPassword);
}

TEST(ConnectionUrl, PartsAreReplaced) {
  const auto url = ConnectionUrl::Parse("postgres://ann:pw@old.example.com/orders").value();
  const ConnectionUrl moved = url.With("host", "new.example.com").With("port", "6432").With("dbname", "it's");
  EXPECT_EQ(moved.Describe(), "ann@new.example.com:6432/it's");
  EXPECT_EQ(ConnectionUrl::Parse(moved.ConnectionText())->Get("dbname"), "it's");
  EXPECT_EQ(moved.With("port", "").Describe(), "ann@new.example.com/it's");
  EXPECT_EQ(url.Describe(), "ann@old.example.com/orders");
}

TEST(ConnectionUrl, WhatIsWrongIsSaidWithoutTheText) {
  for (const char* text : {"", "postgresql://ann:canary%2@host/db", "postgresql://ann:can@ary:x@host:port:1/db?nope=1",
                           "mysql://ann:canary@host/db", "canary", "password=canary nope=1", "host='canary"}) {
    const auto url = ConnectionUrl::Parse(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kUsage);
    EXPECT_THAT(url.error().message + url.error().hint, Not(HasSubstr("canary"))) << text;
    EXPECT_FALSE(url.error().hint.empty());
  }
}

TEST(ConnectionUrl, SecretsAreTakenOutOfTexts) {
  const auto url = ConnectionUrl::Parse("postgresql://ann:canary@host/db").value();
  EXPECT_EQ(url.Redact("invalid \"canary\" near canarycanary"), "invalid \"***\" near ******");
}

TEST(Sums, AreModulo64) {
  EXPECT_EQ(ParseModulo64("0"), 0U);
  EXPECT_EQ(ParseModulo64(""), 0U);
  EXPECT_EQ(ParseModulo64("-1"), ~std::uint64_t{0});
  EXPECT_EQ(ParseModulo64("18446744073709551617"), 1U);
  EXPECT_EQ(ParseModulo64("-18446744073709551617"), ~std::uint64_t{0});
  EXPECT_EQ(ParseModulo64("340282366920938463463374607431768211457"), 1U);
}

TEST(Quoting, NamesAndTexts) {
  EXPECT_EQ(QuoteName("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteText("it's"), "'it''s'");
}

class ConnectionTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (PostgresServer::Binaries().empty()) return;
    server_ = new PostgresServer();
    server_->Sql(
        "CREATE ROLE ann LOGIN PASSWORD 'canary p@ss/w''o\\rd'; CREATE TABLE t (id integer PRIMARY KEY, v text);"
        "CREATE TABLE key_rotation_audit (id serial PRIMARY KEY, rotation_date timestamptz NOT NULL, old_key_version "
        "text,"
        " new_key_version text, rotation_type text, initiated_by text, notes text);"
        "GRANT INSERT, SELECT ON key_rotation_audit TO ann; GRANT USAGE ON SEQUENCE key_rotation_audit_id_seq TO ann");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

 protected:
  void SetUp() override {
    if (PostgresServer::Binaries().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
    server_->Sql("TRUNCATE t, key_rotation_audit");
  }
  static ConnectionUrl Url() { return ConnectionUrl::Parse(server_->Url()).value(); }
  static ConnectionUrl AnnsUrl() {
    return ConnectionUrl::Parse(server_->TcpUrl("ann", kPasswordInUrl, "postgres")).value();
  }
  static Connection Open(const SessionOptions& options = {}) {
    return std::move(Connection::Open(Url(), options)).value();
  }
  static inline PostgresServer* server_ = nullptr;
};

TEST_F(ConnectionTest, APreparedQueryIsAskedAgainAndAgain) {
  Connection connection = Open();
  const std::string sql = "SELECT $1::text, $2::bigint + 1, $3::regclass[] IS NULL";
  for (const char* text : {"it's", "back\\slash \"$1\"", "'); SELECT 1; --", ""}) {
    const auto rows = connection.QueryPrepared(sql, {text, "41", std::nullopt});
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    EXPECT_EQ(TextAt(rows->at(0), 0), text);
    EXPECT_EQ(NumberAt(rows->at(0), 1), 42);
    EXPECT_EQ(TextAt(rows->at(0), 2), "t");
  }
  EXPECT_EQ(NumberAt(connection.QueryPrepared("SELECT 7", {})->at(0), 0), 7);
  EXPECT_EQ(NumberAt(connection.Query("SELECT count(*) FROM pg_prepared_statements")->at(0), 0), 2) << "once each";
}

TEST_F(ConnectionTest, APreparedQueryThatIsRefusedLeavesTheSessionAsItWas) {
  Connection connection = Open();
  const auto nothing = connection.QueryPrepared("SELECT v FROM public.nothing WHERE id = $1::int", {"1"});
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().service_code, "42P01");
  const auto wrong = connection.QueryPrepared("SELECT $1::int", {"canary"});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().service_code, "22P02");
  EXPECT_THAT(wrong.error().message, Not(HasSubstr("canary")));
  EXPECT_EQ(connection.QueryPrepared("SELECT $1::int", {std::string("1\0", 2)}).error().service_code, "22021");
  EXPECT_EQ(NumberAt(connection.QueryPrepared("SELECT $1::int", {"1"})->at(0), 0), 1);
}

TEST_F(ConnectionTest, ParametersAreTextsAndNulls) {
  Connection connection = Open();
  const auto rows =
      connection.Query("SELECT $1::text, $2::integer + 1, $3::text, $4::text", {"it's ü", "41", std::nullopt, ""});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->at(0), (Row{"it's ü", "42", std::nullopt, ""}));
  EXPECT_EQ(connection.Execute("INSERT INTO public.t VALUES ($1::integer, $2)", {"1", "x"}).value(), 1);
  EXPECT_EQ(connection.Execute("UPDATE public.t SET v = 'y' WHERE id = 9").value(), 0);
  EXPECT_EQ(connection.Query("SELECT $1::text", {std::string("a\0b", 3)}).error().code, ErrorCode::kInvalidInput);
  EXPECT_GE(connection.server_version(), 110000);
}

TEST_F(ConnectionTest, WhatAServerSaysAboutValuesIsNotRepeated) {
  Connection connection = Open();
  const auto cast = connection.Query("SELECT $1::integer", {"canary"});
  ASSERT_FALSE(cast.ok());
  EXPECT_EQ(cast.error().service_code, "22P02");
  ASSERT_TRUE(connection.Execute("INSERT INTO public.t VALUES (1, 'a')").ok());
  const auto twice = connection.Execute("INSERT INTO public.t VALUES (1, 'canary')");
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().service_code, "23505");
  EXPECT_EQ(twice.error().code, ErrorCode::kConflict);
  EXPECT_EQ(connection.Query("SELECT * FROM public.canary").error().code, ErrorCode::kNotFound);
  EXPECT_THAT(cast.error().message + twice.error().message, Not(HasSubstr("canary")));
}

TEST_F(ConnectionTest, ConnectingFails) {
  const auto wrong = Connection::Open(AnnsUrl().With("password", "canary-wrong"));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(wrong.error().message, HasSubstr("ann@127.0.0.1"));
  EXPECT_THAT(wrong.error().message, Not(HasSubstr("canary")));
  EXPECT_EQ(Connection::Open(Url().With("dbname", "nope")).error().code, ErrorCode::kNotFound);
  const auto nobody = Connection::Open(ConnectionUrl::Parse("postgresql://ann:canary@127.0.0.1:1/db").value());
  EXPECT_EQ(nobody.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(nobody.error().message, Not(HasSubstr("canary")));
  EXPECT_FALSE(nobody.error().hint.empty());
  EXPECT_TRUE(Connection::Open(AnnsUrl()).ok());
}

TEST_F(ConnectionTest, ABrokenSessionStaysBroken) {
  Connection connection = Open();
  ASSERT_TRUE(connection.Query("SELECT pg_advisory_lock(1)").ok());
  server_->Sql("SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ", 5000)");
  for (int i = 0; i < 3; ++i) {
    const auto lost = connection.Query("SELECT 1");
    ASSERT_FALSE(lost.ok());
    EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(lost.error().service_code, "08006");
  }
}

TEST_F(ConnectionTest, AChangeWhoseAnswerIsLostIsUnknown) {
  Connection connection = Open();
  const int pid = connection.backend_pid();
  std::thread ending(
      [&] { server_->Sql("SELECT pg_sleep(0.5); SELECT pg_terminate_backend(" + std::to_string(pid) + ")"); });
  const auto lost = connection.Execute("UPDATE public.t SET v = pg_sleep(10)::text FROM (SELECT pg_sleep(10)) s");
  ending.join();
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kOutcomeUnknown) << lost.error().message;
}

TEST_F(ConnectionTest, InATransactionALostAnswerChangedNothing) {
  Connection connection = Open();
  ASSERT_TRUE(connection.Begin().ok());
  ASSERT_TRUE(connection.Execute("INSERT INTO public.t VALUES (1, 'a')").ok());
  server_->Sql("SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ", 5000)");
  EXPECT_EQ(connection.Execute("INSERT INTO public.t VALUES (2, 'a')").error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(connection.Commit().ok());
  EXPECT_EQ(server_->Sql("SELECT count(*) FROM t"), "0");
}

TEST_F(ConnectionTest, TransactionsCommitAndRollBack) {
  Connection connection = Open();
  ASSERT_TRUE(connection.Begin("ISOLATION LEVEL REPEATABLE READ").ok());
  ASSERT_TRUE(connection.Execute("INSERT INTO public.t VALUES (1, 'a')").ok());
  ASSERT_TRUE(connection.Commit().ok());
  ASSERT_TRUE(connection.Begin().ok());
  ASSERT_TRUE(connection.Execute("INSERT INTO public.t VALUES (2, 'a')").ok());
  ASSERT_FALSE(connection.Query("SELECT 1 / 0").ok());
  EXPECT_EQ(connection.Commit().error().code, ErrorCode::kConflict);
  ASSERT_TRUE(connection.Begin().ok());
  ASSERT_TRUE(connection.Execute("INSERT INTO public.t VALUES (3, 'a')").ok());
  ASSERT_TRUE(connection.Rollback().ok());
  EXPECT_EQ(server_->Sql("SELECT string_agg(id::text, ',') FROM t"), "1");
}

TEST_F(ConnectionTest, Limits) {
  SessionOptions options;
  options.statement_timeout = std::chrono::milliseconds(200);
  options.lock_timeout = std::chrono::milliseconds(100);
  Connection connection = Open(options);
  EXPECT_EQ(connection.Query("SELECT pg_sleep(5)").error().code, ErrorCode::kTimeout);
  Connection holder = Open();
  ASSERT_TRUE(holder.Begin().ok());
  ASSERT_TRUE(holder.Execute("LOCK TABLE public.t").ok());
  EXPECT_EQ(connection.Query("SELECT * FROM public.t").error().code, ErrorCode::kLocked);
  EXPECT_EQ(connection.Query("SELECT 1").value().at(0).at(0), "1");
}

AuditRow Row1() {
  return {.id = "act-01:x",
          .old_key_version = "env-var",
          .new_key_version = "aws-secrets-manager-v1",
          .rotation_type = "migration",
          .initiated_by = "operator",
          .notes = "it's done"};
}

TEST_F(ConnectionTest, AnAuditRowIsAppendedOnce) {
  Connection connection = std::move(Connection::Open(AnnsUrl())).value();
  EXPECT_FALSE(HasAuditRow(connection, Row1()).value());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendAuditRow(connection, Row1()).ok());
  EXPECT_TRUE(HasAuditRow(connection, Row1()).value());
  EXPECT_EQ(server_->Sql(
                "SELECT old_key_version, new_key_version, rotation_type, initiated_by, notes, rotation_date > now() -"
                " interval '1 minute' FROM key_rotation_audit"),
            "env-var|aws-secrets-manager-v1|migration|operator|it's done [tfseal:act-01:x]|t");
  AuditRow other = Row1();
  other.id = "act-01";
  EXPECT_FALSE(HasAuditRow(connection, other).value());
}

TEST_F(ConnectionTest, TwoAtOnceAppendOneAuditRow) {
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      auto connection = Connection::Open(AnnsUrl());
      if (!connection.ok() || !AppendAuditRow(*connection, Row1()).ok()) ++failed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(server_->Sql("SELECT count(*) FROM key_rotation_audit"), "1");
}

TEST_F(ConnectionTest, AnAuditRowThatCannotBeWritten) {
  Connection connection = Open();
  AuditRow row = Row1();
  row.id = "x] ";
  EXPECT_EQ(AppendAuditRow(connection, row).error().code, ErrorCode::kInvalidInput);
  row = Row1();
  row.table = "audit";
  EXPECT_EQ(AppendAuditRow(connection, row).error().code, ErrorCode::kUsage);
  row.table = "public.no\"pe";
  EXPECT_EQ(AppendAuditRow(connection, row).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(AppendAuditRow(connection, Row1()).ok());
}

}  // namespace
}  // namespace tfseal::postgres
