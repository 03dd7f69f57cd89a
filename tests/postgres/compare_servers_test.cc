// Two servers: copies made by a dump and by a physical backup, what belongs to the server and not to one database, and
// what goes wrong while two databases are compared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "postgres/compare.h"
#include "tests/postgres/sample_database.h"
#include "tests/support/postgres_server.h"

namespace tfseal::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PostgresServer;
using testing::PostgresSettings;

class CompareServers : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (PostgresServer::Binaries().empty()) return;
    original_ = new PostgresServer();
    original_->Sql("CREATE ROLE clerk LOGIN; CREATE ROLE boss; GRANT boss TO clerk; CREATE DATABASE app;");
    original_->Sql(kSampleDatabase, "app");
    original_->Sql("ALTER EXTENSION citext UPDATE; GRANT SELECT ON shop.orders TO clerk; VACUUM ANALYZE;", "app");
  }
  static void TearDownTestSuite() {
    delete original_;
    original_ = nullptr;
  }

 protected:
  void SetUp() override {
    if (PostgresServer::Binaries().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  }

  static void Load(const PostgresServer& copy, const std::vector<std::string>& globals = {"pg_dumpall", "-g"}) {
    std::vector<std::string> words = globals;
    words.insert(words.end(), {"-d", original_->Url()});
    std::string roles = original_->Run(words).out;
    const std::string own = "CREATE ROLE postgres;";  // initdb made it
    if (const std::size_t at = roles.find(own); at != std::string::npos) roles.erase(at, own.size());
    copy.Sql(roles);
    copy.Sql("CREATE DATABASE app");
    copy.Sql(original_->Run({"pg_dump", "-d", original_->Url("app")}).out, "app");
    copy.Sql("REFRESH MATERIALIZED VIEW shop.totals", "app");
  }

  static Result<Comparison> Compare(const PostgresServer& copy, const CompareOptions& options = {}) {
    return CompareDatabases(ConnectionUrl::Parse(original_->Url("app")).value(),
                            ConnectionUrl::Parse(copy.Url("app")).value(), options);
  }

  static inline PostgresServer* original_ = nullptr;
};

const ObjectComparison* Find(const Comparison& comparison, const std::string& kind, const std::string& name) {
  for (const ObjectComparison& object : comparison.objects) {
    if (object.kind == kind && object.name == name) return &object;
  }
  return nullptr;
}

const RowsComparison* FindRows(const Comparison& comparison, const std::string& table) {
  for (const RowsComparison& rows : comparison.tables) {
    if (rows.table == table) return &rows;
  }
  return nullptr;
}

TEST_F(CompareServers, ADumpThatWasLoadedIsTheSameWhateverTheServersDefaultsAre) {
  const PostgresServer copy(
      {.lines = {"timezone = 'Asia/Tokyo'", "datestyle = 'SQL, DMY'", "intervalstyle = 'iso_8601'",
                 "extra_float_digits = -3", "bytea_output = 'escape'", "search_path = 'shop'",
                 "quote_all_identifiers = on"}});
  Load(copy);
  const auto comparison = Compare(copy);
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  EXPECT_EQ(comparison->sameness(), Sameness::kSame) << ComparisonText(*comparison);
  EXPECT_GT(comparison->objects.size(), 150U);
  EXPECT_EQ(comparison->tables.size(), 15U);
  EXPECT_GT(comparison->rows, 2500);
}

TEST_F(CompareServers, APhysicalCopyIsTheSameButForUnloggedTables) {
  const PostgresServer copy({.backup_of = original_});
  const auto comparison = Compare(copy);
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  const RowsComparison* cache = FindRows(*comparison, "shop.cache");
  ASSERT_NE(cache, nullptr);
  EXPECT_EQ(cache->sameness, Sameness::kDifferent);
  EXPECT_THAT(cache->reason, HasSubstr("unlogged"));
  copy.Sql("INSERT INTO shop.cache VALUES ('a', 'b')", "app");
  const auto filled = Compare(copy);
  ASSERT_TRUE(filled.ok());
  EXPECT_EQ(filled->sameness(), Sameness::kSame) << ComparisonText(*filled);
}

