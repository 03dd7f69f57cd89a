#include "aws/credentials/assume_role.h"

#include <fmt/format.h>

#include <charconv>

namespace tfseal::aws {

Result<Credentials> AssumeRole(const ProviderContext& context, const std::string& profile, const Credentials& source) {
  const auto setting = [&](std::string_view key) { return context.config.Get(profile, key); };
  if (!setting("mfa_serial").empty()) {
    return ProviderError(fmt::format("profile {}: its role wants a code of a device (mfa_serial), which a program that "
                                     "runs for hours cannot ask for again and again",
                                     profile),
                         "take the role on first (aws sts assume-role) and set what it answers in the environment");
  }
  Call call{.service = "sts", .operation = "AssumeRole", .region = StsRegion(context, profile)};
  call.parameters["RoleArn"] = setting("role_arn");
  const std::string session = setting("role_session_name");
  call.parameters["RoleSessionName"] =
      session.empty() ? fmt::format("tfseal-{}", context.clock.Now().time_since_epoch().count()) : session;
  if (const std::string id = setting("external_id"); !id.empty()) call.parameters["ExternalId"] = id;
  if (const std::string duration = setting("duration_seconds"); !duration.empty()) {
    int seconds = 0;
    const auto [end, error] = std::from_chars(duration.data(), duration.data() + duration.size(), seconds);
    if (error != std::errc() || end != duration.data() + duration.size()) {
      return ProviderError(fmt::format("profile {}: duration_seconds is not a number", profile));
    }
    call.parameters["DurationSeconds"] = seconds;
  }
  Result<JsonValue> answer = CallForCredentials(context, call, &source);
  if (!answer.ok()) {
    return ProviderError(fmt::format("profile {}: the role is refused: {}", profile, answer.error().message),
                         "check the trust policy of the role and the credentials of its source");
  }
  return CredentialsFromJson((*answer)["Credentials"], {}, fmt::format("profile {} (role)", profile));
}

}  // namespace tfseal::aws
