#include "postgres/quiescence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "postgres/connection.h"
#include "tests/support/postgres_server.h"

namespace tfseal::postgres {
namespace {

using testing::PostgresServer;

class WaitingClock : public Clock {
 public:
  TimePoint Now() const override { return {}; }
  void SleepFor(std::chrono::milliseconds duration) override {
    if (while_waiting) while_waiting();
    std::this_thread::sleep_for(duration);
  }
  std::function<void()> while_waiting;
};

TEST(Quiescence, Smoke) {
  PostgresServer server;
  WaitingClock clock;
  QuiescenceOptions o;
  o.interval = std::chrono::milliseconds(500);
  auto url = ConnectionUrl::Parse(server.Url()).value();
  auto q = CheckQuiescence(url, o, clock);
  ASSERT_TRUE(q.ok()) << q.error().message;
  EXPECT_TRUE(q->quiet) << WriteJsonDocument(q->proof);
  clock.while_waiting = [&] { server.Sql("CREATE TABLE IF NOT EXISTS w(i int)"); };
  q = CheckQuiescence(url, o, clock);
  ASSERT_TRUE(q.ok()) << q.error().message;
  EXPECT_FALSE(q->quiet) << WriteJsonDocument(q->proof);
  clock.while_waiting = nullptr;
  auto other = Connection::Open(url);
  ASSERT_TRUE(other.ok());
  q = CheckQuiescence(url, o, clock);
  ASSERT_TRUE(q.ok()) << q.error().message;
  EXPECT_FALSE(q->quiet);
}

}  // namespace
}  // namespace tfseal::postgres
