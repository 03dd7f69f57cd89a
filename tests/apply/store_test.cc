// Journals in buckets and databases: order, locks, leases, lost answers.
#include <gtest/gtest.h>

#include <map>

#include "apply/journal.h"
#include "apply/journal_audit.h"
#include "apply/journal_stores.h"
#include "core/base64.h"
#include "core/time_text.h"
#include "tests/support/postgres_server.h"
#include "tests/support/sim_cloud.h"

namespace tfseal {
namespace {

using testing::SimClock;

const TimePoint kStart = ParseTime("2026-11-22T10:00:00.000Z").value();
const RunIdentity kFirst = {"run-1", "ci-7", "deploy", 4711};
const RunIdentity kSecond = {"run-2", "ci-8", "alice", 4712};

// A bucket that knows conditional writes, as S3 does since 2024.
class SimBucket : public aws::Api {
 public:
  Result<JsonValue> Send(const aws::Call& call) override {
    const bool lost = lose_every > 0 && call.operation == "PutObject" && ++puts_ % lose_every == 0;
    Result<JsonValue> answer = Serve(call);
    if (lost) return Error{ErrorCode::kOutcomeUnknown, "sim: the answer was lost", ""};
    return answer;
  }
  std::vector<Result<JsonValue>> SendAll(std::span<const aws::Call> calls) override {
    std::vector<Result<JsonValue>> answers;
    for (const aws::Call& call : calls) answers.push_back(Send(call));
    return answers;
  }

  int lose_every = 0;
  std::map<std::string, std::string> objects;

 private:
  Result<JsonValue> Serve(const aws::Call& call) {
    const JsonValue& parameters = call.parameters;
    JsonValue answer(Json::objectValue);
    if (call.operation == "ListObjectsV2") {
      for (const auto& [key, body] : objects) {
        if (!key.starts_with(parameters["Prefix"].asString())) continue;
        JsonValue object(Json::objectValue);
        object["Key"] = key;
        answer["Contents"].append(object);
      }
      return answer;
    }
    const std::string key = parameters["Key"].asString();
    const auto found = objects.find(key);
    if (call.operation == "GetObject") {
      if (found == objects.end()) return Error{ErrorCode::kNotFound, "sim: no such key", "", "NoSuchKey"};
      answer["Body"] = ToBase64(found->second);
      answer["ETag"] = TagOf(found->second);
      return answer;
    }
    const Error failed{ErrorCode::kConflict, "sim: the condition does not hold", "", "PreconditionFailed"};
    if (parameters.isMember("IfNoneMatch") && found != objects.end()) return failed;
    if (parameters.isMember("IfMatch") &&
        (found == objects.end() || TagOf(found->second) != parameters["IfMatch"].asString())) {
      return failed;
    }
    objects[key] = FromBase64(parameters["Body"].asString()).value();
    answer["ETag"] = TagOf(objects[key]);
    return answer;
  }
  static std::string TagOf(const std::string& body) { return std::to_string(std::hash<std::string>()(body)); }

