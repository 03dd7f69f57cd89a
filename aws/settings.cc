#include "aws/settings.h"

#include <charconv>

#include "aws/model_files.h"
#include "aws/service_model.h"

namespace tfseal::aws {
namespace {

constexpr int kAttemptsLimit = 20;
constexpr std::string_view kUrlPrefix = "AWS_ENDPOINT_URL_";

bool IsTrue(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "1";
}

// "Secrets Manager" is SECRETS_MANAGER in variables and secrets_manager in files.
std::string IdWith(const ServiceModel& service, bool upper) {
  std::string id;
  for (const char c : service.service_id) {
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (c == ' ') {
      id += '_';
    } else if (upper) {
      id += is_lower ? static_cast<char>(c - 'a' + 'A') : c;
    } else {
      id += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return id;
}

// The environment comes before the files, and there what is about one service before what is about all.
void ReadEndpoints(const Environment& environment, const SharedConfig& config, EndpointOptions& endpoints) {
  if (IsTrue(FirstSet(environment, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}))) return;
  const bool files = !IsTrue(config.Get(config.profile, "ignore_configured_endpoint_urls"));
  const std::string everywhere = FirstSet(environment, {"AWS_ENDPOINT_URL"});
  endpoints.url = everywhere.empty() && files ? config.Get(config.profile, "endpoint_url") : everywhere;
  const auto section = config.services.find(config.Get(config.profile, "services"));
  const bool has_section = files && everywhere.empty() && section != config.services.end();
  const auto variable = environment.lower_bound(kUrlPrefix);
  const bool has_variable = variable != environment.end() && variable->first.starts_with(kUrlPrefix);
  // Reading every model takes a while, and hardly anybody has either.
  if (!has_section && !has_variable) return;
  for (const EmbeddedFile& file : ModelFiles()) {
    const ServiceModel* const service = FindService(file.name);
    std::string url = FirstSet(environment, {std::string(kUrlPrefix) + IdWith(*service, true)});
    if (url.empty() && has_section) {
      const auto setting = section->second.find(IdWith(*service, false) + ".endpoint_url");
      if (setting != section->second.end()) url = setting->second;
    }
    if (!url.empty()) endpoints.service_urls[service->name] = url;
  }
}

std::string Or(std::string first, std::string second) {
  return first.empty() ? std::move(second) : std::move(first);
}

}  // namespace

Result<Settings> ReadSettings(const Environment& environment, const SharedConfig& config) {
  const auto from_profile = [&](std::string_view key) { return config.Get(config.profile, key); };
  Settings settings;
  settings.region = Or(FirstSet(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"}), from_profile("region"));
  settings.ca_bundle = Or(FirstSet(environment, {"AWS_CA_BUNDLE"}), from_profile("ca_bundle"));
  settings.https_proxy = FirstSet(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  settings.no_proxy = FirstSet(environment, {"no_proxy", "NO_PROXY"});
  settings.endpoints.fips =
      IsTrue(Or(FirstSet(environment, {"AWS_USE_FIPS_ENDPOINT"}), from_profile("use_fips_endpoint")));
  ReadEndpoints(environment, config, settings.endpoints);
  const std::string attempts = Or(FirstSet(environment, {"AWS_MAX_ATTEMPTS"}), from_profile("max_attempts"));
  if (!attempts.empty()) {
    const char* const last = attempts.data() + attempts.size();
    const auto [end, error] = std::from_chars(attempts.data(), last, settings.attempts_max);
    if (error != std::errc() || end != last || settings.attempts_max < 1 || settings.attempts_max > kAttemptsLimit) {
      return Error{.code = ErrorCode::kUsage,
                   .message = "AWS_MAX_ATTEMPTS (max_attempts in the profile) is not a number from 1 to 20",
                   .hint = "unset it for the usual 5"};
    }
  }
  return settings;
}

}  // namespace tfseal::aws
