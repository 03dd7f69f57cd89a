#include "aws/client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aws/curl_http.h"
#include "aws/static_credentials.h"
#include "tests/aws/fakes.h"

namespace tfseal::aws {
namespace {

Credentials SomeCredentials() {
  Credentials credentials;
  credentials.access_key_id = "AKIA";
  credentials.secret_access_key = SecretBytes("s");
  return credentials;
}

struct Bench {
  explicit Bench(FakeTransport::Answer answer) : transport(std::move(answer)) {}
  Client Make(ClientOptions options = {}) {
    return {{.transport = transport, .credentials = credentials, .clock = clock, .entropy = entropy},
            std::move(options)};
  }
  FakeTransport transport;
  StaticCredentials credentials{SomeCredentials()};
  FakeClock clock;
  FixedEntropy entropy;
};

const Call kRead{.service = "kms", .operation = "ListKeys", .region = "us-east-1"};
const Call kChange{.service = "kms", .operation = "CreateKey", .region = "us-east-1"};

TEST(Client, PausesGrowAndHaveALimit) {
  Bench bench([](const HttpRequest&) { return Reply(503, R"({"__type": "ServiceUnavailable"})"); });
  ClientOptions options;
  options.retry.attempts_max = 12;
  const auto answer = bench.Make(options).Send(kChange);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  ASSERT_EQ(bench.clock.slept.size(), 11U);
  for (std::size_t i = 1; i < bench.clock.slept.size(); ++i) EXPECT_GE(bench.clock.slept[i], bench.clock.slept[i - 1]);
  EXPECT_LE(bench.clock.slept.front(), std::chrono::milliseconds(100));
  EXPECT_LE(bench.clock.slept.back(), std::chrono::seconds(20));
  EXPECT_GE(bench.clock.slept.back(), std::chrono::seconds(19));
}

TEST(Client, ARunThatIsStoppedDoesNotGoOnTrying) {
  Bench bench([](const HttpRequest&) { return Reply(400, R"({"__type": "ThrottlingException"})"); });
  bench.clock.stopped = true;
  const auto answer = bench.Make().Send(kRead);
  EXPECT_EQ(answer.error().code, ErrorCode::kThrottled);
  EXPECT_EQ(bench.transport.requests.size(), 1U);
}

TEST(Client, KeepsToTheLimitOfEachService) {
  Bench bench([](const HttpRequest&) { return Reply(200, "{}"); });
  ClientOptions options;
  options.concurrency_per_service = 3;
  const std::vector<Call> calls(50, kRead);
  for (const auto& answer : bench.Make(options).SendAll(calls)) EXPECT_TRUE(answer.ok());
  EXPECT_EQ(bench.transport.most_underway, 3U);
  EXPECT_EQ(bench.transport.requests.size(), 50U);
}

TEST(Client, EventsAreLookedUpTwiceASecond) {
  Bench bench([](const HttpRequest&) { return Reply(200, "{}"); });
  const std::vector<Call> calls(12, {.service = "cloudtrail", .operation = "LookupEvents", .region = "us-east-1"});
  const TimePoint start = bench.clock.now;
  bench.Make().SendAll(calls);
  EXPECT_GE(bench.clock.now - start, std::chrono::seconds(5));
  EXPECT_LE(bench.clock.now - start, std::chrono::seconds(6));
}

TEST(Client, ThrottlingSlowsTheWholeServiceDown) {
  int number = 0;
  Bench bench([&](const HttpRequest&) {
    return ++number == 20 ? Reply(400, R"({"__type": "ThrottlingException"})") : Reply(200, "{}");
  });
  const std::vector<Call> calls(60, kRead);
  const TimePoint start = bench.clock.now;
  for (const auto& answer : bench.Make().SendAll(calls)) EXPECT_TRUE(answer.ok());
  EXPECT_GT(bench.clock.now - start, std::chrono::milliseconds(500));
}

// Starts requests as fast as the limiter lets it until `end`; how many there were.
int StartedUntil(RateLimiter& limiter, TimePoint& now, TimePoint end, double pace) {
  int started = 0;
  while (now < end) {
    const std::chrono::milliseconds wait = limiter.Take("kms", "us-east-1", "Decrypt", now, pace);
    if (wait.count() == 0) ++started;
    now += wait;
  }
  return started;
}

TEST(RateLimiter, APaceIsKeptOnTheAverage) {
  RateLimiter limiter;
  TimePoint now{std::chrono::milliseconds(1'790'000'000'000)};
  const auto run = [&](int seconds) { return StartedUntil(limiter, now, now + std::chrono::seconds(seconds), 200); };
  EXPECT_NEAR(run(10), 2000, 20);
  // What was not used is made up for, at one and a half times the pace; but no more than a second of it.
  now += std::chrono::seconds(60);
  EXPECT_NEAR(run(1), 315, 20);
  EXPECT_NEAR(run(1), 285, 20);
  EXPECT_NEAR(run(1), 200, 20);
}

TEST(RateLimiter, APaceThatIsRefusedFallsAndComesBack) {
  RateLimiter limiter;
  TimePoint now{std::chrono::milliseconds(1'790'000'000'000)};
  const auto run = [&](int seconds) { return StartedUntil(limiter, now, now + std::chrono::seconds(seconds), 200); };
  run(5);
  for (int i = 0; i < 50; ++i) limiter.Throttled("kms", "us-east-1", now);  // of one burst
  EXPECT_NEAR(run(1), 180, 20);
  limiter.Throttled("kms", "us-east-1", now);
  EXPECT_NEAR(run(1), 126, 20);
  for (int i = 0; i < 400; ++i) limiter.Succeeded("kms", "us-east-1");
  EXPECT_NEAR(run(2), 400, 20);
  EXPECT_EQ(limiter.Limit("kms", "us-east-1"), std::nullopt);
}

TEST(Client, KeepsToItsPace) {
  Bench bench([](const HttpRequest&) { return Reply(200, "{}"); });
  ClientOptions options;
  options.pace = [](std::string_view service) { return service == "kms" ? 100.0 : 0.0; };
  const TimePoint start = bench.clock.now;
  for (const auto& answer : bench.Make(options).SendAll(std::vector<Call>(300, kRead))) EXPECT_TRUE(answer.ok());
  EXPECT_GE(bench.clock.now - start, std::chrono::milliseconds(2900));
  EXPECT_LE(bench.clock.now - start, std::chrono::milliseconds(3600));
}

TEST(Client, ChangesAreNotMarkedRepeatable) {
  Bench bench([](const HttpRequest&) { return Reply(200, "{}"); });
  Client client = bench.Make();
  EXPECT_TRUE(client.Send(kRead).ok());
  EXPECT_TRUE(client.Send(kChange).ok());
  EXPECT_TRUE(bench.transport.requests[0].repeatable);
  EXPECT_FALSE(bench.transport.requests[1].repeatable);
}

// Every operation of the table whose name says that it changes something, and that was not said to read.
TEST(Client, NoChangeIsTakenForARead) {
  for (const char* name : {"rds", "kms", "ecs", "iam", "s3", "ec2", "secretsmanager", "dynamodb", "backup", "efs"}) {
    for (const auto& [operation, model] : FindService(name)->operations) {
      for (const char* verb :
           {"Create", "Delete", "Put", "Modify", "Update", "Restore", "Register", "Start", "Stop", "Copy"}) {
        if (operation.starts_with(verb)) {
          EXPECT_FALSE(model.reads) << name << " " << operation;
        }
      }
      if (model.method == "GET" || model.method == "HEAD") {
        EXPECT_TRUE(model.reads) << name << " " << operation;
      }
    }
  }
}

class NoCredentials : public CredentialSource {
 public:
  Result<const Credentials*> Get() override {
    ++asked;
    return Error{.code = ErrorCode::kUnauthenticated, .message = "none", .hint = ""};
  }
  void Invalidate() override {}
  int asked = 0;
};

TEST(Client, CredentialsThatAreNotThereAreLookedForOnce) {
  Bench bench([](const HttpRequest&) { return Reply(200, "{}"); });
  NoCredentials none;
  Client client({.transport = bench.transport, .credentials = none, .clock = bench.clock, .entropy = bench.entropy},
                {});
  const std::vector<Call> calls(30, kRead);
  for (const auto& answer : client.SendAll(calls)) EXPECT_EQ(answer.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(none.asked, 1);
  EXPECT_TRUE(bench.transport.requests.empty());
}

TEST(Client, AccountsForEveryRequest) {
  int count = 0;
  Bench bench([&](const HttpRequest&) { return ++count == 1 ? Reply(500, "{}") : Reply(200, "{}"); });
  std::vector<std::string> log;
  ClientOptions options;
  options.on_request = [&](std::string_view service, std::string_view operation) {
    log.push_back(std::string(service) + "." + std::string(operation));
  };
  EXPECT_TRUE(bench.Make(options).Send(kRead).ok());
  EXPECT_EQ(log, (std::vector<std::string>{"kms.ListKeys", "kms.ListKeys"}));
}

TEST(Client, PagesThatDoNotEndAreAnError) {
  Bench bench([](const HttpRequest&) { return Reply(200, R"({"Keys": [], "NextMarker": "m", "Truncated": true})"); });
  Client client = bench.Make();
  EXPECT_EQ(SendPaged(client, kRead).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(bench.transport.requests.size(), 2U);
}

TEST(CurlTransport, AServerThatDoesNotAnswerHasPerhapsGotTheRequest) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, static_cast<sockaddr*>(static_cast<void*>(&address)), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, static_cast<sockaddr*>(static_cast<void*>(&address)), &size), 0);
  CurlTransport transport({});
  HttpRequest request;
  request.scheme = "http";
  request.host = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  request.timeout = std::chrono::milliseconds(150);
  const HttpAnswer silent = Exchange(transport, request);
  ASSERT_TRUE(silent.failure);
  EXPECT_TRUE(silent.failure->timed_out);
  EXPECT_EQ(silent.failure->sent, HttpFailure::Sent::kPerhaps);
  close(listener);
  const HttpAnswer refused = Exchange(transport, request);
  ASSERT_TRUE(refused.failure);
  EXPECT_EQ(refused.failure->sent, HttpFailure::Sent::kNo);
}

}  // namespace
}  // namespace tfseal::aws
