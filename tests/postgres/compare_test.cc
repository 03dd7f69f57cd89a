// Every kind of difference, planted one at a time into a copy that is the same otherwise.
#include "postgres/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/postgres/sample_database.h"
#include "tests/support/postgres_server.h"

namespace tfseal::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PostgresServer;

struct Planted {
  std::string name;
  std::string sql;   // run in the copy
  std::string kind;  // "rows" for the rows of a table
  std::string object;
  std::string reason;
};

void PrintTo(const Planted& planted, std::ostream* out) {
  *out << planted.name;
}

// One server for all cases; the copies are made from a template, file by file.
class CompareDifferences : public ::testing::TestWithParam<Planted> {
 public:
  static void SetUpTestSuite() {
    if (PostgresServer::Binaries().empty()) return;
    server_ = new PostgresServer();
    server_->Sql("CREATE ROLE clerk; CREATE ROLE boss; CREATE DATABASE original;");
    server_->Sql(kSampleDatabase, "original");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

 protected:
  void SetUp() override {
    if (PostgresServer::Binaries().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  }
  static inline PostgresServer* server_ = nullptr;
};

std::string Reason(const Comparison& comparison, const Planted& planted) {
  if (planted.kind == "rows") {
    for (const RowsComparison& rows : comparison.tables) {
      if (rows.table == planted.object && rows.sameness == Sameness::kDifferent) return "found: " + rows.reason;
    }
  }
  for (const ObjectComparison& object : comparison.objects) {
    if (object.kind == planted.kind && object.name == planted.object && object.sameness == Sameness::kDifferent) {
      return "found: " + object.reason;
    }
  }
  return "nothing of that name differs";
}

TEST_P(CompareDifferences, IsNamed) {
  const Planted& planted = GetParam();
  server_->Sql("DROP DATABASE IF EXISTS copy;\nCREATE DATABASE copy TEMPLATE original;\n\\connect copy\n" +
               planted.sql);
  CompareOptions options;
  options.digest_key = "key of this run";
  options.show_keys = true;
  options.workers = 1;
  const Result<Comparison> comparison = CompareDatabases(ConnectionUrl::Parse(server_->Url("original")).value(),
                                                         ConnectionUrl::Parse(server_->Url("copy")).value(), options);
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  const std::string text = ComparisonText(comparison.value());
  const Sameness expected = planted.kind.empty() ? Sameness::kSame : Sameness::kDifferent;
  EXPECT_EQ(comparison->sameness(), expected) << text;
  if (!planted.kind.empty()) {
    const std::string reason = Reason(comparison.value(), planted);
    EXPECT_THAT(reason, HasSubstr("found: ")) << text;
    EXPECT_THAT(reason, HasSubstr(planted.reason)) << text;
  }
  EXPECT_THAT(text + WriteJsonDocument(ComparisonJson(comparison.value())), Not(HasSubstr(kCanary)));
}

std::string Update(const std::string& set) {
  return "UPDATE shop.customers SET " + set + " WHERE id = 42";
}

std::string CaseName(const ::testing::TestParamInfo<Planted>& instance) {
  return instance.param.name;
}

const Planted kRows[] = {
    {"nothing", "SELECT 1", "", "", ""},
    {"other_order",
     "CREATE TABLE t AS SELECT * FROM shop.orders; DELETE FROM shop.orders; INSERT INTO shop.orders SELECT *"
     " FROM t ORDER BY id DESC; DROP TABLE t; VACUUM FULL shop.orders; REINDEX TABLE shop.orders",
     "", "", ""},
    {"jsonb_key_order", Update("doc = '{\"a\": [1, 2], \"b\": 42}'"), "", "", ""},
    {"deleted", "DELETE FROM shop.orders WHERE id = 7", "rows", "shop.orders", "original 2000 rows, copy 1999 rows"},
    {"changed", "UPDATE shop.orders SET total = total + 0.01 WHERE id = 7", "rows", "shop.orders",
     "the same number of rows"},
    {"inserted", "INSERT INTO shop.empty_table VALUES (NULL)", "rows", "shop.empty_table",
     "original 0 rows, copy 1 rows"},
    {"duplicated", "INSERT INTO shop.lines VALUES (1, 'same')", "rows", "shop.lines", "copy 51 rows"},
    {"two_equal_rows_replaced",
     "ALTER TABLE shop.lines DISABLE RULE no_delete; DELETE FROM shop.lines WHERE ctid IN (SELECT ctid"
     " FROM shop.lines WHERE a = 1 LIMIT 2); ALTER TABLE shop.lines ENABLE RULE no_delete; INSERT INTO shop.lines "
     "VALUES"
     " (2, 'same'), (2, 'same')",
     "rows", "shop.lines", "the same number of rows"},
    {"row_without_columns", "INSERT INTO shop.no_columns DEFAULT VALUES", "rows", "shop.no_columns", "copy 2 rows"},
    {"null_for_empty", "UPDATE shop.customers SET nick = NULL WHERE id = 1", "rows", "shop.customers", "content"},
    {"empty_for_null", "UPDATE shop.customers SET nick = '' WHERE id = 3", "rows", "shop.customers", "content"},
    {"null_text", "UPDATE shop.customers SET nick = 'NULL' WHERE id = 3", "rows", "shop.customers", "content"},
    {"numeric_scale", Update("amount = (amount || '0')::numeric"), "rows", "shop.customers", "content"},
    {"minus_zero", "UPDATE shop.customers SET ratio = '-0' WHERE id = 1", "rows", "shop.customers", "content"},
    {"last_bit_of_a_float", Update("ratio = ratio * (1 + 2.220446049250313e-16)"), "rows", "shop.customers", "content"},
    {"not_a_number", Update("ratio = 'NaN'"), "rows", "shop.customers", "content"},
    {"last_bit_of_a_real", Update("small = '14.000001'::real"), "rows", "shop.customers", "content"},
    {"instant", Update("seen = seen + interval '1 microsecond'"), "rows", "shop.customers", "content"},
    {"zone", Update("seen = (seen AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin'"), "rows", "shop.customers",
     "content"},
    {"timestamp", Update("plain = plain + interval '1 microsecond'"), "rows", "shop.customers", "content"},
    {"days_for_a_month", Update("lasts = lasts - interval '1 month' + interval '30 days'"), "rows", "shop.customers",
     "content"},
    {"json_blanks", Update("raw = '{\"b\": 1, \"a\": 2}'"), "rows", "shop.customers", "content"},
    {"jsonb_null", Update("doc = 'null'"), "rows", "shop.customers", "content"},
    {"case", Update("email = lower(email::text)::shop.citext"), "rows", "shop.customers", "content"},
    {"insensitive_collation", Update("fold = 'straße'"), "rows", "shop.customers", "content"},
    {"one_byte", Update("photo = set_byte(photo, 3, (get_byte(photo, 3) + 1) % 256)"), "rows", "shop.customers",
     "content"},
    {"array_shape", Update("grid = ARRAY[1, 42, 3, 4]"), "rows", "shop.customers", "content"},
    {"array_null", Update("tags = ARRAY['a', 'NULL', 'b,42']"), "rows", "shop.customers", "content"},
    {"array_bounds", Update("tags = '[0:2]={a,NULL,\"b,42\"}'"), "rows", "shop.customers", "content"},
    {"composite", Update("both_parts = ROW(42, NULL)::shop.pair"), "rows", "shop.customers", "content"},
    {"enum_value", Update("mood = 'ok'"), "rows", "shop.customers", "content"},
    {"domain_value", Update("stock = 43"), "rows", "shop.customers", "content"},
    {"range_bound", Update("during = tstzrange('2024-01-01', '2024-02-01', '[]')"), "rows", "shop.customers",
     "content"},
    {"hstore", Update("extra = extra OPERATOR(shop.||) shop.hstore('z', NULL)"), "rows", "shop.customers", "content"},
    {"geometry", Update("spot = point(42, 0.1000000000000001)"), "rows", "shop.customers", "content"},
    {"bits", Update("bits = B'1010'"), "rows", "shop.customers", "content"},
    {"money", Update("price = 42.01"), "rows", "shop.customers", "content"},
    {"xml", Update("document = '<a>2</a>'"), "rows", "shop.customers", "content"},
    {"trailing_blank", Update("name = name || ' '"), "rows", "shop.customers", "content"},
    {"generated", Update("name = upper(name)"), "rows", "shop.customers", "content"},
    {"partition_moved", "INSERT INTO shop.events VALUES (1, '2024-02-29')", "rows", "shop.events_2", "rows"},
    {"inherited", "UPDATE shop.child SET b = 4", "rows", "shop.child", "content"},
    {"parent_only", "UPDATE ONLY shop.parent SET a = 2", "rows", "shop.parent", "content"},
    {"unlogged_lost", "DELETE FROM shop.cache", "rows", "shop.cache", "do not survive a restore"},
    {"materialized_view",
     "INSERT INTO shop.orders (customer, total) VALUES (1, 1); REFRESH MATERIALIZED VIEW shop.totals", "rows",
     "shop.totals", "content"},
    {"refreshed", "REFRESH MATERIALIZED VIEW shop.stale", "rows", "shop.stale", "original was never refreshed"},
    {"row_under_row_security", "UPDATE shop.secrets SET owner = 'boss'", "rows", "shop.secrets", "content"},
    {"large_object", "SELECT lo_put(70002, 5000, 'x')", "rows", "pg_catalog.pg_largeobject", "content"},
    {"large_object_gone", "SELECT lo_unlink(70001)", "rows", "pg_catalog.pg_largeobject", "rows"},
};
INSTANTIATE_TEST_SUITE_P(Rows, CompareDifferences, ::testing::ValuesIn(kRows), CaseName);

const Planted kObjects[] = {
    {"sequence_behind", "SELECT setval('shop.invoice', 1000)", "sequence position", "shop.invoice", "behind"},
    {"sequence_not_called", "SELECT setval('shop.invoice', 1005, false)", "sequence position", "shop.invoice",
     "behind"},
    {"sequence_ahead", "SELECT nextval('shop.unused')", "sequence position", "shop.unused", "ahead"},
    {"serial_behind", "SELECT setval('shop.orders_id_seq', 1999)", "sequence position", "shop.orders_id_seq",
     "the next insert into the copy fails"},
    {"identity_behind", "ALTER TABLE shop.customers ALTER id RESTART", "sequence position", "shop.customers_id_seq",
     "behind"},
    {"sequence_increment", "ALTER SEQUENCE shop.invoice INCREMENT 1", "sequence", "shop.invoice",
     "increment: original 5, copy 1"},
    {"table_missing", "DROP TABLE shop.altered", "relation", "shop.altered", "missing in the copy"},
    {"table_added", "CREATE TABLE shop.more ()", "relation", "shop.more", "only in the copy"},
    {"persistence", "ALTER TABLE shop.cache SET LOGGED", "relation", "shop.cache", "persistence: original u, copy p"},
    {"row_security_off", "ALTER TABLE shop.secrets DISABLE ROW LEVEL SECURITY", "relation", "shop.secrets",
     "row level security"},
    {"table_privilege", "GRANT SELECT ON shop.orders TO clerk", "relation", "shop.orders", "privileges differ"},
    {"table_owner", "ALTER TABLE shop.lines OWNER TO boss", "relation", "shop.lines",
     "owner: original postgres, copy boss"},
    {"options", "ALTER TABLE shop.lines SET (fillfactor = 50)", "relation", "shop.lines", "options differs"},
    {"partition_detached", "ALTER TABLE shop.events DETACH PARTITION shop.events_2", "relation", "shop.events_2",
     "parents differs"},
    {"column_type", "ALTER TABLE shop.lines ALTER a TYPE bigint", "column", "shop.lines.a",
     "original integer, copy bigint"},
    {"column_default", "ALTER TABLE shop.customers ALTER born SET DEFAULT '2001-01-01'", "column",
     "shop.customers.born", "default differs"},
    {"column_collation", "ALTER TABLE shop.customers ALTER nick TYPE text COLLATE \"POSIX\"", "column",
     "shop.customers.nick", "collation"},
    {"column_not_null", "ALTER TABLE shop.lines ALTER a SET NOT NULL", "column", "shop.lines.a", "not null"},
    {"column_identity", "ALTER TABLE shop.customers ALTER id SET GENERATED BY DEFAULT", "column", "shop.customers.id",
     "identity: original a, copy d"},
    {"column_generated", "ALTER TABLE shop.customers ALTER shout DROP EXPRESSION", "column", "shop.customers.shout",
     "generated"},
    {"column_added", "ALTER TABLE shop.lines ADD c integer", "rows", "shop.lines", "the columns differ"},
    {"column_privilege", "GRANT SELECT (a) ON shop.lines TO clerk", "column", "shop.lines.a", "privileges"},
    {"constraint_not_valid",
     "ALTER TABLE shop.customers DROP CONSTRAINT named; ALTER TABLE shop.customers ADD CONSTRAINT named"
     " CHECK (name <> '') NOT VALID",
     "constraint", "shop.shop.customers.named", "validated: original true, copy false"},
    {"foreign_key_gone", "ALTER TABLE shop.orders DROP CONSTRAINT orders_customer_fkey", "constraint",
     "shop.shop.orders.orders_customer_fkey", "missing in the copy"},
    {"index_invalid", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.orders_total'::regclass",
     "index", "shop.orders_total", "valid: original true, copy false"},
    {"index_gone", "DROP INDEX shop.orders_total", "index", "shop.orders_total", "missing in the copy"},
    {"index_definition", "DROP INDEX shop.orders_total; CREATE INDEX orders_total ON shop.orders (total DESC)", "index",
     "shop.orders_total", "definition"},
    {"view_definition", "CREATE OR REPLACE VIEW shop.active_customers AS SELECT id, name FROM shop.customers", "view",
     "shop.active_customers", "definition"},
    {"rule_disabled", "ALTER TABLE shop.lines DISABLE RULE no_delete", "rule", "shop.lines.no_delete", "enabled"},
    {"function_body",
     "CREATE OR REPLACE FUNCTION shop.twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i + i'",
     "function", "shop.twice(integer)", "definition"},
    {"function_privilege", "REVOKE EXECUTE ON FUNCTION shop.twice FROM public", "function", "shop.twice(integer)",
     "privileges"},
    {"aggregate",
     "DROP AGGREGATE shop.product(integer); CREATE AGGREGATE shop.product(integer) (sfunc = int4mul, stype = integer,"
     " initcond = '2')",
     "function", "shop.product(integer)", "definition"},
    {"trigger_disabled", "ALTER TABLE shop.orders DISABLE TRIGGER touched", "trigger", "shop.orders.touched",
     "enabled: original O, copy D"},
    {"foreign_keys_off", "ALTER TABLE shop.orders DISABLE TRIGGER ALL", "foreign key trigger",
     "shop.orders.orders_customer_fkey.\"RI_FKey_check_ins\"", "enabled"},
    {"event_trigger",
     "CREATE FUNCTION shop.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER"
     " watch ON ddl_command_end EXECUTE FUNCTION shop.watch()",
     "event trigger", "watch", "only in the copy"},
    {"extension_version", "ALTER EXTENSION citext UPDATE TO '1.6'", "extension", "citext",
     "version: original 1.5, copy 1.6"},
    {"enum_label", "ALTER TYPE shop.mood ADD VALUE 'elated'", "type", "shop.mood", "enum labels"},
    {"domain_check", "ALTER DOMAIN shop.positive DROP CONSTRAINT positive_check", "constraint",
     "shop.shop.positive.positive_check", "missing in the copy"},
    {"policy", "ALTER POLICY own_rows ON shop.secrets USING (true)", "row security policy", "shop.secrets.own_rows",
     "condition"},
    {"publication", "ALTER PUBLICATION changes ADD TABLE shop.lines", "publication", "changes", "tables"},
    {"statistics", "DROP STATISTICS shop.linked", "extended statistics", "shop.linked", "missing"},
    {"comment", "COMMENT ON TABLE shop.orders IS 'canary-7f3a'", "comment", "table shop.orders", "text differs"},
    {"collation_gone", "ALTER TABLE shop.customers DROP fold; DROP COLLATION shop.insensitive", "other object",
     "collation shop.insensitive", "missing"},
    {"large_object_owner", "ALTER LARGE OBJECT 70001 OWNER TO boss", "large object access", "all", "owners"},
    {"database_setting", "ALTER DATABASE copy SET work_mem = '9MB'", "setting", "work_mem of this database",
     "only in the copy"},
    {"schema_privilege", "GRANT USAGE ON SCHEMA shop TO clerk", "schema", "shop", "privileges"},
    {"default_privileges", "ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO clerk",
     "default privileges", "postgres.shop.r", "only in the copy"},
    {"database_owner", "ALTER DATABASE copy OWNER TO boss", "database", "this database",
     "owner: original postgres, copy boss"},
};
INSTANTIATE_TEST_SUITE_P(Objects, CompareDifferences, ::testing::ValuesIn(kObjects), CaseName);

}  // namespace
}  // namespace tfseal::postgres
