// Quiescence and comparison through the handlers, over real PostgreSQL servers.
#include <csignal>
#include <thread>

#include "postgres/connection.h"
#include "tests/apply/handlers/database_world.h"
#include "tests/apply/handlers/handler_case.h"
#include "tests/support/postgres_server.h"

namespace tfseal {
namespace {

using testing::DatabaseWorld;
using testing::HandlerCase;
using testing::Is;
using testing::kKey;
using testing::PostgresServer;
using enum ProbeState;

constexpr const char* kOrders =
    "CREATE TABLE orders (id serial PRIMARY KEY, amount numeric, note text);"
    "INSERT INTO orders (amount, note) SELECT n * 1.5, 'order ' || n FROM generate_series(1, 1000) n;";

// An original and a copy, each a server of its own, known to the world by their endpoints.
class Content : public ::testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::Binaries().empty()) GTEST_SKIP() << "SKIP PostgreSQL is not installed";
    for (auto* side : {&original, &copy}) {
      *side = std::make_unique<PostgresServer>();
      (*side)->Sql("CREATE ROLE app SUPERUSER LOGIN PASSWORD 'not-so-secret'; CREATE DATABASE shop OWNER app;");
      (*side)->Sql(kOrders, "shop");
    }
    Describe("orders", "cluster-OLD", *original);
    JsonValue& encrypted = Describe("orders-encrypted", "cluster-NEW", *copy);
    encrypted["StorageEncrypted"] = true;
    encrypted["KmsKeyId"] = kKey;
    encrypted["EarliestRestorableTime"] = "2026-11-22T05:05:00Z";
  }
  JsonValue& Describe(const std::string& name, const std::string& resource, const PostgresServer& server) {
    const std::string url = server.TcpUrl("app", "not-so-secret", "shop");
    JsonValue& cluster = world.AddCluster(name, resource);
    const std::size_t at = url.rfind('@') + 1;
    cluster["Endpoint"] = "127.0.0.1";
    cluster["Port"] = std::stoi(url.substr(url.find(':', at) + 1));
    return cluster;
  }
  // The URL names no server: the endpoint of the database that is meant does.
  void Configure(HandlerCase& step) const {
    step.context.settings.environment["SHOP_URL"] = "postgresql://app:not-so-secret@shop.invalid:1/shop";
    step.context.settings.sample_interval = std::chrono::milliseconds(10);
    step.clock.SleepToo(std::chrono::milliseconds(250));  // on a busy machine a session takes a while to end
  }
  JsonValue ValidatePayload() {
    JsonValue manifest(Json::objectValue);
    manifest["settings"] = Object({{"Engine", "aurora-postgresql"}, {"BackupRetentionPeriod", 7}});
    return Object({{"service", "rds"},
                   {"original", "orders"},
                   {"copy", "orders-encrypted"},
                   {"cluster", true},
                   {"key", kKey},
                   {"engine", "aurora-postgresql"},
                   {"manifest", manifest},
                   {"url_env", "SHOP_URL"},
                   {"checks", Texts({})}});
  }
  DatabaseWorld world;
  std::unique_ptr<PostgresServer> original, copy;
};

TEST_F(Content, OfTheCopyIsComparedToTheRow) {
  HandlerCase step(world, kValidateCopy, ValidatePayload());
  EXPECT_THAT(step.Look(), Is(kWaiting, "SHOP_URL is not set"));
  Configure(step);
  const Probe same = step.Look();
  ASSERT_THAT(same, Is(kDone));
  EXPECT_FALSE(same.output["next_transaction"].asString().empty());
  EXPECT_EQ(WriteJsonLine(same.evidence).find("not-so-secret"), std::string::npos);

  copy->Sql("DELETE FROM orders WHERE id = 500", "shop");
  EXPECT_THAT(step.Look(), Is(kConflict, "orders"));
  copy->Sql("INSERT INTO orders VALUES (500, 750.0, 'order 500')", "shop");
  EXPECT_THAT(step.Look(), Is(kDone));
  copy->Sql("UPDATE orders SET note = 'changed' WHERE id = 7", "shop");
  EXPECT_THAT(step.Look(), Is(kConflict, "public.orders"));
  copy->Sql("UPDATE orders SET note = 'order 7' WHERE id = 7", "shop");
  original->Sql("SELECT nextval('orders_id_seq')", "shop");
  EXPECT_THAT(step.Look(), Is(kConflict, "orders_id_seq"));
}