TEST_F(CompareServers, RolesAndWhatTheyAreMembersOf) {
  const PostgresServer copy({.backup_of = original_});
  copy.Sql("INSERT INTO shop.cache VALUES ('a', 'b')", "app");
  copy.Sql(
      "REVOKE boss FROM clerk; ALTER ROLE clerk NOLOGIN; CREATE ROLE stranger; ALTER ROLE boss SET work_mem = '1MB'");
  const auto comparison = Compare(copy);
  ASSERT_TRUE(comparison.ok());
  ASSERT_NE(Find(*comparison, "role membership", "clerk in boss"), nullptr);
  EXPECT_EQ(Find(*comparison, "role membership", "clerk in boss")->reason, "missing in the copy");
  EXPECT_EQ(Find(*comparison, "role", "clerk")->reason, "may log in: original true, copy false");
  EXPECT_EQ(Find(*comparison, "role", "stranger")->reason, "only in the copy");
  EXPECT_EQ(Find(*comparison, "setting", "work_mem of role boss")->reason, "only in the copy");
}

TEST_F(CompareServers, AnotherEncodingIsADifference) {
  const PostgresServer copy({.initdb = {"--encoding=LATIN1", "--locale=C"}});
  copy.Sql("CREATE DATABASE app");
  const auto comparison = Compare(copy);
  ASSERT_TRUE(comparison.ok());
  EXPECT_THAT(Find(*comparison, "database", "this database")->reason,
              HasSubstr("encoding: original UTF8, copy LATIN1"));
}

// What servers since 15.20 write by themselves is written here by hand, so that older ones show it as well.
TEST_F(CompareServers, TheServersOwnVersionOfAColumnIsNoOptionOfIt) {
  const PostgresServer copy({.backup_of = original_});
  copy.Sql("INSERT INTO shop.cache VALUES ('a', 'b')", "app");
  const std::string column = "WHERE attrelid = 'shop.empty_table'::regclass AND attname = 'a'";
  copy.Sql("UPDATE pg_attribute SET attoptions = '{pg_attver=7}' " + column, "app");
  auto comparison = Compare(copy);
  ASSERT_TRUE(comparison.ok());
  EXPECT_EQ(comparison->sameness(), Sameness::kSame) << ComparisonText(*comparison);
  copy.Sql("UPDATE pg_attribute SET attoptions = '{pg_attver=7,n_distinct=5}' " + column, "app");
  comparison = Compare(copy);
  ASSERT_TRUE(comparison.ok());
  ASSERT_NE(Find(*comparison, "column", "shop.empty_table.a"), nullptr);
  EXPECT_EQ(Find(*comparison, "column", "shop.empty_table.a")->reason, "options differs");
}

// A copy beside the original, with rows enough for many pieces.
class CompareUnderway : public CompareServers {
 protected:
  void SetUp() override {
    CompareServers::SetUp();
    if (IsSkipped()) return;
    original_->Sql(
        "DROP DATABASE IF EXISTS left_one WITH (FORCE); DROP DATABASE IF EXISTS right_one WITH (FORCE); CREATE "
        "DATABASE left_one");
    original_->Sql(
        "CREATE TABLE big (id bigint PRIMARY KEY, note text); INSERT INTO big SELECT i, 'canary-7f3a ' || i FROM"
        " generate_series(1, 20000) i; CREATE TABLE small (id integer PRIMARY KEY); INSERT INTO small VALUES (1)",
        "left_one");
    original_->Sql("CREATE DATABASE right_one TEMPLATE left_one");
  }

  // Calls `once` when the first piece of a table was read.
  static Result<Comparison> CompareWith(const std::function<void()>& once, CompareOptions options = {}) {
    options.workers = 2;
    options.chunk_bytes = 64 << 10;
    options.progress = [&, done = false](const CompareProgress& progress) mutable {
      if (done || progress.rows_done == 0) return;
      done = true;
      once();
    };
    return CompareDatabases(ConnectionUrl::Parse(original_->Url("left_one")).value(),
                            ConnectionUrl::Parse(original_->Url("right_one")).value(), options);
  }
};

