#include "vault/transit_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/check.h"

namespace tfseal::vault {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWaitMax{1'000};

// What a status means; what Vault writes beside it may quote the request and is not shown.
Error StatusError(const TransitCall& call, int status) {
  Error error{ErrorCode::kUnavailable, fmt::format("vault {}: the answer has status {}", call.path, status), ""};
  if (status == 400 || status == 405) error.code = ErrorCode::kInvalidInput;
  if (status == 403) {
    error.code = ErrorCode::kPermissionDenied;
    error.hint = "the token may have expired, or its policy does not allow this path";
  }
  if (status == 404) error.code = ErrorCode::kNotFound;
  if (status == 429) error.code = ErrorCode::kThrottled;
  if (status == 503) error.hint = "vault status shows whether it is sealed";
  return error;
}

bool MayTryAgain(int status) {
  // 412: a replica that is behind; 472, 473: standby.
  return status == 412 || status == 429 || status == 472 || status == 473 || status >= 500;
}

bool IsPlain(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

Error BadOption(const std::string& what, std::string hint) {
  return {ErrorCode::kInvalidInput, "vault: " + what, std::move(hint)};
}

struct Job {
  std::size_t index = 0;
  int attempts = 0;
  TimePoint not_before{};
};

}  // namespace

void WipeMember(const JsonValue& parent, const char* member) {
  if (!parent.isObject()) return;
  const JsonValue& value = parent[member];
  const char* begin = nullptr;
  const char* end = nullptr;
  if (value.isString() && value.getString(&begin, &end)) WipeShown({begin, static_cast<std::size_t>(end - begin)});
}

Result<TransitClient> TransitClient::Make(const TransitParts& parts, const TransitOptions& options, SecretBytes token) {
  TFSEAL_CHECK(options.calls_at_once > 0 && options.keys_per_call > 0);
  TransitClient client(parts, options, std::move(token));
  const std::size_t colon = options.address.find("://");
  if (colon == std::string::npos) return BadOption("the address is no URL", "https://HOST:8200");
  client.scheme_ = options.address.substr(0, colon);
  std::string rest = options.address.substr(colon + 3);
  while (rest.ends_with('/')) rest.pop_back();
  const std::size_t slash = rest.find('/');
  client.host_ = rest.substr(0, slash);
  client.base_path_ = slash == std::string::npos ? "" : rest.substr(slash);
  if ((client.scheme_ != "https" && client.scheme_ != "http") || !IsPlain(client.host_, ".-:[]") ||
      (!client.base_path_.empty() && !IsPlain(client.base_path_, "/._-"))) {
    return BadOption("the address is no URL of http or https", "https://HOST:8200");
  }
  if (!IsPlain(options.mount, "/_.-") || !IsPlain(options.key, "_.-")) {
    return BadOption("mount and key are letters, digits, _, . and -", "");
  }
  if (!options.vault_namespace.empty() && !IsPlain(options.vault_namespace, "/_.-")) {
    return BadOption("the namespace is letters, digits, /, _, . and -", "");
  }
  if (client.token_.empty()) {
    return Error{ErrorCode::kUnauthenticated, "vault: there is no token", "set the variable that the mapping names"};
  }
  return client;
}

bool TransitClient::IsSameAs(const TransitClient& other) const {
  return scheme_ == other.scheme_ && host_ == other.host_ && base_path_ == other.base_path_ &&
         options_.vault_namespace == other.options_.vault_namespace && options_.mount == other.options_.mount;
}

aws::HttpRequest TransitClient::MakeRequest(const TransitCall& call) const {
  aws::HttpRequest request;
  request.method = call.method;
  request.scheme = scheme_;
  request.host = host_;
  request.path = base_path_ + "/v1/" + options_.mount + "/" + call.path;
  request.headers.push_back({"X-Vault-Token", std::string(token_.Expose())});
  request.headers.push_back({"X-Vault-Request", "true"});
  if (!options_.vault_namespace.empty()) request.headers.push_back({"X-Vault-Namespace", options_.vault_namespace});
  if (call.method == "POST") {
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = WriteJsonLine(call.body);
  }
  request.repeatable = true;
  return request;
}

Result<JsonValue> TransitClient::Read(const TransitCall& call, const aws::HttpResponse& response) const {
  const Result<JsonValue> answer = ParseJson(response.body);
  const bool readable = answer.ok() && answer->isObject() && (*answer)["data"].isObject();
  if (readable && (response.status == 200 || (*answer)["data"].isMember("batch_results"))) return (*answer)["data"];
  if (response.status != 200) return StatusError(call, response.status);
  return Error{ErrorCode::kUnavailable, fmt::format("vault {}: the answer is not Vault's", call.path), ""};
}

std::vector<Result<JsonValue>> TransitClient::SendAll(std::span<const TransitCall> calls) {
  std::vector<std::optional<Result<JsonValue>>> results(calls.size());
  std::vector<Job> waiting;
  for (std::size_t i = calls.size(); i > 0; --i) waiting.push_back({i - 1, 0, {}});
  std::map<std::uint64_t, Job> underway;
  std::uint64_t last_id = 0;
  const auto again = [&](Job job, bool throttled, Error error) {
    const TimePoint now = parts_.clock.Now();
    if (job.attempts >= options_.retry.attempts_max) {
      results[job.index].emplace(std::move(error));
      return;
    }
    job.not_before = now + aws::PauseBefore(job.attempts + 1, throttled, options_.retry, parts_.entropy);
    waiting.insert(waiting.begin(), job);
  };
  TimePoint looked_at = parts_.clock.Now();
  while (!waiting.empty() || !underway.empty()) {
    const TimePoint now = parts_.clock.Now();
    if (options_.on_wait && now - looked_at >= kWaitMax) {
      looked_at = now;
      if (!options_.on_wait("")) {
        for (const Job& job : waiting) {
          results[job.index].emplace(Error{
              ErrorCode::kTimeout, fmt::format("vault {}: not sent, as the work ends", calls[job.index].path), ""});
        }
        waiting.clear();
        if (underway.empty()) break;
      }
    }
    TimePoint next = TimePoint::max();
    for (std::size_t i = waiting.size(); i > 0 && underway.size() < options_.calls_at_once; --i) {
      Job job = waiting[i - 1];
      if (job.not_before > now) {
        next = std::min(next, job.not_before);
        continue;
      }
      waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i - 1));
      ++job.attempts;
      ++requests_;
      parts_.transport.Start(++last_id, MakeRequest(calls[job.index]));
      underway.emplace(last_id, job);
    }
    if (underway.empty()) {
      parts_.clock.SleepFor(std::clamp(next - now, milliseconds(1), kWaitMax));
      continue;
    }
    for (aws::HttpAnswer& answer : parts_.transport.Wait(kWaitMax)) {
      const Job job = underway.at(answer.id);
      underway.erase(answer.id);
      const TransitCall& call = calls[job.index];
      if (answer.failure) {
        Error error{answer.failure->timed_out ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
                    fmt::format("vault {}: {}", call.path, answer.failure->message), answer.failure->hint};
        if (answer.failure->permanent) {
          results[job.index].emplace(std::move(error));
        } else {
          again(job, false, std::move(error));
        }
        continue;
      }
      const int status = answer.response->status;
      if (MayTryAgain(status)) {
        again(job, status == 429, StatusError(call, status));
      } else {
        results[job.index].emplace(Read(call, *answer.response));
      }
      Wipe(answer.response->body);
    }
  }
  std::vector<Result<JsonValue>> all;
  all.reserve(results.size());
  for (std::optional<Result<JsonValue>>& result : results) all.push_back(*std::move(result));
  return all;
}

}  // namespace tfseal::vault
