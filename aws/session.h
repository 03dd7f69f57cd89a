#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/client.h"
#include "aws/curl_http.h"
#include "aws/environment.h"
#include "aws/settings.h"
#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"

namespace tfseal::aws {

struct SessionOptions {
  Environment environment;  // what the AWS tools read from it is read here too
  std::string user_agent = "tfseal";
  std::function<void(std::string_view service, std::string_view operation)> on_request;
  std::function<bool(std::string_view limit)> on_wait;     // ClientOptions
  int requests_at_once = 16;                               // to one service in one region
  std::function<double(std::string_view service)> pace{};  // ClientOptions
};

// Everything that calling AWS needs, as environment and shared configuration say.
class Session {
 public:
  // Reads the shared configuration; nothing is sent, and no credentials are looked for yet.
  static Result<std::unique_ptr<Session>> Open(SessionOptions options, Clock& clock, Entropy& entropy);
  ~Session();

  [[nodiscard]] Api& api() { return *client_; }
  [[nodiscard]] const Client& client() const { return *client_; }
  [[nodiscard]] CredentialSource& credentials() { return *credentials_; }
  // Empty if none is set.
  [[nodiscard]] const std::string& region() const { return settings_.region; }
  [[nodiscard]] const Settings& settings() const { return settings_; }

 private:
  explicit Session(SessionOptions options) : options_(std::move(options)) {}

  SessionOptions options_;
  SharedConfig config_;
  Settings settings_;
  // Two: credentials may have to be renewed while calls are under way.
  std::unique_ptr<CurlTransport> transport_;
  std::unique_ptr<CurlTransport> credential_transport_;
  std::unique_ptr<CredentialSource> credentials_;
  std::unique_ptr<Client> client_;
};

}  // namespace tfseal::aws
