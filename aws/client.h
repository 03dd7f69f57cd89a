#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "aws/api.h"
#include "aws/credential_source.h"
#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/retry.h"
#include "core/clock.h"
#include "core/entropy.h"

namespace tfseal::aws {

// What a client is made of; all of it outlives the client.
struct ClientParts {
  HttpTransport& transport;
  CredentialSource& credentials;
  Clock& clock;
  Entropy& entropy;
};

struct ClientOptions {
  EndpointOptions endpoints;
  RetryPolicy retry;
  // Requests under way at a time, by service and region.
  int concurrency_per_service = 16;
  // Called for every request that is sent, first tries and others alike.
  std::function<void(std::string_view service, std::string_view operation)> on_request;
  // Called about once a second while answers are waited for, with what holds the calls back (empty: only the service
  // itself). False: no further attempts; calls that are under way are still waited for.
  std::function<bool(std::string_view limit)> on_wait;
  // Requests per second that are this client's share of a service, asked for before each; 0: none is known. None: 0.
  std::function<double(std::string_view service)> pace{};
};

// AWS itself, or an emulator that an endpoint names.
//
// A read is repeated, with pauses, as long as attempts are left. A change is repeated only where it certainly had no
// effect: it was not sent, it was throttled, or the service said so. A change whose answer was lost, or to which the
// service answered that it failed inside, is kOutcomeUnknown.
class Client : public Api {
 public:
  Client(ClientParts parts, ClientOptions options);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Result<JsonValue> Send(const Call& call) override;
  std::vector<Result<JsonValue>> SendAll(std::span<const Call> calls) override;

  // What AWS' clock is ahead of this machine's, by the date of the last answer; it has whole seconds. nullopt before.
  [[nodiscard]] std::optional<std::chrono::milliseconds> measured_skew() const { return measured_skew_; }

 private:
  struct Job;
  class Round;

  ClientParts parts_;
  ClientOptions options_;
  RateLimiter limiter_;
  // What AWS' clock is ahead of this machine's, as far as it is known.
  std::chrono::milliseconds skew_{0};
  std::optional<std::chrono::milliseconds> measured_skew_;
};

}  // namespace tfseal::aws
