#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "aws/http.h"

namespace tfseal::aws {

struct CurlOptions {
  std::string ca_bundle;  // a PEM file; empty: the system's
  // As curl takes them from https_proxy and no_proxy; empty: none.
  std::string https_proxy;
  std::string no_proxy;
  std::string user_agent = "tfseal";
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{60'000};
  std::size_t connections_max = 64;
  std::size_t connections_per_host_max = 32;
  // An answer beyond these is an error. The largest that we ask for are documents of a few megabytes.
  std::size_t body_bytes_max = 64U << 20U;
  std::size_t header_bytes_max = 256U << 10U;
};

// libcurl's multi interface over HTTP/1.1. Certificates are verified; no redirects; plain HTTP only to this machine.
class CurlTransport : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void Start(std::uint64_t id, HttpRequest request) override;
  std::vector<HttpAnswer> Wait(std::chrono::milliseconds at_most) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tfseal::aws