  int puts_ = 0;
};

JsonValue RunBody(const std::string& name) {
  JsonValue body(Json::objectValue);
  body["run"] = name;
  return body;
}

void WriteSome(JournalStore& store, int records) {
  SimClock clock(kStart);
  auto journal = Journal::Open(store, clock, "digest", 1);
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  for (int i = 0; i < records; ++i) {
    const Status written = journal->Write("run_started", RunBody(std::to_string(i)));
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
}

void ExpectRecords(JournalStore& store, std::size_t records) {
  const auto bytes = store.Read();
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const JournalAudit audit = AuditJournal(*bytes, "digest", {});
  EXPECT_TRUE(audit.problems.empty()) << audit.problems.front();
  EXPECT_EQ(audit.records, records);
}

TEST(S3Journal, IsWrittenAndReadInOrder) {
  SimBucket bucket;
  WriteSome(*S3Journal(bucket, "us-east-1", "b", "runs/orders"), 12);
  WriteSome(*S3Journal(bucket, "us-east-1", "b", "runs/orders"), 3);
  ExpectRecords(*S3Journal(bucket, "us-east-1", "b", "runs/orders"), 16);
  EXPECT_TRUE(bucket.objects.contains("runs/orders/records/0000000015"));
}

TEST(S3Journal, LostAnswersWriteNothingTwice) {
  for (const int every : {1, 2, 3}) {
    SimBucket bucket;
    bucket.lose_every = every;
    const auto store = S3Journal(bucket, "us-east-1", "b", "p");
    ASSERT_TRUE(store->Lock(kFirst, kStart, false).ok());
    WriteSome(*store, 6);
    ASSERT_TRUE(store->KeepLock(kStart + std::chrono::minutes(1)).ok());
    ASSERT_TRUE(store->Unlock().ok());
    ExpectRecords(*store, 7);
  }
}

TEST(S3Journal, TwoRunsNeverWriteTheSameJournal) {
  SimBucket bucket;
  SimClock clock(kStart);
  const auto first = S3Journal(bucket, "us-east-1", "b", "p");
  const auto second = S3Journal(bucket, "us-east-1", "b", "p");
  auto one = Journal::Open(*first, clock, "digest", 1);
  auto two = Journal::Open(*second, clock, "digest", 1);
  ASSERT_TRUE(one.ok() && two.ok());
  ASSERT_TRUE(one->Write("run_started", RunBody("1")).ok());
  const Status refused = two->Write("run_started", RunBody("2"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kLocked);
  EXPECT_FALSE(two->Write("run_started", RunBody("2")).ok()) << "poisoned";
}

TEST(S3Journal, ALockIsTakenOverOnlyWhenItsLeaseIsOver) {
  SimBucket bucket;
  const auto first = S3Journal(bucket, "us-east-1", "b", "p");
  const auto second = S3Journal(bucket, "us-east-1", "b", "p");
  ASSERT_TRUE(first->Lock(kFirst, kStart, false).ok());
  const Status alive = second->Lock(kSecond, kStart + std::chrono::minutes(14), true);
  ASSERT_FALSE(alive.ok());
  EXPECT_EQ(alive.error().code, ErrorCode::kLocked);
  EXPECT_NE(alive.error().message.find("process 4711 of deploy on ci-7"), std::string::npos);
  ASSERT_TRUE(first->KeepLock(kStart + std::chrono::minutes(10)).ok());
  EXPECT_FALSE(second->Lock(kSecond, kStart + std::chrono::minutes(20), true).ok());
  const Status asked = second->Lock(kSecond, kStart + std::chrono::minutes(26), false);
  ASSERT_FALSE(asked.ok());
  EXPECT_NE(asked.error().hint.find("--take-over"), std::string::npos);
  EXPECT_TRUE(second->Lock(kSecond, kStart + std::chrono::minutes(26), true).ok());
  // The first one was only asleep: it notices, and stops.
  EXPECT_EQ(first->KeepLock(kStart + std::chrono::minutes(27)).error().code, ErrorCode::kLocked);
  ASSERT_TRUE(second->Unlock().ok());
  EXPECT_EQ(*first->Holder(kStart), "");
  EXPECT_TRUE(first->Lock(kFirst, kStart + std::chrono::minutes(28), false).ok());
}

TEST(PostgresJournal, IsWrittenLockedAndRead) {
  if (testing::PostgresServer::Binaries().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  const testing::PostgresServer server;
  const auto url = postgres::ConnectionUrl::Parse(server.Url("postgres"));
  ASSERT_TRUE(url.ok());
  const auto first = PostgresJournal(*url, "orders");
  const auto second = PostgresJournal(*url, "orders");
  EXPECT_EQ(*first->Read(), "");
  EXPECT_EQ(*first->Holder(kStart), "");
  ASSERT_TRUE(first->Lock(kFirst, kStart, false).ok());
  WriteSome(*first, 5);
  const Status refused = second->Lock(kSecond, kStart + std::chrono::minutes(2), true);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kLocked);
  EXPECT_NE(refused.error().message.find("process 4711 of deploy on ci-7"), std::string::npos);
  EXPECT_NE(*second->Holder(kStart), "");
  ASSERT_TRUE(first->Unlock().ok());
  EXPECT_TRUE(second->Lock(kSecond, kStart, false).ok());
  ExpectRecords(*second, 6);
  // A number that was written already, and one that leaves a gap.
  EXPECT_EQ(second->Append(3, "x").error().code, ErrorCode::kLocked);
  EXPECT_EQ(second->Append(9, "x").error().code, ErrorCode::kLocked);
  // Another journal in the same table.
  const auto other = PostgresJournal(*url, "users");
  EXPECT_TRUE(other->Lock(kFirst, kStart, false).ok());
  WriteSome(*other, 1);
  ExpectRecords(*other, 2);
}

TEST(Audit, FindsWhatIsWrong) {
  SimBucket bucket;
  const auto store = S3Journal(bucket, "us-east-1", "b", "p");
  SimClock clock(kStart);
  auto journal = Journal::Open(*store, clock, "digest", 1);
  ASSERT_TRUE(journal.ok());
  JsonValue done(Json::objectValue);
  done["action"] = "a";
  ASSERT_TRUE(journal->Write("done", done).ok());
  const std::string bytes = *store->Read();
  const JournalAudit audit = AuditJournal(bytes, "other", {"b"});
  ASSERT_EQ(audit.problems.size(), 3U);
  EXPECT_NE(audit.problems[0].find("another action plan"), std::string::npos);
  EXPECT_NE(audit.problems[1].find("not in the plan"), std::string::npos);
  EXPECT_NE(audit.problems[2].find("without evidence"), std::string::npos);
  EXPECT_FALSE(audit.damaged);
  std::string damaged = bytes;
  damaged[20] = static_cast<char>(damaged[20] ^ 1);
  EXPECT_TRUE(AuditJournal(damaged, "digest", {}).damaged);
  EXPECT_FALSE(AuditJournal(bytes.substr(0, bytes.size() - 1), "digest", {}).damaged) << "torn is not damaged";
}

}  // namespace
}  // namespace tfseal