TEST_F(CompareUnderway, AWriterDoesNotDisturbTheSnapshot) {
  const auto comparison = CompareWith([] {
    original_->Sql(
        "UPDATE big SET note = 'x'; DELETE FROM big WHERE id % 2 = 0; INSERT INTO big SELECT i FROM"
        " generate_series(30000, 60000) i; INSERT INTO small VALUES (2); VACUUM big",
        "right_one");
  });
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  EXPECT_EQ(FindRows(*comparison, "public.big")->sameness, Sameness::kSame) << ComparisonText(*comparison);
  EXPECT_EQ(FindRows(*comparison, "public.small")->sameness, Sameness::kSame);
  const auto afterwards = CompareWith([] {});
  ASSERT_TRUE(afterwards.ok());
  EXPECT_EQ(FindRows(*afterwards, "public.big")->sameness, Sameness::kDifferent);
  EXPECT_EQ(FindRows(*afterwards, "public.small")->sameness, Sameness::kDifferent);
}

std::string EndSessions(const std::string& which) {
  return "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tfseal compare' "
         "AND " +
         which;
}

TEST_F(CompareUnderway, AReaderThatIsEndedIsAnErrorAndNoVerdict) {
  std::string ended;
  const auto comparison = CompareWith(
      [&] { ended = original_->Sql(EndSessions("datname = 'right_one' AND query LIKE 'SELECT count(*)%'")); });
  EXPECT_NE(ended, "0");
  ASSERT_FALSE(comparison.ok());
  EXPECT_EQ(comparison.error().code, ErrorCode::kUnavailable) << comparison.error().message;
}

TEST_F(CompareUnderway, ASnapshotThatIsLostIsAnErrorAndNoVerdict) {
  std::string ended;
  const auto comparison = CompareWith(
      [&] { ended = original_->Sql(EndSessions("datname = 'left_one' AND query NOT LIKE 'SELECT count(*)%'")); });
  EXPECT_NE(ended, "0");
  ASSERT_FALSE(comparison.ok());
  EXPECT_EQ(comparison.error().code, ErrorCode::kUnavailable) << comparison.error().message;
}

