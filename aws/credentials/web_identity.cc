#include "aws/credentials/web_identity.h"

#include <fmt/format.h>

#include "core/file.h"

namespace tfseal::aws {
namespace {

constexpr std::size_t kTokenBytesMax = 64U << 10U;

}  // namespace

std::string WebIdentityProvider::Get(std::string_view variable, std::string_view key) const {
  std::string value;
  if (use_environment_) value = FirstSet(context_.environment, {variable});
  return value.empty() ? context_.config.Get(profile_, key) : value;
}

Result<std::optional<Credentials>> WebIdentityProvider::Load() {
  const std::string path = Get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
  if (path.empty()) return std::optional<Credentials>();
  const std::string role = Get("AWS_ROLE_ARN", "role_arn");
  if (role.empty()) {
    return ProviderError("web identity: a token file is set, and no role", "set AWS_ROLE_ARN as well");
  }
  Result<std::string> token = ReadFileBounded(path, kTokenBytesMax);
  if (!token.ok()) return ProviderError("web identity: " + token.error().message, "check AWS_WEB_IDENTITY_TOKEN_FILE");
  while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
  Call call{.service = "sts", .operation = "AssumeRoleWithWebIdentity", .region = StsRegion(context_, profile_)};
  const std::string session = Get("AWS_ROLE_SESSION_NAME", "role_session_name");
  call.parameters["RoleArn"] = role;
  call.parameters["RoleSessionName"] =
      session.empty() ? fmt::format("tfseal-{}", context_.clock.Now().time_since_epoch().count()) : session;
  call.parameters["WebIdentityToken"] = *token;
  Wipe(*token);
  const Result<JsonValue> answer = CallForCredentials(context_, call, nullptr);
  if (!answer.ok()) {
    return ProviderError("web identity: the role is refused: " + answer.error().message,
                         "check the trust policy of the role and the issuer of the token");
  }
  TFSEAL_ASSIGN(Credentials credentials,
                CredentialsFromJson((*answer)["Credentials"], {}, "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)"));
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace tfseal::aws
