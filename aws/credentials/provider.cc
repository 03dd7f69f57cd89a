#include "aws/credentials/provider.h"

#include "aws/static_credentials.h"
#include "aws/timestamp.h"

namespace tfseal::aws {

Error ProviderError(std::string message, std::string hint) {
  return Error{.code = ErrorCode::kUnauthenticated, .message = std::move(message), .hint = std::move(hint)};
}

Result<JsonValue> CallForCredentials(const ProviderContext& context, const Call& call, const Credentials* source) {
  StaticCredentials credentials(source == nullptr ? Credentials() : source->Clone());
  ClientOptions options;
  options.endpoints = context.settings.endpoints;
  options.retry.attempts_max = 3;
  Client client(
      {.transport = context.transport, .credentials = credentials, .clock = context.clock, .entropy = context.entropy},
      std::move(options));
  return client.Send(call);
}

std::string StsRegion(const ProviderContext& context, std::string_view profile) {
  const std::string of_profile = context.config.Get(profile, "region");
  if (!context.settings.region.empty()) return context.settings.region;
  return of_profile.empty() ? "us-east-1" : of_profile;
}

Result<Credentials> CredentialsFromJson(const JsonValue& json, const CredentialNames& names, const std::string& where) {
  const auto text = [&](const char* name) {
    return json.isObject() && json[name].isString() ? json[name].asString() : std::string();
  };
  Credentials credentials;
  credentials.access_key_id = text(names.access_key_id);
  std::string secret = text(names.secret_access_key);
  std::string token = text(names.session_token);
  credentials.secret_access_key = SecretBytes(secret);
  credentials.session_token = SecretBytes(token);
  Wipe(secret);
  Wipe(token);
  credentials.provider = where;
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return ProviderError(where + ": the answer has no credentials");
  }
  if (const std::string expiration = text(names.expiration); !expiration.empty()) {
    credentials.expires = ParseRfc3339(expiration);
    if (!credentials.expires) return ProviderError(where + ": the time of expiry is not one");
  }
  return credentials;
}

Result<HttpResponse> Ask(const ProviderContext& context, const HttpRequest& request, int attempts) {
  const RetryPolicy policy{.attempts_max = attempts};
  for (int attempt = 1;; ++attempt) {
    HttpAnswer answer = Exchange(context.transport, request);
    const bool failed = !answer.response || answer.response->status >= 500 || answer.response->status == 429;
    if (!failed) return *std::move(answer.response);
    if (attempt >= attempts || (answer.failure && answer.failure->permanent)) {
      if (answer.response) return *std::move(answer.response);
      return ProviderError(answer.failure->message, answer.failure->hint);
    }
    context.clock.SleepFor(PauseBefore(attempt + 1, false, policy, context.entropy));
  }
}

}  // namespace tfseal::aws
