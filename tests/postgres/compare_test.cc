#include "postgres/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postgres_server.h"

namespace tfseal::postgres {
namespace {

using ::testing::HasSubstr;
using testing::PostgresServer;

PostgresServer& Server() {
  static std::unique_ptr<PostgresServer> server;
  if (server == nullptr) server = std::make_unique<PostgresServer>();
  return *server;
}

TEST(Compare, Smoke) {
  PostgresServer& server = Server();
  server.Sql("CREATE DATABASE a; CREATE DATABASE b;");
  for (const char* name : {"a", "b"})
    server.Sql(
        "CREATE TABLE t(id int primary key, v text); INSERT INTO t SELECT i, 'v' || i FROM generate_series(1,10000) i;",
        name);
  const auto a = ConnectionUrl::Parse(server.Url("a"));
  const auto b = ConnectionUrl::Parse(server.Url("b"));
  auto r = CompareDatabases(a.value(), b.value());
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(r->sameness(), Sameness::kSame) << ComparisonText(r.value());
  server.Sql("UPDATE t SET v='x' WHERE id = 77; DELETE FROM t WHERE id=99", "b");
  CompareOptions o;
  o.show_keys = true;
  r = CompareDatabases(a.value(), b.value(), o);
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(r->sameness(), Sameness::kDifferent);
}

}  // namespace
}  // namespace tfseal::postgres