TEST_F(Content, IsNotLookedAtBeforeTheSettingsAgree) {
  HandlerCase step(world, kValidateCopy, ValidatePayload());
  Configure(step);
  JsonValue& encrypted = world.clusters["orders-encrypted"];
  encrypted["BackupRetentionPeriod"] = 1;
  EXPECT_THAT(step.Look(), Is(kConflict, "BackupRetentionPeriod is 1 instead of 7"));
  encrypted["BackupRetentionPeriod"] = 7;
  encrypted.removeMember("EarliestRestorableTime");
  EXPECT_THAT(step.Look(), Is(kUnderway, "first backup"));
  encrypted["StorageEncrypted"] = false;
  EXPECT_THAT(step.Look(), Is(kConflict, "is not encrypted"));
}

JsonValue ProofPayload(const char* round) {
  return Object({{"service", "rds"},
                 {"identifier", "orders"},
                 {"cluster", true},
                 {"engine", "aurora-postgresql"},
                 {"round", round},
                 {"url_env", "SHOP_URL"}});
}

TEST_F(Content, IsProvenToBeQuiet) {
  HandlerCase step(world, kProveQuiescence, ProofPayload("first"));
  EXPECT_THAT(step.Look(), Is(kWaiting, "SHOP_URL is not set"));
  Configure(step);
  {
    auto url = postgres::ConnectionUrl::Parse(original->TcpUrl("app", "not-so-secret", "shop"));
    ASSERT_TRUE(url.ok());
    auto client = postgres::Connection::Open(*url, {.application_name = "web"});
    ASSERT_TRUE(client.ok());
    ASSERT_TRUE(client->Query("SELECT 1").ok());
    EXPECT_THAT(step.Look(), Is(kNotDone, "web"));
    // A session does not end at once: this one's process does not get to it for a while.
    const auto session = static_cast<pid_t>(client->backend_pid());
    ASSERT_EQ(kill(session, SIGSTOP), 0);
    const std::jthread busy([session] {
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
      kill(session, SIGCONT);
    });
    const Status ended = step.Act();
    EXPECT_TRUE(ended.ok()) << (ended.ok() ? "" : ended.error().message);
    EXPECT_FALSE(client->Query("SELECT 1").ok());
  }
  const Probe done = step.Look();
  ASSERT_THAT(done, Is(kDone));
  EXPECT_TRUE(ParseTime(done.output["quiescent_at"].asString()).has_value());
}

TEST_F(Content, WrittenAfterTheComparisonStopsTheSwap) {
  HandlerCase compare(world, kValidateCopy, ValidatePayload());
  Configure(compare);
  const Probe compared = compare.Look();
  ASSERT_THAT(compared, Is(kDone));
  JsonValue payload = ProofPayload("again");
  payload["silent_since"] = compared.output["next_transaction"];
  payload["copy"] = "orders-encrypted";
  HandlerCase again(world, kProveQuiescence, payload);
  Configure(again);
  // The server may still be ending the session of whoever came before, the comparison's own among them: it is told, and
  // ended, like anybody's.
  const auto seen_alone = [&again] {
    Probe seen = again.Look();
    for (int i = 0; i < 10 && seen.state == kNotDone; ++i) {
      EXPECT_TRUE(again.Act().ok());
      seen = again.Look();
    }
    return seen;
  };
  EXPECT_THAT(seen_alone(), Is(kDone));
  // Ids that were used for nothing: only another comparison tells.
  original->Sql("CREATE TABLE passing (n int); DROP TABLE passing;", "shop");
  EXPECT_THAT(seen_alone(), Is(kDone));
  original->Sql("INSERT INTO orders (amount, note) VALUES (1, 'late')", "shop");
  EXPECT_THAT(seen_alone(), Is(kConflict, "after it was compared"));

  // The same at the last moment.
  JsonValue opening = Object({{"service", "rds"},
                              {"identifier", "orders-encrypted"},
                              {"cluster", true},
                              {"resource", "cluster-NEW"},
                              {"key", kKey},
                              {"verified", compared.output["compared_at"]},
                              {"silent", compared.output["next_transaction"]},
                              {"original", "orders"},
                              {"quarantine", "sg-app"},
                              {"engine", "aurora-postgresql"},
                              {"url_env", "SHOP_URL"},
                              {"security_groups", Texts({"sg-web"})}});
  HandlerCase open(world, kUnfenceWrites, opening);
  Configure(open);
  EXPECT_THAT(open.Look(), Is(kNotDone));
  const Status refused = open.Act();
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("written to after it was compared"));
  EXPECT_TRUE(world.changes.empty());
  copy->Sql("INSERT INTO orders (amount, note) VALUES (1, 'late')", "shop");
  EXPECT_EQ(open.CarryOut(), 1);
  EXPECT_THAT(open.Look(), Is(kDone));
}

}  // namespace
}  // namespace tfseal
