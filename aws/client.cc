#include "aws/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "aws/error_class.h"
#include "aws/failure.h"
#include "aws/protocol.h"
#include "aws/s3_address.h"
#include "aws/sigv4.h"
#include "aws/timestamp.h"
#include "core/check.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"

// How to read this: a Round carries a set of calls to their ends. Every call is a Job, which is either waiting for its
// time, under way, or finished. What an answer means for its job is decided in OnResponse and OnFailure.

namespace tfseal::aws {
namespace {

using std::chrono::milliseconds;

// AWS refuses signatures that are more than five minutes off; less than this cannot have been the reason.
constexpr milliseconds kSkewMin{240'000};
// How long to wait on the network before looking at what else is due.
constexpr milliseconds kWaitMax{1'000};

std::string Uuid(Entropy& entropy) {
  std::array<std::byte, 16> bytes{};
  entropy.Fill(bytes);
  bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};
  std::string raw;
  for (const std::byte byte : bytes) raw += static_cast<char>(byte);
  const std::string hex = Hex(raw);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

JsonValue WithTokens(const Operation& operation, const JsonValue& parameters, Entropy& entropy) {
  JsonValue filled = parameters;
  if (!operation.input || !filled.isObject()) return filled;
  for (const Member& member : operation.input->shape->members) {
    if (member.token && (!filled.isMember(member.name) || filled[member.name].isNull())) {
      filled[member.name] = Uuid(entropy);
    }
  }
  return filled;
}

std::optional<milliseconds> RetryAfter(const HttpResponse& response) {
  const std::optional<std::string_view> header = response.Find("retry-after");
  if (!header || header->empty() || header->size() > 6) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : *header) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = 10 * seconds + (c - '0');
  }
  return std::chrono::seconds(seconds);
}

bool IsSuccess(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace

struct Client::Job {
  Job() = default;
  Job(Job&&) = default;
  Job& operator=(Job&&) = default;
  // What is sent may be a secret's value.
  ~Job() { Wipe(request.body); }

  std::size_t index = 0;
  const Call* call = nullptr;
  const ServiceModel* service = nullptr;
  const Operation* operation = nullptr;
  Endpoint endpoint;
  HttpRequest request;
  int attempts = 0;
  TimePoint not_before{};
  bool renewed = false;       // credentials, after a service called them expired
  bool clock_set = false;     // after a service refused the time
  bool perhaps_done = false;  // an answer was lost
  std::optional<Error> last;
  int* lane = nullptr;  // how many requests are under way for its service and region

  [[nodiscard]] bool MayRepeatUnseen() const { return operation->reads || operation->repeatable; }
};

class Client::Round {
 public:
  Round(Client& client, std::span<const Call> calls) : client_(client), calls_(calls), results_(calls.size()) {}

  std::vector<Result<JsonValue>> Run() {
    for (std::size_t i = 0; i < calls_.size(); ++i) Prepare(i);
    while (!waiting_.empty() || !underway_.empty()) {
      if (!GoOn()) GiveUp();
      const TimePoint next = StartWhatIsDue();
      if (!underway_.empty()) {
        const TimePoint now = client_.parts_.clock.Now();
        const milliseconds until = next <= now ? milliseconds(1) : next - now;
        Collect(std::min(until, kWaitMax));
      } else if (!waiting_.empty() && !SleepUntil(next)) {
        GiveUp();
      }
    }
    std::vector<Result<JsonValue>> results;
    results.reserve(results_.size());
    for (std::optional<Result<JsonValue>>& result : results_) results.push_back(*std::move(result));
    return results;
  }

 private:
  // Lets the caller look up, at most once a second.
  bool GoOn() {
    if (!client_.options_.on_wait) return true;
    const TimePoint now = client_.parts_.clock.Now();
    if (looked_at_ == TimePoint{}) looked_at_ = now;
    if (now - looked_at_ < kWaitMax) return true;
    looked_at_ = now;
    std::string limit;
    for (const std::unique_ptr<Job>& job : waiting_) {
      const std::optional<double> rate = client_.limiter_.Limit(job->call->service, job->call->region);
      const double pace = client_.options_.pace ? client_.options_.pace(job->call->service) : 0.0;
      if (rate) {
        limit = fmt::format("{} throttles, {:.0f} requests per second", job->call->service, *rate);
      } else if (pace > 0 && *job->lane < client_.options_.concurrency_per_service) {
        limit = fmt::format("{} share, {:.0f} requests per second", job->call->service, pace);
      } else {
        continue;
      }
      break;
    }
    return client_.options_.on_wait(limit);
  }

  void Finish(const Job& job, Result<JsonValue> result) { results_[job.index].emplace(std::move(result)); }

  void Prepare(std::size_t index) {
    Result<Job> job = MakeJob(index);
    if (!job.ok()) {
      results_[index].emplace(InContext(calls_[index], job.error()));
    } else {
      job->lane = &lanes_[calls_[index].service + " " + calls_[index].region];
      waiting_.push_back(std::make_unique<Job>(std::move(job).value()));
    }
  }

  Result<Job> MakeJob(std::size_t index) {
    const Call& call = calls_[index];
    Job job;
    job.index = index;
    job.call = &call;
    job.service = FindService(call.service);
    if (job.service != nullptr) job.operation = job.service->Find(call.operation);
    if (job.operation == nullptr) {
      return Error{.code = ErrorCode::kInternal, .message = "not one of the operations that tfseal knows", .hint = ""};
    }
    TFSEAL_ASSIGN(job.endpoint, ResolveEndpoint(*job.service, call.region, client_.options_.endpoints));
    const JsonValue parameters = WithTokens(*job.operation, call.parameters, client_.parts_.entropy);
    TFSEAL_ASSIGN(job.request, BuildRequest(*job.service, *job.operation, parameters));
    job.request.scheme = job.endpoint.scheme;
    job.request.host = job.endpoint.host;
    if (job.service->name == "s3" && !job.endpoint.is_override) MoveBucketToHost(job.request);
    job.request.path = job.endpoint.base_path + job.request.path;
    return job;
  }

  // Starts the jobs whose time has come and for which their service has room. Returns when to look again.
  TimePoint StartWhatIsDue() {
    const TimePoint now = client_.parts_.clock.Now();
    TimePoint next = TimePoint::max();
    std::deque<std::unique_ptr<Job>> later;
    // Many are of one kind: what the first of them was told holds for the others.
    const int* told = nullptr;
    const Operation* told_about = nullptr;
    milliseconds told_to_wait{0};
    while (!waiting_.empty()) {
      std::unique_ptr<Job> owner = std::move(waiting_.front());
      waiting_.pop_front();
      Job& job = *owner;
      if (job.not_before <= now && *job.lane >= client_.options_.concurrency_per_service) {
        later.push_back(std::move(owner));  // an answer makes room
        continue;
      }
      if (job.not_before <= now) {
        if (told != job.lane || told_about != job.operation) {
          const Call& call = *job.call;
          const double pace = client_.options_.pace ? client_.options_.pace(call.service) : 0.0;
          const milliseconds wait = client_.limiter_.Take(call.service, call.region, call.operation, now, pace);
          if (wait.count() == 0) {
            Start(std::move(owner));
            continue;
          }
          told = job.lane;
          told_about = job.operation;
          told_to_wait = wait;
        }
        job.not_before = now + told_to_wait;
      }
      next = std::min(next, job.not_before);
      later.push_back(std::move(owner));
    }
    waiting_ = std::move(later);
    return next;
  }

  void Start(std::unique_ptr<Job> owner) {
    Job& job = *owner;
    HttpRequest request = job.request;
    if (!job.operation->unsigned_call) {
      // Looking for credentials in vain can take seconds, which is enough once.
      if (no_credentials_) return Finish(job, InContext(*job.call, *no_credentials_));
      const Result<const Credentials*> credentials = client_.parts_.credentials.Get();
      if (!credentials.ok()) {
        no_credentials_ = credentials.error();
        return Finish(job, InContext(*job.call, credentials.error()));
      }
      Authorize(request, **credentials,
                {.region = job.endpoint.signing_region,
                 .service = job.service->signing_name,
                 .time = client_.parts_.clock.Now() + client_.skew_,
                 .s3 = job.service->name == "s3"});
    }
    ++job.attempts;
    ++*job.lane;
    if (client_.options_.on_request) client_.options_.on_request(job.call->service, job.call->operation);
    const std::uint64_t id = ++last_id_;
    client_.parts_.transport.Start(id, std::move(request));
    underway_.emplace(id, std::move(owner));
  }

  void Collect(milliseconds at_most) {
    for (HttpAnswer& answer : client_.parts_.transport.Wait(at_most)) {
      auto entry = underway_.extract(answer.id);
      TFSEAL_CHECK(!entry.empty());
      std::unique_ptr<Job> job = std::move(entry.mapped());
      --*job->lane;
      if (answer.response) {
        OnResponse(std::move(job), *answer.response);
        // It may have been a key.
        Wipe(answer.response->body);
      } else {
        OnFailure(std::move(job), *answer.failure);
      }
    }
  }

  void OnResponse(std::unique_ptr<Job> owner, const HttpResponse& response) {
    Job& job = *owner;
    ServiceError said;
    // S3 may find out that it failed after it has begun to answer.
    const bool failed_late = job.service->protocol == Protocol::kRestXml && IsSuccess(response) &&
                             response.body.size() < 10'000 &&
                             !(said = ReadServiceError(*job.service, response)).code.empty() && job.operation->output &&
                             job.operation->output->shape->payload.empty();
    if (IsSuccess(response) && !failed_late) return OnSuccess(job, response);
    if (!failed_late) said = ReadServiceError(*job.service, response);
    const ErrorClass error = Classify(said.code, response.status);
    job.last = ServiceFailure(*job.call, *job.operation, response, said, error);
    const TimePoint now = client_.parts_.clock.Now();
    switch (error.refusal) {
      case Refusal::kFinal:
        return GiveBack(job);
      case Refusal::kThrottled:
        client_.limiter_.Throttled(job.call->service, job.call->region, now);
        return Again(std::move(owner), true, RetryAfter(response));
      case Refusal::kNotNow:
        return Again(std::move(owner), false, RetryAfter(response));
      case Refusal::kBroken:
        job.perhaps_done = true;
        if (!job.MayRepeatUnseen()) return GiveBack(job);
        return Again(std::move(owner), false, RetryAfter(response));
      case Refusal::kExpired:
        if (std::exchange(job.renewed, true)) return GiveBack(job);
        client_.parts_.credentials.Invalidate();
        return Again(std::move(owner), false, milliseconds(0));
      case Refusal::kBadTime:
        if (!SetClock(job, response)) return GiveBack(job);
        return Again(std::move(owner), false, milliseconds(0));
    }
  }

  // Whether the time was the reason, and is right now.
  bool SetClock(Job& job, const HttpResponse& response) {
    const std::optional<std::string_view> header = response.Find("date");
    const std::optional<TimePoint> theirs = header ? ParseHttpDate(*header) : std::nullopt;
    if (!theirs) return false;
    const TimePoint ours = client_.parts_.clock.Now();
    const milliseconds skew = *theirs - ours;
    AddSkewTo(*job.last, skew);
    if (job.clock_set) return false;
    job.clock_set = true;
    const milliseconds change = skew - client_.skew_;
    if (change < kSkewMin && change > -kSkewMin) return false;
    client_.skew_ = skew;
    return true;
  }

  void OnSuccess(const Job& job, const HttpResponse& response) {
    client_.limiter_.Succeeded(job.call->service, job.call->region);
    if (const auto date = response.Find("date"); date.has_value()) {
      if (const auto theirs = ParseHttpDate(*date)) client_.measured_skew_ = *theirs - client_.parts_.clock.Now();
    }
    Result<JsonValue> answer = ReadAnswer(*job.service, *job.operation, response);
    if (answer.ok()) return Finish(job, std::move(answer));
    Finish(job, UnreadableAnswer(*job.call, *job.operation, answer.error()));
  }

  void OnFailure(std::unique_ptr<Job> owner, const HttpFailure& failure) {
    Job& job = *owner;
    const bool perhaps_sent = failure.sent == HttpFailure::Sent::kPerhaps;
    job.perhaps_done = job.perhaps_done || perhaps_sent;
    job.last = NetworkFailure(*job.call, failure);
    const bool may_repeat = !perhaps_sent || job.MayRepeatUnseen();
    if (failure.permanent || !may_repeat) return GiveBack(job);
    Again(std::move(owner), false, std::nullopt);
  }

  void Again(std::unique_ptr<Job> owner, bool throttled, std::optional<milliseconds> asked) {
    Job& job = *owner;
    const RetryPolicy& policy = client_.options_.retry;
    const bool asks_too_much = asked && *asked > policy.asked_pause_max;
    if (job.attempts >= policy.attempts_max || asks_too_much) return GiveBack(job);
    milliseconds pause = PauseBefore(job.attempts + 1, throttled, policy, client_.parts_.entropy);
    if (asked) pause = asked->count() == 0 ? milliseconds(0) : std::max(pause, *asked);
    job.not_before = client_.parts_.clock.Now() + pause;
    waiting_.push_back(std::move(owner));
  }

  // No more attempts. A change of which one answer is missing may have happened, whatever the last answer says.
  void GiveBack(const Job& job) {
    if (job.perhaps_done && !job.operation->reads) return Finish(job, OutcomeUnknown(*job.call, *job.last));
    Finish(job, *job.last);
  }

  // False: the sleep was cut short, because the process is asked to stop.
  bool SleepUntil(TimePoint time) {
    Clock& clock = client_.parts_.clock;
    const TimePoint before = clock.Now();
    if (time <= before) return true;
    if (client_.options_.on_wait) time = std::min(time, before + kWaitMax);
    clock.SleepFor(time - before);
    return clock.Now() >= time;
  }

  void GiveUp() {
    for (const std::unique_ptr<Job>& owner : waiting_) {
      const Job& job = *owner;
      if (job.last) {
        GiveBack(job);
      } else {
        Finish(job, InContext(
                        *job.call,
                        Error{.code = ErrorCode::kTimeout, .message = "not sent, as the run is stopping", .hint = ""}));
      }
    }
    waiting_.clear();
  }

  Client& client_;
  std::span<const Call> calls_;
  std::vector<std::optional<Result<JsonValue>>> results_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::map<std::uint64_t, std::unique_ptr<Job>> underway_;
  std::map<std::string, int> lanes_;  // requests under way by service and region
  std::uint64_t last_id_ = 0;
  std::optional<Error> no_credentials_;
  TimePoint looked_at_{};
};

Client::Client(ClientParts parts, ClientOptions options) : parts_(parts), options_(std::move(options)) {}
Client::~Client() = default;

Result<JsonValue> Client::Send(const Call& call) {
  return std::move(Round(*this, std::span(&call, 1)).Run().front());
}

std::vector<Result<JsonValue>> Client::SendAll(std::span<const Call> calls) {
  return Round(*this, calls).Run();
}

}  // namespace tfseal::aws
