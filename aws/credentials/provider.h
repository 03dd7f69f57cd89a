#pragma once

#include <optional>

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/http.h"
#include "aws/settings.h"
#include "aws/shared_config.h"
#include "core/clock.h"
#include "core/entropy.h"
#include "core/result.h"

namespace tfseal::aws {

// What providers look into and ask; outlives them.
struct ProviderContext {
  const Environment& environment;
  const SharedConfig& config;
  const Settings& settings;
  // Nothing else uses it, as credentials may have to be renewed while calls are under way.
  HttpTransport& transport;
  Clock& clock;
  Entropy& entropy;
};

// One place where credentials can come from.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  // nullopt: nothing is configured for this place, the next one is asked. An error: something is configured and does
  // not work; nobody else is asked, or somebody would act as another than they think.
  virtual Result<std::optional<Credentials>> Load() = 0;
};

// The error of a provider: kUnauthenticated.
Error ProviderError(std::string message, std::string hint = "");

// A call that gets credentials; with `source` nullptr it is not signed.
Result<JsonValue> CallForCredentials(const ProviderContext& context, const Call& call, const Credentials* source);
// For calls of STS: the configured region, or the one that every account has.
std::string StsRegion(const ProviderContext& context, std::string_view profile);

// The names that an answer has for the parts of credentials.
struct CredentialNames {
  const char* access_key_id = "AccessKeyId";
  const char* secret_access_key = "SecretAccessKey";
  const char* session_token = "SessionToken";
  const char* expiration = "Expiration";
};
// `where` is for people: "instance metadata".
Result<Credentials> CredentialsFromJson(const JsonValue& json, const CredentialNames& names, const std::string& where);

// One request to a service that hands out credentials in JSON over HTTP, with a few tries.
Result<HttpResponse> Ask(const ProviderContext& context, const HttpRequest& request, int attempts);

}  // namespace tfseal::aws
