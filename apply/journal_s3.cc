#include <fmt/format.h>

#include <optional>
#include <vector>

#include "apply/journal_lock.h"
#include "apply/journal_stores.h"
#include "core/base64.h"
#include "core/time_text.h"

namespace tfseal {
namespace {

constexpr std::chrono::seconds kRenewEvery{30};
constexpr int kTries = 4;
constexpr std::size_t kReadsAtOnce = 64;

bool MayPass(ErrorCode code) {
  return code == ErrorCode::kOutcomeUnknown || code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kTimeout;
}

struct Object {
  std::string bytes;
  std::string etag;
};

class S3Store : public JournalStore {
 public:
  S3Store(aws::Api& api, std::string region, std::string bucket, std::string prefix)
      : api_(api), region_(std::move(region)), bucket_(std::move(bucket)), prefix_(std::move(prefix)) {}

  [[nodiscard]] std::string name() const override { return fmt::format("s3://{}/{}", bucket_, prefix_); }

  Status Lock(const RunIdentity& identity, TimePoint now, bool take_over) override {
    owner_ = LockOwner{identity, now, now};
    TFSEAL_ASSIGN(const std::optional<Object> there, Get(LockKey()));
    if (!there) return WriteLock(now, "IfNoneMatch", "*");
    const LockOwner other = LockOwner::FromText(there->bytes);
    if (!other.released) {
      const bool over = now - other.heard > kJournalLease;
      if (!over || !take_over) {
        return Error{ErrorCode::kLocked, LockedBy(name(), other, now),
                     over ? "it gave no sign of life until its lease was over: tfseal resume --take-over, once you "
                            "are sure that it does not run any more"
                          : fmt::format("wait for it, or end it: it stops after its current step. If it died: tfseal "
                                        "resume --take-over, from {} on",
                                        FormatTime(other.heard + kJournalLease))};
      }
    }
    return WriteLock(now, "IfMatch", there->etag);
  }

  Status KeepLock(TimePoint now) override {
    if (now - owner_.heard < kRenewEvery) return {};
    const TimePoint heard = owner_.heard;
    owner_.heard = now;
    const Status written = WriteLock(now, "IfMatch", etag_);
    if (written.ok() || written.error().code == ErrorCode::kLocked) return written;
    owner_.heard = heard;
    // Nobody can have taken it over before the lease is over; until then the next look tries again.
    return now - heard < kJournalLease / 2 ? Status{} : written;
  }

  // The object stays: removing it could remove the lock of the next run.
  Status Unlock() override {
    if (etag_.empty()) return {};
    owner_.released = true;
    const Status written = WriteLock(owner_.heard, "IfMatch", etag_);
    etag_.clear();
    return written;
  }

  Result<std::string> Holder(TimePoint now) override {
    TFSEAL_ASSIGN(const std::optional<Object> there, Get(LockKey()));
    if (!there) return std::string();
    const LockOwner owner = LockOwner::FromText(there->bytes);
    return owner.released ? std::string() : LockedBy(name(), owner, now);
  }

  Result<std::string> Read() override {
    JsonValue parameters(Json::objectValue);
    parameters["Bucket"] = bucket_;
    parameters["Prefix"] = RecordPrefix();
    TFSEAL_ASSIGN(const JsonValue listed, aws::SendPaged(api_, {"s3", "ListObjectsV2", region_, parameters}));
    std::vector<aws::Call> calls;
    for (const JsonValue& object : listed["Contents"]) calls.push_back(GetCall(object["Key"].asString()));
    std::string bytes;
    for (std::size_t at = 0; at < calls.size(); at += kReadsAtOnce) {
      const std::size_t count = std::min(kReadsAtOnce, calls.size() - at);
      for (const Result<JsonValue>& answer : api_.SendAll(std::span<const aws::Call>(calls).subspan(at, count))) {
        if (!answer.ok()) return answer.error();
        TFSEAL_ASSIGN(const std::string record, FromBase64((*answer)["Body"].asString()));
        bytes += record;
      }
    }
    return bytes;
  }

