#include "aws/settings.h"

#include <charconv>

#include "aws/model_files.h"
#include "aws/service_model.h"

namespace tfseal::aws {
namespace {

constexpr int kAttemptsLimit = 20;

bool IsTrue(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "1";
}

// "Secrets Manager" is AWS_ENDPOINT_URL_SECRETS_MANAGER.
std::string EndpointVariable(const ServiceModel& service) {
  std::string name = "AWS_ENDPOINT_URL_";
  for (const char c : service.service_id) {
    name += c == ' ' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

void ReadEndpoints(const Environment& environment, EndpointOptions& endpoints) {
  endpoints.fips = IsTrue(FirstSet(environment, {"AWS_USE_FIPS_ENDPOINT"}));
  if (IsTrue(FirstSet(environment, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}))) return;
  endpoints.url = FirstSet(environment, {"AWS_ENDPOINT_URL"});
  // Reading every model takes a while, and hardly anybody has such a variable.
  constexpr std::string_view kPrefix = "AWS_ENDPOINT_URL_";
  const auto first = environment.lower_bound(kPrefix);
  if (first == environment.end() || !first->first.starts_with(kPrefix)) return;
  for (const EmbeddedFile& file : ModelFiles()) {
    const ServiceModel* const service = FindService(file.name);
    const std::string url = FirstSet(environment, {EndpointVariable(*service)});
    if (!url.empty()) endpoints.service_urls[service->name] = url;
  }
}

}  // namespace

Result<Settings> ReadSettings(const Environment& environment) {
  Settings settings;
  settings.region = FirstSet(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  settings.ca_bundle = FirstSet(environment, {"AWS_CA_BUNDLE"});
  settings.https_proxy = FirstSet(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  settings.no_proxy = FirstSet(environment, {"no_proxy", "NO_PROXY"});
  ReadEndpoints(environment, settings.endpoints);
  if (const std::string attempts = FirstSet(environment, {"AWS_MAX_ATTEMPTS"}); !attempts.empty()) {
    const auto [end, error] =
        std::from_chars(attempts.data(), attempts.data() + attempts.size(), settings.attempts_max);
    if (error != std::errc() || *end != '\0' || settings.attempts_max < 1 || settings.attempts_max > kAttemptsLimit) {
      return Error{.code = ErrorCode::kUsage,
                   .message = "AWS_MAX_ATTEMPTS is not a number from 1 to 20",
                   .hint = "unset it for the usual 5"};
    }
  }
  return settings;
}

}  // namespace tfseal::aws
