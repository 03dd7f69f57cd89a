#include "aws/credentials/sso.h"

#include <fmt/format.h>

#include "aws/timestamp.h"
#include "core/file.h"
#include "crypto/digest.h"

namespace tfseal::aws {
namespace {

constexpr std::size_t kCacheBytesMax = 1U << 20U;

struct SsoSettings {
  std::string cache_name;  // what the file is named after
  std::string region;
  std::string account;
  std::string role;
};

Error SignInAgain(const std::string& profile, std::string_view why) {
  return ProviderError(fmt::format("profile {}: {}", profile, why), fmt::format("aws sso login --profile {}", profile));
}

// With an sso-session section the file is named after the session, without one after the start URL.
Result<SsoSettings> ReadSsoSettings(const SharedConfig& config, const std::string& profile) {
  SsoSettings settings;
  settings.account = config.Get(profile, "sso_account_id");
  settings.role = config.Get(profile, "sso_role_name");
  const std::string session = config.Get(profile, "sso_session");
  if (session.empty()) {
    settings.cache_name = config.Get(profile, "sso_start_url");
    settings.region = config.Get(profile, "sso_region");
  } else {
    settings.cache_name = session;
    const auto section = config.sso_sessions.find(session);
    if (section == config.sso_sessions.end()) {
      return ProviderError(fmt::format("profile {}: there is no section [sso-session {}]", profile, session));
    }
    const auto region = section->second.find("sso_region");
    if (region != section->second.end()) settings.region = region->second;
  }
  for (const auto& [value, name] :
       {std::pair(&settings.cache_name, "sso_start_url"), std::pair(&settings.region, "sso_region"),
        std::pair(&settings.account, "sso_account_id"), std::pair(&settings.role, "sso_role_name")}) {
    if (value->empty()) return ProviderError(fmt::format("profile {}: {} is not set", profile, name));
  }
  return settings;
}

Result<std::string> ReadToken(const ProviderContext& context, const std::string& profile, const SsoSettings& settings) {
  const std::string path = fmt::format("{}/.aws/sso/cache/{}.json", context.config.home, Sha1Hex(settings.cache_name));
  Result<std::string> text = ReadFileBounded(path, kCacheBytesMax);
  if (!text.ok()) return SignInAgain(profile, "nobody has signed in");
  const Result<JsonValue> json = ParseJson(*text);
  Wipe(*text);
  if (!json.ok() || !json->isObject() || !(*json)["accessToken"].isString() || !(*json)["expiresAt"].isString()) {
    return SignInAgain(profile, "the sign-in that is remembered cannot be read");
  }
  const std::optional<TimePoint> expires = ParseRfc3339((*json)["expiresAt"].asString());
  if (!expires || *expires <= context.clock.Now()) return SignInAgain(profile, "the sign-in has expired");
  return (*json)["accessToken"].asString();
}

}  // namespace

Result<std::optional<Credentials>> SsoCredentials(const ProviderContext& context, const std::string& profile) {
  const SharedConfig& config = context.config;
  const bool is_configured =
      !config.Get(profile, "sso_session").empty() || !config.Get(profile, "sso_start_url").empty();
  // A session alone is for services that take the token itself.
  if (!is_configured ||
      (config.Get(profile, "sso_account_id").empty() && config.Get(profile, "sso_role_name").empty())) {
    return std::optional<Credentials>();
  }
  TFSEAL_ASSIGN(const SsoSettings settings, ReadSsoSettings(config, profile));
  TFSEAL_ASSIGN(std::string token, ReadToken(context, profile, settings));
  Call call{.service = "sso", .operation = "GetRoleCredentials", .region = settings.region};
  call.parameters["accessToken"] = token;
  call.parameters["accountId"] = settings.account;
  call.parameters["roleName"] = settings.role;
  Wipe(token);
  const Result<JsonValue> answer = CallForCredentials(context, call, nullptr);
  if (!answer.ok()) {
    if (answer.error().code == ErrorCode::kUnauthenticated) {
      return SignInAgain(profile, "the sign-in is no longer accepted");
    }
    return ProviderError(fmt::format("profile {}: {}", profile, answer.error().message));
  }
  const JsonValue& role = (*answer)["roleCredentials"];
  TFSEAL_ASSIGN(Credentials credentials, CredentialsFromJson(role,
                                                             {.access_key_id = "accessKeyId",
                                                              .secret_access_key = "secretAccessKey",
                                                              .session_token = "sessionToken",
                                                              .expiration = ""},
                                                             fmt::format("profile {} (SSO)", profile)));
  if (role["expiration"].isInt64() && role["expiration"].asInt64() > 0) {
    credentials.expires = TimePoint(std::chrono::milliseconds(role["expiration"].asInt64()));
  }
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace tfseal::aws