TEST_F(CompareUnderway, AStopIsAnErrorAndLeavesNoSessionBehind) {
  bool stop = false;
  CompareOptions options;
  options.stop = [&] { return stop; };
  const auto comparison = CompareWith([&] { stop = true; }, options);
  ASSERT_FALSE(comparison.ok());
  EXPECT_EQ(comparison.error().code, ErrorCode::kTimeout);
  for (int i = 0;
       i < 50 &&
       original_->Sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tfseal compare'") != "0";
       ++i) {
    original_->Sql("SELECT pg_sleep(0.1)");
  }
  EXPECT_EQ(original_->Sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tfseal compare'"), "0");
}

TEST_F(CompareUnderway, AServerThatGoesAwayIsAnErrorAndNoVerdict) {
  PostgresServer copy({.backup_of = original_});
  CompareOptions options;
  options.chunk_bytes = 64 << 10;
  options.progress = [&, done = false](const CompareProgress& progress) mutable {
    if (done || progress.rows_done == 0) return;
    done = true;
    copy.Kill();
  };
  const auto comparison = CompareDatabases(ConnectionUrl::Parse(original_->Url("left_one")).value(),
                                           ConnectionUrl::Parse(copy.Url("left_one")).value(), options);
  ASSERT_FALSE(comparison.ok());
}

TEST_F(CompareUnderway, KeysOfDifferingRows) {
  original_->Sql(
      "DELETE FROM big WHERE id = 4711; UPDATE big SET note = '' WHERE id = 4712; INSERT INTO big VALUES (70000)",
      "right_one");
  CompareOptions options;
  options.show_keys = true;
  const auto shown = CompareWith([] {}, options);
  ASSERT_TRUE(shown.ok());
  const RowsComparison* big = FindRows(*shown, "public.big");
  EXPECT_THAT(big->keys, ::testing::UnorderedElementsAre("(4711)", "(4712)", "(70000)"));
  EXPECT_EQ(big->missing, 1);
  EXPECT_EQ(big->changed, 1);
  EXPECT_EQ(big->extra, 1);
  options.show_keys = false;
  EXPECT_TRUE(FindRows(*CompareWith([] {}, options), "public.big")->keys.empty());
  options.digest_key = "one";
  const auto digested = CompareWith([] {}, options);
  const std::vector<std::string> first = FindRows(*digested, "public.big")->keys;
  ASSERT_EQ(first.size(), 3U);
  EXPECT_THAT(first.front(), HasSubstr("digest "));
  EXPECT_THAT(ComparisonText(*digested), Not(HasSubstr("4711")));
  options.digest_key = "other";
  EXPECT_NE(FindRows(*CompareWith([] {}, options), "public.big")->keys, first);
}

TEST_F(CompareUnderway, ManyDifferingRowsAreBoundedAndTheNumberOfRowsIsRight) {
  original_->Sql("UPDATE big SET note = note || '!'", "right_one");
  const auto comparison = CompareWith([] {});
  ASSERT_TRUE(comparison.ok());
  const RowsComparison* big = FindRows(*comparison, "public.big");
  EXPECT_EQ(big->sameness, Sameness::kDifferent);
  EXPECT_GT(big->changed, 1000);
  EXPECT_EQ(big->missing, 0);
}

TEST_F(CompareUnderway, WhatMayNotBeReadIsNeverTheSame) {
  original_->Sql("DROP ROLE IF EXISTS auditor; CREATE ROLE auditor LOGIN PASSWORD 'canary-7f3a-pw'");
  for (const char* database : {"left_one", "right_one"}) {
    original_->Sql(
        "CREATE TABLE secured (id integer PRIMARY KEY); INSERT INTO secured VALUES (1); ALTER TABLE secured ENABLE ROW"
        " LEVEL SECURITY; CREATE POLICY p ON secured USING (false); CREATE SCHEMA closed; CREATE TABLE closed.t"
        " (i integer); GRANT SELECT ON small, secured, closed.t TO auditor; CREATE SEQUENCE counter;"
        "SELECT lo_from_bytea(80009, 'x')",
        database);
  }
  const auto url = [&](const char* database) {
    return ConnectionUrl::Parse(original_->TcpUrl("auditor", "canary-7f3a-pw", database)).value();
  };
  const auto comparison = CompareDatabases(url("left_one"), url("right_one"));
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  EXPECT_EQ(comparison->sameness(), Sameness::kNotComparable);
  EXPECT_EQ(FindRows(*comparison, "public.small")->sameness, Sameness::kSame);
  for (const char* table : {"public.big", "public.secured", "closed.t", "pg_catalog.pg_largeobject"}) {
    EXPECT_EQ(FindRows(*comparison, table)->sameness, Sameness::kNotComparable) << table;
    EXPECT_THAT(FindRows(*comparison, table)->reason, HasSubstr("42501")) << table;
  }
  EXPECT_EQ(Find(*comparison, "sequence position", "public.counter")->sameness, Sameness::kNotComparable);
  EXPECT_THAT(ComparisonText(*comparison) + WriteJsonDocument(ComparisonJson(*comparison)), Not(HasSubstr(kCanary)));
}

TEST_F(CompareUnderway, LargeObjectsOfARoleThatMayReadThemOneByOne) {
  original_->Sql("DROP ROLE IF EXISTS librarian; CREATE ROLE librarian LOGIN PASSWORD 'pw'");
  for (const char* database : {"left_one", "right_one"}) {
    original_->Sql("SELECT lo_from_bytea(80001, 'x'); GRANT SELECT ON LARGE OBJECT 80001 TO librarian", database);
  }
  const auto run = [&] {
    return CompareDatabases(ConnectionUrl::Parse(original_->TcpUrl("librarian", "pw", "left_one")).value(),
                            ConnectionUrl::Parse(original_->TcpUrl("librarian", "pw", "right_one")).value());
  };
  EXPECT_EQ(FindRows(*run(), "pg_catalog.pg_largeobject")->sameness, Sameness::kSame);
  original_->Sql("SELECT lo_put(80001, 0, 'y')", "right_one");
  EXPECT_EQ(FindRows(*run(), "pg_catalog.pg_largeobject")->sameness, Sameness::kDifferent);
}

TEST_F(CompareUnderway, RowsOfAForeignTableAreNotComparable) {
  for (const char* database : {"left_one", "right_one"}) {
    original_->Sql(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE away"
        " (i integer) SERVER far",
        database);
  }
  const auto comparison = CompareWith([] {});
  ASSERT_TRUE(comparison.ok());
  EXPECT_EQ(comparison->sameness(), Sameness::kNotComparable) << ComparisonText(*comparison);
  EXPECT_THAT(FindRows(*comparison, "public.away")->reason, HasSubstr("foreign table"));
}

TEST_F(CompareUnderway, DatabasesToCompare) {
  const auto names = ListDatabases(ConnectionUrl::Parse(original_->Url()).value());
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(*names, (std::vector<std::string>{"app", "left_one", "postgres", "right_one"}));
}

}  // namespace
}  // namespace tfseal::postgres