  Status Append(std::uint64_t sequence, std::string_view framed) override {
    const std::string key = fmt::format("{}{:010}", RecordPrefix(), sequence);
    for (int attempt = 1;; ++attempt) {
      const auto put = Put(key, framed, "IfNoneMatch", "*");
      if (put.ok()) return {};
      const bool taken = put.error().code == ErrorCode::kConflict;
      if (!taken && !MayPass(put.error().code)) return put.error();
      // Ours, if an answer was lost, or another run's. Only looking tells.
      const auto there = Get(key);
      if (there.ok() && *there && (*there)->bytes == framed) return {};
      if (there.ok() && *there) {
        return Error{ErrorCode::kLocked, fmt::format("{}: another run wrote record {}", name(), sequence),
                     "tfseal status says which; nothing more is changed by this run"};
      }
      // The condition makes it safe to say it again.
      if (attempt == kTries) return put.error();
    }
  }

  Status CutTail(std::size_t bytes) override {
    return Error{ErrorCode::kCorrupt, fmt::format("{}: a record is not whole after {} bytes", name(), bytes),
                 "objects are written whole: somebody changed one; a person has to look"};
  }

 private:
  [[nodiscard]] std::string Under(std::string_view key) const {
    return prefix_.empty() ? std::string(key) : fmt::format("{}/{}", prefix_, key);
  }
  [[nodiscard]] std::string LockKey() const { return Under("lock"); }
  [[nodiscard]] std::string RecordPrefix() const { return Under("records/"); }

  aws::Call GetCall(const std::string& key) const {
    JsonValue parameters(Json::objectValue);
    parameters["Bucket"] = bucket_;
    parameters["Key"] = key;
    return {"s3", "GetObject", region_, parameters};
  }

  Result<std::optional<Object>> Get(const std::string& key) {
    const auto answer = api_.Send(GetCall(key));
    if (!answer.ok() && answer.error().code == ErrorCode::kNotFound && answer.error().service_code != "NoSuchBucket") {
      return std::optional<Object>();
    }
    if (!answer.ok()) return answer.error();
    TFSEAL_ASSIGN(std::string bytes, FromBase64((*answer)["Body"].asString()));
    return std::optional<Object>(Object{std::move(bytes), (*answer)["ETag"].asString()});
  }

  Result<JsonValue> Put(const std::string& key, std::string_view bytes, const char* condition,
                        const std::string& value) {
    JsonValue parameters(Json::objectValue);
    parameters["Bucket"] = bucket_;
    parameters["Key"] = key;
    parameters["Body"] = ToBase64(bytes);
    parameters[condition] = value;
    return api_.Send({"s3", "PutObject", region_, parameters});
  }

  Status WriteLock(TimePoint now, const char* condition, const std::string& value) {
    const std::string text = owner_.ToText();
    const auto put = Put(LockKey(), text, condition, value);
    if (put.ok()) {
      etag_ = (*put)["ETag"].asString();
      return {};
    }
    if (put.error().code != ErrorCode::kConflict && !MayPass(put.error().code)) return put.error();
    // Looking tells whether it was our own write whose answer was lost.
    TFSEAL_ASSIGN(const std::optional<Object> there, Get(LockKey()));
    if (there && there->bytes == text) {
      etag_ = there->etag;
      return {};
    }
    if (put.error().code != ErrorCode::kConflict) return put.error();
    return Error{
        ErrorCode::kLocked,
        there ? LockedBy(name(), LockOwner::FromText(there->bytes), now) : name() + " is locked by another run",
        "wait for it; this run changes nothing more"};
  }

  aws::Api& api_;
  std::string region_;
  std::string bucket_;
  std::string prefix_;
  LockOwner owner_;
  std::string etag_;  // of the lock object as we wrote it last; empty: we do not hold it
};

}  // namespace

std::unique_ptr<JournalStore> S3Journal(aws::Api& api, std::string region, std::string bucket, std::string prefix) {
  return std::make_unique<S3Store>(api, std::move(region), std::move(bucket), std::move(prefix));
}

}  // namespace tfseal
