#include "crypto/rekey/throttle.h"

#include <gmock/gmock.h>

#include <functional>

#include "core/system_clock.h"
#include "crypto/rekey/health_probe.h"
#include "crypto/rekey/job_store.h"
#include "tests/crypto/rekey/rekey_fixture.h"

namespace tfseal::rekey {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

void Add(LatencyWindow& window, double latency, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) window.Add(latency);
}

TEST(LatencyWindow, IsSlowAgainstWhatWasUsual) {
  const HealthPolicy policy{.statement = "SELECT 1", .slow_from = 1.5, .floor_ms = 5, .hook = ""};
  LatencyWindow window;
  Add(window, 1000, LatencyWindow::kSize - 1);
  EXPECT_FALSE(window.full());
  EXPECT_FALSE(window.IsSlow(policy)) << "nobody knows yet what is usual";
  LatencyWindow usual;
  Add(usual, 20, LatencyWindow::kSize);
  EXPECT_EQ(usual.baseline(), 20);
  Add(usual, 100, 1);
  EXPECT_FALSE(usual.IsSlow(policy)) << "one of twenty is no 95th percentile";
  Add(usual, 100, 1);
  EXPECT_EQ(usual.p95(), 100);
  EXPECT_TRUE(usual.IsSlow(policy));
  EXPECT_EQ(usual.baseline(), 20) << "what is slow never becomes what is usual";
  Add(usual, 30, LatencyWindow::kSize);
  EXPECT_FALSE(usual.IsSlow(policy)) << "1.5 times is the bound itself";
  Add(usual, 8, LatencyWindow::kSize);
  EXPECT_EQ(usual.baseline(), 8) << "corrected downwards";
  Add(usual, 12.5, LatencyWindow::kSize);
  EXPECT_FALSE(usual.IsSlow(policy)) << "1.6 times, and less than five milliseconds";
}

TEST(LatencyWindow, WhatTakesNoTimeHasABaselineToo) {
  const HealthPolicy policy{.statement = "SELECT 1", .slow_from = 1.5, .floor_ms = 5, .hook = ""};
  LatencyWindow window;
  Add(window, 0, LatencyWindow::kSize);
  Add(window, 6, LatencyWindow::kSize);
  EXPECT_EQ(window.baseline(), 0);
  EXPECT_TRUE(window.IsSlow(policy));
}

// Time that passes when the test says so.
class StandingClock : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return now_; }
  void SleepFor(milliseconds duration) override { now_ += duration; }

 private:
  TimePoint now_{std::chrono::hours{24 * 20000}};
};

class HealthTest : public RekeyServer {
 protected:
  void SetUp() override {
    RekeyServer::SetUp();
    if (IsSkipped()) return;
    server_->Sql("CREATE TABLE app_health (ok boolean, delay float8); INSERT INTO app_health VALUES (true, 0)");
    policy_.statement = "SELECT pg_sleep(delay) FROM public.app_health";
    policy_.hook = "SELECT ok FROM public.app_health";
  }
  // Until the probe says what is expected; the thread takes its time.
  static bool Comes(const HealthProbe& probe, const std::function<bool(const HealthProbe::Reading&)>& expected) {
    SystemClock waiting;
    for (int i = 0; i < 1200; ++i) {
      if (expected(probe.Read())) return true;
      waiting.SleepFor(milliseconds(100));
    }
    return false;
  }

  HealthPolicy policy_;
  SteadyClock steady_;
};

TEST_F(HealthTest, AStatementThatTheServerRefusesIsAnError) {
  const postgres::ConnectionUrl url = Url();
  policy_.statement = "SELECT 1 FROM public.nothing";
  const auto refused = HealthProbe::Start(url, policy_, steady_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, StartsWith("throttle.health: "));
  policy_.statement = "DELETE FROM public.app_health RETURNING 1";
  EXPECT_FALSE(HealthProbe::Start(url, policy_, steady_).ok()) << "transactions only read";
  EXPECT_EQ(server_->Sql("SELECT count(*) FROM app_health"), "1");
}

TEST_F(HealthTest, TheWorkerSlowsDownAndSaysWhy) {
  const postgres::ConnectionUrl url = Url();
  const Mapping mapping = ExampleMapping(", windows: [\"22:00-06:00\"]", "");
  postgres::Connection session = Open();
  JobStore store(session, mapping);
  ASSERT_TRUE(store.Setup().ok());
  Job job;
  job.mapping_digest = mapping.digest;
  job.key_from = "2024-09-kms";
  job.key_to = "2025-03-kms";
  job = store.Create(job).value();
  StandingClock clock;
  Throttle throttle(mapping, clock);
  auto probe = HealthProbe::Start(url, policy_, steady_);
  ASSERT_TRUE(probe.ok()) << probe.error().message;
  throttle.Watch(probe->get());
  const auto delay = [&] {
    clock.SleepFor(milliseconds(600));
    EXPECT_TRUE(throttle.Sample(session, job.id, {"public.connections"}).ok());
    throttle.Spend({.rows = 100, .took = milliseconds(100)});
    return throttle.Delay();
  };
  EXPECT_EQ(delay().count(), 0);

  server_->Sql("UPDATE app_health SET ok = NULL");
  ASSERT_TRUE(Comes(**probe, [](const auto& reading) { return !reading.stop.empty(); }));
  EXPECT_GT(delay().count(), 0);
  EXPECT_EQ(throttle.binding(), "application health: the hook does not say true");

  // Whatever the machine is busy with, a second is more than one and a half times what nothing takes.
  server_->Sql("UPDATE app_health SET ok = true, delay = 1");
  ASSERT_TRUE(Comes(**probe, [](const auto& reading) { return reading.stop.empty() && !reading.slow.empty(); }));
  EXPECT_GT(delay().count(), 0);
  EXPECT_THAT(throttle.binding(), StartsWith("application health: p95 "));
  EXPECT_THAT(throttle.binding(), HasSubstr(" ms, usually "));

  server_->Sql("UPDATE app_health SET delay = 0");
  ASSERT_TRUE(Comes(**probe, [](const auto& reading) { return reading.slow.empty() && reading.stop.empty(); }));
  milliseconds last{1};
  for (int i = 0; i < 20; ++i) last = delay();
  EXPECT_EQ(last.count(), 0);
  EXPECT_EQ(throttle.binding(), "database");
}

}  // namespace
}  // namespace tfseal::rekey
