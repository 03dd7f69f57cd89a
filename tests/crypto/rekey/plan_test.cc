#include "crypto/rekey/plan.h"

#include <gmock/gmock.h>

#include "crypto/rekey/forecast.h"
#include "tests/crypto/rekey/rekey_fixture.h"

namespace tfseal::rekey {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What the database has of an application that was never rotated: 500 rows under two data keys.
constexpr const char* kRows = R"sql(
INSERT INTO encryption_keys (key_id, kms_key_arn, status) VALUES
  ('2024-09-kms', 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab', 'active');
INSERT INTO connections (organization_id, name, encryption_key_id, payload_ciphertext, payload_iv, encrypted_credentials, iv,
    data_key_ciphertext)
  SELECT 1, 'n' || i, 1, c, v, c, v, decode(md5((i % 2)::text), 'hex')
  FROM (SELECT i, decode(repeat(md5(i::text), 4), 'hex') AS c, substr(decode(md5('iv' || i), 'hex'), 1, 12) AS v
        FROM generate_series(1, 500) i) s;
ANALYZE;
)sql";

class PlanTest : public RekeyServer {
 protected:
  void SetUp() override {
    RekeyServer::SetUp();
    if (IsSkipped()) return;
    server_->Sql(kRows);
  }
  static Plan Make(const Mapping& mapping, const PlanOptions& options = {}) {
    postgres::Connection session = Open();
    auto plan = MakePlan(session, mapping, options);
    EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
    return plan.ok() ? std::move(plan).value() : Plan{};
  }
  // "severity code where", sorted by severity.
  static std::string Findings(const Plan& plan) {
    std::string all;
    for (const PlanFinding& f : plan.findings) {
      constexpr const char* kNames[] = {"refused", "unknown", "note"};
      all += std::string(kNames[static_cast<std::size_t>(f.severity)]) + " " + f.code + " " + f.where + "\n";
    }
    return all;
  }
  static std::string FindingsAfter(const std::string& sql) {
    server_->Sql(sql);
    return Findings(Make(ExampleMapping()));
  }
};

TEST_F(PlanTest, AHealthyDatabaseIsReady) {
  const Plan plan = Make(ExampleMapping());
  EXPECT_FALSE(plan.Has(Severity::kRefused)) << Findings(plan);
  EXPECT_FALSE(plan.Has(Severity::kUnknown)) << Findings(plan);
  ASSERT_EQ(plan.forecast.tables.size(), 1U);
  const TableForecast& table = plan.forecast.tables.front();
  EXPECT_EQ(table.rows, 500);
  EXPECT_EQ(table.rows_old, 500);
  EXPECT_EQ(table.data_keys, 2);
  EXPECT_TRUE(table.rows_exact && table.data_keys_exact);
  EXPECT_GT(plan.forecast.wal_bytes, 500 * 200);
  EXPECT_THAT(PlanText(plan), HasSubstr("rekey plan: ready"));
  EXPECT_THAT(PlanMarkdown(plan), HasSubstr("| public.connections | 500 | 500 | 2 |"));
  EXPECT_EQ(ToJson(plan)["forecast"]["binding_limit"].asString(), "wal_mb_per_s");
}

TEST_F(PlanTest, EveryProblemIsFoundAndAllOfThemAtOnce) {
  const std::string findings = FindingsAfter(R"sql(
ALTER TABLE connections ADD COLUMN backup_ciphertext bytea, ADD COLUMN backup_key_id bigint,
  ADD COLUMN digest bytea GENERATED ALWAYS AS (sha256(payload_ciphertext)) STORED;
CREATE UNIQUE INDEX by_ciphertext ON connections (payload_iv, payload_ciphertext);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON connections FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER renamed BEFORE UPDATE OF name ON connections FOR EACH ROW EXECUTE FUNCTION touch();
CREATE PUBLICATION everything FOR TABLE connections;
CREATE TABLE vaults (id bigint PRIMARY KEY, key_id bigint REFERENCES encryption_keys (id), secret bytea);
CREATE TABLE notes (id bigint PRIMARY KEY, body_enc text);
INSERT INTO encryption_keys (key_id, kms_key_arn, status) VALUES
  ('2025-03-kms', 'arn:aws:kms:us-east-1:123456789012:key/alias/app/master', 'active');
DROP TABLE key_rotation_audit;
)sql");
  for (const char* expected :
       {"refused unmapped-column public.connections.backup_ciphertext",
        "unknown unmapped-reference "
        "public.connections.backup_key_id",
        "refused generated-column public.connections.digest",
        "refused unique-index public.connections.payload_ciphertext", "refused trigger public.connections",
        "refused publication public.connections", "refused unmapped-reference public.vaults.key_id",
        "unknown unmapped-column public.notes.body_enc", "refused key-reference public.encryption_keys 2025-03-kms",
        "refused active-keys public.encryption_keys", "refused table public.key_rotation_audit"}) {
    EXPECT_THAT(findings, HasSubstr(expected));
  }
  // One trigger: the other is for UPDATE OF a column that is never written.
  EXPECT_EQ(findings.find("refused trigger"), findings.rfind("refused trigger"));
}

// The row is written when the key is retired already: what refuses it has to be known before anything runs.
TEST_F(PlanTest, TheAuditTableTakesTheRowThatEndsTheRotation) {
  EXPECT_EQ(Findings(Make(ExampleMapping())).find("key_rotation_audit"), std::string::npos);
  const auto is = [&](const std::string& change, const std::string& expected, const std::string& fix) {
    server_->Sql(
        "DROP TABLE key_rotation_audit; CREATE TABLE key_rotation_audit (rotation_date timestamptz NOT NULL, "
        "old_key_version text, new_key_version text, rotation_type text, initiated_by text, notes text);" +
        change);
    const Plan plan = Make(ExampleMapping());
    EXPECT_THAT(Findings(plan), HasSubstr(expected)) << change;
    EXPECT_THAT(PlanText(plan), HasSubstr(fix)) << change;
  };
  is("ALTER TABLE key_rotation_audit DROP notes", "refused column public.key_rotation_audit.notes",
     "ALTER TABLE \"public\".\"key_rotation_audit\" ADD COLUMN \"notes\" text");
  is("ALTER TABLE key_rotation_audit DROP old_key_version, ADD old_key_version integer",
     "refused column-type public.key_rotation_audit.old_key_version", "ALTER COLUMN \"old_key_version\" TYPE text");
  is("ALTER TABLE key_rotation_audit ALTER notes TYPE varchar(40)",
     "refused column-type public.key_rotation_audit.notes", "ALTER COLUMN \"notes\" TYPE text");
  is("CREATE TYPE why AS ENUM ('manual'); ALTER TABLE key_rotation_audit ALTER rotation_type TYPE why USING 'manual'",
     "refused column-type public.key_rotation_audit.rotation_type", "TYPE text");
  is("ALTER TABLE key_rotation_audit ALTER rotation_date TYPE integer USING 1",
     "refused column-type public.key_rotation_audit.rotation_date", "TYPE timestamptz");
  is("ALTER TABLE key_rotation_audit ADD approved_by text NOT NULL",
     "refused not-null public.key_rotation_audit.approved_by", "SET DEFAULT ..., or DROP NOT NULL");
  is("DROP VIEW IF EXISTS old_audit; ALTER TABLE key_rotation_audit RENAME TO other; CREATE SEQUENCE "
     "key_rotation_audit",
     "refused table public.key_rotation_audit", "audit: { table: ... }");
  server_->Sql("DROP SEQUENCE key_rotation_audit; ALTER TABLE other RENAME TO key_rotation_audit");
  is("CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.approved_by := 'x'; RETURN NEW; END $$; "
     "ALTER TABLE key_rotation_audit ADD approved_by text NOT NULL; CREATE TRIGGER filled BEFORE INSERT ON "
     "key_rotation_audit FOR EACH ROW EXECUTE FUNCTION fill()",
     "unknown not-null public.key_rotation_audit.approved_by", "a trigger has to fill it");
}

TEST_F(PlanTest, TheRoleThatRunsMayWriteTheAuditRow) {
  server_->Sql(
      "DROP TABLE key_rotation_audit; CREATE TABLE key_rotation_audit (id bigserial PRIMARY KEY, rotation_date "
      "timestamptz, old_key_version text, new_key_version text, rotation_type text, initiated_by text, notes "
      "text); DROP ROLE IF EXISTS auditor; CREATE ROLE auditor; GRANT USAGE ON SCHEMA public TO auditor");
  const auto audited = [&](const std::string& grant) {
    server_->Sql(grant);
    std::string lines;
    PlanOptions options;
    options.run_as = "auditor";
    const Plan plan = Make(ExampleMapping(), options);
    for (const PlanFinding& finding : plan.findings) {
      if (finding.where.starts_with("public.key_rotation_audit")) lines += finding.fix + "\n";
    }
    return lines;
  };
  const std::string all = audited("SELECT 1");
  EXPECT_THAT(all, HasSubstr("GRANT INSERT ON \"public\".\"key_rotation_audit\" TO \"auditor\""));
  EXPECT_THAT(all, HasSubstr("GRANT SELECT (notes)"));
  EXPECT_THAT(all, HasSubstr("GRANT USAGE ON SEQUENCE public.key_rotation_audit_id_seq"));
  // No more than the row needs.
  EXPECT_EQ(
      audited("GRANT INSERT (rotation_date, old_key_version, new_key_version, rotation_type, initiated_by, notes), "
              "SELECT (notes) ON key_rotation_audit TO auditor; GRANT USAGE ON SEQUENCE "
              "key_rotation_audit_id_seq TO auditor"),
      "");
  server_->Sql("DROP OWNED BY auditor; DROP ROLE auditor");
}

TEST_F(PlanTest, OneProblemIsOneFinding) {
  EXPECT_THAT(FindingsAfter("ALTER TABLE connections ENABLE ROW LEVEL SECURITY"), Not(HasSubstr("row-level-security")))
      << "a superuser sees all rows";
  EXPECT_THAT(FindingsAfter("ALTER TABLE connections DROP CONSTRAINT connections_pkey CASCADE"),
              HasSubstr("refused primary-key public.connections\n"));
  EXPECT_THAT(
      FindingsAfter("ALTER TABLE connections ADD PRIMARY KEY (id); DELETE FROM connections; UPDATE encryption_keys "
                    "SET key_id = 'other'"),
      HasSubstr("refused key-row public.encryption_keys\n"));
  EXPECT_THAT(FindingsAfter("ALTER TABLE connections DROP COLUMN data_key_iv"),
              HasSubstr("refused column public.connections.data_key_iv\n"));
  EXPECT_THAT(FindingsAfter("ALTER TABLE connections RENAME TO links"),
              HasSubstr("refused table public.connections\n"));
}

TEST_F(PlanTest, WhatSomebodyLookedAtIsAccepted) {
  server_->Sql(
      "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
      "CREATE TRIGGER quiet BEFORE UPDATE ON connections FOR EACH ROW EXECUTE FUNCTION nothing();"
      "CREATE TABLE vaults (id bigint PRIMARY KEY, key_id bigint REFERENCES encryption_keys (id))");
  std::string text = Fixture("tfseal.yaml");
  text.insert(text.find("      error_column:"), "      accept: [triggers]\n");
  text += "  ignore: [public.vaults]\n";
  const Plan plan = Make(ReadText(text));
  EXPECT_FALSE(plan.Has(Severity::kRefused)) << Findings(plan);
}

TEST_F(PlanTest, TheRoleThatWillRunIsJudged) {
  server_->Sql(
      "DROP ROLE IF EXISTS looker; DROP ROLE IF EXISTS rotator; CREATE ROLE looker; CREATE ROLE rotator;"
      "GRANT USAGE ON SCHEMA public TO looker, rotator; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker, rotator;"
      "GRANT UPDATE (payload_iv) ON connections TO rotator");
  postgres::Connection session = Open();
  ASSERT_TRUE(session.Query("SET ROLE looker").ok());
  const Plan looked = MakePlan(session, ExampleMapping(), {}).value();
  EXPECT_FALSE(looked.Has(Severity::kRefused)) << Findings(looked);
  EXPECT_THAT(Findings(looked), HasSubstr("unknown privilege public.connections\n"));
  PlanOptions options;
  options.run_as = "rotator";
  const Plan judged = MakePlan(session, ExampleMapping(), options).value();
  EXPECT_THAT(Findings(judged), HasSubstr("refused privilege public.connections\n"));
  EXPECT_THAT(PlanText(judged), HasSubstr("may not update data_key_ciphertext, data_key_iv"));
  options.run_as = "nobody";
  EXPECT_THAT(Findings(MakePlan(session, ExampleMapping(), options).value()), HasSubstr("refused role nobody\n"));
}

TEST_F(PlanTest, SpaceIsComparedWhereItIsKnown) {
  PlanOptions options;
  options.free_bytes = 1000;
  EXPECT_THAT(Findings(Make(ExampleMapping(), options)), HasSubstr("refused free-space"));
  options.free_bytes = std::int64_t{1} << 40;
  EXPECT_THAT(Findings(Make(ExampleMapping(), options)), Not(HasSubstr("free-space")));
}

// Everything that a trace could be: transaction ids, tables and their contents, roles, statistics of writes.
std::string TraceOf(const testing::PostgresServer& server) {
  return server.Sql(
      "SELECT pg_snapshot_xmax(pg_current_snapshot());"
      "SELECT string_agg(n.nspname || '.' || c.relname || c.relkind::text, ',' ORDER BY 1) FROM pg_class c JOIN "
      "pg_namespace "
      "n "
      "ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast_temp%';"
      "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM connections t;"
      "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM encryption_keys t;"
      "SELECT count(*) FROM encryption_rotation_jobs; SELECT count(*) FROM key_rotation_audit;"
      "SELECT count(*) FROM connection_scoped_tokens; SELECT count(*) FROM pg_roles; SELECT count(*) FROM pg_locks "
      "WHERE "
      "pid <> pg_backend_pid(); SELECT count(*) FROM pg_prepared_xacts;"
      "SELECT string_agg(relname || n_tup_ins || '/' || n_tup_upd || '/' || n_tup_del, ',' ORDER BY relname) FROM "
      "pg_stat_user_tables");
}

TEST_F(PlanTest, NotOneTraceIsLeft) {
  const std::string before = TraceOf(*server_);
  EXPECT_EQ(Make(ExampleMapping()).forecast.rows, 500);
  EXPECT_EQ(TraceOf(*server_), before);
}

// The mapping of a table with texts at paths of a document, and of the same rows in columns.
Mapping DocumentMapping(const std::string& path = "card, ct") {
  auto read = ReadMapping(
      "rekey:\n  database: { dsn_env: DATABASE_URL }\n  keys: { from: { name: a, local: a }, to: { name: b, local: b } "
      "}\n"
      "  mode: reseal\n  targets:\n    - table: people\n      primary_key: [id]\n      key_ref: { column: sealed_by, "
      "kind: "
      "name }\n      fields:\n        - { name: card, format: jsonb, ciphertext: { column: doc, encoding: base64, "
      "path: [" +
          path +
          "] }, iv: 'prefix:12', dek: { wrapped: { column: doc, encoding: base64, path: [card, key] } } }\n  audit: { "
          "table: key_rotation_audit }\n",
      "tfseal.yaml");
  return std::get<Mapping>(std::move(read));
}

TEST_F(PlanTest, DocumentsAreLookedInto) {
  server_->Sql(R"sql(
CREATE TABLE people (id bigint PRIMARY KEY, sealed_by text NOT NULL, doc jsonb);
CREATE INDEX people_sealed_by ON people (sealed_by);
INSERT INTO people SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, jsonb_build_object('email', 'p' || i, 'card',
  CASE WHEN i % 10 = 0 THEN NULL ELSE jsonb_build_object('ct', 'x', 'key', 'k' || i % 4) END) FROM generate_series(1, 100) i;
INSERT INTO people VALUES (101, 'a', NULL);
ANALYZE people;
)sql");
  const Plan plan = Make(DocumentMapping());
  EXPECT_FALSE(plan.Has(Severity::kRefused)) << Findings(plan);
  EXPECT_THAT(Findings(plan), Not(HasSubstr("document-path"))) << Findings(plan);
  const TableForecast& table = plan.forecast.tables.front();
  EXPECT_EQ(table.rows_old, 51);
  EXPECT_TRUE(table.data_keys_exact);
  EXPECT_EQ(table.data_keys, 2);

  EXPECT_THAT(Findings(Make(DocumentMapping("cards, ct"))), HasSubstr("refused document-path public.people.doc"));
  EXPECT_THAT(PlanText(Make(DocumentMapping("cards, ct"))), HasSubstr("no row has a text at doc.cards.ct"));
  server_->Sql("UPDATE people SET doc = jsonb_set(doc, '{card,ct}', '5') WHERE id = 2");
  EXPECT_THAT(PlanText(Make(DocumentMapping())), HasSubstr("1 rows have something else than a text at doc.card.ct"));
  server_->Sql("UPDATE people SET doc = jsonb_set(doc, '{card,ct}', '\"x\"') WHERE id = 2");

  server_->Sql(R"sql(
CREATE UNIQUE INDEX by_email ON people ((doc->>'email'));
CREATE INDEX by_member ON people USING gin (doc);
ALTER TABLE people ADD COLUMN email text GENERATED ALWAYS AS (doc->>'email') STORED;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE OF doc ON people FOR EACH ROW EXECUTE FUNCTION touch();
)sql");
  const std::string findings = Findings(Make(DocumentMapping()));
  for (const char* expected : {"unknown unique-index public.people.doc", "note index public.people.doc",
                               "unknown generated-column public.people.email", "refused trigger public.people"}) {
    EXPECT_THAT(findings, HasSubstr(expected));
  }
  server_->Sql("CREATE UNIQUE INDEX whole ON people (doc)");
  EXPECT_THAT(Findings(Make(DocumentMapping())), HasSubstr("refused unique-index public.people.doc"));
  server_->Sql(
      "DROP INDEX whole, by_email, by_member; DROP TRIGGER touched ON people; ALTER TABLE people DROP COLUMN "
      "email, ALTER doc TYPE json; ANALYZE people");
  EXPECT_EQ(Make(DocumentMapping()).forecast.tables.front().data_keys, 2);
  server_->Sql("ALTER TABLE people ALTER doc TYPE text");
  EXPECT_THAT(Findings(Make(DocumentMapping())), HasSubstr("refused column-type public.people.doc"));
}

TEST(Forecast, TheMeasuredTableComesOutAsMeasured) {
  Mapping mapping;
  mapping.mode = RekeyMode::kReseal;
  mapping.targets.resize(1);
  mapping.targets[0].fields.resize(1);
  Forecast forecast;
  forecast.tables.push_back({"t", "t", 1'000'000, 1'000'000, true, 1'000'000, true, 455, 372, 510'000'000, 2, false});
  PlanOptions options;
  options.remote_from = options.remote_to = true;
  MakeForecast(mapping, options, forecast);
  // 1,195 bytes a row were measured.
  EXPECT_NEAR(static_cast<double>(forecast.wal_bytes) / 1e6, 1195, 60);
  EXPECT_EQ(forecast.kms_calls, 3'000'000);
  EXPECT_EQ(forecast.limits.front().name, "kms");
  EXPECT_NEAR(forecast.seconds, 1200, 1);
  mapping.throttle.windows = {{0, 1008}};  // a tenth of the week
  Forecast windowed;
  windowed.tables = forecast.tables;
  MakeForecast(mapping, options, windowed);
  EXPECT_NEAR(windowed.seconds, 12'000, 10);
}

}  // namespace
}  // namespace tfseal::rekey
