#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace tfseal::aws {

struct Header {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string scheme = "https";
  std::string host;        // with the port where it is not the scheme's: "127.0.0.1:5000"
  std::string path = "/";  // percent-encoded
  std::string query;       // percent-encoded, without the question mark
  std::vector<Header> headers;
  std::string body;

  // Whether sending it twice does no harm. Where it does, the transport must send it over a fresh connection: one that
  // is reused can die at any time, and whether the request had arrived would be unknown.
  bool repeatable = false;
  // Plain HTTP to another host than this machine, for the metadata services only; whoever sets it has checked the host.
  bool allow_plain_http = false;
  bool use_proxy = true;
  std::chrono::milliseconds timeout{0};  // for the whole exchange; 0: the transport's
};

struct HttpResponse {
  int status = 0;
  std::vector<Header> headers;  // names in lower case
  std::string body;

  [[nodiscard]] std::optional<std::string_view> Find(std::string_view lower_case_name) const;
};

// Why there is no answer.
struct HttpFailure {
  // Whether the request can have arrived. Only the transport knows: it decides between "nothing was changed" and "the
  // outcome is unknown".
  enum class Sent : std::uint8_t { kNo, kPerhaps };
  Sent sent = Sent::kPerhaps;
  bool timed_out = false;
  // It would fail again: a certificate that is not trusted, an address that is not allowed.
  bool permanent = false;
  std::string message;  // names host and reason, never path, header or body
  std::string hint;
};

struct HttpAnswer {
  std::uint64_t id = 0;
  // Exactly one of the two.
  std::optional<HttpResponse> response;
  std::optional<HttpFailure> failure;
};

// Sends requests, several at a time. No redirects, no cookies, no retries: one request here is at most one there.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual void Start(std::uint64_t id, HttpRequest request) = 0;
  // What is finished by now, or after waiting for at most that long. Every started request is answered once.
  virtual std::vector<HttpAnswer> Wait(std::chrono::milliseconds at_most) = 0;
};

// One request, to the end. Nothing else may be under way on the transport.
HttpAnswer Exchange(HttpTransport& transport, HttpRequest request);

}  // namespace tfseal::aws
